//! How a host reaches itself, in words: programs of students speak with servers on the same host.

use std::net::IpAddr;

use super::text::{Text, text};

/// What is wrong with where a name leads that a client connects to, with how to mend it; `None` where nothing is.
pub fn misled(name: &str, addresses: &[IpAddr]) -> Option<(Text, Text)> {
    let is_own = name == "localhost" || name == "localhost.localdomain" || name.ends_with(".localhost");
    // Clients of IPv4 take the first of theirs.
    let first = addresses.iter().find(|address| address.is_ipv4()).or(addresses.first());
    let seen = match first {
        None => text!(en: "{name} is not resolved on the host", pt: "{name} não é resolvido na máquina"),
        Some(address) if is_own && !address.is_loopback() => text!(
            en: "{name} leads to {address} on the host",
            pt: "{name} leva a {address} na máquina",
        ),
        Some(_) => return None,
    };
    let mend = if is_own {
        text!(
            en: "on the host, /etc/hosts needs the line `127.0.0.1 {name}`, and no other line for IPv4 with that name",
            pt: "na máquina, /etc/hosts precisa da linha `127.0.0.1 {name}`, e de nenhuma outra de IPv4 com esse nome",
        )
    } else {
        text!(
            en: "on the host, /etc/hosts needs a line with the address of {name}, or `server` in the inventory another name",
            pt: "na máquina, /etc/hosts precisa de uma linha com o endereço de {name}, ou `server` no inventário de outro nome",
        )
    };
    Some((seen, mend))
}

/// The loopback interface is down.
pub fn down() -> (Text, Text) {
    (
        text!(
            en: "the loopback interface is down, so the host does not reach itself",
            pt: "a interface de loopback está desligada, e a máquina não alcança a si mesma",
        ),
        text!(
            en: "on the host: `sudo ip link set lo up`",
            pt: "na máquina: `sudo ip link set lo up`",
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_name_that_leads_astray_is_told() {
        let misled_by = |name: &str, addresses: &[&str]| {
            let addresses: Vec<IpAddr> = addresses.iter().map(|address| address.parse().unwrap()).collect();
            misled(name, &addresses).map(|(seen, _)| seen.english().to_owned())
        };
        assert_eq!(misled_by("localhost", &["::1", "127.0.0.1"]), None);
        assert_eq!(misled_by("localhost", &["::1"]), None);
        assert_eq!(misled_by("web02.lab", &["10.0.0.9"]), None);
        assert_eq!(misled_by("localhost", &[]).unwrap(), "localhost is not resolved on the host");
        assert_eq!(misled_by("web02.lab", &[]).unwrap(), "web02.lab is not resolved on the host");
        let elsewhere = misled_by("localhost", &["::1", "10.0.0.9", "127.0.0.1"]).unwrap();
        assert_eq!(elsewhere, "localhost leads to 10.0.0.9 on the host");
    }
}
