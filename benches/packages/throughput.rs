//! The relay's cache against nginx, which hands files to the kernel: the same files over loopback, from the page
//! cache, on connections that are kept.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustix::process::{Pid, Signal, kill_process};

const CONNECTIONS: usize = 4;
const ROUND: Duration = Duration::from_secs(2);
const ROUNDS: usize = 5;

/// Measures and prints.
pub fn measure(folder: &Path) -> Result<()> {
    let files = folder.join("files");
    std::fs::create_dir(&files)?;
    let nginx = Nginx::start(folder, &files)?;
    let mirror = format!("http://127.0.0.1:{}/", nginx.port);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    let (announce, announced) = mpsc::channel();
    let (cache, source) = (folder.join("relay"), mirror.clone());
    std::thread::spawn(move || {
        provision::serve_packages(listener, cache, &source, |url| drop(announce.send(url)))
    });
    let url = announced.recv_timeout(Duration::from_secs(10)).context("the relay does not start")?;
    let credentials = url.trim_start_matches("http://").split('@').next().unwrap_or_default();
    let credentials = STANDARD.encode(credentials);

    for (name, size) in [("100 kB", 100_000), ("8 MB", 8_000_000)] {
        let file = format!("{size}.deb");
        std::fs::write(files.join(&file), vec![b'x'; size])?;
        let plain = format!("GET /{file} HTTP/1.1\r\nHost: x\r\n\r\n");
        let relayed = format!(
            "GET {mirror}{file} HTTP/1.1\r\nHost: x\r\nProxy-Authorization: Basic {credentials}\r\n\r\n"
        );
        let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        // The first round fills caches, and does not count. Who comes first changes from round to round.
        for round in 0..=ROUNDS {
            let (relay, nginx) = if round % 2 == 0 {
                let relay = rate(port, &relayed, size)?;
                (relay, rate(nginx.port, &plain, size)?)
            } else {
                let nginx = rate(nginx.port, &plain, size)?;
                (rate(port, &relayed, size)?, nginx)
            };
            if round > 0 {
                ours.push(relay);
                theirs.push(nginx);
                ratios.push(relay / nginx);
            }
        }
        let (ours, theirs, ratio) = (median(&mut ours), median(&mut theirs), median(&mut ratios));
        #[expect(clippy::cast_precision_loss, reason = "a file is not that large")]
        let megabytes = size as f64 / 1e6;
        println!(
            "files of {name}, {CONNECTIONS} connections: relay {ours:.0} a second ({:.0} MB/s), \
             nginx {theirs:.0} a second ({:.0} MB/s), relay ÷ nginx {ratio:.2}",
            ours * megabytes,
            theirs * megabytes
        );
    }
    Ok(())
}

/// Requests answered a second, on all connections together.
fn rate(port: u16, request: &str, size: usize) -> Result<f64> {
    let until = Instant::now() + ROUND;
    let counts: Vec<Result<u32>> = std::thread::scope(|scope| {
        let pulling: Vec<_> =
            (0..CONNECTIONS).map(|_| scope.spawn(|| pull(port, request, size, until))).collect();
        pulling
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| anyhow::bail!("a client died")))
            .collect()
    });
    let requests = counts.into_iter().sum::<Result<u32>>()?;
    Ok(f64::from(requests) / ROUND.as_secs_f64())
}

/// Asks again and again on one connection; how often it was answered.
fn pull(port: u16, request: &str, size: usize, until: Instant) -> Result<u32> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    stream.set_nodelay(true)?;
    let mut answers = BufReader::with_capacity(256 * 1024, stream.try_clone()?);
    let mut count = 0;
    while Instant::now() < until {
        stream.write_all(request.as_bytes())?;
        let mut line = String::new();
        answers.read_line(&mut line)?;
        ensure!(line.starts_with("HTTP/1.1 200"), "{line}");
        while line.trim() != "" {
            line.clear();
            answers.read_line(&mut line)?;
        }
        let read = std::io::copy(&mut answers.by_ref().take(size as u64), &mut std::io::sink())?;
        ensure!(read == size as u64, "an answer ended after {read} bytes");
        count += 1;
    }
    Ok(count)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// nginx on a port of loopback, with a configuration of its own; it ends when dropped.
struct Nginx {
    child: Child,
    port: u16,
}

impl Nginx {
    fn start(folder: &Path, files: &Path) -> Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let configuration = folder.join("nginx.conf");
        let (folder, files) = (folder.display(), files.display());
        std::fs::write(
            &configuration,
            format!(
                "user root; worker_processes 2; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
                 events {{ }}
                 http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 10000000;
                         server {{ listen 127.0.0.1:{port}; root {files}; }} }}\n"
            ),
        )?;
        let child = Command::new("nginx")
            .arg("-c")
            .arg(&configuration)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("nginx does not start; `apt install nginx-light` brings it")?;
        let nginx = Self { child, port };
        let deadline = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            ensure!(Instant::now() < deadline, "nginx does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(nginx)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its master ends its workers; a killed one would leave them.
        if kill_process(Pid::from_child(&self.child), Signal::TERM).is_ok() {
            let _ = self.child.wait();
        }
    }
}
