//! Reading what the user names, within bounds.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::encoding::decode;
use super::source::Source;
use crate::error::{Error, Result};
use crate::model::{Text, text};

/// What two thousand instances of AWS have.
const SIZE_LIMIT: u64 = 16 << 20;
/// Variables of a group or host.
const VARIABLES_LIMIT: u64 = 1 << 20;
/// More files of variables than any class has.
const FILES_LIMIT: usize = 2_000;
const DEPTH_LIMIT: usize = 5;

/// Reads a file, or standard input for `-`.
pub fn read(path: &Path) -> Result<Source> {
    let (name, bytes) = if path == Path::new("-") {
        ("stdin".to_owned(), bounded(io::stdin().lock(), SIZE_LIMIT))
    } else {
        (path.display().to_string(), File::open(path).and_then(|file| bounded(file, SIZE_LIMIT)))
    };
    let bytes = bytes.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Error::file(text!(
            en: "there is no file {name}",
            pt: "não existe o arquivo {name}",
        ))
        .hint(text!(en: "check the path", pt: "confira o caminho")),
        io::ErrorKind::IsADirectory => Error::file(text!(en: "{name} is a folder", pt: "{name} é uma pasta"))
            .hint(text!(
                en: "name the file in it that is to be imported",
                pt: "indique o arquivo dela que deve ser importado",
            )),
        io::ErrorKind::FileTooLarge => Error::file(text!(
            en: "{name} is larger than 16 MiB",
            pt: "{name} tem mais de 16 MiB",
        ))
        .hint(text!(
            en: "is this the right file? A class of 200 hosts has a thousandth of that",
            pt: "é o arquivo certo? Uma turma de 200 máquinas tem um milésimo disso",
        )),
        _ => Error::file(text!(
            en: "cannot read {name}",
            pt: "não foi possível ler {name}",
        ))
        .hint(text!(en: "check who may read it", pt: "confira quem pode lê-lo"))
        .because(error),
    })?;
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(Error::usage(text!(
            en: "{name} is a spreadsheet of its program's own format",
            pt: "{name} é uma planilha no formato do próprio programa",
        ))
        .hint(text!(en: "save it as CSV, and import that", pt: "salve como CSV e importe o CSV")));
    }
    let text = decode(&bytes);
    if text.contains('\0') {
        return Err(Error::usage(text!(en: "{name} is no text", pt: "{name} não é texto"))
            .hint(text!(en: "is this the right file?", pt: "é o arquivo certo?")));
    }
    Ok(Source { name, text })
}

fn bounded(from: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}

/// What was not read, and why.
type Skipped = Vec<(String, Text)>;

/// What an inventory of Ansible is read from.
#[derive(Debug)]
pub struct InventoryFiles {
    /// As the user named it.
    pub name: String,
    pub files: Vec<Source>,
    pub skipped: Skipped,
}

impl From<Source> for InventoryFiles {
    fn from(source: Source) -> Self {
        Self { name: source.name.clone(), files: vec![source], skipped: Skipped::new() }
    }
}

/// Files in the folder of an inventory that Ansible passes by.
const PASSED_BY: [&str; 11] = ["pyc", "pyo", "swp", "bak", "rpm", "md", "txt", "rst", "orig", "cfg", "retry"];
/// The same of folders.
const NO_INVENTORY: [&str; 3] = ["group_vars", "host_vars", "vars_plugins"];

impl InventoryFiles {
    /// Reads a file, standard input for `-`, or what lies in a folder.
    pub fn of(path: &Path) -> Result<Self> {
        if !path.is_dir() {
            return read(path).map(Self::from);
        }
        let mut found = Self { name: path.display().to_string(), files: Vec::new(), skipped: Skipped::new() };
        found.add_folder(path, 0)?;
        if found.files.is_empty() {
            return Err(Error::file(text!(
                en: "{name} has no file of an inventory",
                pt: "{name} não tem nenhum arquivo de inventário", name = found.name
            ))
            .hint(text!(
                en: "name the folder or file that `ansible.cfg` or `ansible-playbook -i` names",
                pt: "indique a pasta ou o arquivo que `ansible.cfg` ou `ansible-playbook -i` indica",
            )));
        }
        Ok(found)
    }

    /// In the order of their names, folders in their place, as Ansible goes.
    fn add_folder(&mut self, folder: &Path, depth: usize) -> Result<()> {
        for path in entries(folder, &mut self.skipped) {
            if path.is_dir() {
                let is_inventory =
                    path.file_name().is_none_or(|name| NO_INVENTORY.iter().all(|no| name != *no));
                if is_inventory && depth < DEPTH_LIMIT {
                    self.add_folder(&path, depth + 1)?;
                }
            } else if path.extension().is_none_or(|ending| PASSED_BY.iter().all(|no| ending != *no)) {
                self.files.push(read(&path)?);
            }
        }
        Ok(())
    }
}

