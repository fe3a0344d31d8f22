//! Addresses as people paste them: lines, lists, ranges of several kinds. Pure.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::document::complaint::Complaint;
use crate::document::range::{Pattern, Range};
use crate::document::suggestion::shown;
use crate::inventory::{Address, User};

/// A mistyped range must not go beyond.
const MOST: u32 = 1000;

/// A machine, and how it is reached where that was said with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    pub user: Option<String>,
    pub address: String,
    pub port: Option<u16>,
}

/// All machines of a text, each once, in its order.
pub fn read(text: &str) -> Result<Vec<Machine>, Complaint> {
    let text = text.replace(['–', '—'], "-").replace(" - ", "-");
    let mut machines: Vec<Machine> = Vec::new();
    for line in text.lines() {
        let line = line.split_once('#').map_or(line, |(before, _)| before);
        for word in line.split([' ', '\t', ',', ';']).filter(|word| !word.is_empty()) {
            for machine in of_word(word.trim_matches(['"', '\'']))? {
                if machines.iter().any(|other| other.address == machine.address && other.port == machine.port)
                {
                    let message = format!("`{}` stands there twice", machine.address);
                    return Err(Complaint::new(message, "name each machine once"));
                }
                machines.push(machine);
            }
            if machines.len() > MOST as usize {
                return Err(too_many(word));
            }
        }
    }
    if machines.is_empty() {
        return Err(Complaint::new(
            "there is no address",
            "write one such as `10.0.0.51`, or `10.0.0.51-53`",
        ));
    }
    Ok(machines)
}

fn too_many(word: &str) -> Complaint {
    let message = format!("with `{}` these are more than {MOST} machines", shown(word));
    Complaint::new(message, "is a range longer than it should be?")
}

/// What stands between spaces or commas.
fn of_word(word: &str) -> Result<Vec<Machine>, Complaint> {
    if word.contains('/') {
        return Err(network(word));
    }
    let pattern = Pattern::parse(word);
    let mut lengths = pattern.ranges().map(Range::length);
    let Some(length) = lengths.next() else {
        return Ok(dashed(word)?.unwrap_or(vec![machine(word)?]));
    };
    if length > MOST as usize {
        return Err(too_many(word));
    }
    if lengths.any(|other| other != length) {
        let message = format!("the ranges in `{}` have different lengths", shown(word));
        return Err(Complaint::new(message, "write a line for each"));
    }
    (0..length).map(|place| machine(&pattern.fill(|range| range.item(place)))).collect()
}

fn network(word: &str) -> Complaint {
    match word.parse::<ipnet::IpNet>() {
        Ok(net) => {
            let address = net.addr();
            let hint = match address {
                std::net::IpAddr::V4(address) => {
                    let [first, second, third, _] = address.octets();
                    format!("name the machines in it, such as `{first}.{second}.{third}.51-53`")
                }
                std::net::IpAddr::V6(_) => "name the machines in it, one by one".to_owned(),
            };
            Complaint::new(format!("`{}` is a network, not a machine", shown(word)), hint)
        }
        Err(_) => Complaint::new(
            format!("`{}` is no host name and no address", shown(word)),
            "write it without `/`, such as `10.0.0.51`",
        ),
    }
}

/// `10.0.0.51-53` or `10.0.0.51-10.0.0.53`; `None` of what is neither.
fn dashed(word: &str) -> Result<Option<Vec<Machine>>, Complaint> {
    let Some((first, last)) = word.split_once('-') else { return Ok(None) };
    let (user, first) = first.rsplit_once('@').map_or((None, first), |(user, first)| (Some(user), first));
    let (last, port) = last.split_once(':').map_or((last, None), |(last, port)| (last, Some(port)));
    let Ok(first) = first.parse::<Ipv4Addr>() else { return Ok(None) };
    let [a, b, c, _] = first.octets();
    let last = match (last.parse::<Ipv4Addr>(), last.parse::<u8>()) {
        (Ok(last), _) => last,
        (_, Ok(last)) => Ipv4Addr::new(a, b, c, last),
        _ => {
            let message = format!("`{}` is no range of addresses", shown(word));
            return Err(Complaint::new(message, "write it like `10.0.0.51-53` or `10.0.0.51-10.0.0.53`"));
        }
    };
    let numbers = u32::from(first)..=u32::from(last);
    if last < first {
        let message = format!("the range `{}` ends before it begins", shown(word));
        return Err(Complaint::new(message, "write the smaller address first"));
    }
    if u32::from(last) - u32::from(first) >= MOST {
        return Err(too_many(word));
    }
    let with = |address: Ipv4Addr| {
        let user = user.map(|user| format!("{user}@")).unwrap_or_default();
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        machine(&format!("{user}{address}{port}"))
    };
    numbers.map(|number| with(Ipv4Addr::from(number))).collect::<Result<_, _>>().map(Some)
}

