//! A host's plan → the one program that carries it out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::model::{
    Attributes, Directory, Failure, File, HostText, Link, Maker, OnChange, Operation, Resource, ResourceId,
    Service, ServiceFact, Step, Validator,
};

use super::command;
use super::data::Data;
use super::events::ApplyReader;
use super::failure::cannot_apply;
use super::invocation::{self, Credentials, JOURNAL, RUN, RunAs};
use super::journal;
use super::program::Program;

pub(super) const PARTS: &[&str] = &[
    include_str!("programs/common.sh"),
    include_str!("programs/place.sh"),
    include_str!("programs/clock.sh"),
    include_str!("programs/run.sh"),
    UPLOAD,
    include_str!("programs/journal.sh"),
    include_str!("programs/room.sh"),
    include_str!("programs/candidate.sh"),
    include_str!("programs/apt_common.sh"),
    include_str!("programs/dpkg.sh"),
    include_str!("programs/dpkg_query.sh"),
    include_str!("programs/entries.sh"),
    include_str!("programs/lists.sh"),
    include_str!("programs/removals.sh"),
    include_str!("programs/roots.sh"),
    include_str!("programs/packages.sh"),
    include_str!("programs/apt_verdict.sh"),
    NOTING,
    include_str!("programs/apt_news.sh"),
    include_str!("programs/apt.sh"),
    include_str!("programs/attributes.sh"),
    include_str!("programs/file.sh"),
    include_str!("programs/packaged.sh"),
    include_str!("programs/check.sh"),
    include_str!("programs/session.sh"),
    include_str!("programs/guard.sh"),
    include_str!("programs/command.sh"),
    include_str!("programs/drop_ins.sh"),
    include_str!("programs/service.sh"),
    include_str!("programs/undo.sh"),
    include_str!("programs/purge.sh"),
    include_str!("programs/leaving.sh"),
    include_str!("programs/removal.sh"),
    include_str!("programs/apply.sh"),
];

/// Receiving files that the laptop sends on stdin, with the program that apt starts for it.
pub(super) const UPLOAD: &str = concat!(
    include_str!("programs/upload.sh"),
    "write_method() {\n    printf '#!/bin/sh\\n'\n    cat <<'END_OF_METHOD'\n",
    include_str!("programs/method.sh"),
    "END_OF_METHOD\n}\n",
);

/// The program that apt runs before dpkg, as apt.sh writes it.
pub(super) const NOTING: &str = concat!(
    "write_noting() {\n    cat <<'END_OF_NOTING'\n",
    include_str!("programs/noting.sh"),
    "END_OF_NOTING\n}\n",
);

/// How packages reach a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackageWay<'a> {
    Own,
    Relay {
        /// Its URL as the host reaches it.
        url: &'a str,
        /// Hosts whose https sources the host asks itself, through the relay: see [`Facts::own_tls`].
        own_tls: &'a [HostText],
    },
    /// Sent on stdin when asked for: see [`super::Upload`].
    Upload,
}

impl PackageWay<'_> {
    pub(super) fn encode(self) -> Result<String, Failure> {
        Ok(match self {
            Self::Own => "-".to_owned(),
            Self::Relay { url, own_tls } => {
                let hosts = own_tls.iter().map(HostText::raw).filter(|host| invocation::is_host(host));
                hosts.fold(invocation::proxy(url)?.to_owned(), |line, host| line + " " + host)
            }
            Self::Upload => "upload".to_owned(),
        })
    }
}

/// How long a run waits for another one that holds the host.
const PATIENCE_SECONDS: u32 = 120;

/// The program that carries out steps, each with the index that its answers have, unless there was another run after
/// `last_run`. One with the same token hands over to it.
pub fn apply<'a>(
    steps: &[(usize, Step)],
    purpose: Purpose<'_>,
    way: PackageWay<'_>,
    credentials: Credentials<'a>,
    token: &str,
    last_run: Option<&HostText>,
) -> Result<Program<'a, ApplyReader>, Failure> {
    let place = Place { last_run, token, ..Place::of_host() };
    let data = encode(steps, purpose, way, place)?;
    Ok(Program { run_as: RunAs::Root(credentials), parts: PARTS, data, reader: ApplyReader })
}

/// What a host's changes are made for.
#[derive(Debug, Clone, Copy)]
pub struct Purpose<'a> {
    /// Whose list of resources it is, as the host's journal is to remember it.
    pub maker: &'a Maker,
    /// The list.
    pub wanted: &'a [Resource],
}

impl Purpose<'_> {
    fn encode(self, data: &mut Data) -> Result<(), Failure> {
        data.line(journal::maker_line(self.maker));
        let (mut names, mut remains) = (Vec::new(), Vec::new());
        for resource in self.wanted {
            let Resource::Package(package) = resource else { continue };
            let name = invocation::package(&package.name)?;
            names.push(name);
            remains.extend(package.remains.word().map(|word| format!("{name}={word}")));
        }
        data.line(names.join(" "));
        data.line(remains.join(" "));
        Ok(())
    }
}

