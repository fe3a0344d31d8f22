//! What hosts can be for. A role is one file, which says all that is particular to it.
//!
//! Pure, on `model` alone: a role gives what it wants and what is asked of it, and never looks at who asks.

mod balancer;
mod colour;
mod definition;
mod meanwhile;
mod outline;
mod practice;
#[cfg(test)]
pub mod samples;
mod socket;
pub mod variables;
mod web;
mod web_hosts;

pub use balancer::Balancer;
pub use definition::Definition;
pub use meanwhile::{held, meanwhile};
pub use outline::Outline;
pub use practice::Practice;
pub use socket::Socket;
pub use web::Web;

/// The roles that come with the tool, in the order in which they are shown.
pub static ALL: [Definition; 3] = [balancer::DEFINITION, web::DEFINITION, socket::DEFINITION];
