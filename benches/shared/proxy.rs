//! An HTTP proxy that keeps what it fetched in memory: behind a slow link, the mirrors' own speed does not matter.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};

/// What was fetched, by URL. A copy is the same proxy.
#[derive(Clone, Default)]
pub struct Proxy(Arc<Mutex<HashMap<String, Arc<Vec<u8>>>>>);

impl Proxy {
    /// Serves on a listener as long as that works; returns the proxy's URL.
    pub fn serve(&self, listener: TcpListener) -> Result<String> {
        let url = format!("http://{}", listener.local_addr()?);
        let proxy = self.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(std::io::Result::ok) {
                let proxy = proxy.clone();
                // A client that leaves, or a mirror that fails, shows in what the tool does.
                std::thread::spawn(move || drop(proxy.converse(client)));
            }
        });
        Ok(url)
    }

    fn converse(&self, mut client: TcpStream) -> Result<()> {
        let mut requests = BufReader::new(client.try_clone()?);
        loop {
            let mut line = String::new();
            requests.read_line(&mut line)?;
            let Some(url) = line.split(' ').nth(1).map(str::to_owned) else { return Ok(()) };
            while line.trim() != "" {
                line.clear();
                requests.read_line(&mut line)?;
            }
            client.write_all(&self.answer(&url)?)?;
        }
    }

    /// The whole answer, from memory where it was asked for before.
    fn answer(&self, url: &str) -> Result<Arc<Vec<u8>>> {
        let kept = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = kept().get(url) {
            return Ok(Arc::clone(answer));
        }
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut response = agent.get(url).call().with_context(|| url.to_owned())?;
        let body = response.body_mut().with_config().limit(1 << 30).read_to_vec()?;
        let mut head =
            format!("HTTP/1.1 {} Fetched\r\nContent-Length: {}\r\n", response.status().as_u16(), body.len());
        for name in ["last-modified", "etag", "content-type"] {
            if let Some(value) = response.headers().get(name).and_then(|value| value.to_str().ok()) {
                head += &format!("{name}: {value}\r\n");
            }
        }
        let answer = Arc::new([head.as_bytes(), b"\r\n", &body].concat());
        kept().insert(url.to_owned(), Arc::clone(&answer));
        Ok(answer)
    }
}
