//! Tests of the whole way from text to model.

mod faults;
mod hostile;
mod model;
mod practices;
mod starters;

use std::path::Path;

use super::surroundings::{Extent, Surroundings};
use super::{Faults, parse};
use crate::model::{Inventory, TemplateError, Text};

/// Reads a text as if it were `/class/inventory.yaml`, on a machine where every file is there whose name does not say
/// that it is missing.
fn read(text: &str) -> Result<Inventory, Faults> {
    let surroundings = Surroundings {
        home: Some("/home/ana".into()),
        is_file: &|path| !path.to_string_lossy().contains("missing"),
        check_template: &|role, host, _| {
            let path = role.template().unwrap();
            match path.file_name().and_then(|name| name.to_str()) {
                Some("broken.tera") => Err(TemplateError {
                    line: Some(3),
                    column: Some(7),
                    ..TemplateError::new(
                        path,
                        Text::verbatim("variable `titel` is not defined; did you mean `title`?"),
                    )
                }),
                Some("picky.tera") if host.name == "web02" => {
                    Err(TemplateError::new(path, Text::verbatim("does not compile")))
                }
                _ => Ok(()),
            }
        },
        extent: Extent::All,
    };
    parse(text, Path::new("/class/inventory.yaml"), &surroundings)
}

fn read_well(text: &str) -> Inventory {
    read(text).unwrap_or_else(|faults| panic!("{faults:?}"))
}
