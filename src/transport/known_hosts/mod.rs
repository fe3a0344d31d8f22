//! Which host key is believed. Reads `known_hosts` files as OpenSSH does (hashed names, wildcards, negation,
//! `[host]:port`, `@revoked`, `@cert-authority`) and judges on its own: a host that is known under another kind
//! of key counts as changed. New keys are kept in the tool's own file; the user's files are only read.

mod book;
mod pattern;

use std::fs::OpenOptions;
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use russh::keys::ssh_key::known_hosts::Marker;
use russh::keys::{Algorithm, HashAlg, PublicKey};

use self::book::{Book, Books};
use super::failure::failure;
use crate::model::{Failure, FailureKind, Text, text};

/// The name under which a host's key is kept: `host`, or `[host]:port` where the port is not 22.
pub fn known_name(host: &str, port: u16) -> String {
    let host = host.to_ascii_lowercase();
    if port == 22 { host } else { format!("[{host}]:{port}") }
}

#[derive(Debug, Clone)]
pub struct KnownKey {
    pub file: PathBuf,
    pub key: PublicKey,
}

/// What becomes of a host key that is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewKeys {
    Kept,
    /// It is believed and not kept: the user's ssh configuration has no list (`UserKnownHostsFile none`, `/dev/null`).
    Forgotten,
    /// The inventory says `host_keys: strict`.
    RefusedByInventory,
    /// The user's ssh configuration says `StrictHostKeyChecking yes`.
    RefusedByConfiguration,
}

#[derive(Debug, Clone, Default)]
pub struct Known {
    name: String,
    keys: Vec<KnownKey>,
    revoked: Vec<PublicKey>,
    /// Whether a certificate authority vouches for the host.
    pub authorities: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Known,
    Unknown,
    Changed,
    Revoked,
}

