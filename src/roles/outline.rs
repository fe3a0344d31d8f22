//! What a role wants, without what it writes.

use std::path::Path;

use crate::model::{Render, Template, TemplateError, Variables};

/// Templates that say of their values no more than the ports to bind.
pub struct Outline;

impl Render for Outline {
    fn render(&self, _: &Template, _: Option<&Path>, values: &Variables) -> Result<String, TemplateError> {
        let ports = values.iter().filter(|(name, _)| name.ends_with("port"));
        Ok(ports.fold(String::new(), |text, (_, port)| text + &format!("bind *:{port}\n")))
    }

    fn asks_for(&self, _: &Template, _: Option<&Path>, _: &str) -> bool {
        false
    }
}