/// Where a program that changes a host keeps its things.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) journal: &'a str,
    pub(super) run: &'a str,
    pub(super) patience: u32,
    /// The last run when the host was looked at, where no other may have been since.
    pub(super) last_run: Option<&'a HostText>,
    /// What the programs have in common by which one run changes this host, or `-`.
    pub(super) token: &'a str,
}

impl Place<'_> {
    pub(super) fn of_host() -> Self {
        Self { journal: JOURNAL, run: RUN, patience: PATIENCE_SECONDS, last_run: None, token: "-" }
    }

    pub(super) fn begin(self) -> Data {
        let mut data = Data::default();
        data.line(self.journal);
        data.line(self.run);
        data.line(self.patience.to_string());
        data.line(self.last_run.map_or("any", HostText::raw));
        data.line(self.token);
        data
    }
}

pub(super) fn encode(
    steps: &[(usize, Step)],
    purpose: Purpose<'_>,
    way: PackageWay<'_>,
    place: Place<'_>,
) -> Result<Data, Failure> {
    let mut data = place.begin();
    data.line(way.encode()?);
    purpose.encode(&mut data)?;
    for (index, step) in steps {
        data.line(operation(*index, step, steps)?);
    }
    data.end();
    for (index, step) in steps {
        match &step.operation {
            Operation::WriteFile(file) => data.content(&index.to_string(), &file.content),
            Operation::RunCommand(command) => command::texts(&mut data, *index, command)?,
            _ => {}
        }
    }
    data.line("#end");
    Ok(data)
}

fn operation(index: usize, step: &Step, steps: &[(usize, Step)]) -> Result<String, Failure> {
    let key = journal::key(&step.change.resource);
    Ok(match &step.operation {
        Operation::Sweep(path) => format!("sweep {index} {}", invocation::path(path)?),
        Operation::RepairDpkg => format!("repair {index}"),
        Operation::InstallPackage(name) => format!("install {index} {}", invocation::package(name)?),
        Operation::MakeDirectory(Directory { path, wanted }) => {
            let mode = wanted.mode.map_or_else(|| "-".to_owned(), |mode| format!("{mode:o}"));
            format!("directory {index} {key} {mode} {} {}", ownership(wanted)?, invocation::path(path)?)
        }
        Operation::WriteFile(of) => format!("file {index} {key} {}", file(of, "sent", steps)?),
        Operation::SetAttributes(of) => format!("file {index} {key} {}", file(of, "stands", steps)?),
        Operation::MakeLink(Link { path, target, notify }) => {
            let (notify, path) = (notified(notify.as_deref(), steps)?, invocation::path(path)?);
            format!("link {index} {key} {notify} {} {path}", STANDARD.encode(target))
        }
        Operation::SettleService { service, before, reload } => {
            let Service { name, ports, check, renews, log: _, on_change, turn: _ } = service;
            let on_change = match on_change {
                OnChange::Reload => "reload",
                OnChange::Restart => "restart",
            };
            let ports = match ports.as_slice() {
                [] => "-".to_owned(),
                ports => ports.iter().map(u16::to_string).collect::<Vec<_>>().join(","),
            };
            let [enable, reload, renews] = [!before.enabled, *reload, *renews].map(yes);
            let (before, check) = (state(before), words(check.as_deref()));
            let name = invocation::service(name)?;
            format!(
                "service {index} {key} {enable} {reload} {before} {ports} {renews} {on_change} {check} {name}"
            )
        }
        Operation::RunCommand(run) => command::operation(index, &key, run)?,
        Operation::Undo { key, notify } => {
            let notify = notified(notify.as_deref(), steps)?;
            format!("undo {index} {} {notify}", invocation::key(key)?)
        }
        Operation::RemovePackage { name, remains } => {
            format!("remove {index} {} {}", remains.word().unwrap_or("-"), invocation::package(name)?)
        }
        Operation::KeepData(name) => format!("keep {index} {}", invocation::package(name)?),
        Operation::PurgePackage(_) | Operation::ForgetJournal | Operation::RemoveForeign => {
            return Err(cannot_apply());
        }
    })
}

/// What a file's line holds behind its key.
fn file(file: &File, origin: &str, steps: &[(usize, Step)]) -> Result<String, Failure> {
    let File { path, mode, wanted, validator, notify, .. } = file;
    let (notify, path) = (notified(notify.as_deref(), steps)?, invocation::path(path)?);
    let (moment, check) = match validator {
        None => ("-", None),
        Some(Validator::Candidate(check)) => ("before", Some(check)),
        Some(Validator::InPlace(check)) => ("in-place", Some(check)),
        Some(Validator::Shell(check)) => ("shell", Some(check)),
    };
    let check = words(check.map(String::as_str));
    let mode = wanted.mode.map_or_else(|| format!("{mode:o}"), |mode| format!("={mode:o}"));
    let (ownership, sum) = (ownership(wanted)?, file.sha256());
    Ok(format!("{mode} {ownership} {origin} {sum} {moment} {check} {notify} {path}"))
}

