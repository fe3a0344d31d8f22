//! The command line: clap types, and their resolution to plain settings. Nothing runs here.

mod arguments;
mod duration;
mod lab;
mod settings;

pub use arguments::{
    Arguments, Command, DrillArguments, DrillModeName, InventoryCommand, OutputFormat, PackagesCommand,
};
pub use lab::{LabCommand, LabShape, LinkState, ReleaseName};
pub use settings::{Console, Probing, Run, Scope};
