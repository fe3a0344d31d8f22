//! `export ansible|cloud-init|ssh-config`: an inventory as files for what runs without this tool.

use std::fs;
use std::io;
use std::path::Path;

use crate::cli::{ExportArguments, ExportCommand, Scope};
use crate::desired;
use crate::error::{Error, ExitCode, Result};
use crate::export::{self, Export, Setup, Subject};
use crate::model::{Resource, shell_word};

use super::prepare::{self, Prepared};
use super::terminal::Terminal;

pub fn run(command: ExportCommand, terminal: &Terminal) -> Result<ExitCode> {
    let (target, make): (_, fn(&Subject<'_>) -> Export) = match command {
        ExportCommand::Ansible { target } => (target, export::ansible),
        ExportCommand::CloudInit { target } => (target, export::cloud_init),
        ExportCommand::SshConfig { target } => (target, export::ssh_config),
    };
    let ExportArguments { folder, scope, force } = target;
    if !force && !is_empty(&folder)? {
        return Err(Error::usage(format!("{} is not empty", folder.display()))
            .hint("choose another folder, or write over what is there with `--force`"));
    }
    let prepared = prepare::scope(&Scope::from(scope), terminal)?;
    let export = make(&subject(&prepared)?);
    let mut written = String::new();
    for file in &export.files {
        let path = folder.join(&file.path);
        write(&path, &file.content)?;
        written.push_str(&format!("{}\n", shell_word(&path.to_string_lossy())));
    }
    for remark in &export.remarks {
        terminal.say(remark.english());
    }
    terminal.print(written)
}

/// Whether there is nothing at a path, or a folder with nothing in it.
fn is_empty(folder: &Path) -> Result<bool> {
    match fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(Error::file(format!("{} can't be read as a folder", folder.display()))
            .hint("choose another folder")
            .because(error)),
    }
}

fn write(path: &Path, content: &[u8]) -> Result<()> {
    let made = path.parent().map_or(Ok(()), fs::create_dir_all);
    made.and_then(|()| fs::write(path, content)).map_err(|error| {
        Error::file(format!("can't write {}", path.display()))
            .hint("check who may write there")
            .because(error)
    })
}

/// The selected hosts, with what they should have.
fn subject(prepared: &Prepared) -> Result<Subject<'_>> {
    let Prepared { inventory, templates, .. } = prepared;
    let mut aliases = export::aliases(inventory.hosts());
    let mut wanted = prepared.wanted()?;
    let mut hosts = Vec::new();
    for (cluster, host) in prepared.hosts() {
        let place = inventory.place(cluster, host);
        let of_role = |role| Ok((role, desired::of_role(&place, role, templates)?));
        hosts.push(Setup {
            cluster,
            host,
            alias: aliases.remove(&host.id).unwrap_or_default(),
            roles: host
                .roles_in_order()
                .map(of_role)
                .collect::<Result<_, _>>()
                .map_err(prepare::template_error)?,
            extra: host.packages.extra.iter().cloned().map(Resource::package).collect(),
            resources: wanted.remove(&host.id).unwrap_or_default(),
        });
    }
    Ok(Subject { title: inventory.title(), language: inventory.language, hosts })
}
