//! Which ports a host is asked to listen on: the openssh crate needs one that is chosen here, so a taken one has to
//! be passed over.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU32, Ordering};

use openssh::Socket;

/// Systems give out no ports from here on by themselves.
const FIRST: u16 = 61_000;
const COUNT: u32 = 65_536 - FIRST as u32;
/// Neighbours may be taken together. It has no divisor in common with the count, so that all ports come.
const STEP: u32 = 1009;

/// Ports of one connection, none twice: a master takes it as done to ask once more for one that was refused.
pub struct Ports(AtomicU32);

impl Ports {
    /// Begins anywhere.
    pub fn new() -> Self {
        Self(AtomicU32::new(rand::random_range(0..COUNT)))
    }

    pub fn next(&self) -> u16 {
        let number = self.0.fetch_add(STEP, Ordering::Relaxed) % COUNT;
        FIRST + u16::try_from(number).unwrap_or_default()
    }
}

/// A port of the host's loopback address.
pub fn on_host(port: u16) -> Socket<'static> {
    (Ipv4Addr::LOCALHOST, port).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_port_comes_once() {
        let ports = Ports::new();
        let all: std::collections::BTreeSet<_> = (0..COUNT).map(|_| ports.next()).collect();
        assert_eq!(all.len(), COUNT as usize);
        assert_eq!((all.first(), all.last()), (Some(&FIRST), Some(&u16::MAX)));
    }
}
