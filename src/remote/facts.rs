//! One look at a host, and the answers of `observe.sh` → [`Facts`].

use std::collections::HashMap;
use std::convert::Infallible;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::model::{
    Facts, Failure, GuardFact, HostText, PackageFact, PathFact, PathKind, ROOMS, Remains, Remembered,
    RememberedKind, Removal, Room, ServiceFact,
};

use super::dialogue::{End, Reader, garbled};
use super::invocation::{Credentials, JOURNAL, RUN, RunAs};
use super::journal;
use super::observe::{MORE, ObserveRequest, encode};
use super::program::Program;

/// More of anything is not kept, whatever a host says.
const MOST: usize = 64;
/// The same of what its journal has.
const MOST_REMEMBERED: usize = 1_000;

pub fn observe(
    request: ObserveRequest,
    credentials: Credentials<'_>,
) -> Result<Program<'_, ObserveReader>, Failure> {
    let data = encode(&request, JOURNAL, RUN)?;
    let parts = request.parts();
    Ok(Program { run_as: RunAs::Root(credentials), parts, data, reader: ObserveReader::new(request) })
}

#[derive(Debug)]
pub struct ObserveReader {
    request: ObserveRequest,
    facts: Facts,
    paths: Vec<PathFact>,
    /// Indices of the paths that exist; `stat` answers follow in this order.
    present: std::vec::IntoIter<usize>,
    /// What we last put where, by the host's journal.
    applied: HashMap<String, HostText>,
    /// What the journal has that was not asked for: the last of it, whose maker may follow.
    entry: Option<Remembered>,
    unit: ServiceFact,
    units: Vec<ServiceFact>,
}

impl Reader for ObserveReader {
    type Event = Infallible;
    type Answer = Facts;

    const MORE: &'static [&'static str] = MORE;

    fn answer(&mut self, word: &str, rest: &str) -> Result<Option<Infallible>, Failure> {
        self.note(word, rest).ok_or_else(|| garbled(word))?;
        Ok(None)
    }

    fn clock_skew(&mut self, seconds: i64) {
        self.facts.clock_skew = seconds;
    }

    fn finish(mut self, end: End) -> Result<Facts, Failure> {
        self.keep_entry();
        if end != End::Complete || self.present.next().is_some() {
            return Err(garbled("end"));
        }
        if self.facts.systemd {
            self.units.push(self.unit);
        }
        if !self.request.services.is_empty() && self.units.len() != self.request.services.len() {
            return Err(garbled("unit"));
        }
        let mut facts = self.facts;
        for (wanted, mut fact) in self.request.paths.iter().zip(self.paths) {
            if fact.kind == PathKind::File && fact.sha256.is_none() {
                return Err(garbled("sum"));
            }
            fact.applied = self.applied.remove(&wanted.path);
            facts.paths.insert(wanted.path.clone(), fact);
        }
        for name in &self.request.packages {
            facts.packages.entry(name.clone()).or_default();
        }
        for (wanted, fact) in self.request.services.iter().zip(self.units) {
            facts.services.insert(wanted.name.clone(), fact);
        }
        for wanted in &self.request.services {
            facts.services.entry(wanted.name.clone()).or_default();
        }
        Ok(facts)
    }
}

impl ObserveReader {
    pub(super) fn new(request: ObserveRequest) -> Self {
        Self {
            facts: Facts::default(),
            paths: vec![PathFact::default(); request.paths.len()],
            present: Vec::new().into_iter(),
            applied: HashMap::new(),
            entry: None,
            unit: ServiceFact::default(),
            units: Vec::new(),
            request,
        }
    }

