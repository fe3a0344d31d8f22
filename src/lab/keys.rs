//! SSH keys of a lab: the one that logs in, and those by which the hosts are known.
//!
//! A host's key follows from its address and a secret of this machine, so that a lab which is taken down and made
//! again is not taken for an attacker by whoever remembers the old one.

use std::fs;
use std::path::Path;

use russh::keys::ssh_key::private::{Ed25519Keypair, KeypairData};
use russh::keys::ssh_key::{LineEnding, PrivateKey};
use sha2::{Digest, Sha256};

use super::record::{existing, write_file};
use crate::error::{Error, Result};
use crate::model::text;

const SECRET_LENGTH: usize = 32;

/// A key pair, in the form of OpenSSH's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeyPair {
    pub private: String,
    pub public: String,
}

/// The secret that host keys follow from, made when there is none yet.
pub(super) fn secret(state: &Path) -> Result<Vec<u8>> {
    let path = state.join("host-keys.secret");
    let known = existing(fs::read(&path), "read", &path)?;
    if let Some(secret) = known.filter(|secret| secret.len() == SECRET_LENGTH) {
        return Ok(secret);
    }
    let secret: [u8; SECRET_LENGTH] = rand::random();
    write_file(&path, &secret, 0o600)?;
    Ok(secret.to_vec())
}

pub(super) fn host_key(secret: &[u8], address: &str) -> Result<KeyPair> {
    let seed = Sha256::new().chain_update(b"provision lab host key\0").chain_update(secret);
    pair(seed.chain_update(address.as_bytes()).finalize().into(), "root@lab")
}

/// A fresh key for logging in.
pub(super) fn login_key(lab: &str) -> Result<KeyPair> {
    pair(rand::random(), &format!("provision-lab-{lab}"))
}

fn pair(seed: [u8; 32], comment: &str) -> Result<KeyPair> {
    let encode = || -> Result<KeyPair, russh::keys::ssh_key::Error> {
        let key = PrivateKey::new(KeypairData::Ed25519(Ed25519Keypair::from_seed(&seed)), comment)?;
        let public = format!("{}\n", key.public_key().to_openssh()?);
        Ok(KeyPair { private: key.to_openssh(LineEnding::LF)?.to_string(), public })
    };
    encode().map_err(|error| {
        Error::internal(text!(en: "an SSH key can't be made", pt: "não foi possível criar uma chave SSH"))
            .because(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_keys_are_stable_and_differ() {
        let first = host_key(b"secret", "10.213.1.10").unwrap();
        let again = host_key(b"secret", "10.213.1.10").unwrap();
        assert_eq!(first.public, again.public);
        assert_ne!(first.public, host_key(b"secret", "10.213.1.11").unwrap().public);
        assert_ne!(first.public, host_key(b"other", "10.213.1.10").unwrap().public);
        assert!(first.private.starts_with("-----BEGIN OPENSSH PRIVATE KEY-----\n"));
        assert!(first.public.starts_with("ssh-ed25519 "));
    }

    #[test]
    fn secret_is_made_once() {
        let state = tempfile::tempdir().unwrap();
        assert_eq!(secret(state.path()).unwrap(), secret(state.path()).unwrap());
    }
}
