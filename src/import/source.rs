//! What is read, as text with a name for messages.

/// A file, or standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// As it was named.
    pub name: String,
    pub text: String,
}

/// All that one import reads; the first is what the user named.
#[derive(Debug, Default)]
pub struct Sources(Vec<Source>);

impl Sources {
    /// Adds a source and gives its number.
    pub fn add(&mut self, source: Source) -> usize {
        self.0.push(source);
        self.0.len() - 1
    }

    pub fn get(&self, number: usize) -> &Source {
        &self.0[number]
    }
}
