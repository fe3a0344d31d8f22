//! `import`: an inventory from what people have.

use std::path::{Path, PathBuf};

use crate::cli::{ImportArguments, ImportCommand};
use crate::draft::{self, Draft};
use crate::error::{Error, ExitCode, Result};
use crate::import::{self, Choices, Imported, InventoryFiles, Remark, RoleWords, Tags, VariablesFolders};
use crate::inventory::{self, User};
use crate::model::{Language, Text, shell_word, text};

use super::terminal::Terminal;
use super::{new_file, program};

/// Remarks beyond these are counted.
const MOST_REMARKS: usize = 200;

pub fn run(command: ImportCommand, terminal: &Terminal) -> Result<ExitCode> {
    let (common, mut imported) = match command {
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
    let language = terminal.console.language;
    if language != Language::default() {
        imported.draft.language = Some(language);
    }
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
        return Err(Error::usage(text!(
            en: "the inventory would be larger than 1 MiB, which no command reads",
            pt: "o inventário passaria de 1 MiB, que nenhum comando lê",
        ))
        .hint(text!(
            en: "import a part of it, or leave variables out that the pages don't need",
            pt: "importe uma parte, ou deixe de fora variáveis de que as páginas não precisam",
        )));
    }
    let to = written_to(common.to.as_ref());
    match to {
        Some(to) => new_file::write(to, &text, common.force)?,
        None => {
            terminal.print(&text)?;
        }
    }
    for Remark { place, said, .. } in remarks.iter().take(MOST_REMARKS) {
        terminal.say_in_lines(&text!(en: "{place}: {said}", pt: "{place}: {said}", place, said));
    }
    match remarks.len().saturating_sub(MOST_REMARKS) {
        0 => {}
        1 => terminal.say(&text!(en: "and 1 more remark like these", pt: "e mais 1 observação como estas")),
        more => terminal.say(
            &text!(en: "and {more} more remarks like these", pt: "e mais {more} observações como estas"),
        ),
    }
    terminal.say_in_lines(&summary(draft, remarks));
    let program = program::name();
    let path = to.map_or_else(|| "inventory.yaml".into(), Path::to_string_lossy);
    // A name that looks like an option is none with its folder.
    let path = if path.starts_with('-') { format!("./{path}") } else { path.into_owned() };
    let path = shell_word(&path);
    let next = text!(
        en: "{program} validate {path}, and then {program} plan {path}",
        pt: "{program} validate {path}, e depois {program} plan {path}",
    );
    terminal.say(&match to {
        Some(_) => text!(en: "next: {next}", pt: "agora: {next}", next),
        None => text!(
            en: "next: the same with `--to inventory.yaml`, then {next}",
            pt: "agora: o mesmo com `--to inventory.yaml`, depois {next}", next
        ),
    });
    Ok(ExitCode::Success)
}

/// How much there is, and how much of it is not.
fn summary(draft: &Draft, remarks: &[Remark]) -> Text {
    let hosts = match draft.clusters.iter().map(|cluster| cluster.hosts.len()).sum::<usize>() {
        1 => text!(en: "1 host", pt: "1 máquina"),
        hosts => text!(en: "{hosts} hosts", pt: "{hosts} máquinas"),
    };
    let clusters = match draft.clusters.len() {
        1 => text!(en: "1 cluster", pt: "1 cluster"),
        clusters => text!(en: "{clusters} clusters", pt: "{clusters} clusters"),
    };
    let lost = match remarks.iter().filter(|remark| remark.is_loss).count() {
        0 => text!(en: "nothing was left out", pt: "nada ficou de fora"),
        1 => text!(en: "1 thing was left out", pt: "1 coisa ficou de fora"),
        lost => text!(en: "{lost} things were left out", pt: "{lost} coisas ficaram de fora"),
    };
    text!(en: "{hosts} in {clusters}; {lost}", pt: "{hosts} em {clusters}; {lost}", hosts, clusters, lost)
}
