//! The network of a lab: a switch in a namespace of its own, a namespace for each host, one cable to this machine.
//!
//! Hosts have no route but to each other and to this machine; forwarding is left alone.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use crate::error::{Error, Result};
use crate::lab::record::Record;
use crate::lab::routes::{self, ip, query};
use crate::lab::shape::HostShape;
use crate::lab::subnet::Subnet;
use crate::model::text;

/// Where `ip netns` keeps namespaces.
const NAMESPACES: &str = "/run/netns";
/// The switch's end of the cable to this machine.
const UPLINK: &str = "uplink";
const BRIDGE: &str = "switch";

/// Name of the namespace that holds a lab's switch; in it, a host's port has the host's name.
pub(in crate::lab) fn switch(lab: &str) -> String {
    format!("provision.{lab}")
}

pub(in crate::lab) fn namespace(lab: &str, hostname: &str) -> String {
    format!("provision.{lab}.{hostname}")
}

/// Where a namespace is found in the file system.
pub(in crate::lab) fn namespace_path(name: &str) -> PathBuf {
    Path::new(NAMESPACES).join(name)
}

/// Lays the switch and the cable to this machine, unless they are there.
pub(in crate::lab) async fn lay_switch(
    record: &Record,
    folder: &Path,
    cancel: &CancellationToken,
) -> Result<()> {
    let switch = switch(&record.options.name);
    let interface = record.subnet.interface();
    if namespace_path(&switch).exists() && owner(&interface, cancel).await?.as_deref() == Some(folder) {
        return Ok(());
    }
    let cable = format!(
        "netns add {switch}\n\
         link add {interface} type veth peer name {UPLINK} netns {switch}\n\
         link set {interface} alias {}\n",
        folder.display()
    );
    ip(&["-batch", "-"], &cable, cancel).await?;
    // Nothing a host announces, such as an IPv6 router, may reach this machine's own network settings.
    fs::write(format!("/proc/sys/net/ipv6/conf/{interface}/disable_ipv6"), "1").ok();
    let ports = format!(
        "link add {BRIDGE} type bridge\nlink set {BRIDGE} up\nlink set {UPLINK} master {BRIDGE}\nlink set {UPLINK} up\n"
    );
    ip(&["-netns", &switch, "-batch", "-"], &ports, cancel).await?;
    let address = Subnet::with_prefix(record.subnet.laptop());
    let own_end = format!("address add {address} dev {interface}\nlink set {interface} up\n");
    ip(&["-batch", "-"], &own_end, cancel).await.map(drop)
}

/// Plugs hosts into the switch. What an earlier run left of their namespaces is replaced.
pub(in crate::lab) async fn plug(lab: &str, hosts: &[HostShape], cancel: &CancellationToken) -> Result<()> {
    unplug(lab, hosts.iter().map(|host| &*host.hostname)).await?;
    let (mut namespaces, mut ports) = (String::new(), String::new());
    for host in hosts {
        let (port, name) = (&host.hostname, namespace(lab, &host.hostname));
        namespaces.extend(["netns add ", &name, "\n"]);
        let hardware = host.hardware_address();
        ports.extend([
            format!("link add {port} type veth peer name eth0 address {hardware} netns {name}\n"),
            format!("link set {port} master {BRIDGE}\n"),
            format!("link set {port} up\n"),
        ]);
    }
    ip(&["-batch", "-"], &namespaces, cancel).await?;
    ip(&["-netns", &switch(lab), "-batch", "-"], &ports, cancel).await?;
    for host in hosts {
        let address = Subnet::with_prefix(&host.address);
        let own = format!("link set lo up\naddress add {address} dev eth0\nlink set eth0 up\n");
        ip(&["-netns", &namespace(lab, &host.hostname), "-batch", "-"], &own, cancel).await?;
    }
    Ok(())
}

/// Removes hosts from the switch, and their namespaces.
pub(in crate::lab) async fn unplug(lab: &str, hostnames: impl Iterator<Item = &str>) -> Result<()> {
    let never = CancellationToken::new();
    let (mut namespaces, mut ports) = (String::new(), String::new());
    for hostname in hostnames {
        let name = namespace(lab, hostname);
        if namespace_path(&name).exists() {
            namespaces.extend(["netns delete ", &name, "\n"]);
            ports.extend(["link delete ", hostname, "\n"]);
        }
    }
    if namespaces.is_empty() {
        return Ok(());
    }
    if namespace_path(&switch(lab)).exists() {
        // Removing a namespace frees its cables at some later time; removing a cable frees both ends at once.
        ip(&["-netns", &switch(lab), "-force", "-batch", "-"], &ports, &never).await.ok();
    }
    ip(&["-batch", "-"], &namespaces, &never).await.map(drop)
}

