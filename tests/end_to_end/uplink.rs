//! The laptop's way out, counted: an HTTP proxy on loopback that notes every request for an http mirror. Mirrors by
//! https go past it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// The proxy; it ends when dropped.
pub struct Uplink {
    address: SocketAddr,
    requests: Arc<Mutex<BTreeMap<String, usize>>>,
    ended: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

impl Uplink {
    pub fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(BTreeMap::new()));
        let ended = Arc::new(AtomicBool::new(false));
        let (counting, ending) = (Arc::clone(&requests), Arc::clone(&ended));
        let accepting = std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if ending.load(Ordering::Relaxed) {
                    break;
                }
                let requests = Arc::clone(&counting);
                // A client or mirror that leaves early is the tool's business, and shows in what the tool does.
                std::thread::spawn(move || drop(pass(client, &requests)));
            }
        });
        Self { address, requests, ended, accepting: Some(accepting) }
    }

    /// What a program gets as `http_proxy`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How often each URL was asked for.
    pub fn requests(&self) -> BTreeMap<String, usize> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Uplink {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

/// One request for one connection: the answer ends with the connection to the mirror.
fn pass(client: TcpStream, requests: &Mutex<BTreeMap<String, usize>>) -> std::io::Result<()> {
    let mut from_client = BufReader::new(client.try_clone()?);
    let mut request = String::new();
    from_client.read_line(&mut request)?;
    let url = request.split(' ').nth(1).unwrap_or_default().to_owned();
    *requests.lock().unwrap().entry(url.clone()).or_default() += 1;
    let mut head = request;
    loop {
        let mut line = String::new();
        from_client.read_line(&mut line)?;
        let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        if name != "connection" && name != "proxy-connection" && name.trim() != "" {
            head += &line;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    head += "Connection: close\r\n\r\n";
    let mut mirror = TcpStream::connect(next_hop(&url))?;
    mirror.write_all(head.as_bytes())?;
    let mut client = client;
    let mut buffer = [0; 16 * 1024];
    loop {
        match mirror.read(&mut buffer)? {
            0 => return client.shutdown(Shutdown::Both),
            length => client.write_all(&buffer[..length])?,
        }
    }
}

/// The mirror itself, or the proxy that this machine needs.
fn next_hop(url: &str) -> String {
    let proxy = ["http_proxy", "HTTP_PROXY"].iter().find_map(|name| std::env::var(name).ok());
    let url = proxy.as_deref().filter(|proxy| !proxy.is_empty()).unwrap_or(url);
    let host = url.trim_start_matches("http://").split('/').next().unwrap_or_default();
    if host.contains(':') { host.to_owned() } else { format!("{host}:80") }
}
