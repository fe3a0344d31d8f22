//! The laptop's package relay: an HTTP proxy with a cache, which the VMs' apt reaches over their SSH connections.
//!
//! Owns what a VM may ask for, the download of each file once for all, and the cache folder. It does not own how a
//! VM's bytes reach the laptop (any byte stream will do), nor the apt options that point a VM here.
//!
//! A request goes `service` (HTTP, token) → `mirror_file` (normalised, below a root of the VM's `sources`) → `flight` (one
//! for everybody who asks at the same moment) → `store` (the cache) or `upstream` (mirrors, judged by `names` and
//! `address`) → `content` (read by many while it arrives by `download`).

mod address;
mod content;
mod delivery;
mod download;
mod flight;
mod host;
mod listener;
mod mirror_file;
mod names;
mod path;
mod pilot;
mod place;
mod proxies;
mod range;
mod refusal;
mod relay;
mod service;
mod shared;
mod sources;
mod store;
mod stream;
#[cfg(test)]
mod tests;
mod tunnel;
mod upstream;

pub use delivery::Delivery;
pub use listener::serve_packages;
pub use proxies::Proxies;
pub use relay::{Admission, PackageRelay, RelayOptions, default_cache_dir};
pub use sources::sources;
pub use store::{clean, list};