/// Removes a lab's switch, its cable and the claim of its subnet, so far as they are this lab's.
pub(in crate::lab) async fn remove_switch(lab: &str, subnet: Subnet, folder: &Path) -> Result<()> {
    let never = CancellationToken::new();
    let interface = subnet.interface();
    let owner = owner(&interface, &never).await?;
    if owner.as_deref() == Some(folder) {
        ip(&["link", "delete", &interface], "", &never).await?;
    }
    if namespace_path(&switch(lab)).exists() {
        ip(&["netns", "delete", &switch(lab)], "", &never).await?;
    }
    if owner.as_deref().is_none_or(|owner| owner == folder) {
        routes::release(subnet).await?;
    }
    Ok(())
}

/// The subnet whose cable bears the folder of a lab, if one does.
pub(in crate::lab) async fn subnet_of(folder: &Path, cancel: &CancellationToken) -> Result<Option<Subnet>> {
    let interfaces: Vec<Interface> = query(&["link", "show"], cancel).await?;
    Ok(interfaces
        .into_iter()
        .filter(|interface| interface.ifalias.as_deref() == Some(folder))
        .find_map(|interface| Subnet::candidates().find(|subnet| subnet.interface() == interface.ifname)))
}

/// Refuses a name that a lab of another state directory bears.
pub(in crate::lab) async fn check_unclaimed(
    lab: &str,
    folder: &Path,
    cancel: &CancellationToken,
) -> Result<()> {
    if let Some(subnet) = subnet_of(folder, cancel).await? {
        // The folder of this very lab was removed by hand.
        unplug(lab, plugged(lab).iter().map(String::as_str)).await?;
        remove_switch(lab, subnet, folder).await?;
    }
    let switch = switch(lab);
    if namespace_path(&switch).exists() {
        return Err(Error::usage(text!(
            en: "a lab {lab} exists already, made with another PROVISION_LAB_DIR",
            pt: "já existe um lab {lab}, feito com outro PROVISION_LAB_DIR",
        ))
        .hint(text!(
            en: "give this one a name of its own: --name NAME",
            pt: "dê a este outro nome: --name NOME",
        ))
        .hint(text!(
            en: "if no such lab is left, remove its network: ip netns delete {switch}",
            pt: "se esse lab não existe mais, remova a rede dele: ip netns delete {switch}",
        )));
    }
    Ok(())
}

/// Names of the hosts that have a namespace of this lab.
pub(in crate::lab) fn plugged(lab: &str) -> Vec<String> {
    let prefix = namespace(lab, "");
    let Ok(entries) = fs::read_dir(NAMESPACES) else { return Vec::new() };
    entries
        .filter_map(|entry| Some(entry.ok()?.file_name().to_str()?.strip_prefix(&prefix)?.to_owned()))
        .collect()
}

pub(in crate::lab) async fn set_port(lab: &str, hostname: &str, up: bool) -> Result<()> {
    let state = if up { "up" } else { "down" };
    let port = ["-netns", &switch(lab), "link", "set", hostname, state];
    ip(&port, "", &CancellationToken::new()).await.map(drop)
}

#[derive(Debug, Deserialize)]
struct Interface {
    #[serde(default)]
    ifname: String,
    #[serde(default)]
    ifalias: Option<PathBuf>,
}

/// The folder of the lab that an interface of this machine belongs to. `None`: no such interface, or nobody's.
async fn owner(interface: &str, cancel: &CancellationToken) -> Result<Option<PathBuf>> {
    if !Path::new("/sys/class/net").join(interface).exists() {
        return Ok(None);
    }
    let found: Vec<Interface> = query(&["link", "show", "dev", interface], cancel).await?;
    Ok(found.into_iter().find_map(|interface| interface.ifalias))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_ip_are_understood() {
        let links = r#"[{"ifname":"lo","mtu":65536},{"ifname":"plab-10-213","ifalias":"/state/labs/lab"}]"#;
        let links: Vec<Interface> = serde_json::from_str(links).unwrap();
        assert_eq!(links[1].ifalias.as_deref(), Some(Path::new("/state/labs/lab")));
    }
}
