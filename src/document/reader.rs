//! Reads typed values out of the tree by serde, and goes on after a fault.
//!
//! A [`Field`] catches what is wrong below it: the fault is recorded with its node, and the reading goes on with the
//! next one. Unknown keys are recorded and skipped. Ranges in texts are replaced on the way.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::JsonSchema;
use serde::de::value::{StringDeserializer, U64Deserializer};
use serde::de::{self, Deserialize, DeserializeSeed, IntoDeserializer, SeqAccess, Visitor};

use super::complaint::Complaint;
use super::parser_error;
use super::recorder::Recorder;
use super::suggestion::{self, shown};
use super::tree::{Node, NodeId, Tree};
use super::trouble::{Trouble, expected, found, keys_are, spaced, unknown_key};
use super::zip::Zip;
use crate::model::{Text, text};

/// The name by which a [`Field`] is told from other newtypes.
const FIELD: &str = "provision::Field";

// A value with its place in the text. Missing, wrong (and recorded), or given. In the schema it looks like its value.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(with = "T")]
pub struct Field<T> {
    /// The node; `None` where the key is missing.
    pub at: Option<NodeId>,
    /// The value; `None` where it is missing or wrong.
    pub value: Option<T>,
}

impl<T> Default for Field<T> {
    fn default() -> Self {
        Self { at: None, value: None }
    }
}

impl<T> Field<T> {
    /// Whether the key is there with a value that is wrong.
    pub fn is_faulty(&self) -> bool {
        self.at.is_some() && self.value.is_none()
    }
}

// A part that is read later, for each member of its range. In the schema it is what it will be read as.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(inline)]
pub struct Later<T>(#[schemars(with = "T")] PhantomData<T>);

impl<'de, T> Deserialize<'de> for Later<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        de::IgnoredAny::deserialize(deserializer).map(|_| Self(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for FieldVisitor<T> {
            type Value = Field<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a value")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Field<T>, A::Error> {
                let at = access.next_element::<usize>()?;
                // What is wrong has been recorded by the access.
                Ok(Field { at, value: access.next_element().unwrap_or_default() })
            }
        }
        deserializer.deserialize_newtype_struct(FIELD, FieldVisitor(PhantomData))
    }
}

#[derive(Clone, Copy)]
pub struct Reader<'a> {
    tree: &'a Tree,
    recorder: &'a Recorder,
    zip: &'a Zip,
    id: NodeId,
}

impl<'a> Reader<'a> {
    /// A reader of a node; texts below it are taken through `zip`.
    pub fn new(tree: &'a Tree, recorder: &'a Recorder, zip: &'a Zip, id: NodeId) -> Self {
        Self { tree, recorder, zip, id }
    }

    /// Reads the node; what is wrong is recorded.
    pub fn read<T: Deserialize<'a>>(self) -> Option<T> {
        T::deserialize(self).map_err(|trouble| self.record(trouble)).ok()
    }

    fn at(self, id: NodeId) -> Self {
        Self { id, ..self }
    }

    fn record(self, trouble: Trouble) {
        let Complaint { message, hint } = trouble.complaint;
        self.recorder.add(trouble.at.unwrap_or(self.id), message, hint);
    }

    /// Puts the node to a trouble that has none yet.
    fn place<T>(self, result: Result<T, Trouble>) -> Result<T, Trouble> {
        result.map_err(|trouble| Trouble { at: trouble.at.or(Some(self.id)), ..trouble })
    }

    fn text(self, text: &'a str) -> Result<Cow<'a, str>, Trouble> {
        self.zip.apply(text).map_err(Trouble::from)
    }

    fn wrong<T>(self, wanted: &Text, hint: Text) -> Result<T, Trouble> {
        Err(expected(wanted, &found(self.tree.node(self.id)), hint).into())
    }

    /// Whether `{{ name }}` was written without quotes: for YAML a map with a map for a key.
    fn is_unquoted_value(self, entries: &[(NodeId, NodeId)]) -> bool {
        matches!(entries, [(key, _)] if matches!(self.tree.node(*key), Node::Map(_)))
    }

    fn list<V: Visitor<'a>>(self, items: &'a [NodeId], visitor: V) -> Result<V::Value, Trouble> {
        visitor.visit_seq(de::value::SeqDeserializer::new(items.iter().map(|id| self.at(*id))))
    }

    /// The entries of a map, without keys that came before, which are recorded elsewhere.
    fn entries(self, known: Option<&'static [&'static str]>, part: &str) -> Vec<(String, Self)> {
        let mut entries: Vec<(String, Self)> = Vec::new();
        for (key, value) in self.tree.entries(self.id) {
            let Some(name) = self.tree.scalar(*key) else {
                self.recorder.add(
                    *key,
                    text!(
                        en: "this can not be a key",
                        pt: "isto não pode ser uma chave",
                    ),
                    text!(
                        en: "write a plain word, in quotes if need be",
                        pt: "escreva uma palavra simples, entre aspas se preciso",
                    ),
                );
                continue;
            };
            if known.is_some_and(|known| !known.contains(&name.as_str())) {
                // A merge is refused as such.
                if name != "<<" {
                    let part = part.to_lowercase();
                    let hint = suggestion::for_key(&part, &name, known.unwrap_or_default());
                    let message = unknown_key(&part, &shown(&name));
                    self.recorder.add(*key, message, hint);
                }
            } else if !entries.iter().any(|(other, _)| *other == name) {
                entries.push((name, self.at(*value)));
            }
        }
        entries
    }
}

