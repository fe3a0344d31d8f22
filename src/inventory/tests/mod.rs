//! Tests of the whole way from text to model.

mod faults;
mod model;
mod starters;

use std::path::Path;

use super::surroundings::{Surroundings, TemplateFault};
use super::{Faults, parse};
use crate::model::Inventory;

/// Reads a text as if it were `/class/inventory.yaml`, on a machine where every file is there whose name does not say
/// that it is missing.
fn read(text: &str) -> Result<Inventory, Faults> {
    let surroundings = Surroundings {
        home: Some("/home/ana".into()),
        is_file: &|path| !path.to_string_lossy().contains("missing"),
        check_template: &|_, path, host, _| match path.file_name().and_then(|name| name.to_str()) {
            Some("broken.tera") => Err(TemplateFault {
                message: "variable `titel` is not defined; did you mean `title`?".into(),
                line: 3,
                column: 7,
            }),
            Some("picky.tera") if host.name == "web02" => {
                Err(TemplateFault { message: "does not compile".into(), line: 0, column: 0 })
            }
            _ => Ok(()),
        },
    };
    parse(text, Path::new("/class/inventory.yaml"), &surroundings)
}

fn read_well(text: &str) -> Inventory {
    read(text).unwrap_or_else(|faults| panic!("{faults}"))
}
