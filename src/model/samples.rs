//! Made-up connections, for the tests of whatever takes one.

use super::connection::DEFAULT_CONNECT_TIMEOUT;
use super::{Connection, TransportChoice};

/// A way to an address, of which the inventory says no more.
pub fn connection(address: &str) -> Connection {
    Connection {
        address: address.to_owned(),
        user: None,
        port: None,
        identity: None,
        jump: None,
        transport: TransportChoice::Auto,
        host_keys: None,
        connect_timeout: DEFAULT_CONNECT_TIMEOUT,
        password: None,
    }
}
