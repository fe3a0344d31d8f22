//! A YAML document of the user's, read with every fault at once: text → [`syntax`] → [`tree`] of nodes with places →
//! [`reader`] into the shapes of whoever reads. What is wrong is collected by the [`recorder`] and shown as
//! [`fault::Faults`].
//!
//! Knows what an inventory or a practice is only by what it is called.

pub mod complaint;
pub mod fault;
mod mask;
pub mod package;
mod parser_error;
pub mod range;
pub mod reader;
pub mod recorder;
pub mod secret;
pub mod suggestion;
pub mod syntax;
pub mod tree;
mod trouble;
pub mod zip;
