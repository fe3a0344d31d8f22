//! This machine's own network, by `ip`: which subnets it leaves alone, and the claims of labs.
//!
//! A lab claims its subnet by a blackhole route, which no second one can make. It also catches what is sent to a lab that
//! is not there, so that none of it leaves the machine.

use serde::Deserialize;
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

use super::program::run;
use super::subnet::Subnet;
use crate::error::{Error, Result};
use crate::model::{Text, text};

/// Worse than any other route to the lab, better than the default route.
const BLACKHOLE_METRIC: &str = "4278198272";

/// Whether this machine has `ip` to tell and change them.
pub(super) fn are_known() -> bool {
    which::which("ip").is_ok()
}

/// A subnet that nothing on this machine uses, as far as that is known, passing over `taken`.
pub(super) async fn free_subnet(taken: &[Subnet], cancel: &CancellationToken) -> Result<Subnet> {
    let are_known = are_known();
    let networks = if are_known { networks(cancel).await? } else { Vec::new() };
    let mut candidates = Subnet::candidates().filter(|subnet| {
        !taken.contains(subnet) && !networks.iter().any(|network| subnet.clashes_with(network))
    });
    candidates.next().ok_or_else(|| {
        if !are_known {
            return Error::machine(text!(
                en: "every subnet that a lab could use is another lab's",
                pt: "todas as sub-redes que um lab poderia usar são de outros labs",
            ));
        }
        Error::machine(text!(
            en: "every subnet that a lab could use is routed elsewhere on this machine",
            pt: "todas as sub-redes que um lab poderia usar têm outra rota neste computador",
        ))
        .hint(text!(
            en: "`ip route` shows them; take other labs down, or leave a VPN that claims all private addresses",
            pt: "`ip route` as mostra; desmonte outros labs, ou saia de uma VPN que toma todos os endereços privados",
        ))
    })
}

/// What this machine has a route to or an address of.
async fn networks(cancel: &CancellationToken) -> Result<Vec<String>> {
    let routes: Vec<Route> = query(&["-4", "route", "show", "table", "all"], cancel).await?;
    let interfaces: Vec<Interface> = query(&["-4", "address"], cancel).await?;
    let locals = interfaces.into_iter().flat_map(|interface| interface.addr_info);
    Ok(routes.into_iter().map(|route| route.dst).chain(locals.map(|address| address.local)).collect())
}

/// Claims the subnet. `false`: another lab has just done so.
pub(super) async fn claim(subnet: Subnet, cancel: &CancellationToken) -> Result<bool> {
    match blackhole("add", subnet, cancel).await {
        Ok(_) => Ok(true),
        Err(error) if mentions(&error, "File exists") => Ok(false),
        Err(error) => Err(error),
    }
}

/// Gives the claim of a subnet up.
pub(super) async fn release(subnet: Subnet) -> Result<()> {
    match blackhole("delete", subnet, &CancellationToken::new()).await {
        Err(error) if !mentions(&error, "No such process") => Err(error),
        _ => Ok(()),
    }
}

async fn blackhole(verb: &str, subnet: Subnet, cancel: &CancellationToken) -> Result<Vec<u8>> {
    let subnet = subnet.to_string();
    ip(&["-4", "route", verb, "blackhole", &subnet, "metric", BLACKHOLE_METRIC], "", cancel).await
}

#[derive(Debug, Deserialize)]
struct Route {
    #[serde(default)]
    dst: String,
}

#[derive(Debug, Deserialize)]
struct Interface {
    #[serde(default)]
    addr_info: Vec<LocalAddress>,
}

#[derive(Debug, Deserialize)]
struct LocalAddress {
    #[serde(default)]
    local: String,
}

pub(super) async fn query<T: for<'de> Deserialize<'de>>(
    words: &[&str],
    cancel: &CancellationToken,
) -> Result<Vec<T>> {
    let answer = ip(&[&["-json"], words].concat(), "", cancel).await?;
    if answer.trim_ascii().is_empty() {
        return Ok(Vec::new());
    }
    serde_json::from_slice(&answer).map_err(|error| {
        Error::machine(text!(
            en: "`ip -json {words}` was not understood",
            pt: "a resposta de `ip -json {words}` não foi entendida", words = words.join(" ")
        ))
        .because(error)
    })
}

pub(super) async fn ip(words: &[&str], input: &str, cancel: &CancellationToken) -> Result<Vec<u8>> {
    let mut command = Command::new("ip");
    command.args(words);
    run(command, input, cancel).await
}

fn mentions(error: &Error, words: &str) -> bool {
    error.causes.iter().map(Text::english).any(|said| said.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_ip_are_understood() {
        let routes = r#"[{"dst":"default","gateway":"10.0.2.2"},{"type":"blackhole","dst":"10.213.0.0/16"}]"#;
        let routes: Vec<Route> = serde_json::from_str(routes).unwrap();
        assert_eq!(routes[1].dst, "10.213.0.0/16");
        let addresses =
            r#"[{"ifname":"lo","addr_info":[{"local":"127.0.0.1","prefixlen":8}]},{"ifname":"tap0"}]"#;
        let addresses: Vec<Interface> = serde_json::from_str(addresses).unwrap();
        assert_eq!(addresses[0].addr_info[0].local, "127.0.0.1");
    }
}
