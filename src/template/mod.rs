//! Templates of people's own, compiled by tera, and their faults in one shape with a hint.
//!
//! Reads template files and what lies beside them; renders whatever values it is given.

mod command;
mod fault;
mod layer;
mod peers;
mod pieces;
mod scope;
mod shell;
mod sources;

pub use layer::Layer;
pub use peers::{FUNCTION, HOSTS_BY_ROLE};
pub use scope::Scope;
pub use sources::{MAIN, Sources, read_text};
