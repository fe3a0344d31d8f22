//! Numbers of `grading`: weights and the highest score.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Deserializer, de};
use serde_json::json;

use super::complaint::Complaint;
use super::reader::Field;
use crate::model::{CheckKind, Probe, Value};
use crate::probes::PROBES;

/// What each kind of probe counts relative to the others.
#[derive(Debug, Default, JsonSchema)]
#[schemars(with = "Value", extend("type" = "object", "properties" = weight_schemas(), "additionalProperties" = false))]
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

static NAMES: LazyLock<Vec<&str>> =
    LazyLock::new(|| PROBES.iter().map(|probe| probe.kind.as_str()).collect());

const HIGHEST_WEIGHT: f64 = 1000.0;
const HIGHEST_MAXIMUM: f64 = 10_000.0;

fn weight_schemas() -> Value {
    let weight = |probe: &Probe| {
        let description = probe.description;
        let schema =
            json!({ "description": description, "type": "number", "minimum": 0, "maximum": HIGHEST_WEIGHT });
        (probe.kind.as_str().to_owned(), schema)
    };
    PROBES.iter().map(weight).collect()
}

impl Weights {
    /// Those that are given, by probe.
    pub fn by_kind(&self, probes: &[Probe]) -> BTreeMap<CheckKind, f64> {
        let given = |probe: &Probe| Some((probe.kind, self.0.get(probe.kind.as_str())?.value?.0));
        probes.iter().filter_map(given).collect()
    }
}

impl<'de> Deserialize<'de> for Weights {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct("Weights", &NAMES, WeightsVisitor)
    }
}

struct WeightsVisitor;

impl<'de> de::Visitor<'de> for WeightsVisitor {
    type Value = Weights;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a weight for each probe")
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
            Err(Complaint::new(format!("{number} is no weight"), "a weight is a number from 0 to 1000"))
        }
    }
}

impl TryFrom<f64> for Maximum {
    type Error = Complaint;

    fn try_from(number: f64) -> Result<Self, Complaint> {
        if number > 0.0 && number <= HIGHEST_MAXIMUM {
            Ok(Self(number))
        } else {
            let hint = "choose a number above 0 and up to 10000, such as 10 or 100";
            Err(Complaint::new(format!("{number} can not be the highest score"), hint))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::{Check, CheckStatus, Grading, HostId, Text};

    #[test]
    fn a_probe_that_is_added_anywhere_shifts_no_grade() {
        let named = [
            (CheckKind::SSH, 1.0, CheckStatus::Fail),
            (CheckKind::SERVICE, 4.0, CheckStatus::Pass),
            (CheckKind::HTTP, 9.0, CheckStatus::Fail),
            (CheckKind::BALANCE, 16.0, CheckStatus::Pass),
            (CheckKind::STATS, 25.0, CheckStatus::Fail),
            (CheckKind::SOCKET, 36.0, CheckStatus::Pass),
        ];
        let weight = |weight| Field { at: None, value: Some(Weight(weight)) };
        let weights = named.map(|(kind, points, _)| (kind.as_str().to_owned(), weight(points)));
        let weights = Weights(weights.into());
        let checks = named.map(|(kind, _, status)| Check {
            kind,
            host: HostId::new("ana", "lb"),
            status,
            detail: Text::default(),
            hint: None,
            shares: Vec::new(),
            services: Vec::new(),
            log_tail: Vec::new(),
            duration: Duration::ZERO,
        });
        for place in 0..=PROBES.len() {
            let mut longer = PROBES.to_vec();
            longer.insert(place, Probe { kind: CheckKind::new("added", 35), ..PROBES[0] });
            let grading = Grading { maximum: 91.0, weights: weights.by_kind(&longer) };
            assert_eq!(grading.score(&checks), Some(4.0 + 16.0 + 36.0));
        }
    }
}
