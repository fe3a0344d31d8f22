//! Where labs live on disk, what is recorded of each, and who may work on one at a time.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::env;
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::Tell;
use super::program::interrupted;
use super::shape::{DriverKind, HostShape, Options, Ports};
use super::subnet::Subnet;
use crate::error::{Error, Result};
use crate::model::{Text, text};

/// Overrides where labs live.
const DIRECTORY_VARIABLE: &str = "PROVISION_LAB_DIR";
const DEFAULT_DIRECTORY: &str = "/var/lib/provision-lab";
const LOCK_PAUSE: Duration = Duration::from_millis(100);
const REMOVE_PAUSE: Duration = Duration::from_millis(50);
const REMOVE_TRIES: u32 = 40;

/// The folder of all labs and base images: `PROVISION_LAB_DIR`, or one below `/var/lib`, or below the home of who is
/// not root.
pub fn state_directory() -> PathBuf {
    let own = || {
        let strategy = etcetera::choose_base_strategy().ok()?;
        let folder = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
        (!rustix::process::geteuid().is_root()).then(|| folder.join("provision-lab"))
    };
    env::var_os(DIRECTORY_VARIABLE)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
        .or_else(own)
        .unwrap_or_else(|| PathBuf::from(DEFAULT_DIRECTORY))
}

/// What is recorded of a lab, before anything of it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    pub options: Options,
    pub subnet: Subnet,
    /// Its hosts, in the order of the inventory.
    pub hosts: Vec<HostShape>,
    #[serde(default)]
    pub driver: DriverKind,
    /// By hostname, the ports of this machine that lead to hosts whose own addresses can't be reached.
    #[serde(default)]
    pub ports: BTreeMap<String, Ports>,
    /// The base image of each release, which its hosts stand on as long as they live.
    #[serde(default)]
    pub images: BTreeMap<String, PathBuf>,
    /// Whether `up` came to its end.
    pub complete: bool,
    /// SHA-256 of the inventory as it was written, so that an edited one is kept.
    pub inventory_digest: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// The folder of a lab, which need not exist.
    pub fn new(state: &Path, lab: &str) -> Self {
        Self { path: labs(state).join(lab) }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Name of the lab.
    pub fn lab(&self) -> Cow<'_, str> {
        self.path.file_name().unwrap_or_default().to_string_lossy()
    }

    /// The private key that logs in to the hosts.
    pub fn identity(&self) -> PathBuf {
        self.path.join("id_ed25519")
    }

    /// The password of sudo, where it asks for one.
    pub fn sudo_password(&self) -> PathBuf {
        self.path.join("sudo-password")
    }

    /// The inventory, unless another place was asked for.
    pub fn inventory(&self) -> PathBuf {
        self.path.join("inventory.yaml")
    }

    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "for systemd-nspawn alone"))]
    pub fn host(&self, hostname: &str) -> PathBuf {
        self.path.join("hosts").join(hostname)
    }

    fn record(&self) -> PathBuf {
        self.path.join("lab.json")
    }

    pub fn read(&self) -> Result<Option<Record>> {
        let path = self.record();
        let Some(text) = existing(fs::read(&path), "read", &path)? else { return Ok(None) };
        serde_json::from_slice(&text).map(Some).map_err(|error| {
            Error::file(text!(
                en: "{path} is damaged, or was written by another version",
                pt: "{path} está danificado, ou foi escrito por outra versão", path = path.display()
            ))
            .because(error)
            .hint(text!(
                en: "take the lab down with the version that made it, or remove its folder by hand",
                pt: "desmonte o lab com a versão que o criou, ou remova a pasta dele à mão",
            ))
        })
    }

    pub fn write(&self, record: &Record) -> Result<()> {
        let text = serde_json::to_vec_pretty(record).map_err(|error| {
            Error::file(text!(en: "the lab can't be recorded", pt: "não foi possível registrar o lab"))
                .because(error)
        })?;
        write_file(&self.record(), &text, 0o644)
    }
}

pub(super) fn labs(state: &Path) -> PathBuf {
    state.join("labs")
}

/// Names of the labs that have a folder, sorted.
pub(super) fn names(state: &Path) -> Result<Vec<String>> {
    let path = labs(state);
    let entries = existing(fs::read_dir(&path), "read", &path)?.into_iter().flatten();
    let mut names: Vec<String> =
        entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    Ok(names)
}

/// A folder that nobody else works on until this is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

/// Waits for a folder. `None`: it does not exist, or went away meanwhile.
pub(super) async fn lock(
    folder: &Path,
    what: &Text,
    cancel: &CancellationToken,
    tell: Tell<'_>,
) -> Result<Option<Lock>> {
    let mut told = false;
    loop {
        let Some(file) = existing(File::open(folder), "open", folder)? else { return Ok(None) };
        match file.try_lock() {
            Ok(()) => {
                // Whoever held it may have removed the folder, or another one stands there now.
                let same = |a: &fs::Metadata, b: &fs::Metadata| a.ino() == b.ino() && a.dev() == b.dev();
                match (file.metadata(), fs::metadata(folder)) {
                    (Ok(held), Ok(there)) if same(&held, &there) => return Ok(Some(Lock { _file: file })),
                    _ => continue,
                }
            }
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(cannot("lock", folder, error)),
        }
        if !told {
            tell(text!(en: "waiting for {what}", pt: "esperando {what}", what));
            told = true;
        }
        tokio::select! {
            () = tokio::time::sleep(LOCK_PAUSE) => {}
            () = cancel.cancelled() => return Err(interrupted()),
        }
    }
}