    /// `None` where the answer is not as agreed.
    fn note(&mut self, word: &str, rest: &str) -> Option<()> {
        let facts = &mut self.facts;
        match word {
            "os" => {
                let (key, value) = rest.split_once('=')?;
                let value = value.trim_matches(['"', '\'']).into();
                match key {
                    "ID" => facts.os_id = value,
                    "VERSION_ID" => facts.os_version = value,
                    _ => facts.os_name = value,
                }
            }
            "architecture" => facts.architecture = rest.into(),
            "machine" => facts.machine_id = rest.into(),
            "systemd" => facts.systemd = true,
            "addresses" => {
                facts.addresses = rest.split_whitespace().filter_map(|one| one.parse().ok()).collect();
            }
            "no-ipv6" => facts.without_ipv6 = true,
            "disk" => {
                let (folder, rest) = rest.split_once(' ')?;
                let folder = ROOMS.into_iter().find(|known| *known == folder)?;
                let mut words = rest.split(' ').map(|word| word.parse::<u64>().ok());
                let free = words.next()??.saturating_mul(words.next()??);
                let (inodes, total) = (words.next()??, words.next()??);
                if !facts.rooms.iter().any(|room| room.folder == folder) {
                    facts.rooms.push(Room { folder, free, inodes: (total > 0).then_some(inodes) });
                }
            }
            "read-only" => facts.read_only = facts.read_only.take().or_else(|| Some(rest.into())),
            "dpkg-interrupted" => facts.dpkg_interrupted = Some(rest.into()),
            "removes" if facts.removals.len() < MOST => {
                let (cause, package) = rest.split_once(' ')?;
                facts.removals.push(Removal::new(cause, package)?);
            }
            "unmet" => facts.unmet = Some(rest.into()),
            "refuses" => facts.apt_refuses = Some(rest.into()),
            "closed-tmp" => facts.closed_tmp = true,
            "closed-key" => facts.closed_key = Some(rest.into()),
            "barred" => facts.barred = Some(rest.into()),
            "gone" => facts.apt_folder_gone = Some(rest.into()),
            "other-release" => {
                let (suite, own) = rest.split_once(' ')?;
                facts.other_release = Some((suite.into(), own.into()));
            }
            "fixed-accounts" => facts.fixed_accounts = Some(rest.into()),
            "last-run" => facts.last_run = rest.into(),
            "no-lists" => facts.lists_unread = true,
            "mirror" => facts.mirror_reachable = Some(rest == "yes"),
            "sources" => {
                facts.apt_sources = String::from_utf8_lossy(&STANDARD.decode(rest).ok()?).into();
            }
            "own-tls" => facts.own_tls = rest.split_whitespace().take(MOST).map(HostText::from).collect(),
            "due" if facts.reloads_due.len() < MOST => facts.reloads_due.push(rest.into()),
            "journal" => self.remember(rest),
            "maker" => {
                if let Some(entry) = &mut self.entry {
                    entry.maker = journal::maker(rest);
                }
            }
            "now" => self.stands(rest)?,
            "undo" => self.undo(rest)?,
            "root" => self.root(rest),
            "remains" if facts.remains.len() < MOST => {
                let (name, word) = rest.split_once(' ')?;
                facts.remains.insert(name.to_owned(), Remains::of_word(word));
            }
            "needed" => facts.unneeded.needed = names(rest),
            "leaving" => facts.unneeded.leaving = names(rest),
            "foreign" => facts.unneeded.foreign = names(rest),
            "boot" => facts.boot_id = rest.into(),
            "guard" => self.guard(rest)?,
            "package" => self.package(rest)?,
            "port" if facts.port_owners.len() < MOST => {
                let mut words = rest.splitn(3, ' ');
                let port = words.next()?.parse().ok()?;
                words.next()?;
                facts.port_owners.entry(port).or_insert_with(|| words.next().unwrap_or_default().into());
            }
            "unit" => self.unit_property(rest),
            "service" => {
                let mut words = rest.split(' ').map(|word| word == "yes");
                let (exists, enabled, active) = (words.next()?, words.next()?, words.next()?);
                let state = if active { "running" } else { "stopped" }.into();
                self.units.push(ServiceFact { exists, enabled, active, state, ..ServiceFact::default() });
            }
            _ => self.note_path(word, rest)?,
        }
        Some(())
    }

    /// The same of what stands at paths.
    fn note_path(&mut self, word: &str, rest: &str) -> Option<()> {
        match word {
            "present" => {
                let indices: Option<Vec<usize>> =
                    rest.split_whitespace().map(|index| index.parse().ok()).collect();
                self.present = indices?.into_iter();
            }
            "stat" => self.stat(rest)?,
            "astray" => self.paths.get_mut(rest.parse::<usize>().ok()?)?.kind = PathKind::Astray,
            "left" => self.paths.get_mut(rest.parse::<usize>().ok()?)?.left = true,
            "dangling" => {
                let (index, rest) = rest.split_once(' ')?;
                let (link, target) = rest.split_once(" -> ")?;
                self.paths.get_mut(index.parse::<usize>().ok()?)?.dangling =
                    Some((link.into(), target.into()));
            }
            "unwritable" => {
                let (index, held) = rest.split_once(' ')?;
                self.paths.get_mut(index.parse::<usize>().ok()?)?.unwritable = Some(held.into());
            }
            "sum" => {
                let (index, sum) = rest.split_once(' ')?;
                self.paths.get_mut(index.parse::<usize>().ok()?)?.sha256 = Some(sum.into());
            }
            "content" => {
                let (index, content) = rest.split_once(' ').unwrap_or((rest, ""));
                let fact = self.paths.get_mut(index.parse::<usize>().ok()?)?;
                fact.content = Some(STANDARD.decode(content).ok()?);
            }
            "link" => {
                let (index, target) = rest.split_once(' ')?;
                let fact = self.paths.get_mut(index.parse::<usize>().ok()?)?;
                fact.target = Some(match target.strip_prefix('=') {
                    Some(target) => target.into(),
                    None => String::from_utf8_lossy(&STANDARD.decode(target).ok()?).into(),
                });
            }
            // A later version of a program may say more.
            _ => {}
        }
        Some(())
    }

