//! What several benches need.

pub mod lab;
pub mod proxy;