/// The wanted owner and group by name.
fn ownership(wanted: &Attributes) -> Result<String, Failure> {
    let name = |name: &Option<String>| match name {
        Some(name) => invocation::account(name).map(str::to_owned),
        None => Ok("-".to_owned()),
    };
    match (name(&wanted.owner)?, name(&wanted.group)?) {
        (owner, group) if owner == "-" && group == "-" => Ok(owner),
        (owner, group) => Ok(format!("{owner}:{group}")),
    }
}

/// The service to be told, where this plan settles it; without that, a reload would be due for ever.
fn notified<'a>(service: Option<&'a str>, steps: &[(usize, Step)]) -> Result<&'a str, Failure> {
    let Some(name) = service else { return Ok("-") };
    let id = ResourceId::new(format!("service:{name}"));
    if steps.iter().any(|(_, step)| step.change.resource == id) { invocation::service(name) } else { Ok("-") }
}

/// How a service was before us, in the words of the journal.
fn state(service: &ServiceFact) -> &'static str {
    match service {
        ServiceFact { exists: false, .. } => "absent",
        ServiceFact { enabled: true, active: true, .. } => "enabled+active",
        ServiceFact { enabled: true, .. } => "enabled",
        ServiceFact { active: true, .. } => "active",
        _ => "idle",
    }
}

/// The words of a command that checks something.
pub(super) fn words(check: Option<&str>) -> String {
    check.map_or_else(|| "-".to_owned(), |check| STANDARD.encode(check))
}

fn yes(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

#[cfg(test)]
mod tests {
    use super::super::data::tests::text;
    use super::super::invocation::{Nonce, invoke};
    use super::*;
    use crate::model::{Action, Change, Text};

    fn plan(operations: Vec<(&str, Operation)>) -> Vec<(usize, Step)> {
        operations
            .into_iter()
            .map(|(resource, operation)| {
                Change {
                    resource: ResourceId::new(resource),
                    action: Action::Create,
                    reason: Text::default(),
                    before: None,
                    after: None,
                    diff: None,
                    foreign: false,
                }
                .by(operation)
            })
            .enumerate()
            .collect()
    }

    fn file(path: &str, notify: Option<&str>) -> Operation {
        Operation::WriteFile(File {
            validator: Some(Validator::Candidate("haproxy -c -f".to_owned())),
            notify: notify.map(str::to_owned),
            ..File::of_text(path, "$(reboot)\n#end\n")
        })
    }

    fn maker() -> Maker {
        Maker { inventory: "00ff".into(), host: "ana/web01".into(), name: "class.yaml".into() }
    }

    fn encoded(steps: &[(usize, Step)], way: PackageWay<'_>) -> Result<String, Failure> {
        let place = Place { journal: "/j", run: "/r", patience: 9, last_run: None, token: "-" };
        let wanted = ["haproxy", "python3"].map(Resource::package);
        let invocation = invoke(
            RunAs::Login,
            &Nonce::new([0; 16]),
            &[],
            encode(steps, Purpose { maker: &maker(), wanted: &wanted }, way, place)?,
        )?;
        let text = text(invocation.input);
        Ok(text.rsplit_once(&format!("{}\n", "00".repeat(16))).unwrap().1.to_owned())
    }

    #[test]
    fn a_plan_travels_as_lines() {
        let service = Service {
            name: "haproxy".to_owned(),
            ports: vec![80, 8404],
            check: Some("haproxy -c".to_owned()),
            renews: true,
            ..Service::default()
        };
        let plan = plan(vec![
            ("dpkg:repair", Operation::RepairDpkg),
            ("package:haproxy", Operation::InstallPackage("haproxy".to_owned())),
            ("directory:/opt/a b", Operation::MakeDirectory(Directory::with_mode("/opt/a b", 0o755))),
            ("file:/etc/haproxy.cfg", file("/etc/haproxy.cfg", Some("haproxy"))),
            (
                "link:/etc/x",
                Operation::MakeLink(Link {
                    path: "/etc/x".to_owned(),
                    target: "a\nb".to_owned(),
                    notify: Some("nobody-settles-it".to_owned()),
                }),
            ),
            (
                "service:haproxy",
                Operation::SettleService { service, before: ServiceFact::default(), reload: true },
            ),
        ]);
        let own_tls = ["keys.example", "x|e reboot"].map(HostText::from);
        let way = PackageWay::Relay { url: "http://run:t0ken@127.0.0.1:4000", own_tls: &own_tls };
        insta::assert_snapshot!(encoded(&plan, way).unwrap());
    }

    #[test]
    fn what_could_mean_more_than_itself_does_not_travel() {
        for operation in [
            file("/etc/a\n0 repair", None),
            file("etc/relative", None),
            Operation::InstallPackage("-o=Dir::Bin=x".to_owned()),
            Operation::Undo { key: "../x".to_owned(), notify: None },
            Operation::ForgetJournal,
        ] {
            assert!(encoded(&plan(vec![("x", operation)]), PackageWay::Own).is_err());
        }
        for proxy in ["http://a\"; X \"b", "ftp://127.0.0.1", "http://a\nb"] {
            assert!(encoded(&plan(Vec::new()), PackageWay::Relay { url: proxy, own_tls: &[] }).is_err());
        }
    }
}
