//! The arguments of `export`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::scope::ScopeArguments;

/// `provision export …`
#[derive(Debug, Subcommand)]
pub enum ExportCommand {
    /// Write an Ansible playbook that does what `apply` does
    ///
    /// It takes ansible-core 2.17 or later and no collection, and provision is not needed to run it.
    Ansible {
        #[command(flatten)]
        target: ExportArguments,
    },
    /// Write a user-data for each host, by which cloud-init sets it up at its first boot
    CloudInit {
        #[command(flatten)]
        target: ExportArguments,
    },
    /// Write a configuration of ssh, by which `ssh ana-web01` reaches a host
    SshConfig {
        #[command(flatten)]
        target: ExportArguments,
    },
}

/// What is exported, and where to.
#[derive(Debug, Args)]
pub struct ExportArguments {
    /// The folder to write to; it is made, or has to be empty
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub folder: PathBuf,
    #[command(flatten)]
    pub scope: ScopeArguments,
    /// Write into a folder that is not empty, over files of the same names, and remove what an earlier export left there
    #[arg(long, env = "PROVISION_FORCE", value_parser = clap::builder::FalseyValueParser::new())]
    pub force: bool,
}
