//! The tool on more hosts than there are: converged ones, simulated by a process of its own, with the way to them.
//!
//! `cargo bench --bench scale` prints a table. What it measures is chosen by variables, each with `PROVISION_BENCH_` in
//! front: `HOSTS` (default `200,1000,5000`), `RTT` in milliseconds (default `0,150`), `VERB` (default `plan`), `ROUNDS`
//! (default 3), and what hosts are like: `SILENT` (so many take a connection and say nothing), `LOSS` (each so many-th
//! piece has to be sent again), `WORK` (milliseconds until a program answers). Counts are exact; time and CPU are those
//! of this machine, so they stand beside those of `ssh HOST true`, measured in the same run.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod class;
mod link;
mod server;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use class::Class;
use link::Network;
use server::Nature;
use wait4::Wait4;

const PROGRAM: &str = env!("CARGO_BIN_EXE_provision");
const RECORDINGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recorded/hosts");

/// The word that makes this program the hosts.
const SERVE: &str = "--serve-hosts";

/// So many `ssh HOST true` at once, at most, to compare with.
const MOST_LOGINS: usize = 200;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(position) = arguments.iter().position(|argument| argument == SERVE) {
        return serve(&arguments[position + 1..]);
    }
    // `cargo test --all-targets` runs benches, too, without this word.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let setting = |name: &str, default: &str| {
        std::env::var(format!("PROVISION_BENCH_{name}")).unwrap_or_else(|_| default.to_owned())
    };
    let number = |name: &str, default: &str| setting(name, default).parse::<usize>().context(name.to_owned());
    let numbers = |name: &str, default: &str| {
        let text = setting(name, default);
        text.split(',').map(|word| word.trim().parse().context(text.clone())).collect::<Result<Vec<usize>>>()
    };
    let (silent, loss, work) = (number("SILENT", "0")?, number("LOSS", "0")?, number("WORK", "0")?);
    let (verb, rounds) = (setting("VERB", "plan"), number("ROUNDS", "3")?.max(1));
    let (hosts, delays) = (numbers("HOSTS", "200,1000,5000")?, numbers("RTT", "0,150")?);
    println!(
        "`provision {verb}`, medians of {rounds}; {silent} silent hosts, each {loss}th piece lost, {work} ms of work"
    );
    println!(
        "| hosts | RTT ms | first s | wall s | CPU ms/host | peak MB | connections | executions | round trips | up kB/host \
         | down kB/host | `ssh true` at once: hosts, s, CPU ms/host, round trips |"
    );
    println!("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|:--|");
    for &hosts in &hosts {
        for &rtt in &delays {
            let options = [hosts, rtt, silent, loss, work];
            let bench = Bench::new(options)?;
            println!("| {hosts} | {rtt} | {} |", bench.row(&verb, rounds, silent)?);
        }
    }
    Ok(())
}

/// Serves hosts to the process that started this one, until it closes the input; each line of it asks for counts.
fn serve(arguments: &[String]) -> Result<()> {
    let [key, numbers @ ..] = arguments else { anyhow::bail!("no key") };
    let numbers: Result<Vec<u64>, _> = numbers.iter().map(|number| number.parse()).collect();
    let [hosts, rtt, silent, loses_each, work] = numbers?[..] else { anyhow::bail!("not all options") };
    let network = Network { delay: Duration::from_micros(rtt * 500), loses_each };
    let (hosts, silent) = (usize::try_from(hosts)?, usize::try_from(silent)?);
    let nature = Nature { hosts, network, silent, work: Duration::from_millis(work) };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(server::serve(nature, Path::new(RECORDINGS), Path::new(key)))?;
    println!("{}", served.port);
    for _line in std::io::stdin().lines() {
        let counts = served.take_counts();
        let mut trips: Vec<u64> = counts.iter().map(link::Counts::round_trips).collect();
        trips.sort_unstable();
        let sum = |of: fn(&link::Counts) -> u64| counts.iter().map(of).sum::<u64>();
        println!(
            "{}",
            serde_json::json!({
                "connections": counts.len(),
                "executions": sum(|counts| counts.executions),
                "streams": sum(|counts| counts.streams),
                "bytes_up": sum(|counts| counts.bytes_up),
                "bytes_down": sum(|counts| counts.bytes_down),
                "round_trips": trips.get(trips.len() / 2),
                "most_round_trips": trips.last(),
            })
        );
    }
    Ok(())
}

/// A class, and the process that is its hosts.
struct Bench {
    class: Class,
    hosts: usize,
    server: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    port: u16,
    _folder: tempfile::TempDir,
}

/// What a process took.
struct Used {
    seconds: f64,
    cpu_seconds: f64,
    megabytes: f64,
}

