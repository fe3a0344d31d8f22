//! Values with rules of their own: ports, roles, limits of time, algorithms, paths, titles.

use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de};
use serde_json::json;

use crate::document::complaint::Complaint;
use crate::document::suggestion::{self, shown};
use crate::model::{Value, text};
use crate::roles::{self, Definition};

/// A TCP port; as text where a range was in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema)]
#[schemars(inline, with = "Value", extend("anyOf" = [
    { "type": "integer", "minimum": 1, "maximum": 65535 },
    { "type": "string", "pattern": r"^[0-9]*(\[[0-9]+:[0-9]+(:[0-9]+)?\][0-9]*)*$" },
]))]
pub struct Port(pub u16);

impl<'de> Deserialize<'de> for Port {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PortVisitor;
        impl de::Visitor<'_> for PortVisitor {
            type Value = Port;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&text!(en: "a port", pt: "uma porta").packed())
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Port, E> {
                let port = u16::try_from(value).ok().filter(|port| *port > 0).map(Port);
                port.ok_or_else(|| no_port(value))
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Port, E> {
                Err(no_port(value))
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Port, E> {
                Err(no_port(value))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Port, E> {
                let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                match text.parse() {
                    Ok(value) if digits => self.visit_u64(value),
                    _ => Err(E::custom(Complaint::new(
                        text!(en: "`{text}` is no port", pt: "`{text}` não é uma porta", text = shown(text)),
                        text!(
                            en: "write a number from 1 to 65535; in a ranged host also \"22[01:10]\"",
                            pt: "escreva um número de 1 a 65535; numa máquina com intervalo também \"22[01:10]\"",
                        ),
                    ))),
                }
            }
        }
        deserializer.deserialize_any(PortVisitor)
    }
}

fn no_port<E: de::Error>(value: impl fmt::Display) -> E {
    E::custom(Complaint::new(
        text!(en: "{value} is no port", pt: "{value} não é uma porta"),
        text!(en: "a port is a number from 1 to 65535", pt: "uma porta é um número de 1 a 65535"),
    ))
}

/// A limit of time such as `10s`; a plain number counts seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "Value", extend("type" = ["string", "integer"], "examples" = ["10s", "1m"]))]
pub struct Timeout(pub Duration);

impl TryFrom<String> for Timeout {
    type Error = Complaint;

    fn try_from(text: String) -> Result<Self, Complaint> {
        let seconds = text.parse().ok().map(Duration::from_secs);
        let Some(limit) = seconds.or_else(|| humantime::parse_duration(&text).ok()) else {
            let message =
                text!(en: "`{text}` is no time", pt: "`{text}` não é um tempo", text = shown(&text));
            return Err(Complaint::new(
                message,
                text!(en: "write it like `10s` or `1m`", pt: "escreva como `10s` ou `1m`"),
            ));
        };
        if (Duration::from_secs(1)..=Duration::from_secs(600)).contains(&limit) {
            Ok(Self(limit))
        } else {
            let message = text!(
                en: "`{text}` is out of range",
                pt: "`{text}` está fora dos limites", text = shown(&text)
            );
            Err(Complaint::new(message, text!(en: "choose from 1s to 10m", pt: "escolha de 1s a 10m")))
        }
    }
}

/// One of HAProxy's algorithms.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, with = "Value", extend("anyOf" = [
    { "type": "string", "enum": ALGORITHMS },
    { "type": "string", "pattern": r"^random\([0-9]+\)$" },
]))]
pub struct Algorithm(pub String);

/// Those that need no parameter.
const ALGORITHMS: [&str; 7] = ["roundrobin", "static-rr", "leastconn", "first", "source", "uri", "random"];

impl TryFrom<String> for Algorithm {
    type Error = Complaint;

    fn try_from(text: String) -> Result<Self, Complaint> {
        let draws = text.strip_prefix("random(").and_then(|rest| rest.strip_suffix(')'));
        let random = draws.and_then(|draws| draws.parse::<u8>().ok()).is_some_and(|draws| draws > 0);
        if random || ALGORITHMS.contains(&text.as_str()) {
            return Ok(Self(text));
        }
        let hint = suggestion::hint(&text, &ALGORITHMS);
        Err(Complaint::new(
            text!(
                en: "unknown algorithm `{text}`",
                pt: "algoritmo desconhecido `{text}`", text = shown(&text)
            ),
            hint,
        ))
    }
}

