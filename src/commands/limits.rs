//! What the system allows this process: no core dump, which would hold passwords, and as many open files as there can be,
//! for hosts, downloads and their connections.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Sets both for this process and those that it starts. Where the system refuses, it goes on with what it has.
pub fn set() {
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let files = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: files.maximum, ..files });
}
