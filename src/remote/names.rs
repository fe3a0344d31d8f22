//! What names.sh tells of where names lead from a host.

use std::collections::BTreeMap;
use std::net::IpAddr;

/// More addresses of one host than this are not kept.
pub(super) const MOST_ADDRESSES: usize = 64;

/// `INDEX ADDRESS`: where one of the names leads that were asked for.
pub(super) fn lead(asked: &[String], known: &mut BTreeMap<String, Vec<IpAddr>>, rest: &str) {
    let (index, address) = rest.split_once(' ').unwrap_or_default();
    let name = index.parse::<usize>().ok().and_then(|index| asked.get(index));
    if let (Some(name), Ok(address)) = (name, address.parse()) {
        let addresses = known.entry(name.clone()).or_default();
        if addresses.len() < MOST_ADDRESSES && !addresses.contains(&address) {
            addresses.push(address);
        }
    }
}
