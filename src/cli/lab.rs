//! The clap types of `provision lab` and `provision demo`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};

use super::output::OutputFormat;

/// `provision lab …`
#[derive(Debug, Subcommand)]
pub enum LabCommand {
    /// Make practice hosts and write an inventory for them
    Up {
        #[command(flatten)]
        shape: LabShape,
    },
    /// Take a lab down and leave nothing behind
    Down {
        /// The lab's name
        #[arg(long, default_value = "lab", env = "PROVISION_LAB_NAME")]
        name: String,
        /// Take all labs down
        #[arg(long, conflicts_with = "name", env = "PROVISION_LAB_ALL", value_parser = clap::builder::FalseyValueParser::new())]
        all: bool,
        /// Remove the base images too
        #[arg(long, env = "PROVISION_LAB_PRUNE", value_parser = clap::builder::FalseyValueParser::new())]
        prune: bool,
    },
    /// Plug or pull the network cable of a host, to see what the others do
    Link {
        /// The host, by its name in `provision lab list`
        host: String,
        /// Whether its cable is plugged
        link: LinkState,
        /// The lab's name
        #[arg(long, default_value = "lab", env = "PROVISION_LAB_NAME")]
        name: String,
    },
    /// Run a command as root on a host, without SSH
    Exec {
        /// The host, by its name in `provision lab list`
        host: String,
        /// The lab's name
        #[arg(long, default_value = "lab", env = "PROVISION_LAB_NAME")]
        name: String,
        /// The command, behind `--`
        #[arg(last = true, required = true, value_name = "CMD")]
        words: Vec<String>,
    },
    /// List the labs and their hosts
    List {
        /// Form of the result
        #[arg(short, long, value_name = "FORM", default_value = "text", env = "PROVISION_OUTPUT")]
        output: OutputFormat,
    },
}

/// The shape of a lab.
#[derive(Debug, Clone, Args)]
pub struct LabShape {
    /// The lab's name
    #[arg(long, default_value = "lab", env = "PROVISION_LAB_NAME")]
    pub name: String,
    /// Web hosts in each cluster
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=60), env = "PROVISION_LAB_WEB")]
    pub web: u16,
    /// Clusters, each with a balancer of its own
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=60), env = "PROVISION_LAB_CLUSTERS")]
    pub clusters: u16,
    /// Releases, dealt out to the hosts in turn [default: bookworm; of systemd-nspawn on Ubuntu, this machine's own]
    #[arg(long, value_name = "NAME", value_delimiter = ',', env = "PROVISION_LAB_RELEASE")]
    pub release: Vec<ReleaseName>,
    /// Another image of Debian or Ubuntu for podman or docker to make the hosts of
    #[arg(long, value_name = "IMAGE", conflicts_with = "release", env = "PROVISION_LAB_IMAGE")]
    pub image: Option<String>,
    /// What runs the hosts [default: systemd-nspawn for root on Linux, else podman, else docker]
    #[arg(long, value_name = "NAME", env = "PROVISION_LAB_DRIVER")]
    pub driver: Option<DriverName>,
    /// Where the inventory is written [default: in the lab's folder]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, env = "PROVISION_LAB_INVENTORY")]
    pub inventory: Option<PathBuf>,
    /// Let sudo ask for a password on the hosts; it is written beside the inventory
    #[arg(long, env = "PROVISION_LAB_SUDO_PASSWORD", value_parser = clap::builder::FalseyValueParser::new())]
    pub sudo_password: bool,
}

/// What runs practice hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DriverName {
    /// systemd-nspawn, as root on Linux
    Nspawn,
    /// podman, of root or of an ordinary user
    Podman,
    /// docker
    Docker,
}

/// A release that practice hosts can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReleaseName {
    /// Debian 12
    Bookworm,
    /// Debian 13
    Trixie,
    /// Ubuntu 22.04
    Jammy,
    /// Ubuntu 24.04
    Noble,
}

/// Whether a host's network cable is plugged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LinkState {
    /// Plugged
    Up,
    /// Pulled
    Down,
}
