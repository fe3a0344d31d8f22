//! Made-up connections, for the tests of whatever takes one.

use super::Connection;

/// A way to an address, of which the inventory says no more.
pub fn connection(address: &str) -> Connection {
    Connection::to(address)
}