/// What a host is for: a role of the tool, or a practice.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline, with = "Value", extend("anyOf" = role_schemas()))]
pub struct RoleName(pub String);

fn role_schemas() -> Vec<Value> {
    let role =
        |role: &Definition| json!({ "description": role.describes, "type": "string", "const": role.name });
    let practice = json!({
        "description": "A practice: the folder of this name in `practices`.",
        "type": "string",
        "pattern": "^[a-z][a-z0-9_-]*$",
    });
    roles::ALL.iter().map(role).chain([practice]).collect()
}

/// The folder of the socket lab on a host.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, extend("pattern" = "^/"))]
pub struct Folder(pub String);

impl TryFrom<String> for Folder {
    type Error = Complaint;

    fn try_from(text: String) -> Result<Self, Complaint> {
        const SYSTEM: [&str; 9] = ["bin", "boot", "dev", "etc", "lib", "proc", "run", "sbin", "sys"];
        let trimmed = text.trim_end_matches('/');
        let mut parts = trimmed.split('/');
        let absolute = parts.next() == Some("");
        let parts: Vec<_> = parts.collect();
        let plain = parts.iter().all(|part| !["", ".", ".."].contains(part));
        if !absolute || !plain || parts.is_empty() || text.chars().any(char::is_control) || text.len() > 512 {
            return Err(Complaint::new(
                text!(
                    en: "`{text}` is no folder for the socket lab",
                    pt: "`{text}` não é uma pasta para a prática de sockets", text = shown(&text)
                ),
                text!(
                    en: "write a whole path without `..`, such as `/opt/socket`",
                    pt: "escreva um caminho inteiro sem `..`, como `/opt/socket`",
                ),
            ));
        }
        if parts.first().is_some_and(|first| SYSTEM.contains(first)) || ["/usr", "/var"].contains(&trimmed) {
            return Err(Complaint::new(
                text!(en: "`{text}` belongs to the system", pt: "`{text}` é do sistema", text = shown(&text)),
                text!(en: "choose another, such as `/opt/socket`", pt: "escolha outra, como `/opt/socket`"),
            ));
        }
        Ok(Self(trimmed.to_owned()))
    }
}

/// A title of one line.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline)]
pub struct Title(pub String);

impl TryFrom<String> for Title {
    type Error = Complaint;

    fn try_from(text: String) -> Result<Self, Complaint> {
        if text.chars().count() <= 200 && !text.chars().any(char::is_control) {
            Ok(Self(text))
        } else {
            Err(Complaint::new(
                text!(
                    en: "the title is too long or has line breaks",
                    pt: "o título é longo demais ou tem quebras de linha",
                ),
                text!(
                    en: "write one line of at most 200 characters",
                    pt: "escreva uma linha de no máximo 200 caracteres",
                ),
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algorithms() {
        for good in ["roundrobin", "leastconn", "random", "random(2)"] {
            assert!(Algorithm::try_from(good.to_owned()).is_ok(), "{good}");
        }
        for bad in
            ["", "round-robin\n", "random()", "random(0)", "random(2) x", "hdr(Host)", "roundrobin\nbind :1"]
        {
            assert!(Algorithm::try_from(bad.to_owned()).is_err(), "{bad}");
        }
        let unknown = Algorithm::try_from("roundrobbin".to_owned()).unwrap_err();
        assert_eq!(unknown.hint.english(), "did you mean `roundrobin`?");
    }

    #[test]
    fn folders() {
        assert_eq!(Folder::try_from("/opt/socket/".to_owned()).unwrap().0, "/opt/socket");
        assert!(Folder::try_from("/home/aluno/redes 1".to_owned()).is_ok());
        for bad in ["", "/", "opt", "/opt/../etc", "/etc/x", "/dev", "/var", "/opt//x", "/opt\n", "~/x"] {
            assert!(Folder::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