/// Makes a folder and those above it.
pub(super) fn make_folder(path: &Path, mode: u32) -> Result<()> {
    fs::create_dir_all(path)
        .and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(mode)))
        .map_err(|error| cannot("make", path, error))
}

/// Writes a file whole: a temporary one beside it takes its place.
pub(super) fn write_file(path: &Path, content: &[u8], mode: u32) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let write = || -> io::Result<()> {
        let file = tempfile::NamedTempFile::new_in(folder)?;
        fs::write(file.path(), content)?;
        file.as_file().set_permissions(fs::Permissions::from_mode(mode))?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|error| cannot("write", path, error))
}

/// Removes a folder with all that is in it. Processes that were just killed may still be leaving it.
pub(super) async fn remove_tree(path: &Path) -> Result<()> {
    let mut tries = 0;
    loop {
        match fs::remove_dir_all(path) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound && !path.exists() => return Ok(()),
            Err(error) if tries >= REMOVE_TRIES => {
                return Err(cannot("remove", path, error).hint(
                    text!(en: "remove it by hand, then try again", pt: "remova à mão, e tente de novo"),
                ));
            }
            Err(_) => tries += 1,
        }
        tokio::time::sleep(REMOVE_PAUSE).await;
    }
}

/// `None` where the file or folder is not there.
pub(super) fn existing<T>(result: io::Result<T>, verb: &str, path: &Path) -> Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some).map_err(|error| cannot(verb, path, error)),
    }
}

fn in_portuguese(verb: &str) -> &str {
    match verb {
        "give away" => "entregar",
        "lock" => "travar",
        "make" => "criar",
        "open" => "abrir",
        "read" => "ler",
        "remove" => "remover",
        "write" => "escrever",
        other => other,
    }
}

pub(super) fn cannot(verb: &str, path: &Path, error: io::Error) -> Error {
    let (path, verbo) = (path.display(), in_portuguese(verb));
    let message = text!(en: "can't {verb} {path}", pt: "não foi possível {verbo} {path}");
    let mut failure = Error::file(message);
    if error.kind() == io::ErrorKind::PermissionDenied {
        failure = failure.hint(text!(
            en: "run it as who the folder belongs to, or choose one of your own with {DIRECTORY_VARIABLE}",
            pt: "execute como o dono da pasta, ou escolha uma sua com {DIRECTORY_VARIABLE}",
        ));
    }
    if error.kind() == io::ErrorKind::StorageFull {
        failure = failure.hint(text!(
            en: "free some space, or choose another folder with {DIRECTORY_VARIABLE}",
            pt: "libere espaço, ou escolha outra pasta com {DIRECTORY_VARIABLE}",
        ));
    }
    failure.because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        let options = Options::default();
        let subnet = Subnet::new(10, 213);
        Record {
            hosts: options.hosts(subnet),
            options,
            subnet,
            driver: DriverKind::Podman,
            ports: BTreeMap::from([("lb".to_owned(), Ports { ssh: 22000, web: 23000, statistics: 24000 })]),
            images: BTreeMap::new(),
            complete: false,
            inventory_digest: None,
        }
    }

    #[test]
    fn record_survives_the_disk() {
        let state = tempfile::tempdir().unwrap();
        let folder = Folder::new(state.path(), "lab");
        assert_eq!(folder.read().unwrap(), None);
        make_folder(folder.path(), 0o755).unwrap();
        folder.write(&record()).unwrap();
        assert_eq!(folder.read().unwrap(), Some(record()));
        assert_eq!(names(state.path()).unwrap(), ["lab"]);
    }

    #[test]
    fn damaged_record_says_so() {
        let state = tempfile::tempdir().unwrap();
        let folder = Folder::new(state.path(), "lab");
        make_folder(folder.path(), 0o755).unwrap();
        fs::write(folder.record(), "{").unwrap();
        assert!(folder.read().unwrap_err().message.english().contains("lab.json is damaged"));
    }

    #[tokio::test]
    async fn second_lock_waits_for_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let cancel = CancellationToken::new();
        let first = lock(folder.path(), &Text::verbatim("it"), &cancel, &mut |_| {}).await.unwrap();
        assert!(first.is_some());
        let mut events = Vec::new();
        let stop = cancel.clone();
        let mut tell = |event| {
            events.push(event);
            stop.cancel();
        };
        assert!(lock(folder.path(), &Text::verbatim("it"), &cancel, &mut tell).await.is_err());
        assert_eq!(events.iter().map(Text::english).collect::<Vec<_>>(), ["waiting for it"]);
        drop(first);
        assert!(
            lock(folder.path(), &Text::verbatim("it"), &CancellationToken::new(), &mut |_| {})
                .await
                .unwrap()
                .is_some()
        );
        assert!(
            lock(&folder.path().join("none"), &Text::verbatim("it"), &cancel, &mut |_| {})
                .await
                .unwrap()
                .is_none()
        );
    }
}
