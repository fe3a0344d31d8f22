//! Private key files: reading them, finding out what is wrong with one, unlocking each encrypted key once.

use std::collections::HashMap;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use russh::keys::{Algorithm, PrivateKey, PublicKey, decode_secret_key};

use super::failure::failure;
use crate::model::{Failure, FailureKind, Text, text};

/// No private key is larger.
const SIZE_LIMIT: u64 = 64 * 1024;

/// What a key file turned out to be.
#[derive(Debug, Clone)]
pub struct Identity {
    pub path: PathBuf,
    /// Its public half, where it can be told without the passphrase. An agent may hold the private one.
    pub public: Option<PublicKey>,
    /// Its private half, or why there is none to use.
    pub secret: Result<Arc<PrivateKey>, KeyProblem>,
    /// A passphrase opened it, so that the ssh program can't use the file by itself.
    pub unlocked: bool,
    /// A certificate lies beside it, which ssh shows to the host first.
    pub certified: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyProblem {
    Missing,
    Unreadable(String),
    /// Other users of this machine may read it, so ssh refuses it.
    OpenToOthers(u32),
    /// A passphrase is needed, and none was given.
    Encrypted,
    WrongPassphrase,
    PublicHalf,
    /// It is encrypted in a form that the built-in implementation does not read.
    OldEncryption,
    /// The private half is in a security key; only an agent or the ssh program can use it.
    SecurityKey,
    /// It holds no private key that is understood.
    NotAKey,
}

impl KeyProblem {
    /// The failure to show where a login depended on this file.
    pub fn failure(&self, path: &Path) -> Failure {
        let path = path.display();
        let message = match self {
            Self::Missing => text!(
                en: "the private key file does not exist",
                pt: "o arquivo da chave privada não existe",
            ),
            Self::Unreadable(_) => text!(
                en: "the private key file can't be read",
                pt: "o arquivo da chave privada não pode ser lido",
            ),
            Self::OpenToOthers(_) => text!(
                en: "the private key file is open to other users of this machine",
                pt: "o arquivo da chave privada está aberto a outros usuários deste computador",
            ),
            Self::Encrypted => text!(
                en: "the private key is encrypted, and neither a passphrase nor an agent is at hand",
                pt: "a chave privada é cifrada, e não há nem a senha dela nem um agente",
            ),
            Self::WrongPassphrase => text!(
                en: "the passphrase does not open the private key",
                pt: "a senha informada não abre a chave privada",
            ),
            Self::PublicHalf => text!(
                en: "the identity file is a public key",
                pt: "o arquivo indicado é uma chave pública",
            ),
            Self::OldEncryption => text!(
                en: "the private key is encrypted in an old form",
                pt: "a chave privada é cifrada em um formato antigo",
            ),
            Self::SecurityKey => text!(
                en: "the private key is in a security key",
                pt: "a chave privada está em uma chave de segurança física",
            ),
            Self::NotAKey => text!(
                en: "the identity file holds no private key that is understood",
                pt: "o arquivo indicado não contém uma chave privada reconhecida",
            ),
        };
        let hint = match self {
            Self::Missing => text!(
                en: "`{path}`: check `ssh.identity`",
                pt: "`{path}`: verifique `ssh.identity`",
            ),
            Self::Unreadable(error) => Text::verbatim(format!("`{path}`: {error}")),
            Self::OpenToOthers(mode) => text!(
                en: "`{path}` has mode {mode:04o}: run `chmod 600 '{path}'`",
                pt: "`{path}` tem modo {mode:04o}: rode `chmod 600 '{path}'`",
            ),
            Self::Encrypted => text!(
                en: "run `ssh-add '{path}'` first, or run in a terminal without `--no-input` to be asked",
                pt: "rode antes `ssh-add '{path}'`, ou rode em um terminal sem `--no-input` para que a senha seja pedida",
            ),
            Self::WrongPassphrase => text!(
                en: "`{path}`: run the command again, or `ssh-add '{path}'` first",
                pt: "`{path}`: rode o comando de novo, ou antes `ssh-add '{path}'`",
            ),
            Self::PublicHalf => text!(
                en: "`{path}`: name the private half, usually the same path without `.pub`, or load that with `ssh-add`",
                pt: "`{path}`: indique a metade privada, em geral o mesmo caminho sem `.pub`, ou carregue-a com `ssh-add`",
            ),
            Self::OldEncryption => text!(
                en: "rewrite it with `ssh-keygen -p -f '{path}'`, or run `ssh-add '{path}'` first",
                pt: "regrave-a com `ssh-keygen -p -f '{path}'`, ou rode antes `ssh-add '{path}'`",
            ),
            Self::SecurityKey => text!(
                en: "run `ssh-add '{path}'` first, or set `ssh.transport: openssh`",
                pt: "rode antes `ssh-add '{path}'`, ou use `ssh.transport: openssh`",
            ),
            Self::NotAKey => text!(
                en: "`{path}`: `ssh-keygen -y -f '{path}'` tells whether ssh can read it",
                pt: "`{path}`: `ssh-keygen -y -f '{path}'` diz se o ssh consegue lê-la",
            ),
        };
        failure(FailureKind::Login, message, hint)
    }
}

/// The key files of a run, each read and unlocked once.
#[derive(Debug, Default)]
pub struct KeyRing {
    identities: Mutex<HashMap<PathBuf, Identity>>,
}

impl KeyRing {
    /// What a key file is. Reads it unless that was done before; derives keys, so it belongs off the executor.
    pub fn identity(&self, path: &Path) -> Identity {
        let mut identities = self.identities.lock().unwrap_or_else(PoisonError::into_inner);
        identities.entry(path.to_owned()).or_insert_with(|| inspect(path)).clone()
    }

