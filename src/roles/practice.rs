//! A practice of somebody's own as one host has it, with all values in place.

use std::sync::Arc;

use crate::model::{
    Cluster, Expectation, Placement, Port, PracticeProbe, Render, Resource, Role, TemplateError, Text, Value,
};

#[derive(Debug, Clone, Default)]
pub struct Practice {
    pub name: String,
    /// What people call it.
    pub title: Text,
    /// Its defaults, and what the inventory sets in their place, by name.
    pub values: serde_json::Map<String, Value>,
    /// In the order of its file.
    pub resources: Vec<Resource>,
    /// Where each of them stands, for people.
    pub places: Vec<Arc<str>>,
    pub ports: Vec<Port>,
    pub probes: Vec<PracticeProbe>,
}

impl Role for Practice {
    fn name(&self) -> &str {
        &self.name
    }

    fn title(&self) -> Text {
        self.title.clone()
    }

    fn ports(&self) -> Vec<Port> {
        self.ports.clone()
    }

    fn resources(&self, _: &Placement<'_>, _: &dyn Render) -> Result<Vec<Resource>, TemplateError> {
        Ok(self.resources.clone())
    }

    fn place(&self, claim: &str) -> Option<&str> {
        let mut placed = self.resources.iter().zip(&self.places);
        placed.find(|(resource, _)| resource.claim() == claim).map(|(_, place)| place.as_ref())
    }

    fn values(&self) -> Option<&serde_json::Map<String, Value>> {
        Some(&self.values)
    }

    fn expectations(&self, _: &Cluster) -> Vec<Expectation> {
        self.probes.iter().cloned().map(Expectation::Practice).collect()
    }
}
