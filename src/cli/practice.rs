//! The arguments of `practice`.

use std::path::PathBuf;

use clap::{Subcommand, ValueHint};

/// `provision practice …`
#[derive(Debug, Subcommand)]
pub enum PracticeCommand {
    /// Make the folder of a new practice, with an example in it
    New {
        /// Its name, by which hosts have it as a role
        name: String,
        /// The inventory beside which it is made
        #[arg(short, long, value_name = "FILE", default_value = "inventory.yaml", env = "PROVISION_INVENTORY", value_hint = ValueHint::FilePath)]
        inventory: PathBuf,
    },
    /// Check practices and their templates without connecting anywhere
    ///
    /// Where there is an inventory, they are rendered for each host that has them, else for a made-up one.
    Check {
        /// Names or folders [default: all of the inventory]
        #[arg(value_name = "PRACTICE", value_hint = ValueHint::DirPath)]
        practices: Vec<PathBuf>,
        /// The inventory that they belong to
        #[arg(short, long, value_name = "FILE", default_value = "inventory.yaml", env = "PROVISION_INVENTORY", value_hint = ValueHint::FilePath)]
        inventory: PathBuf,
    },
    /// Print the JSON Schema of practices
    Schema,
}