    /// What key files are that were all read before.
    pub fn known(&self, paths: &[PathBuf]) -> Option<Vec<Identity>> {
        let identities = self.identities.lock().unwrap_or_else(PoisonError::into_inner);
        paths.iter().map(|path| identities.get(path).cloned()).collect()
    }

    /// Tries a passphrase on an encrypted key file and remembers the outcome.
    pub fn unlock(&self, path: &Path, passphrase: &str) {
        let mut identity = self.identity(path);
        if identity.secret.as_ref().err() != Some(&KeyProblem::Encrypted) {
            return;
        }
        identity.secret = match read(path) {
            Err(problem) => Err(problem),
            Ok((text, _)) => match decode_secret_key(&text, Some(passphrase)) {
                Ok(key) => {
                    identity.public = Some(key.public_key().clone());
                    identity.unlocked = true;
                    Ok(Arc::new(key))
                }
                Err(_) if is_old_encryption(&text) => Err(KeyProblem::OldEncryption),
                Err(_) => Err(KeyProblem::WrongPassphrase),
            },
        };
        self.identities.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), identity);
    }
}

fn inspect(path: &Path) -> Identity {
    let mut identity = Identity {
        path: path.to_owned(),
        public: None,
        secret: Err(KeyProblem::Missing),
        unlocked: false,
        certified: beside(path, "-cert.pub").exists(),
    };
    let (text, exposed) = match read(path) {
        Ok(found) => found,
        Err(problem) => {
            identity.secret = Err(problem);
            return identity;
        }
    };
    // Naming the public half is a way to choose a key of the agent.
    if let Ok(public) = text.parse::<PublicKey>() {
        identity.public = Some(public);
        identity.secret = Err(KeyProblem::PublicHalf);
        return identity;
    }
    let private = text.contains("BEGIN OPENSSH PRIVATE KEY").then(|| PrivateKey::from_openssh(&text));
    identity.public = match &private {
        Some(Ok(key)) => Some(key.public_key().clone()),
        _ => public_half_beside(path),
    };
    identity.secret = match (exposed, private) {
        (Some(problem), _) => Err(problem),
        (None, Some(Ok(key))) => match key.algorithm() {
            Algorithm::SkEd25519 | Algorithm::SkEcdsaSha2NistP256 => Err(KeyProblem::SecurityKey),
            _ if key.is_encrypted() => Err(KeyProblem::Encrypted),
            _ => Ok(Arc::new(key)),
        },
        (None, Some(Err(_))) => Err(KeyProblem::NotAKey),
        (None, None) if text.contains("ENCRYPTED") || is_encrypted_ppk(&text) => Err(KeyProblem::Encrypted),
        (None, None) => decode_secret_key(&text, None).map(Arc::new).map_err(|_| KeyProblem::NotAKey),
    };
    if let Ok(key) = &identity.secret {
        identity.public = Some(key.public_key().clone());
    }
    identity
}