impl Bench {
    fn new(options: [usize; 5]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let class = Class::new(folder.path())?;
        let mut server = Command::new(std::env::current_exe()?)
            .arg(SERVE)
            .arg(&class.key)
            .args(options.map(|option| option.to_string()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let questions = server.stdin.take().context("a pipe")?;
        let mut answers = BufReader::new(server.stdout.take().context("a pipe")?);
        let mut line = String::new();
        answers.read_line(&mut line)?;
        let port = line.trim().parse().context("the hosts did not start")?;
        class.write(options[0], port)?;
        Ok(Self { class, hosts: options[0], server, questions, answers, port, _folder: folder })
    }

    /// What was counted since the last time.
    fn counts(&mut self) -> Result<serde_json::Value> {
        self.questions.write_all(b"counts\n")?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        Ok(serde_json::from_str(&line)?)
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of a benchmark are small")]
    fn row(mut self, verb: &str, rounds: usize, silent: usize) -> Result<String> {
        // The first one learns the hosts' keys.
        let first = self.run(verb, silent)?;
        self.counts()?;
        let (mut used, mut logins) = (Vec::new(), Vec::new());
        let (mut counts, mut login_counts) = (serde_json::Value::Null, serde_json::Value::Null);
        for _ in 0..rounds {
            used.push(self.run(verb, silent)?);
            counts = self.counts()?;
            logins.push(self.log_in(silent)?);
            login_counts = self.counts()?;
        }
        let hosts = self.hosts as f64;
        let others = (self.hosts - silent).min(MOST_LOGINS);
        let kilobytes = |name: &str| counts[name].as_f64().unwrap_or_default() / 1e3 / hosts;
        let per_host = |seconds: f64, hosts: usize| seconds * 1e3 / hosts.max(1) as f64;
        Ok(format!(
            "{:.2} | {:.2} | {:.2} | {:.0} | {} | {} | {} (most {}) | {:.1} | {:.1} | {others}, {:.2}, {:.2}, {}",
            first.seconds,
            median(&used, |used| used.seconds),
            per_host(median(&used, |used| used.cpu_seconds), self.hosts),
            median(&used, |used| used.megabytes),
            counts["connections"],
            counts["executions"],
            counts["round_trips"],
            counts["most_round_trips"],
            kilobytes("bytes_up"),
            kilobytes("bytes_down"),
            median(&logins, |login| login.seconds),
            per_host(median(&logins, |login| login.cpu_seconds), others),
            login_counts["round_trips"],
        ))
    }

    /// Runs the tool on all hosts. Nothing is to be changed.
    fn run(&self, verb: &str, silent: usize) -> Result<Used> {
        let mut command = self.class.command(PROGRAM);
        command.args(verb.split(' ')).arg(&self.class.inventory).args(["-o", "json"]);
        let output = tempfile::tempfile()?;
        let errors = self.class.folder.join("errors");
        command.stdout(output.try_clone()?).stderr(std::fs::File::create(&errors)?);
        let used = measure(vec![command])?;
        let document = std::io::read_to_string({
            let mut output = output;
            std::io::Seek::rewind(&mut output)?;
            output
        })?;
        let document: serde_json::Value = serde_json::from_str(&document)
            .with_context(|| std::fs::read_to_string(&errors).unwrap_or_default())?;
        let summary = &document["summary"];
        let failed = summary["failed"].as_u64().unwrap_or_default();
        let unreachable = summary["unreachable"].as_u64().unwrap_or_default();
        let first =
            document["hosts"].as_array().and_then(|hosts| hosts.iter().find(|host| !host["error"].is_null()));
        ensure!(failed == 0 && unreachable == silent as u64, "{summary}\n{first:?}");
        ensure!(summary["changed"].as_u64().unwrap_or_default() == 0, "there are changes: {summary}");
        Ok(used)
    }

    /// Logs in to as many hosts as an instructor could at once, by a cold `ssh` each.
    fn log_in(&self, silent: usize) -> Result<Used> {
        let known_hosts = self.class.folder.join("known_hosts.ssh");
        let command = |number: usize| {
            let mut command = self.class.command("ssh");
            command.args([
                "-F",
                "none",
                "-oStrictHostKeyChecking=accept-new",
                "-oBatchMode=yes",
                "-l",
                "aluno",
            ]);
            command.arg("-p").arg(self.port.to_string()).arg("-i").arg(&self.class.key);
            command.arg(format!("-oUserKnownHostsFile={}", known_hosts.display()));
            command.args([&class::address(number).to_string(), "true"]);
            command
        };
        measure((silent..self.hosts).take(MOST_LOGINS).map(command).collect())
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // It ends by itself with its input; either way it is gone.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Starts processes at once and waits for all.
fn measure(commands: Vec<Command>) -> Result<Used> {
    let started = Instant::now();
    let children =
        commands.into_iter().map(|mut command| command.spawn()).collect::<std::io::Result<Vec<_>>>()?;
    let (mut cpu, mut memory) = (Duration::ZERO, 0);
    for mut child in children {
        let used = child.wait4()?.rusage;
        cpu += used.utime + used.stime;
        memory = memory.max(used.maxrss);
    }
    let seconds = started.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "no process is that large")]
    let megabytes = memory as f64 / 1e6;
    Ok(Used { seconds, cpu_seconds: cpu.as_secs_f64(), megabytes })
}

/// The value in the middle.
fn median(used: &[Used], of: impl Fn(&Used) -> f64) -> f64 {
    let mut values: Vec<f64> = used.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
