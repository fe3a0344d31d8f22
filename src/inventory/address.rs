//! Names and addresses: what may stand for a machine.

use std::net::{Ipv4Addr, Ipv6Addr};

use schemars::JsonSchema;
use serde::Deserialize;

use crate::document::complaint::Complaint;
use crate::document::range::Pattern;
use crate::document::suggestion::shown;
use crate::model::{Jump, Text, text};

/// A host name, an IPv4 or an IPv6 address.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline)]
pub struct Address(pub String);

impl TryFrom<String> for Address {
    type Error = Complaint;

    fn try_from(text: String) -> Result<Self, Complaint> {
        // IPv6 is often written in brackets.
        let bare =
            text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).filter(|bare| bare.contains(':'));
        let bare = bare.unwrap_or(&text);
        match wrong_address(bare) {
            None => Ok(Self(bare.to_owned())),
            Some(hint) if text.is_empty() => Err(Complaint::new(
                text!(en: "there is no name and no address", pt: "não há nome nem endereço"),
                hint,
            )),
            Some(hint) => Err(Complaint::new(
                text!(
                    en: "`{text}` is no host name and no address",
                    pt: "`{text}` não é nome de máquina nem endereço", text = shown(&text)
                ),
                hint,
            )),
        }
    }
}

fn wrong_address(text: &str) -> Option<Text> {
    let allowed = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    if text.is_empty() {
        return Some(text!(
            en: "write a name such as `web01.example.org`, or an address such as `10.0.0.51`",
            pt: "escreva um nome como `web01.example.org`, ou um endereço como `10.0.0.51`",
        ));
    }
    if Pattern::parse(text).ranges().next().is_some() {
        return Some(text!(
            en: "a range in a value needs a range in the name of its host or cluster, such as `web[1:3]`",
            pt: "um intervalo num valor pede um intervalo no nome da máquina ou do cluster, como `web[1:3]`",
        ));
    }
    if text.contains('[') {
        return Some(text!(
            en: "a range is written `[1:3]`: start, colon, end, the smaller one first",
            pt: "um intervalo se escreve `[1:3]`: início, dois-pontos, fim, o menor primeiro",
        ));
    }
    if text.contains(':') {
        let (address, zone) = text.split_once('%').unwrap_or((text, "eth0"));
        if address.parse::<Ipv6Addr>().is_ok() && !zone.is_empty() && zone.chars().all(allowed) {
            return None;
        }
        let port = text.rsplit_once(':').filter(|(host, port)| {
            !host.contains(':') && !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
        });
        return Some(match port {
            Some((host, port)) => {
                text!(
                    en: "write the port apart: `address: {host}` and `ssh: {{ port: {port} }}`",
                    pt: "escreva a porta à parte: `address: {host}` e `ssh: {{ port: {port} }}`",
                )
            }
            None => {
                text!(
                    en: "an IPv6 address is written like `2001:db8::51`",
                    pt: "um endereço IPv6 se escreve como `2001:db8::51`",
                )
            }
        });
    }
    if text.contains('@') {
        return Some(text!(
            en: "write the user apart: `ssh: {{ user: .. }}`",
            pt: "escreva o usuário à parte: `ssh: {{ user: .. }}`",
        ));
    }
    if let Some((first, rest)) = text.split_once('-')
        && first.parse::<Ipv4Addr>().is_ok()
        && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    {
        return Some(text!(
            en: "a range of addresses is written `10.0.0.[51:53]`, for hosts such as `web[1:3]`",
            pt: "um intervalo de endereços se escreve `10.0.0.[51:53]`, para máquinas como `web[1:3]`",
        ));
    }
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return match text.parse::<Ipv4Addr>() {
            Ok(_) => None,
            Err(_) => Some(text!(
                en: "an IPv4 address has four numbers from 0 to 255, such as `10.0.0.51`",
                pt: "um endereço IPv4 tem quatro números de 0 a 255, como `10.0.0.51`",
            )),
        };
    }
    let labels = text.strip_suffix('.').unwrap_or(text).split('.');
    let good = text.len() <= 253
        && text.chars().all(allowed)
        && labels.into_iter().all(|label| !label.is_empty() && label.len() <= 63 && !label.starts_with('-'));
    (!good).then(|| {
        text!(
            en: "a host name has letters, digits, `-`, `_` and `.`, and begins with none of these signs",
            pt: "um nome de máquina tem letras, dígitos, `-`, `_` e `.`, e não começa com nenhum desses sinais",
        )
    })
}