/// Whose variables a file has, and what it says.
#[derive(Debug)]
pub struct VariablesFile {
    pub owner: String,
    pub source: Source,
}

/// What lies in `group_vars` and `host_vars` beside an inventory of Ansible.
#[derive(Debug, Default)]
pub struct VariablesFolders {
    pub groups: Vec<VariablesFile>,
    pub hosts: Vec<VariablesFile>,
    pub skipped: Skipped,
}

impl VariablesFolders {
    /// Reads both folders, beside a file or in the folder of an inventory; what is no plain file in them is left where
    /// it is.
    pub fn of(inventory: &Path) -> Self {
        let mut folders = Self::default();
        if inventory == Path::new("-") {
            return folders;
        }
        let beside = inventory.parent().unwrap_or(Path::new(""));
        let base = if inventory.is_dir() { inventory } else { beside };
        folders.groups = folders.owners(&base.join("group_vars"));
        folders.hosts = folders.owners(&base.join("host_vars"));
        folders
    }

    /// The files of each owner in a folder. As for Ansible, `NAME` hides `NAME.yml`, and that `NAME.yaml`.
    fn owners(&mut self, folder: &Path) -> Vec<VariablesFile> {
        let mut found: Vec<VariablesFile> = Vec::new();
        let mut chosen: Vec<(String, PathBuf)> = Vec::new();
        let mut entries = entries(folder, &mut self.skipped);
        entries.sort_by_key(|path| ending_rank(path));
        for path in entries {
            let owner = owner(&path);
            if let Some((_, first)) = chosen.iter().find(|(known, _)| *known == owner) {
                let first = first.display();
                let why = text!(
                    en: "not read: Ansible reads {first} instead",
                    pt: "não lido: o Ansible lê {first} no lugar"
                );
                self.skip(&path, why);
                continue;
            }
            chosen.push((owner.clone(), path.clone()));
            let mut files = Vec::new();
            self.files(&path, 0, &mut files);
            for path in files {
                if let Some(source) = self.read(&path) {
                    found.push(VariablesFile { owner: owner.clone(), source });
                }
            }
        }
        found
    }

    /// A file, or the files of a folder, in the order in which Ansible reads them.
    fn files(&mut self, path: &Path, depth: usize, found: &mut Vec<PathBuf>) {
        if !path.is_dir() {
            found.push(path.to_owned());
        } else if depth < DEPTH_LIMIT {
            for entry in entries(path, &mut self.skipped) {
                if entry.is_dir() || has_known_ending(&entry) {
                    self.files(&entry, depth + 1, found);
                }
            }
        }
    }

    fn read(&mut self, path: &Path) -> Option<Source> {
        let bytes = File::open(path).and_then(|file| bounded(file, VARIABLES_LIMIT));
        match bytes {
            Ok(bytes) => Some(Source { name: path.display().to_string(), text: decode(&bytes) }),
            Err(error) => {
                let error = error.to_string();
                let why = text!(en: "not read: {error}", pt: "não lido: {error}");
                self.skip(path, why);
                None
            }
        }
    }

    fn skip(&mut self, path: &Path, why: Text) {
        self.skipped.push((path.display().to_string(), why));
    }
}

/// What lies in a folder, sorted; hidden files and copies that editors keep are nobody's.
fn entries(folder: &Path, skipped: &mut Skipped) -> Vec<PathBuf> {
    let mut skip = |path: &Path| skipped.push((path.display().to_string(), link()));
    if folder.is_symlink() {
        skip(folder);
        return Vec::new();
    }
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths = Vec::new();
    for entry in entries.filter_map(Result::ok).take(FILES_LIMIT) {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        let Ok(kind) = entry.file_type() else { continue };
        if name.starts_with('.') || name.ends_with('~') {
            continue;
        }
        if kind.is_symlink() {
            skip(&path);
        } else if kind.is_file() || kind.is_dir() {
            paths.push(path);
        }
    }
    paths.sort();
    paths
}

fn link() -> Text {
    text!(
        en: "not read: it is a link, and import follows none",
        pt: "não lido: é um link, e a importação não segue nenhum"
    )
}

/// The group or host that a file or folder of variables is for. Names of hosts have dots.
fn owner(path: &Path) -> String {
    let has_ending = !path.is_dir() && path.extension().is_some() && has_known_ending(path);
    let name = if has_ending { path.file_stem() } else { path.file_name() };
    name.unwrap_or_default().to_string_lossy().into_owned()
}

fn has_known_ending(path: &Path) -> bool {
    path.extension().is_none_or(|ending| ["yml", "yaml", "json"].iter().any(|known| ending == *known))
}

/// The order in which Ansible looks for an owner's variables.
fn ending_rank(path: &Path) -> (usize, PathBuf) {
    let ending = path.extension().map(|ending| ending.to_string_lossy().into_owned());
    let rank = match ending.as_deref() {
        Some("yml") => 1,
        Some("yaml") => 2,
        Some("json") => 3,
        _ => 0,
    };
    (rank, path.to_owned())
}
