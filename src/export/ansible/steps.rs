//! What one host wants of a role, as tasks and handlers.

use std::collections::{BTreeSet, HashSet};

use super::contents::Contents;
use super::handlers::Handlers;
use super::yaml::{all_data, bare_check, data, step};
use crate::export::packages;
use crate::export::secrets::is_private;
use crate::export::shell;
use crate::export::yaml::Yaml;
use crate::model::{Attributes, Command, Directory, File, Link, Resource, Script, Service};

/// Folders that every machine has.
const STANDING: [&str; 9] = [
    "",
    "/etc",
    "/etc/systemd/system",
    "/opt",
    "/root",
    "/srv",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/var/lib",
];

/// What everybody may read.
const READABLE: u32 = 0o644;

/// Nothing of a command's surroundings is left to chance.
const SURROUNDINGS: [(&str, &str); 3] =
    [("HOME", "/root"), ("LC_ALL", "C.UTF-8"), ("DEBIAN_FRONTEND", "noninteractive")];

/// The tasks of a role on a host, in the order of application.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Steps {
    pub tasks: Vec<Yaml>,
    pub handlers: Handlers,
}

/// With secrets among the values of the host, nothing shows what they may have entered.
pub fn steps(role: &str, resources: &[Resource], contents: &Contents<'_>, has_secrets: bool) -> Steps {
    let mut tasks = Vec::new();
    let mut handlers = Handlers::default();
    if !packages(resources).is_empty() {
        tasks.push(install(role));
    }
    tasks.extend(folders(resources));
    let mut has_settled = false;
    let mut commands = 0;
    for resource in resources {
        match resource {
            Resource::Directory(directory) => tasks.push(make_directory(directory)),
            Resource::File(file) => {
                let notified = handlers.of_file(file, resources);
                let source = contents.source(resource);
                tasks.extend(source.map(|source| copy(file, source, notified, has_secrets)));
            }
            Resource::Link(link) => {
                let notified = handlers.of_link(link, resources);
                tasks.push(make_link(link, notified));
            }
            Resource::Command(command) => {
                if command.after_services && !has_settled {
                    has_settled = true;
                    let name = "Let services read their files before commands that come behind them";
                    tasks.push(step(name, "meta", Yaml::text("flush_handlers"), Vec::new()));
                }
                commands += 1;
                // No other variable ends with a number, whatever a practice names its commands.
                let asked = format!("asked_{role}_{commands}");
                tasks.extend(run(&asked, command, contents.source(resource), has_secrets));
            }
            Resource::Service(service) => tasks.push(settle(service)),
            Resource::Package(_) | Resource::Port(_) => {}
        }
    }
    Steps { tasks, handlers }
}

fn tags(tag: &str) -> (&'static str, Yaml) {
    ("tags", Yaml::texts([tag]))
}

fn install(role: &str) -> Yaml {
    let arguments = Yaml::map([
        ("name", Yaml::text(format!("{{{{ {role}_packages }}}}"))),
        ("state", Yaml::text("present")),
        ("install_recommends", Yaml::Flag(false)),
        ("fail_on_autoremove", Yaml::Flag(true)),
        ("update_cache", Yaml::Flag(true)),
        ("cache_valid_time", Yaml::Number(3600)),
        ("lock_timeout", Yaml::Number(120)),
    ]);
    step("Install packages", "apt", arguments, vec![bare_check(), tags("packages")])
}

/// Folders of files and links that nothing else makes.
fn folders(resources: &[Resource]) -> Option<Yaml> {
    let mut folders = BTreeSet::new();
    for resource in resources {
        if let Resource::File(File { path, .. }) | Resource::Link(Link { path, .. }) = resource {
            folders.extend(path.rsplit_once('/').map(|(folder, _)| folder));
        }
    }
    let made: HashSet<String> = resources.iter().map(Resource::claim).collect();
    folders.retain(|folder| !STANDING.contains(folder) && !made.contains(*folder));
    let arguments = Yaml::map([("path", Yaml::text("{{ item }}")), ("state", Yaml::text("directory"))]);
    let keywords = vec![("loop", all_data(folders.iter().copied())), tags("files")];
    (!folders.is_empty()).then(|| step("Make the folders of files", "file", arguments, keywords))
}

fn make_directory(directory: &Directory) -> Yaml {
    let Directory { path, wanted } = directory;
    let mut arguments = vec![("path", data(path)), ("state", Yaml::text("directory"))];
    arguments.extend(wanted.mode.map(|mode| ("mode", octal(mode))));
    arguments.extend(owners(wanted));
    step(&format!("Make {path}"), "file", Yaml::map(arguments), vec![tags("files")])
}

