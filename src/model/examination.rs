//! What one examination found on a host before class.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::facts::Facts;
use super::failure::Failure;
use super::host_text::HostText;
use super::python::PythonFact;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Examination {
    /// What every look at a host finds, of which a plan is made; without root, nothing of paths and the journal.
    pub facts: Facts,
    /// Why root was not gained; what only root sees is then not known.
    pub no_root: Option<Failure>,
    /// What it calls itself: `uname -n`.
    pub hostname: HostText,
    pub resolves_itself: bool,
    /// Another at each start of its kernel; containers have that of their machine.
    pub boot_id: HostText,
    /// Its public SSH keys, each as type and base64.
    pub host_keys: Vec<HostText>,
    /// Memory that programs may still take, swap included, in bytes; 0 where unknown.
    pub memory_available: u64,
    /// Who holds apt: process id, name and file of the lock.
    pub apt_holder: Option<HostText>,
    pub cloud_init: bool,
    /// What apt says of mirrors that it does not believe, and whether that is the one with what is missing.
    pub distrusted: Vec<(bool, HostText)>,
    /// Where something is missing: patterns of what dpkg leaves out of packages, where services need it.
    pub excluded: Vec<HostText>,
    /// Packages that are installed and miss a folder of their configuration, each with a file that was in it.
    pub stripped: Vec<(HostText, HostText)>,
    /// Services whose own check does not accept their files as they are, with what it says.
    pub rejected: Vec<(HostText, HostText)>,
    /// Services, each with the files that a process of it was started with, in one line.
    pub started: Vec<(HostText, HostText)>,
    /// Services that were to start and do not.
    pub failing: Vec<FailingService>,
    /// The mirror that did not answer; `None` where no source names one.
    pub silent_mirror: Option<SilentMirror>,
    /// Whether sshd lets the laptop open a port there; `None` where nobody asked.
    pub forwards: Option<bool>,
    pub leftovers: Vec<HostText>,
    /// How many lines of each kind were found, in the order asked for.
    pub lines: Vec<usize>,
    /// Where the names asked for lead from there; nowhere where one is missing.
    pub names: BTreeMap<String, Vec<IpAddr>>,
    /// Whether the interface is down by which it reaches itself.
    pub without_loopback: bool,
    /// The python3 that is installed, where one is wanted.
    pub python: PythonFact,
    /// Folders above what is for everybody that not everybody may enter.
    pub closed: Vec<HostText>,
    /// What became of the connections to its peers, in the order asked for; empty where it could not try.
    pub peers: Vec<Reach>,
}

/// A service that systemd tried to start in vain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailingService {
    pub name: HostText,
    /// systemd's word for how it failed, or `condition` where a condition of its unit is not met.
    pub why: HostText,
    /// What the host itself adds to its unit.
    pub drop_ins: Vec<HostText>,
}

/// A mirror from which nothing came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SilentMirror {
    /// Its name or address, without login and port; `-` where the sources cannot be read.
    pub name: HostText,
    /// What is known of the way to it.
    pub way: MirrorWay,
}

/// What is known of the way to a mirror that did not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MirrorWay {
    /// It leads through this proxy of apt's configuration.
    Proxy(HostText),
    /// The mirror's name is not resolved.
    Unknown,
    /// Its name is resolved, or is an address.
    Known,
    /// Its certificate is not believed; what apt says of that.
    Untrusted(HostText),
    /// It answers, and has no such release.
    Without(HostText),
    /// The sources cannot be read; what apt says of them.
    Unreadable(HostText),
}

/// What became of a connection from one host to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The other host took the connection.
    Reached,
    /// It was refused, as it is where nothing listens yet.
    Refused,
    /// It was refused, and so was one to the other host's SSH port.
    Rejected,
    /// Its name is not resolved.
    Unknown,
    /// No way, or no answer in time.
    Unreachable,
}
