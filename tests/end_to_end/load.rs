//! Requests through a balancer, without a pause; counted by what came back. Half of the clients take a connection for each,
//! the others keep theirs, as browsers do.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result as IoResult, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const CLIENTS: usize = 4;
const PAUSE: Duration = Duration::from_millis(20);
/// HAProxy itself may wait three seconds for a server that is gone, and ask another one.
const LIMIT: Duration = Duration::from_secs(15);

/// Clients at work. They end when this is dropped.
pub struct Load {
    has_ended: Arc<AtomicBool>,
    count: Arc<Mutex<Count>>,
    clients: Vec<JoinHandle<()>>,
}

/// What came back so far.
#[derive(Debug, Clone, Default)]
pub struct Count {
    /// Right pages, by the web host whose page it was.
    pub pages: BTreeMap<String, usize>,
    /// Everything else, with the moment since the beginning.
    pub others: Vec<String>,
}

impl Count {
    pub fn requests(&self) -> usize {
        self.pages.values().sum::<usize>() + self.others.len()
    }
}

impl Load {
    /// Begins to ask for the page at an address, which must be that of one of these web hosts, by its name.
    pub fn begin(address: SocketAddr, names: &'static [&'static str]) -> Self {
        let (has_ended, count) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Count::default())));
        let began = Instant::now();
        let client = |keeps: bool| {
            let (has_ended, count) = (Arc::clone(&has_ended), Arc::clone(&count));
            std::thread::spawn(move || {
                let mut kept = None;
                while !has_ended.load(Ordering::Relaxed) {
                    let asked = began.elapsed();
                    let answer = if keeps { ask_again(address, &mut kept) } else { ask(address) };
                    let answer = answer.map_err(|error| error.to_string());
                    let answer = answer.and_then(|answer| server(&answer, names));
                    let mut count = count.lock().unwrap();
                    match answer {
                        Ok(name) => *count.pages.entry(name).or_default() += 1,
                        Err(other) => count.others.push(format!("{:.1} s: {other}", asked.as_secs_f64())),
                    }
                    drop(count);
                    std::thread::sleep(PAUSE);
                }
            })
        };
        let clients = (0..CLIENTS).map(|number| client(number % 2 == 1)).collect();
        Self { has_ended, count, clients }
    }

    pub fn count(&self) -> Count {
        self.count.lock().unwrap().clone()
    }

    /// How many answers came of each web host while something was done.
    pub fn while_done(&self, something: impl FnOnce()) -> BTreeMap<String, usize> {
        let before = self.count().pages;
        something();
        let mut pages = self.count().pages;
        for (name, count) in before {
            *pages.entry(name).or_default() -= count;
        }
        pages.retain(|_, count| *count > 0);
        pages
    }

    /// Ends it, with what came back in all.
    pub fn end(mut self) -> Count {
        self.has_ended.store(true, Ordering::Relaxed);
        for client in std::mem::take(&mut self.clients) {
            client.join().unwrap();
        }
        self.count()
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.has_ended.store(true, Ordering::Relaxed);
    }
}

fn connect(address: SocketAddr) -> IoResult<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, LIMIT)?;
    stream.set_read_timeout(Some(LIMIT))?;
    Ok(stream)
}

fn ask(address: SocketAddr) -> IoResult<String> {
    let mut stream = connect(address)?;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: class\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// The same over a connection that is kept. One that ends before a word of an answer is no answer yet: a server may close
/// what is idle at any time, and a client asks anew (RFC 9112, section 9.3.1).
fn ask_again(address: SocketAddr, kept: &mut Option<BufReader<TcpStream>>) -> IoResult<String> {
    let head = match kept.as_mut().map(ask_for_head) {
        Some(Ok(head)) => head,
        Some(Err(error)) if error.kind() == ErrorKind::Other => return Err(error),
        Some(Err(_)) | None => ask_for_head(kept.insert(BufReader::new(connect(address)?)))?,
    };
    let mut stream = kept.take().ok_or(ErrorKind::NotConnected)?;
    let field = |name: &str| {
        let fields = head.lines().filter_map(|line| line.split_once(": "));
        fields.filter(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    };
    let length = field("content-length").and_then(|length| length.parse().ok());
    let mut body =
        vec![0; length.ok_or_else(|| Error::other(format!("an answer without a length: {head}")))?];
    stream.read_exact(&mut body)?;
    if field("connection").is_none_or(|connection| !connection.eq_ignore_ascii_case("close")) {
        *kept = Some(stream);
    }
    Ok(head + &String::from_utf8_lossy(&body))
}

/// Asks, and returns the head of the answer with its empty line.
fn ask_for_head(stream: &mut BufReader<TcpStream>) -> IoResult<String> {
    stream.get_mut().write_all(b"GET / HTTP/1.1\r\nHost: class\r\n\r\n")?;
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        match stream.read_line(&mut head) {
            Ok(1..) => {}
            ended if head.is_empty() => return Err(ended.err().unwrap_or(ErrorKind::UnexpectedEof.into())),
            _ => return Err(Error::other(format!("an answer that ended early: {head}"))),
        }
    }
    Ok(head)
}

/// The web host that HAProxy says it asked, where the answer is its page.
fn server(answer: &str, names: &[&str]) -> Result<String, String> {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer, ""));
    let status = head.lines().next().unwrap_or("nothing");
    let named = head.lines().find_map(|line| line.strip_prefix("x-served-by: "));
    let named = named.filter(|name| names.contains(name) && body.contains(*name));
    match named {
        Some(name) if status.contains(" 200 ") => Ok(name.to_owned()),
        _ => Err(format!("{status}: {}", body.chars().take(200).collect::<String>())),
    }
}
