//! A host's own files: the layer over the base image that makes it one host and no other.

use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};

use super::accounts::{LOGIN_ID, lines, sudoers, with_line};
use crate::error::Result;
use crate::lab::container::Login;
use crate::lab::keys::KeyPair;
use crate::lab::record::{cannot, make_folder, write_file};
use crate::lab::shape::HostShape;

/// Makes the layer of a host below `folder`: `upper` for its files, `work` and `root` for overlayfs.
pub(super) fn make(
    folder: &Path,
    image: &Path,
    host: &HostShape,
    host_key: &KeyPair,
    login: &Login,
    password_hash: Option<&str>,
) -> Result<()> {
    make_folder(folder, 0o700)?;
    let layer = Layer { root: folder.join("upper") };
    for name in ["upper", "work", "root"] {
        make_folder(&folder.join(name), 0o755)?;
    }
    let hostname = &host.hostname;
    let user = &login.user;
    layer.folder("etc", 0o755)?;
    layer.write("etc/hostname", &format!("{hostname}\n"), 0o644)?;
    layer.write("etc/hosts", &hosts_file(hostname), 0o644)?;
    layer.write("etc/resolv.conf", "# A practice host: no name server, and no route to one.\n", 0o644)?;
    layer.write("etc/machine-id", &format!("{:032x}\n", rand::random::<u128>()), 0o444)?;
    layer.folder("etc/ssh", 0o755)?;
    layer.write("etc/ssh/ssh_host_ed25519_key", &host_key.private, 0o600)?;
    layer.write("etc/ssh/ssh_host_ed25519_key.pub", &host_key.public, 0o644)?;

    let base = |name: &str| {
        let path = image.join("etc").join(name);
        fs::read_to_string(&path).map_err(|error| cannot("read", &path, error))
    };
    let shadow = group_id(&base("group")?, "shadow");
    for (name, line) in lines(user, password_hash) {
        let (path, is_secret) = (format!("etc/{name}"), name.ends_with("shadow"));
        layer.write(&path, &with_line(&base(name)?, &line), if is_secret { 0o640 } else { 0o644 })?;
        if is_secret {
            layer.own(&path, 0, shadow)?;
        }
    }
    layer.folder("etc/sudoers.d", 0o750)?;
    layer.write("etc/sudoers.d/90-lab", &sudoers(user, password_hash.is_some()), 0o440)?;

    let home = format!("home/{user}");
    layer.folder("home", 0o755)?;
    let mut owned = vec![home.clone(), format!("{home}/.ssh"), format!("{home}/.ssh/authorized_keys")];
    layer.folder(&home, 0o755)?;
    layer.folder(&format!("{home}/.ssh"), 0o700)?;
    layer.write(&format!("{home}/.ssh/authorized_keys"), &login.authorized_key, 0o600)?;
    for name in [".bashrc", ".profile", ".bash_logout"] {
        if let Ok(text) = fs::read_to_string(image.join("etc/skel").join(name)) {
            layer.write(&format!("{home}/{name}"), &text, 0o644)?;
            owned.push(format!("{home}/{name}"));
        }
    }
    owned.iter().try_for_each(|name| layer.own(name, LOGIN_ID, LOGIN_ID))
}

struct Layer {
    root: PathBuf,
}

impl Layer {
    fn folder(&self, name: &str, mode: u32) -> Result<()> {
        make_folder(&self.root.join(name), mode)
    }

    fn write(&self, name: &str, text: &str, mode: u32) -> Result<()> {
        write_file(&self.root.join(name), text.as_bytes(), mode)
    }

    fn own(&self, name: &str, user: u32, group: u32) -> Result<()> {
        let path = self.root.join(name);
        chown(&path, Some(user), Some(group)).map_err(|error| cannot("give away", &path, error))
    }
}

/// Lets a host know its own name, without which sudo complains.
fn hosts_file(hostname: &str) -> String {
    format!("127.0.0.1\tlocalhost\n127.0.1.1\t{hostname}\n::1\tlocalhost ip6-localhost ip6-loopback\n")
}

fn group_id(groups: &str, name: &str) -> u32 {
    groups
        .lines()
        .filter_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
        .find_map(|rest| rest.split(':').nth(1)?.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn group_ids_are_looked_up_by_whole_name() {
        let groups = "shadowy:x:1:\nshadow:x:42:\n";
        assert_eq!(group_id(groups, "shadow"), 42);
        assert_eq!(group_id(groups, "none"), 0);
    }
}
