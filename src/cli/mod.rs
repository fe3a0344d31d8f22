//! The command line: clap types, and their resolution to plain settings. Nothing runs here.

mod arguments;
mod duration;
mod export;
mod import;
mod init;
mod lab;
mod output;
mod practice;
mod role;
mod scope;
mod settings;

pub use arguments::{Arguments, Command, DrillArguments, DrillModeName, InventoryCommand, PackagesCommand};
pub use export::{ExportArguments, ExportCommand};
pub use import::{ImportArguments, ImportCommand};
pub use init::{InitArguments, LanguageTag};
pub use lab::{LabCommand, LabShape, LinkState, ReleaseName};
pub use output::OutputFormat;
pub use practice::PracticeCommand;
pub use settings::{Console, Probing, Run, Scope};
