//! Numbers of `grading`: weights and the highest score.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Deserializer, de};
use serde_json::json;

use crate::document::complaint::Complaint;
use crate::document::reader::Field;
use crate::document::recorder::Recorder;
use crate::document::suggestion::{self, shown};
use crate::model::{CheckKind, Probe, Value, text};
use crate::probes::PROBES;

/// What each kind of probe counts relative to the others.
#[derive(Debug, Default, JsonSchema)]
#[schemars(with = "Value", extend("type" = "object", "properties" = weight_schemas(),
    "additionalProperties" = weight_schema("What the probes of a practice count.")))]
pub struct Weights(BTreeMap<String, Field<Weight>>);

/// What a probe counts; 0 leaves it out.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "f64")]
pub struct Weight(pub f64);

/// The score of a cluster where every probe passed.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, JsonSchema)]
#[serde(try_from = "f64")]
#[schemars(inline, with = "Value", extend("type" = "number", "exclusiveMinimum" = 0, "maximum" = HIGHEST_MAXIMUM))]
pub struct Maximum(pub f64);

const HIGHEST_WEIGHT: f64 = 1000.0;
const HIGHEST_MAXIMUM: f64 = 10_000.0;

fn weight_schemas() -> Value {
    let weight = |probe: &Probe| (probe.kind.as_str().to_owned(), weight_schema(probe.description));
    PROBES.iter().map(weight).collect()
}

fn weight_schema(description: &str) -> Value {
    json!({ "description": description, "type": "number", "minimum": 0, "maximum": HIGHEST_WEIGHT })
}

impl Weights {
    /// Those that are given for what is known; others are faults.
    pub fn by_kind(&self, known: &[&str], recorder: &Recorder) -> BTreeMap<CheckKind, f64> {
        let mut weights = BTreeMap::new();
        for (name, field) in &self.0 {
            if known.contains(&name.as_str()) {
                weights.extend(field.value.map(|weight| (kind(name), weight.0)));
            } else if let Some(at) = field.at {
                let message = text!(
                    en: "unknown key `{name}` of `weights`",
                    pt: "chave desconhecida `{name}` em `weights`", name = shown(name)
                );
                // A name is a node of its own, right before its value.
                recorder.add(at - 1, message, suggestion::hint(name, known));
            }
        }
        weights
    }
}

/// The probe of a name, or all probes of that practice.
fn kind(name: &str) -> CheckKind {
    let mut kinds = PROBES.iter().map(|probe| probe.kind);
    kinds.find(|kind| kind.as_str() == name).unwrap_or_else(|| CheckKind::of_practice(name))
}

impl<'de> Deserialize<'de> for Weights {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(WeightsVisitor)
    }
}

struct WeightsVisitor;

impl<'de> de::Visitor<'de> for WeightsVisitor {
    type Value = Weights;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wanted = text!(en: "a weight for each probe", pt: "um peso para cada teste");
        formatter.write_str(&wanted.packed())
    }

    fn visit_map<A: de::MapAccess<'de>>(self, access: A) -> Result<Weights, A::Error> {
        BTreeMap::deserialize(MapAccessDeserializer::new(access)).map(Weights)
    }
}

impl TryFrom<f64> for Weight {
    type Error = Complaint;

    fn try_from(number: f64) -> Result<Self, Complaint> {
        if (0.0..=HIGHEST_WEIGHT).contains(&number) {
            Ok(Self(number))
        } else {
            Err(Complaint::new(
                text!(en: "{number} is no weight", pt: "{number} não é um peso"),
                text!(en: "a weight is a number from 0 to 1000", pt: "um peso é um número de 0 a 1000"),
            ))
        }
    }
}

impl TryFrom<f64> for Maximum {
    type Error = Complaint;

    fn try_from(number: f64) -> Result<Self, Complaint> {
        if number > 0.0 && number <= HIGHEST_MAXIMUM {
            Ok(Self(number))
        } else {
            let hint = text!(
                en: "choose a number above 0 and up to 10000, such as 10 or 100",
                pt: "escolha um número acima de 0 e até 10000, como 10 ou 100",
            );
            Err(Complaint::new(
                text!(en: "{number} can not be the highest score", pt: "{number} não pode ser a nota máxima"),
                hint,
            ))
        }
    }
}
