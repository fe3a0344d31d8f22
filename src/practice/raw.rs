//! The shapes of practice.yaml as it is written. From these types comes the published schema, so their comments are
//! what an editor shows.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Deserializer, de};

use crate::document::complaint::Complaint;
use crate::document::reader::Field;
use crate::model::{Language, Text, Value, text};

/// A list, each item with its place.
pub type List<T> = Field<Vec<Field<T>>>;

/// A practice: what its hosts have installed, written and running, and how it is seen that it works. Every text may use
/// Tera: `{{ port }}`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Practice {
    /// What people call it: a text, or one for each language.
    pub title: Field<Title>,
    /// Values for templates, by name. `vars: { NAME: { .. } }` of the inventory sets others in their place.
    pub defaults: Field<BTreeMap<String, Field<Value>>>,
    /// Debian packages.
    pub packages: List<String>,
    /// Folders, made where they are missing.
    pub directories: List<Directory>,
    /// Files, from a template or as they are.
    pub files: List<File>,
    /// Symbolic links.
    pub links: List<Link>,
    /// What has to be run, each with what tells that it has been.
    pub commands: List<Command>,
    /// Services that are enabled and run.
    pub services: List<Service>,
    /// Folders that its services write to: they are never removed with a package.
    pub data: List<String>,
    /// How it is seen that it works, asked on the host itself.
    pub probes: List<Probe>,
}

/// A folder on the host.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["path"]))]
pub struct Directory {
    /// Whole path on the host.
    pub path: Field<String>,
    /// Permissions, in quotes: `"0755"`. What is named is wanted; what is not stays as it is.
    pub mode: Field<Mode>,
    /// Who owns it.
    pub owner: Field<String>,
    /// Which group owns it.
    pub group: Field<String>,
}

/// A file on the host: one of `template` and `source`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["path"]))]
pub struct File {
    /// Whole path on the host.
    pub path: Field<String>,
    /// A Tera template in the practice's folder.
    pub template: Field<String>,
    /// A file in the practice's folder that goes out as it is; 10 MB at most.
    pub source: Field<String>,
    /// Permissions, in quotes: `"0640"`. What is named is wanted; what is not stays as it is.
    pub mode: Field<Mode>,
    /// Who owns it.
    pub owner: Field<String>,
    /// Which group owns it.
    pub group: Field<String>,
    /// A command that checks the new file before it takes its place, with `{file}` for its path.
    pub validate: Field<String>,
    /// The service of this practice that reads it anew when it changes.
    pub notify: Field<String>,
}

/// A symbolic link on the host.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["path", "target"]))]
pub struct Link {
    /// Whole path on the host.
    pub path: Field<String>,
    /// Where it leads, as it is written into it.
    pub target: Field<String>,
    /// The service of this practice that reads it anew when it changes.
    pub notify: Field<String>,
}

/// A command that root runs: one of `run` and `script`, and one of `unless` and `creates`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["name"]))]
pub struct Command {
    /// What plans and failures call it.
    pub name: Field<String>,
    /// Text for sh. Each `{{ value }}` is one quoted word.
    pub run: Field<String>,
    /// A program in the practice's folder.
    pub script: Field<String>,
    /// Text for sh that ends well where there is nothing to do. It changes nothing.
    pub unless: Field<String>,
    /// A path; where something stands there, there is nothing to do.
    pub creates: Field<String>,
    /// Text for sh that takes it back, for `reset`.
    pub undo: Field<String>,
    /// Limit for running it. Default: `5m`.
    pub timeout: Field<String>,
    /// Whether it comes behind the `files` or the `service`. Default: `files`.
    #[schemars(extend("enum" = ["files", "service"]))]
    pub after: Field<String>,
}

/// A service that is enabled and runs.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["name"]))]
pub struct Service {
    /// As `systemctl` knows it, without `.service`.
    pub name: Field<String>,
    /// TCP ports that it listens on.
    pub ports: List<Number>,
    /// What it does when one of its files changes. Default: `reload`, where it can.
    #[schemars(extend("enum" = ["reload", "restart"]))]
    pub on_change: Field<String>,
}

/// A question that the host is asked: one of `tcp`, `http` and `command`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["name"]))]
pub struct Probe {
    /// What results call it.
    pub name: Field<String>,
    /// Whether somebody takes connections.
    pub tcp: Field<Tcp>,
    /// Whether a page is served.
    pub http: Field<Http>,
    /// Whether a command ends well.
    pub command: Field<Ask>,
}

/// Whether somebody takes connections on a port of the host.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["port"]))]
pub struct Tcp {
    /// A TCP port.
    pub port: Field<Number>,
}

