//! The published JSON Schema of practices, made from the shapes that read them.

use schemars::generate::SchemaSettings;

use super::raw;

pub fn schema() -> String {
    let schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<raw::Practice>();
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}
