//! The laptop's way out, counted: an HTTP proxy on loopback that notes every request for an http mirror, and can slow
//! an answer down or alter it. Mirrors by https go past it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// What a program gets as `http_proxy` so that nothing leaves: nobody listens there.
pub const CUT: &str = "http://127.0.0.1:1";
/// So much of a slowed answer comes at once, and then so much at a time.
const HEAD_START: usize = 64 * 1024;
const DRIP: usize = 1024;
const PAUSE: Duration = Duration::from_millis(200);

/// The proxy; it ends when dropped.
pub struct Uplink {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    requests: BTreeMap<String, usize>,
    /// URLs with this in them come slowly.
    slowed: Option<&'static str>,
    /// URLs with this in them come altered.
    altered: Option<&'static str>,
    has_ended: bool,
}

impl Uplink {
    pub fn open() -> Self {
        Self::open_at("127.0.0.1")
    }

    /// The same for others than this machine.
    pub fn open_at(address: &str) -> Self {
        let listener = TcpListener::bind((address, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let accepting = std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if shared.lock().unwrap().has_ended {
                    break;
                }
                let state = Arc::clone(&shared);
                // A client or mirror that leaves early is the tool's business, and shows in what the tool does.
                std::thread::spawn(move || drop(pass(client, &state)));
            }
        });
        Self { address, state, accepting: Some(accepting) }
    }

    /// What a program gets as `http_proxy`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How often each URL was asked for.
    pub fn requests(&self) -> BTreeMap<String, usize> {
        self.state.lock().unwrap().requests.clone()
    }

    /// From now on, answers for URLs with this in them begin quickly and go on slowly; `None` ends it.
    pub fn slow_down(&self, part: Option<&'static str>) {
        self.state.lock().unwrap().slowed = part;
    }

    /// From now on, files whose URLs have this in them come with another last byte; `None` ends it.
    pub fn alter(&self, part: Option<&'static str>) {
        self.state.lock().unwrap().altered = part;
    }
}

impl Drop for Uplink {
    fn drop(&mut self) {
        self.state.lock().unwrap().has_ended = true;
        let _ = TcpStream::connect(self.address);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
    }
}

/// One request for one connection: the answer ends with the connection to the mirror.
fn pass(mut client: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut from_client = BufReader::new(client.try_clone()?);
    let mut request = String::new();
    from_client.read_line(&mut request)?;
    let url = request.split(' ').nth(1).unwrap_or_default().to_owned();
    let concerns = |part: Option<&str>| part.is_some_and(|part| url.contains(part));
    let is_altered = {
        let mut state = state.lock().unwrap();
        *state.requests.entry(url.clone()).or_default() += 1;
        concerns(state.altered)
    };
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
    if is_altered {
        let mut answer = Vec::new();
        mirror.read_to_end(&mut answer)?;
        if let Some(last) = answer.last_mut() {
            *last ^= 1;
        }
        client.write_all(&answer)?;
        return client.shutdown(Shutdown::Both);
    }
    let (mut buffer, mut passed) = ([0; 16 * 1024], 0);
    loop {
        let length = if passed >= HEAD_START && concerns(state.lock().unwrap().slowed) {
            std::thread::sleep(PAUSE);
            mirror.read(&mut buffer[..DRIP])?
        } else {
            mirror.read(&mut buffer)?
        };
        if length == 0 {
            return client.shutdown(Shutdown::Both);
        }
        client.write_all(&buffer[..length])?;
        passed += length;
    }
}

/// The mirror itself, or the proxy that this machine needs.
fn next_hop(url: &str) -> String {
    let proxy = ["http_proxy", "HTTP_PROXY"].iter().find_map(|name| std::env::var(name).ok());
    let url = proxy.as_deref().filter(|proxy| !proxy.is_empty()).unwrap_or(url);
    let host = url.trim_start_matches("http://").split('/').next().unwrap_or_default();
    if host.contains(':') { host.to_owned() } else { format!("{host}:80") }
}
