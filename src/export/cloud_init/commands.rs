//! What cloud-init has no words for, as commands: folders, links, commands of practices, services. The first that fails ends
//! them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::export::shell;
use crate::export::yaml::Yaml;
use crate::model::{Command, Directory, File, Link, Resource, Script, Service, Validator, shell_word};

/// Runs its words behind the first for so many seconds at most, in surroundings that are alike on all machines.
const APART: &str = "apart() { ( cd / && env -i HOME=/root USER=root LOGNAME=root SHELL=/bin/sh PATH=\"$PATH\" LC_ALL=C.UTF-8 \
                     DEBIAN_FRONTEND=noninteractive timeout -k 5 \"$@\" </dev/null ); }";

pub fn commands(resources: &[Resource]) -> Yaml {
    let mut commands = vec![Yaml::text("set -e")];
    let is_apart = |resource: &Resource| match resource {
        Resource::Command(_) => true,
        Resource::File(file) => matches!(file.validator, Some(Validator::Shell(_))),
        _ => false,
    };
    if resources.iter().any(is_apart) {
        commands.push(Yaml::text(APART));
    }
    if resources.iter().any(|resource| resource.claim().contains("/systemd/system/")) {
        commands.push(line(&["systemctl", "daemon-reload"]));
    }
    for resource in resources {
        match resource {
            Resource::Directory(directory) => commands.extend(make_directory(directory)),
            Resource::Link(link) => commands.extend(make_link(link)),
            Resource::Command(command) => commands.push(Yaml::text(run(command))),
            Resource::Service(service) => commands.extend(settle(service, resources)),
            // Others are checked in front of the services that read them.
            Resource::File(file) if file.notify.is_none() => commands.extend(check(file)),
            Resource::Package(_) | Resource::File(_) | Resource::Port(_) => {}
        }
    }
    Yaml::List(commands)
}

fn make_directory(directory: &Directory) -> impl Iterator<Item = Yaml> {
    let Directory { path, wanted } = directory;
    let make = line(&["mkdir", "-p", "--", path]);
    let owner = wanted.owner.as_ref().map(|owner| line(&["chown", "--", owner, path]));
    let group = wanted.group.as_ref().map(|group| line(&["chgrp", "--", group, path]));
    // Behind the owner, whose change may clear bits.
    let mode = wanted.mode.map(|mode| line(&["chmod", &format!("{mode:04o}"), path]));
    [make].into_iter().chain(owner).chain(group).chain(mode)
}

fn make_link(link: &Link) -> impl Iterator<Item = Yaml> {
    let folder = link.path.rsplit_once('/').map(|(folder, _)| folder).filter(|folder| !folder.is_empty());
    let make = folder.map(|folder| line(&["mkdir", "-p", "--", folder]));
    make.into_iter().chain([line(&["ln", "-sfT", "--", &link.target, &link.path])])
}

fn run(command: &Command) -> String {
    let guard = words(&shell::guard(&command.guard));
    let limit = command.limit.as_secs().max(1);
    let run = match &command.run {
        Script::Shell(text) => format!("apart {limit} sh -c {}", shell_word(text)),
        Script::Program(text) => format!(
            "program=$(mktemp) && echo {} | base64 -d >\"$program\" && apart {limit} {} \"$program\" && rm -- \
             \"$program\"",
            STANDARD.encode(text),
            words(&shell::reader(text)),
        ),
    };
    let ask = format!("apart 10 {guard} >/dev/null 2>&1");
    // Nothing but the guard is believed.
    format!("{ask} || {{ {run} && {ask}; }} || exit 1")
}

/// Its package has started it with other files.
fn settle(service: &Service, resources: &[Resource]) -> impl Iterator<Item = Yaml> {
    let mut checks: Vec<Yaml> = Vec::new();
    for resource in resources {
        if let Resource::File(file) = resource
            && file.notify.as_ref() == Some(&service.name)
        {
            checks.extend(check(file).filter(|check| !checks.contains(check)));
        }
    }
    let settle = ["enable", "restart"].map(|verb| line(&["systemctl", "--quiet", verb, "--", &service.name]));
    checks.into_iter().chain(settle)
}

/// The check of a file that stands at its place.
fn check(file: &File) -> Option<Yaml> {
    let validator = file.validator.as_ref()?;
    let check = shell::check_in_place(validator, &file.path);
    let apart: &[&str] = if matches!(validator, Validator::Shell(_)) { &["apart", "60"] } else { &[] };
    Some(Yaml::text(words(
        &apart.iter().copied().chain(check.iter().map(String::as_str)).collect::<Vec<_>>(),
    )))
}

fn line(command: &[&str]) -> Yaml {
    Yaml::text(words(command))
}

fn words(words: &[&str]) -> String {
    let words: Vec<_> = words.iter().map(|word| shell_word(word)).collect();
    words.join(" ")
}