/// Two spellings of one address are alike in this form.
pub fn canonical(address: &str) -> String {
    address
        .parse::<Ipv6Addr>()
        .map_or_else(|_| address.trim_end_matches('.').to_ascii_lowercase(), |address| address.to_string())
}

/// A mirror by its name or address, with a port where that is not the usual one: `mirror.example.org:3142`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline)]
pub struct Mirror(pub String);

impl TryFrom<String> for Mirror {
    type Error = Complaint;

    fn try_from(text: String) -> Result<Self, Complaint> {
        let (host, port) = split_port(&text);
        let address = Address::try_from(host.to_owned())?.0;
        let Some(port) = port else { return Ok(Self(address)) };
        if port.parse::<u16>().is_ok_and(|port| port > 0) {
            return Ok(Self(text));
        }
        Err(Complaint::new(
            text!(
                en: "`{text}` has no valid port",
                pt: "`{text}` não tem uma porta válida", text = shown(&text)
            ),
            text!(
                en: "a mirror is written `mirror.example.org` or `mirror.example.org:3142`",
                pt: "um espelho se escreve `mirror.example.org` ou `mirror.example.org:3142`",
            ),
        ))
    }
}

/// A host and its port, which an IPv6 address has behind its brackets.
pub fn split_port(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((host, port)) if host.ends_with(']') || !host.contains(':') => (host, Some(port)),
        _ => (text, None),
    }
}

