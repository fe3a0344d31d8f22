//! The inventory that is written for a lab: small, commented, and the first one many people read. Pure.

use std::fmt::Write;
use std::path::Path;

use super::record::{Folder, Record};
use super::shape::{BALANCER_OCTET, Options, digits};

/// The inventory of a lab, as it is written to `path`.
pub(super) fn render(record: &Record, folder: &Folder, path: &Path) -> String {
    let options = &record.options;
    let network = record.subnet.host(0, 0).to_string();
    let network = network.trim_end_matches(".0.0");
    let balancer = BALANCER_OCTET;
    let (first, last) = (u16::from(balancer) + 1, u16::from(balancer) + options.web);
    let is_default = options.name == Options::default().name;
    let webs = range("web", options.web);

    let mut out = String::new();
    let mut line = |text: &str| writeln!(out, "{text}").unwrap_or_default();
    line(&format!("# Inventory of the practice lab `{}`, written by `provision lab up`.", options.name));
    line("# Its hosts are throwaway containers on this machine: break them, then make them anew.");
    line("#");
    line("#   provision apply FILE      sets them up and proves that they work");
    let name_option = if is_default { String::new() } else { format!(" --name {}", options.name) };
    line(&format!("#   {:<24}  removes them", format!("provision lab down{name_option}")));
    line("version: 1");
    let title = if is_default { String::new() } else { format!(" {}", options.name) };
    line(&format!("name: Practice lab{title}"));
    line("language: en                 # of pages and class files: en or pt-BR");
    line("");
    line("ssh:                         # how the hosts are reached; a cluster or a host may say otherwise");
    line(&format!("  user: {}", options.user));
    line(&format!("  identity: {}", relative(&folder.identity(), path)));
    line("  host_keys: accept-new      # keep a host's key when it is first seen, refuse a changed one");
    if options.sudo_password {
        line("become:                      # how root is gained on the hosts");
        line("  method: sudo");
        line(&format!("  password: file:{}", relative(&folder.sudo_password(), path)));
    }
    line("packages:");
    line("  via: laptop                # the hosts have no internet: this machine fetches packages for them");
    line("");
    let (mut indent, mut third) = ("", "1".to_owned());
    if options.clusters > 1 {
        line("clusters:                    # each balances over its own web hosts");
        line(&format!("  {}:", range("team", options.clusters)));
        (indent, third) = ("    ", format!("[1:{}]", options.clusters));
    }
    let (addresses, is_range) = match options.web {
        1 => (first.to_string(), false),
        _ => (format!("[{first}:{last}]"), options.clusters == 1),
    };
    let mut hosts = |text: &str, comment: &str| {
        line(format!("{:<29}{comment}", format!("{indent}{text}")).trim_end());
    };
    hosts("hosts:", "");
    hosts("  lb:", "");
    hosts(&format!("    address: {network}.{third}.{balancer}"), "");
    hosts("    roles: [balancer]", "# HAProxy in front of the web hosts");
    hosts(&format!("  {webs}:"), if is_range { "# a range: one host for each number" } else { "" });
    hosts(&format!("    address: {network}.{third}.{addresses}"), "");
    hosts("    roles: [web, socket]", "# Apache2 with a page of its own, and the socket lab");
    out
}

/// `web[01:03]`, or `web01` alone.
fn range(word: &str, last: u16) -> String {
    let width = digits(last);
    if last == 1 { format!("{word}{last:0width$}") } else { format!("{word}[{:0width$}:{last:0width$}]", 1) }
}

/// A path as an inventory names it: alone when the two lie side by side.
fn relative(file: &Path, inventory: &Path) -> String {
    match (file.parent() == inventory.parent(), file.file_name()) {
        (true, Some(name)) => name.to_string_lossy().into_owned(),
        _ => file.display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::subnet::Subnet;

    fn rendered(options: Options, path: &str) -> String {
        let subnet = Subnet::new(10, 213);
        let record = Record {
            hosts: options.hosts(subnet),
            options,
            subnet,
            images: std::collections::BTreeMap::new(),
            complete: false,
            inventory_digest: None,
        };
        render(&record, &Folder::new(Path::new("/state"), &record.options.name), Path::new(path))
    }

    #[test]
    fn one_cluster() {
        insta::assert_snapshot!(rendered(Options::default(), "/state/labs/lab/inventory.yaml"));
    }

    #[test]
    fn teams_with_password_elsewhere() {
        let options = Options {
            name: "e2e".to_owned(),
            clusters: 12,
            web: 1,
            sudo_password: true,
            ..Options::default()
        };
        insta::assert_snapshot!(rendered(options, "/elsewhere/inventory.yaml"));
    }
}
