//! What the tool computes itself, without a network: it reads inventories, and writes reports on hosts that are recordings.
//!
//! `cargo bench --bench own_work` prints two tables. Of inventories it has instructions, counted by callgrind (`apt
//! install valgrind`), which no other work on the machine changes; of reports processor time, as medians of
//! `PROVISION_BENCH_ROUNDS` (default 3), with `PROVISION_BENCH_HOSTS` hosts (default 5000).
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use wait4::Wait4;

/// The variable that makes this program the tool on recorded hosts; its value is their folder.
const RECORDED_HOSTS: &str = "PROVISION_BENCH_RECORDED_HOSTS";
const RECORDINGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recorded/hosts");

/// Templates of pages, the first of which is that of the recordings.
const PAGES: [(&str, &str); 2] = [
    ("page.html.tera", "<!DOCTYPE html>\n<title>{{ host }}</title>\n"),
    ("crowd.html.tera", "{% for web in web_hosts %}{{ web.endpoint }}\n{% endfor %}"),
];

/// A cluster that is recorded: names and roles.
const MEMBERS: [(&str, &str); 3] = [("lb", "balancer"), ("web01", "web, socket"), ("web02", "web, socket")];

fn main() -> ExitCode {
    if let Some(folder) = std::env::var_os(RECORDED_HOSTS) {
        return provision::run_on_recordings(folder.as_ref());
    }
    // `cargo test --all-targets` runs benches, too, without this word.
    if !std::env::args().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    match inventories().and_then(|()| reports()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error:?}");
            ExitCode::FAILURE
        }
    }
}

/// Prints what `validate` takes for inventories of several kinds.
fn inventories() -> Result<()> {
    println!("| `validate` | million instructions |\n|---|--:|");
    for (name, page, clusters, members) in [
        ("1,000 hosts in 250 clusters", None, 250, 4),
        ("the same with a template of one's own", Some(PAGES[0].0), 250, 4),
        ("900 hosts in one cluster, with a template of one's own", Some(PAGES[0].0), 1, 900),
        ("the same, where each page lists all web hosts", Some(PAGES[1].0), 1, 900),
    ] {
        let class = Class::new()?;
        class.write(
            page,
            clusters,
            &|member| match member {
                0 => MEMBERS[0].0.to_owned(),
                member => format!("web{member:02}"),
            },
            members,
        )?;
        println!("| {name} | {:.0} |", instructions(&class)? / 1e6);
    }
    Ok(())
}

fn instructions(class: &Class) -> Result<f64> {
    let mut command = class.command(Path::new("valgrind"));
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null", env!("CARGO_BIN_EXE_provision")]);
    command.args(["validate", CLASS]).stderr(Stdio::piped());
    let output = command.output().context("valgrind")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{said}");
    let collected = said.lines().find_map(|line| line.split("Collected : ").nth(1));
    collected.and_then(|count| count.trim().parse().ok()).context("callgrind tells no count")
}

/// Prints what the reports of a `verify` take, each as the difference that it makes.
fn reports() -> Result<()> {
    let setting = |name: &str, default: usize| {
        std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
    };
    let clusters = setting("PROVISION_BENCH_HOSTS", 5000) / MEMBERS.len();
    let rounds = setting("PROVISION_BENCH_ROUNDS", 3).max(1);
    let class = Class::new()?;
    class.write(Some(PAGES[0].0), clusters, &|member| MEMBERS[member].0.to_owned(), MEMBERS.len())?;
    let recordings = class.record(clusters)?;
    let kinds: [(&str, &[&str]); 5] = [
        ("the run itself, with JSON", &["-o", "json", "-q"]),
        ("HTML", &["-o", "json", "-q", "--report", "report.html"]),
        ("JUnit", &["-o", "json", "-q", "--report", "report.xml"]),
        ("CSV", &["-o", "json", "-q", "--report", "report.csv"]),
        ("the matrix instead of JSON", &["-q"]),
    ];
    let mut seconds = kinds.map(|_| Vec::new());
    for _ in 0..rounds {
        for ((_, words), seconds) in kinds.iter().zip(&mut seconds) {
            seconds.push(class.verify(&recordings, words)?);
        }
    }
    let medians = seconds.map(|mut seconds: Vec<f64>| {
        seconds.sort_by(f64::total_cmp);
        seconds[seconds.len() / 2]
    });
    println!(
        "\n| `verify` of {} recorded hosts | s of processor time |\n|---|--:|",
        clusters * MEMBERS.len()
    );
    println!("| {} | {:.2} |", kinds[0].0, medians[0]);
    for ((name, _), median) in kinds.iter().zip(medians).skip(1) {
        println!("| {name} | {:+.2} |", median - medians[0]);
    }
    Ok(())
}