/// `user@host:port`, user and port optional.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline)]
pub struct JumpHost(#[schemars(with = "String")] pub Jump);

impl TryFrom<String> for JumpHost {
    type Error = Complaint;

    fn try_from(text: String) -> Result<Self, Complaint> {
        if text.contains(',') {
            return Err(Complaint::new(
                text!(
                    en: "more than one jump host is not supported",
                    pt: "mais de um bastion não é possível",
                ),
                text!(
                    en: "name one here, and let ProxyJump in your ssh configuration lead to it",
                    pt: "indique um aqui, e deixe o ProxyJump da sua configuração do ssh levar até ele",
                ),
            ));
        }
        let (user, rest) = match text.rsplit_once('@') {
            Some((user, rest)) => (Some(User::try_from(user.to_owned())?.0), rest),
            None => (None, text.as_str()),
        };
        let (host, port) = split_port(rest);
        let jump = shown(&text);
        let no_port = || text!(en: "`{jump}` has no valid port", pt: "`{jump}` não tem uma porta válida");
        let no_jump = || text!(en: "`{jump}` is no jump host", pt: "`{jump}` não é um bastion");
        let wrong = |message: Text| {
            Complaint::new(
                message,
                text!(
                    en: "a jump host is written `user@host:port`, user and port optional",
                    pt: "um bastion se escreve `user@host:port`, com user e port opcionais",
                ),
            )
        };
        let port = port
            .map(|port| port.parse::<u16>().ok().filter(|port| *port > 0))
            .map(|port| port.ok_or_else(|| wrong(no_port())))
            .transpose()?;
        let host = Address::try_from(host.to_owned()).map_err(|_| wrong(no_jump()))?;
        Ok(Self(Jump { user, host: host.0, port }))
    }
}

/// A login name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline)]
pub struct User(pub String);

impl TryFrom<String> for User {
    type Error = Complaint;

    fn try_from(text: String) -> Result<Self, Complaint> {
        let good = !text.is_empty()
            && text.chars().count() <= 256
            && !text.starts_with('-')
            && !text.chars().any(|character| character.is_whitespace() || character.is_control())
            && !text.contains([
                '"', '\'', '`', '$', ';', '|', '&', '<', '>', '(', ')', '{', '}', '[', ']', '/', ':',
            ]);
        if good {
            Ok(Self(text))
        } else {
            let message = text!(
                en: "`{text}` is no login name",
                pt: "`{text}` não é um nome de login", text = shown(&text)
            );
            Err(Complaint::new(
                message,
                text!(en: "write the name alone, such as `ubuntu`", pt: "escreva só o nome, como `ubuntu`"),
            ))
        }
    }
}

/// What is wrong with the name of a host or cluster, already free of ranges. These names become names of files, of
/// HAProxy's servers and headings of pages.
pub fn wrong_name(name: &str) -> Option<Text> {
    let good = name.len() <= 63
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.chars().all(|character| character.is_ascii_alphanumeric() || "-_.".contains(character));
    if good {
        None
    } else if name.contains(['[', ']']) {
        Some(text!(
            en: "a range is written `[1:3]`, `[01:10]`, `[a:c]` or `[1:9:2]`, the smaller value first",
            pt: "um intervalo se escreve `[1:3]`, `[01:10]`, `[a:c]` ou `[1:9:2]`, o menor valor primeiro",
        ))
    } else {
        Some(text!(
            en: "use up to 63 letters without accents, digits, `-`, `_` and `.`, a letter or digit first",
            pt: "use até 63 letras sem acento, dígitos, `-`, `_` e `.`, começando por letra ou dígito",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in [
            "10.0.0.51",
            "::1",
            "[::1]",
            "2001:db8::51",
            "fe80::1%eth0",
            "web01",
            "my_vm",
            "a.example.org",
            "a.b.",
            "ec2-3-80-1-2.compute-1.amazonaws.com",
        ] {
            assert!(Address::try_from(good.to_owned()).is_ok(), "{good}");
        }
        for bad in [
            "",
            "10.0.0",
            "10.0.0.256",
            "10.0.0.0.1",
            "10.0.0.6-8",
            "10.0.0.6-10.0.0.8",
            "-oProxyCommand=x",
            "a b",
            "a\nb",
            "a;b",
            "a/b",
            "a:22",
            "u@a",
            "10.0.0.[1:2]",
            "10.0.0.[1-2]",
            "a..b",
            ".a",
            "é",
            "::g",
            "fe80::1%",
            "a.-b",
            "$(id)",
            "{{a}}",
        ] {
            assert!(Address::try_from(bad.to_owned()).is_err(), "{bad}");
        }
        assert_eq!(canonical("2001:DB8:0::1"), canonical("2001:db8::1"));
        assert_eq!(canonical("Web."), "web");
    }

    #[test]
    fn mirrors() {
        let mirror = |text: &str| Mirror::try_from(text.to_owned()).map(|mirror| mirror.0);
        assert_eq!(mirror("mirror.campus.example").unwrap(), "mirror.campus.example");
        assert_eq!(mirror("mirror.campus.example:3142").unwrap(), "mirror.campus.example:3142");
        assert_eq!(mirror("[2001:db8::1]:3142").unwrap(), "[2001:db8::1]:3142");
        assert_eq!(mirror("[2001:db8::1]").unwrap(), "2001:db8::1");
        for bad in ["", "a b", "a:0", "a:x", "a:70000", "a:", ":80", "u@a:80", "http://a/debian"] {
            assert!(mirror(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn jump_hosts() {
        let jump = |text: &str| {
            JumpHost::try_from(text.to_owned()).map(|jump| (jump.0.user, jump.0.host, jump.0.port))
        };
        assert_eq!(jump("b").unwrap(), (None, "b".into(), None));
        assert_eq!(jump("u@b:22").unwrap(), (Some("u".into()), "b".into(), Some(22)));
        assert_eq!(jump("u@d@b").unwrap(), (Some("u@d".into()), "b".into(), None));
        assert_eq!(jump("[::1]:2").unwrap(), (None, "::1".into(), Some(2)));
        assert_eq!(jump("::1").unwrap(), (None, "::1".into(), None));
        for bad in ["", "a,b", "a:0", "a:x", "-a", "u@", "@a", "-u@a", "a:70000"] {
            assert!(jump(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn names() {
        for good in ["web01", "a", "9", "a-b_c.d"] {
            assert_eq!(wrong_name(good), None, "{good}");
        }
        for bad in ["", "-a", ".", "..", "_a", "a/b", "a b", "josé", "a\n", "web[1-3]", "a:b", "{{a}}"] {
            assert!(wrong_name(bad).is_some(), "{bad}");
        }
    }
}
