//! File names of the ssh configuration: what stands for a token, a variable or a tilde in them (`TOKENS` and
//! `ENVIRONMENT VARIABLES` of `ssh_config(5)`). `ssh -G` leaves all of them as they are written.

use std::path::{Path, PathBuf};

use base16ct::lower::encode_string;
use nix::unistd::User;
use sha1::{Digest, Sha1};

/// What this machine gives: home, login name, agent.
#[derive(Debug, Clone)]
pub struct Surroundings {
    pub home: PathBuf,
    pub user: String,
    pub agent: Option<PathBuf>,
}

/// What tokens stand for on the way to one host.
#[derive(Debug, Clone, Copy)]
pub struct Tokens<'a> {
    /// The name as it is typed.
    pub address: &'a str,
    pub host: &'a str,
    pub port: u16,
    pub user: &'a str,
    pub host_key_alias: Option<&'a str>,
    /// `ProxyJump`, empty where there is none.
    pub jump: &'a str,
    pub surroundings: &'a Surroundings,
}

impl Tokens<'_> {
    /// The file that a name stands for.
    pub fn path(&self, name: &str) -> PathBuf {
        let path = self.text(unquote(name));
        self.at_home(&path).unwrap_or_else(|| PathBuf::from(path))
    }

    /// What a text stands for. What is no token stays as it is.
    pub fn text(&self, text: &str) -> String {
        let mut expanded = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['%', '$']) {
            expanded.push_str(&rest[..at]);
            rest = &rest[at..];
            let (stands_for, length) = self.token(rest);
            match stands_for {
                Some(value) => expanded.push_str(&value),
                None => expanded.push_str(&rest[..length]),
            }
            rest = &rest[length..];
        }
        expanded.push_str(rest);
        expanded
    }

    /// What the token at the start of a text stands for, and its length.
    fn token(&self, text: &str) -> (Option<String>, usize) {
        if let Some((variable, _)) = text.strip_prefix("${").and_then(|rest| rest.split_once('}')) {
            return (std::env::var(variable).ok(), variable.len() + "${}".len());
        }
        let Some(letter) = text.strip_prefix('%').and_then(|rest| rest.chars().next()) else {
            return (None, 1);
        };
        let nodename = || rustix::system::uname().nodename().to_string_lossy().into_owned();
        let value = match letter {
            'C' => {
                let way = format!("{}{}{}{}{}", nodename(), self.host, self.port, self.user, self.jump);
                encode_string(&Sha1::digest(way))
            }
            'd' => self.surroundings.home.to_string_lossy().into_owned(),
            'h' => self.host.to_owned(),
            'i' => rustix::process::getuid().as_raw().to_string(),
            'j' => self.jump.to_owned(),
            'k' => self.host_key_alias.unwrap_or(self.address).to_owned(),
            'L' => nodename().split('.').next().unwrap_or_default().to_owned(),
            'l' => nodename(),
            'n' => self.address.to_owned(),
            'p' => self.port.to_string(),
            'r' => self.user.to_owned(),
            'u' => self.surroundings.user.clone(),
            '%' => "%".to_owned(),
            _ => return (None, 1 + letter.len_utf8()),
        };
        (Some(value), 1 + letter.len_utf8())
    }

    /// `~/…` and `~NAME/…`
    fn at_home(&self, path: &str) -> Option<PathBuf> {
        let (name, below) = path.strip_prefix('~')?.split_once('/')?;
        let home =
            if name.is_empty() { self.surroundings.home.clone() } else { User::from_name(name).ok()??.dir };
        Some(home.join(below))
    }
}

/// A value without the quotes around it.
pub fn unquote(text: &str) -> &str {
    text.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(text)
}

/// The home of this process's user, as ssh takes it: from the accounts, and not from `HOME`.
pub fn home() -> PathBuf {
    let account = User::from_uid(nix::unistd::getuid()).ok().flatten().map(|user| user.dir);
    account.or_else(std::env::home_dir).unwrap_or_else(|| Path::new("/").to_owned())
}
