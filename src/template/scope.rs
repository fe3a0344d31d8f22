//! Names and values, as templates take them.

use tera::Context;

use crate::model::Variables;

/// Names and values for renderings. What many of them share is made once.
#[derive(Debug, Clone)]
pub struct Scope<'a> {
    context: Context,
    /// The same as they were given, for messages.
    variables: Vec<&'a Variables>,
    /// What only stands in for names that have no value.
    stand_ins: Option<&'a Variables>,
}

impl<'a> Scope<'a> {
    pub fn new(variables: &'a Variables) -> Self {
        Self { context: Context::new(), variables: Vec::new(), stand_ins: None }.with(variables)
    }

    /// Nearer ones over these.
    #[must_use]
    pub fn with(&self, variables: &'a Variables) -> Self {
        let mut scope = self.clone();
        for (name, value) in variables.iter() {
            scope.context.insert(name.clone(), value);
        }
        scope.variables.push(variables);
        scope
    }

    /// With values that stand in for missing ones, so that rendering goes on; no message speaks of them.
    #[must_use]
    pub fn with_stand_ins(&self, stand_ins: &'a Variables) -> Self {
        let variables = self.variables.clone();
        Self { variables, stand_ins: Some(stand_ins), ..self.with(stand_ins) }
    }

    /// Whether a name is one that messages may speak of.
    pub fn is_told(&self, name: &str) -> bool {
        is_public(name) && self.stand_ins.is_none_or(|stand_ins| !stand_ins.names().contains(&name))
    }

    pub fn context(&self) -> &Context {
        &self.context
    }

    pub fn names(&self) -> Vec<&str> {
        let names = self.variables.iter().flat_map(|variables| variables.names());
        let mut names: Vec<&str> = names.filter(|name| is_public(name)).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The paths of values with such a character.
    pub fn with_characters(&self, such: fn(char) -> bool) -> Vec<String> {
        self.variables.iter().flat_map(|variables| variables.with_characters(such)).collect()
    }
}

/// Whether a name is for people: what functions keep among the values is not.
fn is_public(name: &str) -> bool {
    !name.starts_with("__")
}
