//! `export ansible|cloud-init|ssh-config`: an inventory as files for what runs without this tool.

mod folder;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::cli::{ExportArguments, ExportCommand, Scope};
use crate::desired;
use crate::error::{Error, ExitCode, Result};
use crate::export::{self, Export, Setup, Subject};
use crate::model::{Resource, shell_word, text};

use super::prepare::{self, Prepared};
use super::terminal::Terminal;

/// How much of a host is exported.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// How it is reached.
    Way,
    /// What it should have, too.
    Setup,
}

pub fn run(command: ExportCommand, terminal: &Terminal) -> Result<ExitCode> {
    type Make = fn(&Subject<'_>) -> Export;
    let (target, record, extent, make): (_, _, _, Make) = match command {
        ExportCommand::Ansible { target } => (target, ".provision-ansible", Extent::Setup, export::ansible),
        ExportCommand::CloudInit { target } => {
            (target, ".provision-cloud-init", Extent::Setup, export::cloud_init)
        }
        ExportCommand::SshConfig { target } => {
            (target, ".provision-ssh-config", Extent::Way, export::ssh_config)
        }
    };
    let ExportArguments { folder, scope, force } = target;
    if !is_empty(&folder)? && !force {
        return Err(Error::usage(text!(
            en: "{folder} is not empty",
            pt: "{folder} não está vazia", folder = folder.display()
        ))
        .hint(text!(
            en: "choose another folder, or write over what is there with `--force`",
            pt: "escolha outra pasta, ou escreva por cima do que está lá com `--force`",
        )));
    }
    let prepared = prepare::scope(&Scope::from(scope))?;
    let export = make(&subject(&prepared, extent)?);
    for told in folder::write(&folder, record, &export.files, force)? {
        terminal.say_in_lines(&told);
    }
    for remark in &export.remarks {
        terminal.say_in_lines(remark);
    }
    let line = |path: PathBuf| format!("{}\n", shell_word(&path.to_string_lossy()));
    let written: Vec<_> = export.files.iter().map(|file| line(folder.join(&file.path))).collect();
    terminal.print(written.concat())
}

/// Whether there is nothing at a path, or a folder with nothing in it.
fn is_empty(folder: &Path) -> Result<bool> {
    match fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Err(Error::file(text!(
            en: "{folder} is no folder",
            pt: "{folder} não é uma pasta", folder = folder.display()
        ))
        .hint(text!(
            en: "the folder to write to comes first, then the inventory",
            pt: "primeiro vem a pasta em que se escreve, depois o inventário",
        ))),
        Err(error) => Err(Error::file(text!(
            en: "{folder} can't be read as a folder",
            pt: "{folder} não pode ser lida como pasta", folder = folder.display()
        ))
        .hint(text!(en: "choose another folder", pt: "escolha outra pasta"))
        .because(error)),
    }
}

/// The selected hosts, with what they should have where that is exported.
fn subject(prepared: &Prepared, extent: Extent) -> Result<Subject<'_>> {
    let Prepared { inventory, templates, .. } = prepared;
    let mut aliases = export::aliases(inventory.hosts());
    let mut hosts = Vec::new();
    for (cluster, host) in prepared.hosts() {
        let place = inventory.place(cluster, host);
        let of_role = |role| Ok((role, desired::of_role(&place, role, templates)?));
        let exported = host.roles_in_order().filter(|_| extent == Extent::Setup);
        let roles: Vec<_> =
            exported.map(of_role).collect::<Result<_, _>>().map_err(prepare::template_error)?;
        let extra: Vec<_> = host.packages.extra.iter().cloned().map(Resource::package).collect();
        let all = roles.iter().flat_map(|(_, resources)| resources).chain(&extra).cloned().collect();
        let alias = aliases.remove(&host.id).unwrap_or_default();
        hosts.push(Setup { cluster, host, alias, roles, extra, resources: desired::in_order(all) });
    }
    Ok(Subject { title: inventory.title(), language: inventory.language, hosts })
}