/// The text of a key file, and whether it is open to others.
fn read(path: &Path) -> Result<(String, Option<KeyProblem>), KeyProblem> {
    let file = std::fs::File::open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => KeyProblem::Missing,
        _ => KeyProblem::Unreadable(error.to_string()),
    })?;
    let metadata = file.metadata().map_err(|error| KeyProblem::Unreadable(error.to_string()))?;
    if !metadata.is_file() || metadata.len() > SIZE_LIMIT {
        return Err(KeyProblem::NotAKey);
    }
    // The same rule as ssh's: it concerns files of one's own only.
    let mode = metadata.mode() & 0o7777;
    let open = metadata.uid() == rustix::process::getuid().as_raw() && mode & 0o077 != 0;
    let exposed = open.then_some(KeyProblem::OpenToOthers(mode));
    let mut text = String::new();
    match file.take(SIZE_LIMIT).read_to_string(&mut text) {
        Ok(_) => Ok((text, exposed)),
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => Err(KeyProblem::NotAKey),
        Err(error) => Err(KeyProblem::Unreadable(error.to_string())),
    }
}

fn public_half_beside(path: &Path) -> Option<PublicKey> {
    std::fs::read_to_string(beside(path, ".pub")).ok()?.parse().ok()
}

/// The file whose name goes on after that of a key.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(ending);
    beside.into()
}

fn is_encrypted_ppk(text: &str) -> bool {
    text.starts_with("PuTTY-User-Key-File-") && !text.contains("\nEncryption: none")
}

fn is_old_encryption(text: &str) -> bool {
    text.contains("DEK-Info") && (text.contains("BEGIN EC ") || !text.contains("DEK-Info: AES-128-CBC"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    use super::*;

    fn generate(folder: &Path, name: &str, arguments: &[&str]) -> PathBuf {
        let path = folder.join(name);
        let status = Command::new("ssh-keygen").args(["-q", "-f"]).arg(&path).args(arguments).status();
        assert!(status.expect("install openssh-client").success());
        path
    }

    fn problem(path: &Path) -> Option<KeyProblem> {
        KeyRing::default().identity(path).secret.err()
    }

    #[test]
    fn key_files_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let plain = generate(folder, "plain", &["-t", "ed25519", "-N", ""]);
        assert_eq!(problem(&plain), None);
        for (name, arguments) in [
            ("rsa-pem", &["-t", "rsa", "-b", "2048", "-m", "PEM", "-N", ""][..]),
            ("rsa-pkcs8", &["-t", "rsa", "-b", "2048", "-m", "PKCS8", "-N", ""]),
            ("ecdsa", &["-t", "ecdsa", "-N", ""]),
        ] {
            assert_eq!(problem(&generate(folder, name, arguments)), None, "{name}");
        }
        assert_eq!(problem(&folder.join("nothing")), Some(KeyProblem::Missing));
        assert_eq!(problem(folder), Some(KeyProblem::NotAKey));
        let rubbish = folder.join("rubbish");
        std::fs::write(&rubbish, "rubbish").unwrap();
        std::fs::set_permissions(&rubbish, PermissionsExt::from_mode(0o600)).unwrap();
        assert_eq!(problem(&rubbish), Some(KeyProblem::NotAKey));
        assert_eq!(problem(&folder.join("plain.pub")), Some(KeyProblem::PublicHalf));
        std::fs::set_permissions(&plain, PermissionsExt::from_mode(0o644)).unwrap();
        assert_eq!(problem(&plain), Some(KeyProblem::OpenToOthers(0o644)));
    }

    #[test]
    fn encrypted_keys_open_with_their_passphrase_only() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        for (name, arguments) in [
            ("openssh", &["-t", "ed25519", "-N", "open sesame"][..]),
            ("rsa-pem", &["-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "open sesame"]),
            ("rsa-pkcs8", &["-t", "rsa", "-b", "2048", "-m", "PKCS8", "-N", "open sesame"]),
        ] {
            let path = generate(folder, name, arguments);
            assert_eq!(problem(&path), Some(KeyProblem::Encrypted), "{name}");
            assert!(KeyRing::default().identity(&path).public.is_some(), "{name}");
            for (passphrase, expected) in
                [("open sesame", None), ("wrong", Some(KeyProblem::WrongPassphrase))]
            {
                let ring = KeyRing::default();
                ring.unlock(&path, passphrase);
                assert_eq!(ring.identity(&path).secret.err(), expected, "{name} with {passphrase}");
            }
        }
        let old = generate(folder, "ecdsa-pem", &["-t", "ecdsa", "-m", "PEM", "-N", "open sesame"]);
        let ring = KeyRing::default();
        ring.unlock(&old, "open sesame");
        assert_eq!(ring.identity(&old).secret.err(), Some(KeyProblem::OldEncryption));
    }
}