impl Known {
    /// Nothing is known yet of a name.
    fn nothing(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// What a file says.
    fn add(&mut self, file: &Path, book: &mut Book) {
        for line in book.covering(&self.name) {
            let Some(key) = line.key() else { continue };
            match line.marker {
                Some(Marker::Revoked) => self.revoked.push(key),
                Some(Marker::CertAuthority) => self.authorities = true,
                None => self.keys.push(KnownKey { file: file.to_owned(), key }),
            }
        }
    }

    /// The kinds of key that the host is known by: what to ask it for first.
    pub fn algorithms(&self) -> Vec<Algorithm> {
        let mut algorithms = Vec::new();
        for known in &self.keys {
            let algorithm = known.key.algorithm();
            if !algorithms.contains(&algorithm) {
                algorithms.push(algorithm);
            }
        }
        algorithms
    }

    /// The same as ssh names them in `HostKeyAlgorithms`; `None` where any will do.
    pub fn algorithm_names(&self) -> Option<String> {
        if self.authorities {
            return None;
        }
        let names: Vec<_> = self
            .algorithms()
            .iter()
            .map(|algorithm| match algorithm {
                Algorithm::Rsa { .. } => "rsa-sha2-512,rsa-sha2-256".to_owned(),
                other => other.to_string(),
            })
            .collect();
        (!names.is_empty()).then(|| names.join(","))
    }

    pub fn judge(&self, key: &PublicKey) -> Standing {
        let same = |other: &PublicKey| other.key_data() == key.key_data();
        if self.revoked.iter().any(same) {
            Standing::Revoked
        } else if self.keys.iter().any(|known| same(&known.key)) {
            Standing::Known
        } else if self.keys.is_empty() {
            Standing::Unknown
        } else {
            Standing::Changed
        }
    }

    /// The failure for a key that was not believed. `shown` is the fingerprint of what the host showed.
    pub fn refusal(&self, standing: Standing, shown: &Text, new_keys: NewKeys) -> Failure {
        let name = &self.name;
        let (message, hint) = match standing {
            Standing::Revoked => (
                text!(
                    en: "the host key is marked as revoked",
                    pt: "a chave da máquina está marcada como revogada",
                ),
                text!(
                    en: "`{name}` showed {shown}, which a known_hosts file revokes: do not connect before its owner \
                         gave it a new key",
                    pt: "`{name}` mostrou {shown}, que um arquivo known_hosts revoga: não conecte antes que o dono \
                         lhe dê uma chave nova",
                    shown,
                ),
            ),
            Standing::Unknown | Standing::Known if self.authorities => (
                text!(
                    en: "the host is known by a certificate authority only",
                    pt: "a máquina só é conhecida por uma autoridade certificadora",
                ),
                text!(
                    en: "a @cert-authority line covers `{name}`: `ssh.transport: openssh` checks certificates",
                    pt: "uma linha @cert-authority vale para `{name}`: `ssh.transport: openssh` confere certificados",
                ),
            ),
            Standing::Unknown | Standing::Known => (
                match new_keys {
                    NewKeys::RefusedByConfiguration => text!(
                        en: "the host key is unknown, and StrictHostKeyChecking of your ssh configuration is yes",
                        pt: "a chave da máquina é desconhecida, e StrictHostKeyChecking da sua configuração do ssh é yes",
                    ),
                    NewKeys::Kept | NewKeys::Forgotten | NewKeys::RefusedByInventory => text!(
                        en: "the host key is unknown, and `ssh.host_keys` is strict",
                        pt: "a chave da máquina é desconhecida, e `ssh.host_keys` é strict",
                    ),
                },
                text!(
                    en: "`{name}` showed {shown}: compare it on the host's console (ssh-keygen -lf \
                         /etc/ssh/ssh_host_ed25519_key.pub), then connect once with `ssh`, or set \
                         `host_keys: accept-new`",
                    pt: "`{name}` mostrou {shown}: compare no console da máquina (ssh-keygen -lf \
                         /etc/ssh/ssh_host_ed25519_key.pub) e depois conecte uma vez com `ssh`, ou use \
                         `host_keys: accept-new`",
                    shown,
                ),
            ),
            Standing::Changed => {
                (text!(en: "the host key has changed", pt: "a chave da máquina mudou"), self.change(shown))
            }
        };
        failure(FailureKind::HostKey, message, hint)
    }

    /// What was shown, what was known, and the commands that make the new key known.
    fn change(&self, shown: &Text) -> Text {
        let name = &self.name;
        let mut lines = vec![text!(en: "`{name}` showed {shown}", pt: "`{name}` mostrou {shown}", shown)];
        for known in &self.keys {
            let (key, file) = (fingerprint(&known.key), known.file.display());
            lines.push(
                text!(en: "known until now: {key} in {file}", pt: "conhecida até agora: {key} em {file}"),
            );
        }
        lines.push(text!(
            en: "if the machine was installed anew, remove the old key:",
            pt: "se a máquina foi reinstalada, remova a chave antiga:",
        ));
        let mut files: Vec<_> = self.keys.iter().map(|known| &known.file).collect();
        files.dedup();
        lines.extend(
            files
                .iter()
                .map(|file| Text::verbatim(format!("  ssh-keygen -R '{name}' -f '{}'", file.display()))),
        );
        lines.push(text!(
            en: "if it was not, somebody may stand between you and the host",
            pt: "se não foi, pode haver alguém entre você e a máquina",
        ));
        Text::join(&lines, "\n")
    }
}

fn unreadable(file: &Path, error: &std::io::Error) -> Failure {
    let file = file.display();
    failure(
        FailureKind::HostKey,
        text!(
            en: "which host keys are known can't be read",
            pt: "não foi possível ler quais chaves de máquinas são conhecidas",
        ),
        text!(
            en: "`{file}`: {error}; without it nobody can tell a known host from a stranger",
            pt: "`{file}`: {error}; sem ele não há como distinguir uma máquina conhecida de uma estranha",
        ),
    )
}

/// `ED25519 SHA256:…`
pub fn fingerprint(key: &PublicKey) -> String {
    let kind = match key.algorithm() {
        Algorithm::Ed25519 => "ED25519".to_owned(),
        Algorithm::Rsa { .. } => "RSA".to_owned(),
        Algorithm::Ecdsa { .. } => "ECDSA".to_owned(),
        other => other.to_string(),
    };
    format!("{kind} {}", key.fingerprint(HashAlg::Sha256))
}

/// The tool's own `known_hosts` file.
#[derive(Debug, Clone)]
pub struct Store {
    pub path: PathBuf,
    books: Arc<Mutex<Books>>,
}

impl Store {
    /// A store; its file and folder are made where they are missing, readable by the user alone.
    pub fn open(path: PathBuf) -> std::io::Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        OpenOptions::new().append(true).create(true).mode(0o600).open(&path)?;
        Ok(Self { path, books: Arc::default() })
    }

