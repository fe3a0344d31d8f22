//! `import`: an inventory from what people have.

use std::path::{Path, PathBuf};

use crate::cli::{ImportArguments, ImportCommand};
use crate::draft;
use crate::error::{Error, ExitCode, Result};
use crate::import::{self, Choices, Imported, InventoryFiles, RoleWords, Tags, VariablesFolders};
use crate::inventory::{self, User};
use crate::model::shell_word;
use crate::report::count;

use super::terminal::Terminal;
use super::{new_file, program};

/// Remarks beyond these are counted.
const MOST_REMARKS: usize = 200;

pub fn run(command: ImportCommand, terminal: &Terminal) -> Result<ExitCode> {
    let (common, imported) = match command {
        ImportCommand::Ansible { common, clusters } => {
            let choices = choices(&common)?;
            let (files, folders) = (InventoryFiles::of(&common.file)?, VariablesFolders::of(&common.file));
            let imported = import::ansible(files, folders, &clusters, &choices)?;
            (common, imported)
        }
        ImportCommand::Vagrant { common } => {
            let (source, choices) = read(&common)?;
            let imported = import::ssh_config(source, &[], &choices)?;
            (common, imported)
        }
        ImportCommand::SshConfig { common, pattern } => {
            let (source, choices) = read(&common)?;
            let imported = import::ssh_config(source, &pattern, &choices)?;
            (common, imported)
        }
        ImportCommand::Aws { common, cluster_tag, role_tag } => {
            let (source, choices) = read(&common)?;
            let tags = Tags { cluster: cluster_tag, role: role_tag };
            let imported = import::aws(source, &tags, &choices)?;
            (common, imported)
        }
        ImportCommand::Csv { common } => {
            let (source, choices) = read(&common)?;
            let imported = import::roster(source, &choices)?;
            (common, imported)
        }
    };
    finish(&common, &imported, terminal)
}

fn read(common: &ImportArguments) -> Result<(import::Source, Choices)> {
    let choices = choices(common)?;
    Ok((import::read(&common.file)?, choices))
}

/// What the user says besides the source; what could not be written is refused before anything is read.
fn choices(common: &ImportArguments) -> Result<Choices> {
    let ImportArguments { file: _, to, force, role, user, identity } = common;
    if let Some(to) = written_to(to.as_ref()) {
        new_file::check(to, *force)?;
    }
    let user = user.clone().map(User::try_from).transpose();
    let user = user.map_err(|complaint| Error::usage(complaint.message).hint(complaint.hint))?;
    Ok(Choices { roles: RoleWords::parse(role)?, user: user.map(|user| user.0), identity: identity.clone() })
}

/// The file that is written; `-` is standard output, as without a name.
fn written_to(to: Option<&PathBuf>) -> Option<&Path> {
    to.map(PathBuf::as_path).filter(|to| *to != Path::new("-"))
}

/// Writes the inventory, then tells what was not taken over, and what to do next.
fn finish(common: &ImportArguments, imported: &Imported, terminal: &Terminal) -> Result<ExitCode> {
    let Imported { draft, remarks } = imported;
    let text = draft::write(draft);
    if text.len() > inventory::SIZE_LIMIT {
        return Err(Error::usage("the inventory would be larger than 1 MiB, which no command reads")
            .hint("import a part of it, or leave variables out that the pages don't need"));
    }
    let to = written_to(common.to.as_ref());
    match to {
        Some(to) => new_file::write(to, &text, common.force)?,
        None => {
            terminal.print(&text)?;
        }
    }
    for remark in remarks.iter().take(MOST_REMARKS) {
        terminal.say(&format!("{}: {}", remark.place.english(), remark.said.english()));
    }
    if remarks.len() > MOST_REMARKS {
        terminal.say(&format!("and {} like these", count(remarks.len() - MOST_REMARKS, "more remark")));
    }
    let hosts = draft.clusters.iter().map(|cluster| cluster.hosts.len()).sum();
    let clusters = draft.clusters.len();
    let lost = match remarks.iter().filter(|remark| remark.is_loss).count() {
        0 => "nothing was left out".to_owned(),
        1 => "1 thing was left out".to_owned(),
        lost => format!("{lost} things were left out"),
    };
    terminal.say(&format!("{} in {}; {lost}", count(hosts, "host"), count(clusters, "cluster")));
    let program = program::name();
    let (first, path) = match to {
        Some(to) => (String::new(), shell_word(&to.to_string_lossy()).into_owned()),
        None => ("the same with `--to inventory.yaml`, then ".to_owned(), "inventory.yaml".to_owned()),
    };
    terminal.say(&format!("next: {first}{program} validate {path}, and then {program} plan {path}"));
    Ok(ExitCode::Success)
}
