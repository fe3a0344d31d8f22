//! The command line: clap types, and their resolution to plain settings. Nothing runs here.

mod arguments;
mod settings;

pub use arguments::{
    Arguments, Command, DrillArguments, DrillModeName, InventoryCommand, LabCommand, LabShape, LinkState,
    OutputFormat, PackagesCommand, ReleaseName,
};
pub use settings::{Console, Probing, Run, Scope};
