//! Why a value could not be read, as serde carries it.

use std::fmt;

use serde::de;

use super::complaint::Complaint;
use super::suggestion;
use super::tree::{Node, NodeId};
use crate::model::{Text, text};

/// Why a value could not be read.
#[derive(Debug)]
pub struct Trouble {
    pub at: Option<NodeId>,
    pub complaint: Complaint,
}

impl From<Complaint> for Trouble {
    fn from(complaint: Complaint) -> Self {
        Self { at: None, complaint }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.complaint.fmt(formatter)
    }
}

impl std::error::Error for Trouble {}

impl de::Error for Trouble {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Complaint::from_serde(&text.to_string()).into()
    }

    fn invalid_type(found: de::Unexpected<'_>, wanted: &dyn de::Expected) -> Self {
        // Never the value itself: it may be a secret in the wrong place.
        let found = match found {
            de::Unexpected::Unit | de::Unexpected::Option => text!(en: "there is nothing", pt: "não há nada"),
            de::Unexpected::Bool(_) => text!(en: "this is true or false", pt: "isto é verdadeiro ou falso"),
            de::Unexpected::Unsigned(_) | de::Unexpected::Signed(_) | de::Unexpected::Float(_) => {
                text!(en: "this is a number", pt: "isto é um número")
            }
            de::Unexpected::Seq => text!(en: "this is a list", pt: "isto é uma lista"),
            de::Unexpected::Map => text!(en: "this is a map of keys", pt: "isto é um mapa de chaves"),
            _ => text!(en: "this is something else", pt: "isto é outra coisa"),
        };
        let hint = text!(en: "write one value", pt: "escreva um valor só");
        expected(&Text::unpacked(&wanted.to_string()), &found, hint).into()
    }
}

/// That a value is of another kind.
pub fn expected(wanted: &Text, found: &Text, hint: Text) -> Complaint {
    let message = text!(
        en: "{wanted} is expected, but {found}",
        pt: "aqui se espera {wanted}, mas {found}", wanted, found
    );
    Complaint::new(message, hint)
}

/// What a node is.
pub fn found(node: &Node) -> Text {
    match node {
        Node::Null => text!(en: "there is nothing", pt: "não há nada"),
        Node::Bool(_) => text!(en: "this is true or false", pt: "isto é verdadeiro ou falso"),
        Node::Number(_) => text!(en: "this is a number", pt: "isto é um número"),
        Node::Text(_) => text!(en: "this is text", pt: "isto é texto"),
        Node::List(_) => text!(en: "this is a list", pt: "isto é uma lista"),
        Node::Map(_) => text!(en: "this is a map of keys", pt: "isto é um mapa de chaves"),
        Node::Tagged => text!(en: "this has a tag", pt: "isto tem uma etiqueta"),
    }
}

/// A key that a part of a document does not have.
pub fn unknown_key(part: &str, key: &str) -> Text {
    match part {
        "inventory" => text!(en: "unknown key `{key}`", pt: "chave desconhecida `{key}`"),
        part => text!(en: "unknown key `{key}` of `{part}`", pt: "chave desconhecida `{key}` em `{part}`"),
    }
}

pub fn keys_are(keys: &[&str]) -> Text {
    let keys = suggestion::list(keys);
    text!(en: "its keys are {keys}", pt: "as chaves são {keys}", keys)
}

/// `HostKeys` as `host keys`.
pub fn spaced(name: &str) -> String {
    let mut text = String::new();
    for character in name.chars() {
        if character.is_uppercase() && !text.is_empty() {
            text.push(' ');
        }
        text.extend(character.to_lowercase());
    }
    text
}
