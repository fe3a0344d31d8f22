//! The name of a role on the command line: one of the tool's is offered, and one of a practice is taken.

use std::ffi::OsStr;

use clap::builder::{NonEmptyStringValueParser, PossibleValue, TypedValueParser};
use clap::{Arg, Command, Error};

use crate::roles::{self, Definition};

#[derive(Debug, Clone)]
pub struct RoleParser;

impl TypedValueParser for RoleParser {
    type Value = String;

    fn parse_ref(&self, command: &Command, argument: Option<&Arg>, value: &OsStr) -> Result<String, Error> {
        NonEmptyStringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let value =
            |role: &Definition| PossibleValue::new(role.name).help(role.describes.trim_end_matches('.'));
        Some(Box::new(roles::ALL.iter().map(value)))
    }
}