fn copy(file: &File, source: Yaml, notified: Vec<String>, has_secrets: bool) -> Yaml {
    let mut arguments = vec![("src", source), ("dest", data(&file.path))];
    // It goes out as it is, also where it looks like what Ansible itself has encrypted.
    arguments.push(("decrypt", Yaml::Flag(false)));
    // An old file keeps its owner and its mode where no other is wanted, but others have to be able to read it.
    let mode = match file.wanted.mode {
        Some(mode) => octal(mode),
        None if file.mode == READABLE => Yaml::text("a+r"),
        None => octal(file.mode),
    };
    arguments.push(("mode", mode));
    arguments.extend(owners(&file.wanted));
    let check = file.validator.as_ref().and_then(shell::check_before);
    let mut keywords = notifying(notified, "files");
    if let Some(shell::Check { command, text }) = check {
        arguments.push(("validate", data(command)));
        keywords.extend(text.map(|text| {
            let variables = SURROUNDINGS.map(|(name, value)| (name, Yaml::text(value)));
            ("environment", Yaml::map(variables.into_iter().chain([(shell::CHECK, data(text))])))
        }));
    }
    keywords.extend((has_secrets || is_private(file)).then_some(("diff", Yaml::Flag(false))));
    step(&format!("Write {}", file.path), "copy", Yaml::map(arguments), keywords)
}

fn make_link(link: &Link, notified: Vec<String>) -> Yaml {
    let arguments = Yaml::map([
        ("src", data(&link.target)),
        ("dest", data(&link.path)),
        ("state", Yaml::text("link")),
        ("force", Yaml::Flag(true)),
        ("follow", Yaml::Flag(false)),
    ]);
    step(&format!("Link {}", link.path), "file", arguments, notifying(notified, "files"))
}

/// A task that asks whether a command is to be run, one that runs it, and one that asks whether it has done its work.
fn run(asked: &str, command: &Command, program: Option<Yaml>, has_secrets: bool) -> [Yaml; 3] {
    let silence = || has_secrets.then_some(("no_log", Yaml::Flag(true)));
    let open = ("when", Yaml::text(format!("{asked}.rc != 0")));
    let guard = |name: String, more: Vec<(&'static str, Yaml)>| {
        let arguments = Yaml::map([
            ("argv", all_data(["timeout", "10"].into_iter().chain(shell::guard(&command.guard)))),
            ("chdir", Yaml::text("/")),
            ("expand_argument_vars", Yaml::Flag(false)),
        ]);
        let mut keywords = vec![surroundings()];
        keywords.extend(more);
        keywords.extend([("changed_when", Yaml::Flag(false)), tags("commands")]);
        keywords.extend(silence());
        step(&name, "command", arguments, keywords)
    };
    let ask = guard(
        format!("Ask whether to run {}", command.name),
        vec![
            ("register", Yaml::text(asked)),
            ("check_mode", Yaml::Flag(false)),
            ("failed_when", Yaml::Flag(false)),
        ],
    );
    let ask_again = guard(format!("Ask whether {} has done its work", command.name), vec![open.clone()]);

    let mut keywords = vec![
        surroundings(),
        open,
        ("changed_when", Yaml::Flag(true)),
        ("timeout", Yaml::Number(command.limit.as_secs().max(1))),
        tags("commands"),
    ];
    keywords.extend(silence());
    let name = format!("Run {}", command.name);
    let run = match (&command.run, program) {
        (Script::Program(text), Some(program)) => {
            let arguments = Yaml::map([
                ("cmd", program),
                ("executable", data(shell::reader(text).join(" "))),
                ("chdir", Yaml::text("/")),
            ]);
            step(&name, "script", arguments, keywords)
        }
        (Script::Shell(text) | Script::Program(text), _) => {
            let arguments = Yaml::map([("cmd", data(text)), ("chdir", Yaml::text("/"))]);
            step(&name, "shell", arguments, keywords)
        }
    };
    [ask, run, ask_again]
}

fn settle(service: &Service) -> Yaml {
    let name = &service.name;
    let arguments =
        Yaml::map([("name", data(name)), ("state", Yaml::text("started")), ("enabled", Yaml::Flag(true))]);
    step(
        &format!("Start {name}, now and at boot"),
        "service",
        arguments,
        vec![bare_check(), tags("services")],
    )
}

fn surroundings() -> (&'static str, Yaml) {
    ("environment", Yaml::map(SURROUNDINGS.map(|(name, value)| (name, Yaml::text(value)))))
}

fn notifying(notified: Vec<String>, tag: &str) -> Vec<(&'static str, Yaml)> {
    let notify = (!notified.is_empty()).then(|| ("notify", Yaml::texts(notified)));
    notify.into_iter().chain([tags(tag)]).collect()
}

fn octal(mode: u32) -> Yaml {
    Yaml::text(format!("{mode:04o}"))
}

fn owners(wanted: &Attributes) -> impl Iterator<Item = (&'static str, Yaml)> {
    let owner = wanted.owner.clone().map(|owner| ("owner", data(owner)));
    owner.into_iter().chain(wanted.group.clone().map(|group| ("group", data(group))))
}
