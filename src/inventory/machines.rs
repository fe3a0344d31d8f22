//! Addresses as people paste them: lines, lists, ranges of several kinds. Pure.

use std::collections::HashSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::address::{Address, User, canonical};
use crate::document::complaint::Complaint;
use crate::document::range::{Pattern, Range};
use crate::document::suggestion::shown;
use crate::model::text;

/// A mistyped range must not go beyond.
const MOST: u32 = 1000;

/// A machine, and how it is reached where that was said with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    pub user: Option<String>,
    pub address: String,
    pub port: Option<u16>,
}

impl Machine {
    /// What tells it from others: the address in one spelling, and the port.
    pub fn place(&self) -> (String, u16) {
        (canonical(&self.address), self.port.unwrap_or(22))
    }

    /// As it is written: `127.0.0.1:2222`.
    pub fn written(&self) -> String {
        match self.port {
            Some(port) if self.address.contains(':') => format!("[{}]:{port}", self.address),
            Some(port) => format!("{}:{port}", self.address),
            None => self.address.clone(),
        }
    }
}

/// All machines of a text, each once, in its order.
pub fn machines(text: &str) -> Result<Vec<Machine>, Complaint> {
    let mut machines: Vec<Machine> = Vec::new();
    let mut seen = HashSet::new();
    for word in machine_words(text) {
        for machine in machines_of_word(&word)? {
            if !seen.insert(machine.place()) {
                let message = text!(
                    en: "`{address}` stands there twice",
                    pt: "`{address}` aparece duas vezes", address = machine.address
                );
                return Err(Complaint::new(
                    message,
                    text!(en: "name each machine once", pt: "indique cada máquina uma vez"),
                ));
            }
            machines.push(machine);
        }
        if machines.len() > MOST as usize {
            return Err(too_many(&word));
        }
    }
    if machines.is_empty() {
        return Err(Complaint::new(
            text!(en: "there is no address", pt: "não há endereço"),
            text!(
                en: "write one such as `10.0.0.51`, or `10.0.0.51-53`",
                pt: "escreva um como `10.0.0.51`, ou `10.0.0.51-53`",
            ),
        ));
    }
    Ok(machines)
}

fn too_many(word: &str) -> Complaint {
    let message = text!(
        en: "with `{word}` these are more than {MOST} machines",
        pt: "com `{word}` são mais de {MOST} máquinas", word = shown(word)
    );
    Complaint::new(
        message,
        text!(en: "is a range longer than it should be?", pt: "algum intervalo é maior do que devia?"),
    )
}

/// What stands between spaces or commas; `#` begins a comment.
pub fn machine_words(text: &str) -> Vec<String> {
    let text = text.replace(['–', '—'], "-").replace(" - ", "-");
    let lines = text.lines().map(|line| line.split_once('#').map_or(line, |(before, _)| before));
    let words = lines.flat_map(|line| line.split([' ', '\t', ',', ';']));
    words.map(|word| word.trim_matches(['"', '\'']).to_owned()).filter(|word| !word.is_empty()).collect()
}

