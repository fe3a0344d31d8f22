//! Practices of people's own: from practice.yaml and what it names to a role for each host, with every fault at once.
//!
//! The way: [`definition`] reads a folder into the [`raw`] shapes and compiles its templates, once; for each host a
//! [`voice`] renders its texts with the [`names`] of that host; [`value`] says what they have to be, [`wish`] and
//! [`question`] what becomes of them.

mod definition;
mod folder;
mod library;
mod names;
mod question;
mod raw;
mod scaffold;
mod schema;
mod value;
mod voice;
mod wish;

pub use library::{Class, Library, together, wrong_folder};
pub use names::wrong_name;
pub use scaffold::scaffold;
pub use schema::schema;
