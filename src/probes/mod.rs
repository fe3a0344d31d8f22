//! What the probes ask and how their answers are judged.
//!
//! Owns: expectations built from the model, the meaning of answers, the words of a verdict. All of it is pure: the
//! runner asks over SSH and hands the answers in. Does not own: connections, limits of time, retries.

pub mod balance;
mod cause;
pub mod drill;
mod expectation;
pub mod http;
mod page;
pub mod service;
mod site;
pub mod socket;
mod spread;
pub mod stats;
mod target;
mod verdict;

pub use balance::OwnPage;
pub use cause::{Cause, Causes};
pub use expectation::{BalancerExpectation, HostExpectation};
pub use http::{Answer, Reply};
pub use page::KnownPages;
pub use site::Site;
pub use socket::{SocketFindings, SocketReport};
pub use stats::HaproxyState;
pub use target::Target;
pub use verdict::Verdict;