    /// A line of the journal: what we last put at a path that was asked for, or something else.
    fn remember(&mut self, line: &str) {
        self.keep_entry();
        for entry in journal::remembered(line) {
            let is_path = self.request.paths.iter().any(|wanted| wanted.path == entry.name);
            match entry.kind {
                // Those that were asked for are told by themselves.
                RememberedKind::Package => {}
                RememberedKind::Service => {
                    let is_wanted = self.request.services.iter().any(|wanted| wanted.name == entry.name);
                    self.entry = (!is_wanted).then_some(entry);
                }
                RememberedKind::Command => {
                    let mut wanted = self.request.commands();
                    self.entry = (!wanted.any(|name| name == entry.name)).then_some(entry);
                }
                _ if is_path => {
                    if let Some(applied) = journal::applied(&entry) {
                        self.applied.insert(entry.name, applied);
                    }
                }
                _ => self.entry = Some(entry),
            }
        }
    }

    fn keep_entry(&mut self) {
        let entry = self.entry.take().filter(|_| self.facts.remembered.len() < MOST_REMEMBERED);
        self.facts.remembered.extend(entry);
    }

    /// `KEY STATE PUT`: what now stands at a path of the journal, and what was put there.
    fn stands(&mut self, rest: &str) -> Option<()> {
        self.keep_entry();
        let mut words = rest.split(' ');
        let (key, now, put) = (words.next()?, words.next()?, words.next()?);
        if let Some(entry) = self.facts.remembered.iter_mut().find(|entry| entry.key == key) {
            entry.now = Some(now.to_owned());
            entry.state = journal::given(put);
        }
        Some(())
    }

    /// `KEY TEXT`: what takes a command of the journal back.
    fn undo(&mut self, rest: &str) -> Option<()> {
        self.keep_entry();
        let (key, text) = rest.split_once(' ')?;
        if let Some(entry) = self.facts.remembered.iter_mut().find(|entry| entry.key == key) {
            entry.undo = journal::undo(text);
        }
        Some(())
    }

    /// `PACKAGE` that was asked for, and by whom.
    fn root(&mut self, rest: &str) {
        self.keep_entry();
        let (name, maker) = rest.split_once(' ').unwrap_or((rest, ""));
        for package in journal::remembered(&format!("packages packages absent - - {name}")) {
            self.entry = Some(Remembered { maker: journal::maker(maker), ..package });
            self.keep_entry();
        }
    }

    /// `INDEX STATE` of a guard.
    fn guard(&mut self, rest: &str) -> Option<()> {
        let (index, state) = rest.split_once(' ')?;
        let (command, _) = self.request.guards.get(index.parse::<usize>().ok()?)?;
        let fact = match state {
            "holds" => GuardFact::Holds,
            "silent" => GuardFact::Silent,
            _ => GuardFact::Open,
        };
        self.facts.guards.insert(command.clone(), fact);
        Some(())
    }

    /// `NAME=STATUS= WANT VERSION`, once for each architecture that counts.
    fn package(&mut self, rest: &str) -> Option<()> {
        let (name, rest) = rest.split_once('=')?;
        let (status, rest) = rest.split_once("= ")?;
        let (want, version) = rest.split_once(' ').unwrap_or((rest, ""));
        if self.request.packages.iter().any(|asked| asked == name) {
            let fact: &mut PackageFact = self.facts.packages.entry(name.to_owned()).or_default();
            fact.held |= want == "hold";
            if status == "installed" {
                fact.version = Some(version.into());
            }
        }
        Some(())
    }

    /// `MODE OWNER SIZE` of the next path that exists; the mode is `st_mode` in hex.
    fn stat(&mut self, rest: &str) -> Option<()> {
        let mut words = rest.split(' ');
        let mode = u32::from_str_radix(words.next()?, 16).ok()?;
        let fact = self.paths.get_mut(self.present.next()?)?;
        fact.kind = match mode & 0o170_000 {
            0o100_000 => PathKind::File,
            0o040_000 => PathKind::Directory,
            0o120_000 => PathKind::Link,
            _ => PathKind::Other,
        };
        fact.mode = mode & 0o7777;
        fact.owner = words.next()?.into();
        Some(())
    }

    /// `Property=value` of the current unit; an empty line separates units.
    fn unit_property(&mut self, property: &str) {
        let unit = &mut self.unit;
        match property.split_once('=') {
            None => self.units.push(std::mem::take(unit)),
            Some(("LoadState", value)) => {
                unit.exists = value != "not-found";
                unit.masked |= value == "masked";
            }
            Some(("UnitFileState", value)) => {
                unit.masked |= value.starts_with("masked");
                unit.enabled = matches!(value, "enabled" | "static" | "alias" | "indirect" | "generated");
            }
            Some(("ActiveState", value)) => {
                // A reload under way is no reason to start it.
                unit.active = matches!(value, "active" | "reloading" | "refreshing");
                unit.state = join_states(value, unit.state.raw());
            }
            Some(("SubState", value)) => unit.state = join_states(unit.state.raw(), value),
            Some(("MainPID", value)) => unit.main_pid = value.parse().unwrap_or_default(),
            Some(_) => {}
        }
    }
}

fn names(words: &str) -> Vec<HostText> {
    words.split_whitespace().take(MOST).map(HostText::from).collect()
}

/// `ActiveState/SubState`, whichever of the two came first.
fn join_states(active: &str, sub: &str) -> HostText {
    [active, sub].into_iter().filter(|state| !state.is_empty()).collect::<Vec<_>>().join("/").into()
}