/// `user@host:port`, user and port optional.
fn machine(word: &str) -> Result<Machine, Complaint> {
    let (user, rest) = match word.rsplit_once('@') {
        Some((user, rest)) => (Some(User::try_from(user.to_owned())?.0), rest),
        None => (None, word),
    };
    let (host, port) = match rest.rsplit_once(':') {
        _ if rest.parse::<Ipv6Addr>().is_ok() => (rest, None),
        Some((host, port)) if host.ends_with(']') || !host.contains(':') => (host, Some(port)),
        _ => (rest, None),
    };
    let number = |port: &str| {
        port.parse::<u16>().ok().filter(|port| *port > 0).ok_or_else(|| {
            Complaint::new(
                format!("`{}` has no valid port", shown(word)),
                "a port is a number from 1 to 65535",
            )
        })
    };
    let port = port.map(number).transpose()?;
    Ok(Machine { user, address: Address::try_from(host.to_owned())?.0, port })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        match read(text) {
            Ok(machines) => {
                let one = |machine: &Machine| {
                    let user = machine.user.as_ref().map(|user| format!("{user}@")).unwrap_or_default();
                    let port = machine.port.map(|port| format!(" {port}")).unwrap_or_default();
                    format!("{user}{}{port}", machine.address)
                };
                machines.iter().map(one).collect::<Vec<_>>().join(", ")
            }
            Err(complaint) => format!("! {}: {}", complaint.message, complaint.hint),
        }
    }

    #[test]
    fn addresses_in_any_form() {
        for (text, expected) in [
            ("10.0.0.51", "10.0.0.51"),
            ("10.0.0.51\n10.0.0.52\r\n\n", "10.0.0.51, 10.0.0.52"),
            ("10.0.0.51,10.0.0.52, 10.0.0.53; 10.0.0.54", "10.0.0.51, 10.0.0.52, 10.0.0.53, 10.0.0.54"),
            ("10.0.0.51-53", "10.0.0.51, 10.0.0.52, 10.0.0.53"),
            ("10.0.0.51 - 10.0.0.53", "10.0.0.51, 10.0.0.52, 10.0.0.53"),
            ("10.0.0.51–53", "10.0.0.51, 10.0.0.52, 10.0.0.53"),
            ("10.0.0.254-10.0.1.1", "10.0.0.254, 10.0.0.255, 10.0.1.0, 10.0.1.1"),
            ("aluno@10.0.0.51-52:2222", "aluno@10.0.0.51 2222, aluno@10.0.0.52 2222"),
            ("10.0.0.[51:53]", "10.0.0.51, 10.0.0.52, 10.0.0.53"),
            ("pc[08:10].lab.example", "pc08.lab.example, pc09.lab.example, pc10.lab.example"),
            ("127.0.0.1:22[01:02]", "127.0.0.1 2201, 127.0.0.1 2202"),
            ("10.[1:2].0.[5:6]", "10.1.0.5, 10.2.0.6"),
            (
                "web-01.example.org ec2-3-80-1-2.compute-1.amazonaws.com",
                "web-01.example.org, ec2-3-80-1-2.compute-1.amazonaws.com",
            ),
            ("ubuntu@web01:2222", "ubuntu@web01 2222"),
            (
                "2001:db8::51 [2001:db8::52]:2222 ana@[2001:db8::53]",
                "2001:db8::51, 2001:db8::52 2222, ana@2001:db8::53",
            ),
            ("\"10.0.0.1\", '10.0.0.2'", "10.0.0.1, 10.0.0.2"),
            ("10.0.0.1 # the balancer, 10.0.0.9", "10.0.0.1"),
            ("", "! there is no address: write one such as `10.0.0.51`, or `10.0.0.51-53`"),
            (
                "10.0.0.0/24",
                "! `10.0.0.0/24` is a network, not a machine: name the machines in it, such as `10.0.0.51-53`",
            ),
            (
                "2001:db8::/64",
                "! `2001:db8::/64` is a network, not a machine: name the machines in it, one by one",
            ),
            (
                "http://10.0.0.1",
                "! `http://10.0.0.1` is no host name and no address: write it without `/`, such as `10.0.0.51`",
            ),
            (
                "10.0.0.53-51",
                "! the range `10.0.0.53-51` ends before it begins: write the smaller address first",
            ),
            (
                "10.0.0.51-x",
                "! `10.0.0.51-x` is no range of addresses: write it like `10.0.0.51-53` or `10.0.0.51-10.0.0.53`",
            ),
            (
                "10.0.0.51-300",
                "! `10.0.0.51-300` is no range of addresses: write it like `10.0.0.51-53` or `10.0.0.51-10.0.0.53`",
            ),
            (
                "10.0.0.1-10.9.0.1",
                "! with `10.0.0.1-10.9.0.1` these are more than 1000 machines: is a range longer than it should be?",
            ),
            (
                "w[1:999999]",
                "! with `w[1:999999]` these are more than 1000 machines: is a range longer than it should be?",
            ),
            ("w[1:2]x[1:3]", "! the ranges in `w[1:2]x[1:3]` have different lengths: write a line for each"),
            ("10.0.0.1 10.0.0.1", "! `10.0.0.1` stands there twice: name each machine once"),
            ("10.0.0.1:0", "! `10.0.0.1:0` has no valid port: a port is a number from 1 to 65535"),
            (
                "10.0.0.256",
                "! `10.0.0.256` is no host name and no address: an IPv4 address has four numbers from 0 to 255, such as `10.0.0.51`",
            ),
            ("$(id)@h", "! `$(id)` is no login name: write the name alone, such as `ubuntu`"),
            (
                "-oProxyCommand=x",
                "! `-oProxyCommand=x` is no host name and no address: a host name has letters, digits, `-`, `_` and `.`, and begins with none of these signs",
            ),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
    }
}
