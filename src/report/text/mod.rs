//! The result of a run as text on standard output, worded for somebody who is tired.

mod changes;
mod doctor;
mod exec;
mod failures;
mod matrix;
mod page;
mod results;
mod timings;
mod verdict;

pub use self::doctor::doctor_text;
pub use self::exec::exec_text;
pub use self::matrix::lines as table;
pub use self::page::{Page, TextOptions};
pub use self::results::run_text;

#[cfg(test)]
mod tests;