/// The machines of one word.
pub fn machines_of_word(word: &str) -> Result<Vec<Machine>, Complaint> {
    if word.contains('/') {
        return Err(network(word));
    }
    let pattern = Pattern::parse(word);
    let mut lengths = pattern.ranges().map(Range::length);
    let Some(length) = lengths.next() else {
        return match dashed(word)? {
            Some(machines) => Ok(machines),
            None => Ok(vec![machine(word)?]),
        };
    };
    if length > MOST as usize {
        return Err(too_many(word));
    }
    if lengths.any(|other| other != length) {
        let message = text!(
            en: "the ranges in `{word}` have different lengths",
            pt: "os intervalos em `{word}` têm tamanhos diferentes", word = shown(word)
        );
        return Err(Complaint::new(
            message,
            text!(en: "write a line for each", pt: "escreva uma linha para cada um"),
        ));
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
                    text!(
                        en: "name the machines in it, such as `{first}.{second}.{third}.51-53`",
                        pt: "indique as máquinas dela, como `{first}.{second}.{third}.51-53`",
                    )
                }
                std::net::IpAddr::V6(_) => {
                    text!(
                        en: "name the machines in it, one by one",
                        pt: "indique as máquinas dela, uma a uma",
                    )
                }
            };
            Complaint::new(
                text!(
                    en: "`{word}` is a network, not a machine",
                    pt: "`{word}` é uma rede, e não uma máquina", word = shown(word)
                ),
                hint,
            )
        }
        Err(_) => Complaint::new(
            text!(
                en: "`{word}` is no host name and no address",
                pt: "`{word}` não é nome de máquina nem endereço", word = shown(word)
            ),
            text!(en: "write it without `/`, such as `10.0.0.51`", pt: "escreva sem `/`, como `10.0.0.51`"),
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
            let message = text!(
                en: "`{word}` is no range of addresses",
                pt: "`{word}` não é um intervalo de endereços", word = shown(word)
            );
            return Err(Complaint::new(
                message,
                text!(
                    en: "write it like `10.0.0.51-53` or `10.0.0.51-10.0.0.53`",
                    pt: "escreva como `10.0.0.51-53` ou `10.0.0.51-10.0.0.53`",
                ),
            ));
        }
    };
    let numbers = u32::from(first)..=u32::from(last);
    if last < first {
        let message = text!(
            en: "the range `{word}` ends before it begins",
            pt: "o intervalo `{word}` termina antes de começar", word = shown(word)
        );
        return Err(Complaint::new(
            message,
            text!(en: "write the smaller address first", pt: "escreva primeiro o menor endereço"),
        ));
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
                text!(
                    en: "`{word}` has no valid port",
                    pt: "`{word}` não tem uma porta válida", word = shown(word)
                ),
                text!(en: "a port is a number from 1 to 65535", pt: "uma porta é um número de 1 a 65535"),
            )
        })
    };
    let port = port.map(number).transpose()?;
    if let Some((stem, first, last)) = numbered(host) {
        let message = text!(
            en: "`{word}` may be a range or a name",
            pt: "`{word}` pode ser um intervalo ou um nome", word = shown(word)
        );
        return Err(Complaint::new(
            message,
            text!(
                en: "for a range write `{stem}[{first}:{last}]`",
                pt: "para um intervalo escreva `{stem}[{first}:{last}]`",
            ),
        ));
    }
    Ok(Machine { user, address: Address::try_from(host.to_owned())?.0, port })
}

/// `web01-03`, which looks like a range and could be a name.
fn numbered(host: &str) -> Option<(&str, &str, &str)> {
    let label = host.split('.').next()?;
    let (first, last) = label.split_once('-')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let stem = first.trim_end_matches(|sign: char| sign.is_ascii_digit());
    let number = &first[stem.len()..];
    let is_stem = !stem.is_empty() && stem.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    (is_stem && is_number(number) && is_number(last)).then_some((stem, number, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        match machines(text) {
            Ok(machines) => {
                let one = |machine: &Machine| {
                    let user = machine.user.as_ref().map(|user| format!("{user}@")).unwrap_or_default();
                    let port = machine.port.map(|port| format!(" {port}")).unwrap_or_default();
                    format!("{user}{}{port}", machine.address)
                };
                machines.iter().map(one).collect::<Vec<_>>().join(", ")
            }
            Err(complaint) => format!("! {}: {}", complaint.message.english(), complaint.hint.english()),
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
            ("10.0.0.1:22 10.0.0.1", "! `10.0.0.1` stands there twice: name each machine once"),
            ("::1 [0:0::1]:22", "! `0:0::1` stands there twice: name each machine once"),
            ("a.example A.example.", "! `A.example.` stands there twice: name each machine once"),
            ("web01-03", "! `web01-03` may be a range or a name: for a range write `web[01:03]`"),
            ("a@pc8-10.lab:22", "! `a@pc8-10.lab:22` may be a range or a name: for a range write `pc[8:10]`"),
            ("ip-10-0-0-5.ec2.internal rack-1", "ip-10-0-0-5.ec2.internal, rack-1"),
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
