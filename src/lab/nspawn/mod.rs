//! Hosts in systemd-nspawn containers, and what of Linux they stand on: namespaces, control groups, handles of processes.

mod cgroup;
mod container;
mod process;

pub(super) use cgroup::remove as remove_groups;
pub(super) use container::start;
pub(super) use process::{end, running};
