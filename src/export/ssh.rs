//! A configuration of ssh, by which its users reach the hosts by their names.

use std::collections::BTreeMap;
use std::path::Path;

use super::remarks::Remarks;
use super::{Export, ExportedFile, Setup, Subject};
use crate::model::connection::DEFAULT_CONNECT_TIMEOUT;
use crate::model::{Connection, HostKeyPolicy, Jump, Text, sha256, text};

const FILE: &str = "config";

/// `config`: a block for each host, with what the inventory says and nothing else.
pub fn ssh_config(subject: &Subject<'_>) -> Export {
    let mut remarks = Remarks::default();
    remarks.add_renamed(subject);
    let title = &subject.title;
    let head = text!(
        en: "# The hosts of {title}, written by `provision export ssh-config`. Use it by a line at the top of\n\
             # ~/.ssh/config, `Include` with the whole path of this file, or by `ssh -F` with this file alone.\n",
        pt: "# As máquinas de {title}, escritas por `provision export ssh-config`. Use com uma linha no início de\n\
             # ~/.ssh/config, `Include` com o caminho completo deste arquivo, ou com `ssh -F` e só este arquivo.\n",
    );
    let mut config = head.words(subject.language).to_owned();
    let mut bastions = BTreeMap::new();
    for Setup { host, alias, .. } in &subject.hosts {
        let id = host.id.as_str();
        let names = if id == alias { alias.clone() } else { format!("{alias} {id}") };
        let mut block = options(&host.connection);
        match Through::of(&host.connection) {
            Some(Through::Jump(jump)) => block.push(("ProxyJump", jump)),
            Some(Through::Bastion(bastion)) => {
                let bastion = options(&bastion);
                let name = bastion_name(&bastion);
                block.push(("ProxyJump", name.clone()));
                bastions.insert(name, bastion);
            }
            None => {}
        }
        config += &written(&names, &block);
        for remark in left_out(&host.connection) {
            remarks.add(&host.id, remark);
        }
    }
    for (name, block) in &bastions {
        config += &written(name, block);
    }
    Export { files: vec![ExportedFile::new(FILE, config)], remarks: remarks.finish() }
}

/// A name for a bastion that nothing else has, in whatever configurations are read beside this one.
fn bastion_name(options: &[(&str, String)]) -> String {
    let digest = sha256(written("", options).as_bytes());
    format!("bastion-{}", &digest[..8])
}

fn written(names: &str, options: &[(&str, String)]) -> String {
    let lines: Vec<_> = options.iter().map(|(key, value)| format!("    {key} {value}\n")).collect();
    format!("\nHost {names}\n{}", lines.concat())
}

/// The way to a host through a bastion.
#[derive(Debug)]
pub enum Through {
    /// As `ProxyJump` takes it.
    Jump(String),
    /// One of which more is to be said: ssh gives it nothing that it is told of the host behind it.
    Bastion(Box<Connection>),
}

impl Through {
    /// `None` where there is no bastion, or ssh has no words for its login.
    pub fn of(connection: &Connection) -> Option<Self> {
        let Jump { user, host, port } = connection.jump.clone()?;
        if user.as_deref().is_some_and(|user| login(user).is_none()) {
            return None;
        }
        let jump = jump(user.as_deref(), &host, port);
        // As for `apply`, what holds for the host holds for its bastion, but not its login and port.
        let bastion = Connection { address: host, user, port, jump: None, ..connection.clone() };
        let is_word = options(&bastion).iter().all(|(key, _)| ["HostName", "User", "Port"].contains(key));
        Some(match jump.filter(|_| is_word) {
            Some(jump) => Self::Jump(jump),
            None => Self::Bastion(Box::new(bastion)),
        })
    }
}

/// What is said of a host, but for the way through a bastion: each value as a configuration has it.
pub fn options(connection: &Connection) -> Vec<(&'static str, String)> {
    let mut options = vec![("HostName", connection.address.replace('%', "%%"))];
    options.extend(connection.port.map(|port| ("Port", port.to_string())));
    options.extend(connection.user.as_deref().and_then(login).map(|user| ("User", quoted(user))));
    if let Some(key) = connection.identity.as_deref().and_then(key_file) {
        options.push(("IdentityFile", quoted(&key)));
        options.push(("IdentitiesOnly", "yes".to_owned()));
    }
    options
        .extend(connection.host_keys.map(|policy| ("StrictHostKeyChecking", host_keys(policy).to_owned())));
    options.extend(connect_timeout(connection).map(|seconds| ("ConnectTimeout", seconds.to_string())));
    options
}

/// How many seconds connecting may take, where that is said: no fewer than the inventory gives it.
pub fn connect_timeout(connection: &Connection) -> Option<u64> {
    let timeout = connection.connect_timeout;
    let seconds = timeout.as_secs() + u64::from(timeout.subsec_nanos() > 0);
    (timeout != DEFAULT_CONNECT_TIMEOUT).then_some(seconds.max(1))
}

/// What of the way to a host neither a configuration of ssh nor a command of it can say.
pub fn left_out(connection: &Connection) -> impl Iterator<Item = Text> {
    let key = connection.identity.as_deref().filter(|key| key_file(key).is_none()).map(|_| {
        text!(
            en: "the key is not exported: ssh would take a part of its path for something else; rename the file",
            pt: "a chave não é exportada: o ssh tomaria parte do caminho por outra coisa; renomeie o arquivo",
        )
    });
    let user = connection.user.as_deref().filter(|user| login(user).is_none()).map(|_| {
        text!(
            en: "the login is not exported: ssh would take a part of it for something else",
            pt: "o login não é exportado: o ssh tomaria parte dele por outra coisa",
        )
    });
    let through = connection.jump.as_ref().filter(|_| Through::of(connection).is_none()).map(|_| {
        text!(
            en: "`jump` is not exported: ssh would take a part of its login for something else",
            pt: "`jump` não é exportado: o ssh tomaria parte do login por outra coisa",
        )
    });
    [key, user, through].into_iter().flatten()
}

/// A key's file as ssh takes it, which puts values in place of `%` and of variables.
pub fn key_file(path: &Path) -> Option<String> {
    let path = path.to_str()?;
    let is_taken = path.contains("${") || path.contains(char::is_control);
    (!is_taken).then(|| path.replace('%', "%%"))
}

/// A login, in which newer versions of ssh put values in place of `%`, and older ones do not.
pub fn login(user: &str) -> Option<&str> {
    (!user.contains('%')).then_some(user)
}

/// A word of a configuration.
fn quoted(word: &str) -> String {
    let is_sign = |sign: char| sign.is_ascii_alphanumeric() || "/._-@~".contains(sign);
    if word.chars().all(is_sign) {
        return word.to_owned();
    }
    format!("\"{}\"", word.replace('\\', r"\\").replace('"', "\\\""))
}

/// A bastion in one word, in which nothing can be quoted.
fn jump(user: Option<&str>, host: &str, port: Option<u16>) -> Option<String> {
    let is_sign = |sign: char| sign.is_ascii_alphanumeric() || "._-".contains(sign);
    if user.is_some_and(|user| !user.chars().all(is_sign)) || host.contains('%') {
        return None;
    }
    let user = user.map(|user| format!("{user}@")).unwrap_or_default();
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{user}{host}{port}"))
}

/// As `StrictHostKeyChecking` says it.
pub fn host_keys(policy: HostKeyPolicy) -> &'static str {
    match policy {
        HostKeyPolicy::AcceptNew => "accept-new",
        HostKeyPolicy::Strict => "yes",
    }
}