/// An inventory in a folder that is the home of whoever runs the tool.
struct Class(TempDir);

const CLASS: &str = "class.yaml";

impl Class {
    fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        for (name, text) in PAGES {
            fs::write(folder.path().join(name), text)?;
        }
        Ok(Self(folder))
    }

    /// Writes the inventory of so many clusters of so many hosts: a balancer, and web hosts with the socket lab.
    fn write(
        &self,
        page: Option<&str>,
        clusters: usize,
        name: &dyn Fn(usize) -> String,
        members: usize,
    ) -> Result<()> {
        let mut text =
            page.map_or(String::new(), |page| format!("web: {{template: {page}}}\n")) + "clusters:\n";
        for cluster in 0..clusters {
            text.push_str(&format!("  team{cluster:04}:\n    hosts:\n"));
            for member in 0..members {
                let (name, address) = (name(member), address(cluster, member));
                let (_, roles) = MEMBERS[member.min(1)];
                text.push_str(&format!("      {name}: {{address: {address}, roles: [{roles}]}}\n"));
            }
        }
        Ok(fs::write(self.0.path().join(CLASS), text)?)
    }

    /// Writes a recording for each host, named by its address.
    fn record(&self, clusters: usize) -> Result<PathBuf> {
        let folder = self.0.path().join("hosts");
        fs::create_dir(&folder)?;
        let recording =
            |role: &str| fs::read_to_string(Path::new(RECORDINGS).join(role).join("converged.txt"));
        let recordings = [recording("lb")?, recording("web")?];
        for cluster in 0..clusters {
            let mut peers = String::new();
            for (member, (name, _)) in MEMBERS.iter().enumerate() {
                peers.push_str(&format!("set {name}-address {}\n", address(cluster, member)));
            }
            for (member, (name, _)) in MEMBERS.iter().enumerate() {
                let (address, number) = (address(cluster, member), cluster * MEMBERS.len() + member);
                let recording = &recordings[member.min(1)];
                let own = format!("set name {name}\nset machine {number:032x}\nset boot {number:032x}\n");
                fs::write(folder.join(address), format!("{recording}\n{peers}{own}"))?;
            }
        }
        Ok(folder)
    }

    /// The processor time of a whole run on recorded hosts.
    fn verify(&self, recordings: &Path, words: &[&str]) -> Result<f64> {
        let mut command = self.command(&std::env::current_exe()?);
        let errors = self.0.path().join("errors");
        command.env(RECORDED_HOSTS, recordings).args(["verify", CLASS]).args(words);
        let used = command.stderr(fs::File::create(&errors)?).spawn()?.wait4()?;
        ensure!(used.status.success(), fs::read_to_string(&errors)?);
        Ok((used.rusage.utime + used.rusage.stime).as_secs_f64())
    }

    /// A program with nothing of this machine's user.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env("HOME", self.0.path()).env_remove("SSH_AUTH_SOCK").current_dir(self.0.path());
        for name in ["XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"] {
            command.env(name, self.0.path());
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

fn address(cluster: usize, member: usize) -> String {
    format!("10.{}.{}.{}", cluster / 250, cluster % 250 + member / 240, member % 240 + 10)
}
