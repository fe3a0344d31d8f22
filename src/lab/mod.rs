//! Throwaway practice hosts on this machine: real Debian systems, each with its own sshd, address and systemd.
//!
//! Owns the base images, the hosts' files, their network and processes, and the inventory written for them.
//! Does not own what is installed on the hosts afterwards, nor what a terminal shows: progress goes out as
//! lines through [`Tell`]. The hosts run in containers that outlive the command which made them; what a lab needs to be
//! taken down again is recorded in its folder before it is made. Who runs the containers is for [`driver`] to know:
//! systemd-nspawn, podman or docker.

mod bootstrap;
mod choice;
mod container;
mod down;
mod draft;
mod driver;
mod engine;
mod exec;
mod growth;
mod images;
mod keys;
mod limits;
mod list;
#[cfg(target_os = "linux")]
mod nspawn;
mod ports;
mod program;
mod record;
mod releases;
mod routes;
mod shape;
mod sources;
mod subnet;
mod up;

#[cfg(test)]
mod tests;

pub use down::{down, down_all, prune};
pub use exec::{exec, link};
pub use list::{HostView, LabView, list};
pub use record::state_directory;
pub use shape::{DriverKind, Options};
pub use up::up;

use crate::model::Text;

/// Takes a line for each step of the work; where it is shown is the caller's business.
pub type Tell<'a> = &'a mut (dyn FnMut(Text) + Send);
