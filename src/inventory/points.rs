//! Numbers of `grading`: weights and the highest score.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};

/// What a probe counts; 0 leaves it out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weight(pub f64);

/// The score of a cluster where every probe passed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Maximum(pub f64);

const HIGHEST_WEIGHT: f64 = 1000.0;
const HIGHEST_MAXIMUM: f64 = 10_000.0;

impl<'de> Deserialize<'de> for Weight {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = deserializer.deserialize_any(NumberVisitor)?;
        if (0.0..=HIGHEST_WEIGHT).contains(&number) {
            Ok(Self(number))
        } else {
            Err(de::Error::custom(format!("{number} is no weight\na weight is a number from 0 to 1000")))
        }
    }
}

impl<'de> Deserialize<'de> for Maximum {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = deserializer.deserialize_any(NumberVisitor)?;
        if number > 0.0 && number <= HIGHEST_MAXIMUM {
            Ok(Self(number))
        } else {
            let hint = "choose a number above 0 and up to 10000, such as 10 or 100";
            Err(de::Error::custom(format!("{number} can not be the highest score\n{hint}")))
        }
    }
}

struct NumberVisitor;

impl de::Visitor<'_> for NumberVisitor {
    type Value = f64;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a number")
    }

    #[expect(clippy::cast_precision_loss, reason = "it is lost only far beyond any limit")]
    fn visit_u64<E: de::Error>(self, value: u64) -> Result<f64, E> {
        Ok(value as f64)
    }

    #[expect(clippy::cast_precision_loss, reason = "it is lost only far beyond any limit")]
    fn visit_i64<E: de::Error>(self, value: i64) -> Result<f64, E> {
        Ok(value as f64)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<f64, E> {
        Ok(value)
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<f64, E> {
        Err(E::custom(
            "a number is expected, but this is text\nwrite digits, such as 2 or 0.5, without quotes",
        ))
    }
}

impl JsonSchema for Weight {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Weight".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "minimum": 0, "maximum": HIGHEST_WEIGHT })
    }
}

impl JsonSchema for Maximum {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Maximum".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "exclusiveMinimum": 0, "maximum": HIGHEST_MAXIMUM })
    }
}
