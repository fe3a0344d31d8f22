//! The programs that run on a host, and the wire format to and from them. Pure: nothing here connects or executes.
//!
//! A program is a constant `.sh` file under `programs/`, POSIX sh and coreutils. The command line given to SSH is one
//! constant string too ([`Invocation::command`]); program and data both travel on stdin:
//!
//! ```text
//! become.sh  #go  nonce method password   password  #next   program  #go  nonce data…      (stdin stays open)
//! └ read and run by the login shell's sh ┘└ skipped or read by sudo ┘└ read and run as root ┘
//! ```
//!
//! What follows `#next` is packed; what comes before it runs as the login, and unpacks it.
//!
//! No value is ever pasted into a program. Data is one field a line; what may hold a newline is base64 or refused.
//! An answer is a line that begins with the nonce, anything else is log; the last answer is the status. **Whoever
//! executes an invocation keeps stdin open until the program ends**: closing it is how a program is told to stop. The
//! ones that only look stop at once; `apply.sh` and `reset.sh` finish the step under way, start nothing new and say so;
//! `drill.sh` brings back what it took out, `hold.sh` lets go.

mod apply;
mod ask;
mod command;
mod data;
mod decoder;
mod dialogue;
mod drill;
mod events;
mod examine;
mod exec;
mod facts;
mod failure;
mod fetch;
mod invocation;
mod journal;
mod logs;
mod names;
mod observe;
mod packed;
mod probe;
mod program;
mod python;
mod reset;
mod sentence;
mod trial;
mod upload;

pub use apply::{PackageWay, Purpose, apply};
pub use ask::{AskRequest, OwnAnswer, ask};
pub use dialogue::{End, Heard, Reader, SIGN_OF_LIFE};
pub use drill::{DrillEvent, DrillTarget, drill, hold};
pub use events::{ApplyEvent, ApplyReader};
pub use examine::{ExamineRequest, LinesRequest, PeerRequest, examine};
pub use exec::{command_lost, exec};
pub use facts::observe;
pub use failure::refused_by_relay;
pub use fetch::fetch;
pub use invocation::{Credentials, Nonce, RunAs};
pub use logs::{LogSource, ServiceLog, logs};
pub use observe::{ObserveRequest, ServiceRequest};
pub use probe::{ProbeFindings, ProbeRequest, probe};
pub use program::Program;
pub use reset::{observe_journal, reset};
pub use trial::{TrialRequest, Trials, trials};
pub use upload::{Frame, Want};

#[cfg(test)]
mod tests;
