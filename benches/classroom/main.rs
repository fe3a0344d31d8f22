//! A class of lab hosts, set up by the tool and by what people would take instead, in one run.
//!
//! `cargo bench --bench classroom` takes root and `python3-venv`: it makes labs, installs pinned versions of Ansible,
//! Mitogen and pyinfra into an environment that is thrown away, measures in turn, and writes tables, a chart and every
//! run. `docs/performance.md` says what is compared and how; `settings.rs` has what can be set.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod chart;
mod class;
mod group;
mod measure;
mod relay;
mod settings;
#[path = "../shared/mod.rs"]
mod shared;
mod summary;
mod table;
mod tool;

use std::time::Duration;

use anyhow::{Result, ensure};

use self::class::{Class, Version};
use self::group::Group;
use self::measure::{Measured, Place};
use self::settings::Settings;
use self::shared::proxy::Proxy;
use self::tool::{Tool, Tools, Work};

fn main() -> Result<()> {
    // `cargo test --all-targets` runs benches, too, without this word.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let settings = Settings::of_environment()?;
    let folder = tempfile::tempdir()?;
    let mut bench = Bench {
        tools: Tools::install(folder.path())?,
        group: Group::create()?,
        proxy: Proxy::default(),
        measured: Vec::new(),
        settings,
        folder,
    };
    for hosts in bench.settings.hosts.clone() {
        bench.measure(hosts)?;
    }
    println!("written to {}", bench.settings.folder.display());
    Ok(())
}

struct Bench {
    folder: tempfile::TempDir,
    settings: Settings,
    tools: Tools,
    group: Group,
    /// What hosts download is downloaded once: the mirrors' own speed does not matter.
    proxy: Proxy,
    measured: Vec<Measured>,
}

impl Bench {
    fn measure(&mut self, hosts: usize) -> Result<()> {
        let files = self.folder.path().join(hosts.to_string());
        let class = Class::begin(hosts, &self.proxy, &files)?;
        println!("{hosts} hosts are set up");
        class.render()?;
        let mut version = Version::B;
        // Whatever a tool does once, such as to refresh lists that it did not fetch itself, it does now.
        for tool in self.turns(Work::Again, 0) {
            let command = self.tools.command(tool, Work::Again, &class, version);
            measure::run(&self.group, &class, &command)?;
        }
        for delay in self.settings.delays.clone() {
            class.relay.set_round_trip(delay);
            for round in 1..=self.settings.rounds {
                for work in self.settings.works.clone() {
                    for tool in self.turns(work, round) {
                        if work == Work::Change {
                            version = version.other();
                        }
                        let place = place(hosts, delay, round);
                        self.run(&class, place, tool, work, version)?;
                    }
                }
                // As far as it is: a bench of hours may be cut short.
                self.write()?;
            }
        }
        drop(class);
        for round in 1..=self.settings.first {
            for tool in self.turns(Work::First, round) {
                let class = Class::begin(hosts, &self.proxy, &files)?;
                self.run(&class, place(hosts, Duration::ZERO, round), tool, Work::First, Version::A)?;
                // Packages alone bring no page.
                if tool != Tool::Floor {
                    class.check_pages(Version::A)?;
                }
            }
            self.write()?;
        }
        Ok(())
    }

    fn write(&self) -> Result<()> {
        let (scenes, folder) = (summary::scenes(&self.measured), &self.settings.folder);
        std::fs::create_dir_all(folder)?;
        for (name, text) in [
            ("classroom.md", table::markdown(&scenes)),
            ("classroom.svg", chart::svg(&scenes)),
            ("readme.txt", table::sentences(&scenes)),
            ("runs.csv", table::runs(&self.measured)),
        ] {
            std::fs::write(folder.join(name), text)?;
        }
        Ok(())
    }

    /// Who takes part, in the order of a round: who comes first changes from round to round.
    fn turns(&self, work: Work, round: usize) -> Vec<Tool> {
        let mut tools: Vec<_> = self.settings.tools.iter().copied().filter(|tool| tool.can(work)).collect();
        let first = round.checked_rem(tools.len()).unwrap_or(0);
        tools.rotate_left(first);
        tools
    }

    fn run(&mut self, class: &Class, place: Place, tool: Tool, work: Work, version: Version) -> Result<()> {
        let command = self.tools.command(tool, work, class, version);
        let (figures, said) = measure::run(&self.group, class, &command)?;
        let is_quiet = matches!(work, Work::Again | Work::Plan);
        ensure!(!is_quiet || tool.changes_nothing(&said), "{tool} changed something:\n{said}");
        println!("{place:?} {work} {tool} {figures:.3?}");
        self.measured.push(Measured { place, tool, work, figures });
        Ok(())
    }
}

fn place(hosts: usize, delay: Duration, round: usize) -> Place {
    Place { hosts, delay: delay.as_millis(), round }
}
