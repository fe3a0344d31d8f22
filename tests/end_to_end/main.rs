//! The whole tool on real lab hosts: real sshd, apt, HAProxy and Apache. What is asserted is what stands on the
//! hosts and what an outside HTTP client sees, not what the tool says of itself.
//!
//! Takes root and what `tests/run` installs; fails where lab hosts cannot be made.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as expected")]

mod advice;
mod before_class;
mod clusters;
mod convergence;
mod cut_short;
mod deletes;
mod doctor;
mod document;
mod drill;
mod engines;
#[path = "../faults/expected.rs"]
mod expected;
mod export;
mod fault_table;
mod faults;
mod fingerprint;
mod import;
mod init;
mod interrupted;
mod kill;
mod leftovers;
mod load;
mod order;
mod packages;
mod practice;
mod practices;
mod running;
mod rust_tools;
mod shared_host;
mod strangers;
mod uplink;
mod upload;

/// Whether a test runs whole that is short among all the others: `tests/full`.
fn whole() -> bool {
    std::env::var_os("WHOLE").is_some()
}