/// Whether the host serves a page.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["port"]))]
pub struct Http {
    /// A TCP port.
    pub port: Field<Number>,
    /// Path of the page. Default: `/`.
    pub path: Field<String>,
    /// Status of the answer. Default: 200.
    pub status: Field<Number>,
    /// Text that stands in the page.
    pub contains: Field<String>,
}

/// Whether a command ends well on the host.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["run"]))]
pub struct Ask {
    /// Text for sh. Each `{{ value }}` is one quoted word.
    pub run: Field<String>,
    /// Text that stands in what it prints.
    pub contains: Field<String>,
    /// Limit for it. Default: `20s`.
    pub timeout: Field<String>,
    /// Whether root runs it, else whoever logs in. Default: `false`.
    pub root: Field<bool>,
}

/// A number, or a text that becomes one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline, with = "Value", extend("type" = ["integer", "string"]))]
pub struct Number(pub String);

/// Permissions as text: for YAML the digits alone are a number, and another one.
#[derive(Debug, JsonSchema)]
#[schemars(inline, with = "String", extend("examples" = ["0644", "0755"]))]
pub struct Mode(pub String);

/// How an unquoted mode is refused.
pub fn unquoted_mode() -> Complaint {
    Complaint::new(
        text!(
            en: "a mode without quotes is a number for YAML, not always the one that it looks like",
            pt: "um modo sem aspas é um número para o YAML, nem sempre o que parece",
        ),
        text!(en: "write it in quotes: \"0644\"", pt: "escreva entre aspas: \"0644\""),
    )
}

impl<'de> Deserialize<'de> for Mode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self(text)),
            Value::Number(_) => Err(de::Error::custom(unquoted_mode())),
            _ => Err(de::Error::custom(Complaint::new(
                text!(en: "this is no mode", pt: "isto não é um modo"),
                text!(en: "write it in quotes: \"0644\"", pt: "escreva entre aspas: \"0644\""),
            ))),
        }
    }
}

/// A title, in each language.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(inline, with = "Value", extend("anyOf" = [
    { "type": "string" },
    { "type": "object", "properties": { "en": { "type": "string" }, "pt-BR": { "type": "string" } },
      "required": ["en", "pt-BR"], "additionalProperties": false },
]))]
pub struct Title(pub Text);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Titles {
    en: Option<String>,
    #[serde(rename = "pt-BR")]
    pt: Option<String>,
}

impl<'de> Deserialize<'de> for Title {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TitleVisitor;
        impl<'de> de::Visitor<'de> for TitleVisitor {
            type Value = Title;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let wanted = text!(
                    en: "a text, or `{{ en: .., pt-BR: .. }}`,",
                    pt: "um texto, ou `{{ en: .., pt-BR: .. }}`,",
                );
                formatter.write_str(&wanted.packed())
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Title, E> {
                Ok(Title(Text::verbatim(line(text).map_err(E::custom)?)))
            }

            fn visit_map<A: de::MapAccess<'de>>(self, access: A) -> Result<Title, A::Error> {
                let Titles { en, pt } = Titles::deserialize(MapAccessDeserializer::new(access))?;
                let (Some(en), Some(pt)) = (en, pt) else { return Err(de::Error::custom(half_a_title())) };
                let [en, pt] = [line(&en), line(&pt)].map(|text| text.map_err(de::Error::custom));
                let (en, pt) = (en?, pt?);
                Ok(Title(Text::new(|language| match language {
                    Language::English => en.to_owned(),
                    Language::Portuguese => pt.to_owned(),
                })))
            }
        }
        deserializer.deserialize_any(TitleVisitor)
    }
}

fn half_a_title() -> Complaint {
    Complaint::new(
        text!(en: "this title has one language of two", pt: "este título só tem uma das duas línguas"),
        text!(
            en: "write `{{ en: .., pt-BR: .. }}`, or a text for both",
            pt: "escreva `{{ en: .., pt-BR: .. }}`, ou um texto para as duas",
        ),
    )
}

fn line(text: &str) -> Result<&str, Complaint> {
    let is_good = !text.trim().is_empty() && text.chars().count() <= 200 && !text.contains(char::is_control);
    is_good.then_some(text).ok_or_else(|| {
        Complaint::new(
            text!(
                en: "this is no title",
                pt: "isto não é um título",
            ),
            text!(
                en: "write one line of at most 200 characters",
                pt: "escreva uma linha de no máximo 200 caracteres",
            ),
        )
    })
}

impl AsRef<str> for Mode {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Number {
    fn as_ref(&self) -> &str {
        &self.0
    }
}