    /// What this store and the user's files say about a name; whose keys are not kept, those say alone.
    ///
    /// # Errors
    /// A file is there and can't be read.
    pub fn known(&self, name: &str, user_files: &[PathBuf], new_keys: NewKeys) -> Result<Known, Failure> {
        let mut books = self.books.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = Known::nothing(name);
        let own = (new_keys != NewKeys::Forgotten).then_some(&self.path);
        for file in own.into_iter().chain(user_files) {
            known.add(file, books.open(file).map_err(|error| unreadable(file, &error))?);
        }
        Ok(known)
    }

    /// Decides about a key that a host showed, and keeps it where it is new and the policy allows that.
    pub fn check(
        &self,
        name: &str,
        key: &PublicKey,
        user_files: &[PathBuf],
        new_keys: NewKeys,
    ) -> Result<(), Failure> {
        let known = self.known(name, user_files, new_keys)?;
        match known.judge(key) {
            Standing::Known => Ok(()),
            Standing::Unknown if new_keys == NewKeys::Forgotten && !known.authorities => Ok(()),
            Standing::Unknown if new_keys == NewKeys::Kept && !known.authorities => {
                self.keep(name, key).map_err(|error| {
                    failure(
                        FailureKind::HostKey,
                        text!(
                            en: "the host key could not be kept",
                            pt: "não foi possível guardar a chave da máquina",
                        ),
                        Text::verbatim(format!("{}: {error}", self.path.display())),
                    )
                })?
            }
            verdict => Err(known.refusal(verdict, &Text::verbatim(fingerprint(key)), new_keys)),
        }
    }

    /// Adds a line, under a lock: other hosts of this run, and other runs, write at the same time. Somebody else
    /// may have kept a key for the name since it was looked up, so the file is judged again.
    fn keep(&self, name: &str, key: &PublicKey) -> std::io::Result<Result<(), Failure>> {
        let mut file =
            OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(&self.path)?;
        file.lock()?;
        let mut books = self.books.lock().unwrap_or_else(PoisonError::into_inner);
        let book = match books.open(&self.path) {
            Ok(book) => book,
            Err(error) => return Ok(Err(unreadable(&self.path, &error))),
        };
        let mut known = Known::nothing(name);
        known.add(&self.path, book);
        match known.judge(key) {
            Standing::Known => return Ok(Ok(())),
            Standing::Unknown => {}
            verdict => {
                return Ok(Err(known.refusal(verdict, &Text::verbatim(fingerprint(key)), NewKeys::Kept)));
            }
        }
        let mut line = String::new();
        if file.seek(SeekFrom::End(0))? > 0 {
            file.seek(SeekFrom::End(-1))?;
            let mut last = [0];
            file.read_exact(&mut last)?;
            if last != *b"\n" {
                line.push('\n');
            }
        }
        let key = PublicKey::new(key.key_data().clone(), "").to_openssh().map_err(std::io::Error::other)?;
        line.extend([name, " ", key.trim_end(), "\n"]);
        file.write_all(line.as_bytes())?;
        book.add(&line, &file.metadata()?);
        // Nobody else waits for the disk.
        drop(books);
        file.sync_data()?;
        Ok(Ok(()))
    }
}

#[cfg(test)]
mod tests;