/// Gives a map to who asked for it.
fn visit_map<'a, V: Visitor<'a>>(
    entries: Vec<(String, Reader<'a>)>,
    visitor: V,
) -> Result<V::Value, Trouble> {
    visitor.visit_map(de::value::MapDeserializer::new(entries.into_iter()))
}

impl<'a> de::Deserializer<'a> for Reader<'a> {
    type Error = Trouble;

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Trouble> {
        let result = match self.tree.node(self.id) {
            // A tag is reported where tags are looked for.
            Node::Null | Node::Tagged => visitor.visit_unit(),
            Node::Bool(value) => visitor.visit_bool(*value),
            Node::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(value), _, _) => visitor.visit_u64(value),
                (_, Some(value), _) => visitor.visit_i64(value),
                (_, _, value) => visitor.visit_f64(value.unwrap_or_default()),
            },
            Node::Text(text) => self.text(text).and_then(|text| match text {
                Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
                Cow::Owned(text) => visitor.visit_string(text),
            }),
            Node::List(items) => self.list(items, visitor),
            Node::Map(_) => visit_map(self.entries(None, ""), visitor),
        };
        self.place(result)
    }

    fn deserialize_str<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Trouble> {
        let result = match self.tree.node(self.id) {
            Node::Text(_) => return self.deserialize_any(visitor),
            Node::Number(number) if !number.is_f64() => visitor.visit_string(number.to_string()),
            Node::Number(_) | Node::Bool(_) => self.wrong(
                &text!(en: "text", pt: "texto"),
                text!(en: "put the value in quotes", pt: "ponha o valor entre aspas"),
            ),
            Node::Null => self.wrong(
                &text!(en: "text", pt: "texto"),
                text!(en: "give it a value, or remove the key", pt: "dê um valor a ela, ou tire a chave"),
            ),
            Node::Map(entries) if self.is_unquoted_value(entries) => {
                Err(Complaint::new(parser_error::unquoted(), parser_error::quote_value()).into())
            }
            _ => self.wrong(
                &text!(en: "text", pt: "texto"),
                text!(en: "write one value", pt: "escreva um valor só"),
            ),
        };
        self.place(result)
    }

    fn deserialize_string<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Trouble> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bool<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Trouble> {
        match self.tree.node(self.id) {
            Node::Bool(_) => self.deserialize_any(visitor),
            _ => self.place(self.wrong(
                &text!(en: "`true` or `false`", pt: "`true` ou `false`"),
                text!(en: "write one of the two, without quotes", pt: "escreva um dos dois, sem aspas"),
            )),
        }
    }

    fn deserialize_u64<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Trouble> {
        match self.tree.node(self.id) {
            Node::Number(_) => self.deserialize_any(visitor),
            _ => self.place(self.wrong(
                &text!(en: "a number", pt: "um número"),
                text!(en: "write digits, without quotes", pt: "escreva dígitos, sem aspas"),
            )),
        }
    }

    fn deserialize_f64<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Trouble> {
        match self.tree.node(self.id) {
            Node::Number(_) => self.deserialize_any(visitor),
            _ => self.place(self.wrong(
                &text!(
                    en: "a number",
                    pt: "um número",
                ),
                text!(
                    en: "write digits, such as 2 or 0.5, without quotes",
                    pt: "escreva dígitos, como 2 ou 0.5, sem aspas",
                ),
            )),
        }
    }

    fn deserialize_seq<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Trouble> {
        let result = match self.tree.node(self.id) {
            Node::List(items) => self.list(items, visitor),
            Node::Text(text) => self.wrong(
                &text!(
                    en: "a list",
                    pt: "uma lista",
                ),
                text!(en: "write `[{text}]`", pt: "escreva `[{text}]`", text = shown(text)),
            ),
            _ => self.wrong(
                &text!(
                    en: "a list",
                    pt: "uma lista",
                ),
                text!(
                    en: "write `[a, b]`, or a line `- a` for each",
                    pt: "escreva `[a, b]`, ou uma linha `- a` para cada um",
                ),
            ),
        };
        self.place(result)
    }

    fn deserialize_map<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Trouble> {
        let result = match self.tree.node(self.id) {
            Node::Map(_) | Node::Null => visit_map(self.entries(None, ""), visitor),
            _ => self.wrong(
                &text!(
                    en: "a map of keys",
                    pt: "um mapa de chaves",
                ),
                text!(
                    en: "write `key: value`, indented below this",
                    pt: "escreva `chave: valor`, recuado abaixo disto",
                ),
            ),
        };
        self.place(result)
    }

    fn deserialize_struct<V: Visitor<'a>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Trouble> {
        let result = match self.tree.node(self.id) {
            Node::Map(_) | Node::Null => visit_map(self.entries(Some(fields), name), visitor),
            Node::Tagged => visit_map(Vec::new(), visitor),
            _ => self.wrong(&text!(en: "a map of keys", pt: "um mapa de chaves"), keys_are(fields)),
        };
        self.place(result)
    }

    fn deserialize_enum<V: Visitor<'a>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Trouble> {
        let result = match self.tree.node(self.id) {
            Node::Text(text) => self.text(text).and_then(|text| {
                if variants.contains(&text.as_ref()) {
                    visitor.visit_enum(StringDeserializer::<Trouble>::new(text.into_owned()))
                } else {
                    let hint = suggestion::hint(&text, variants);
                    let (what, word) = (spaced(name), shown(&text));
                    let message =
                        text!(en: "unknown {what} `{word}`", pt: "valor desconhecido `{word}` ({what})");
                    Err(Complaint::new(message, hint).into())
                }
            }),
            _ => self.wrong(&text!(en: "a word", pt: "uma palavra"), suggestion::known(variants)),
        };
        self.place(result)
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Trouble> {
        if name == FIELD {
            visitor.visit_seq(FieldAccess { reader: self, placed: false })
        } else {
            visitor.visit_newtype_struct(self)
        }
    }

    fn deserialize_ignored_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Trouble> {
        visitor.visit_unit()
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Trouble> {
        visitor.visit_some(self)
    }

    serde::forward_to_deserialize_any! {
        <V: Visitor<'a>>
        i8 i16 i32 i64 i128 u8 u16 u32 u128 f32 char bytes byte_buf unit unit_struct tuple tuple_struct
        identifier
    }
}

impl<'a> IntoDeserializer<'a, Trouble> for Reader<'a> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// Gives a field its place, then its value; records what is wrong with the value.
struct FieldAccess<'a> {
    reader: Reader<'a>,
    placed: bool,
}

impl<'a> SeqAccess<'a> for FieldAccess<'a> {
    type Error = Trouble;

    fn next_element_seed<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<Option<S::Value>, Trouble> {
        if !std::mem::replace(&mut self.placed, true) {
            return seed.deserialize(U64Deserializer::new(self.reader.id as u64)).map(Some);
        }
        if self.reader.tree.node(self.reader.id) == &Node::Tagged {
            return Ok(None);
        }
        seed.deserialize(self.reader).map(Some).map_err(|trouble| {
            self.reader.record(trouble);
            de::Error::custom("")
        })
    }
}
