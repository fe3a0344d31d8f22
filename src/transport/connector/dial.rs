//! The way to a destination's sshd: by TCP, or by a stream through a bastion.

use std::io::ErrorKind;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::model::{Failure, FailureKind, text};
use crate::transport::Session;
use crate::transport::destination::Destination;
use crate::transport::failure::{
    connect_timed_out, failure, lost, refused, through_jump, unreachable, unresolved,
};
use crate::transport::stream::{Duplex, OpenError};

/// How long a host that refuses is left alone: it may be starting.
const PAUSE: Duration = Duration::from_millis(500);

/// Connects to the first address of a name that answers; each gets its share of the time. A host that is starting
/// refuses at first, so whoever refuses is asked again until there is no time left.
pub async fn dial(host: &str, port: u16, deadline: Instant) -> Result<TcpStream, Failure> {
    loop {
        let (failure, has_refused) = match dial_once(host, port, deadline).await {
            Ok(stream) => return Ok(stream),
            Err(tried) => tried,
        };
        if !has_refused || Instant::now() + PAUSE >= deadline {
            return Err(failure);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The same, once; whether the last address refused.
async fn dial_once(host: &str, port: u16, deadline: Instant) -> Result<TcpStream, (Failure, bool)> {
    let lookup = tokio::net::lookup_host((host, port));
    let addresses = match tokio::time::timeout_at(deadline, lookup).await {
        Ok(Ok(addresses)) => addresses.collect::<Vec<_>>(),
        _ => return Err((unresolved(host), false)),
    };
    let mut last = (unresolved(host), false);
    for (index, address) in addresses.iter().enumerate() {
        let left = u32::try_from(addresses.len() - index).unwrap_or(1);
        let share = deadline.saturating_duration_since(Instant::now()) / left;
        match tokio::time::timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Small answers must not wait for each other; where it can't be set they merely do.
                let _ = stream.set_nodelay(true);
                limit_unacknowledged(&stream);
                return Ok(stream);
            }
            Ok(Err(error)) => {
                let has_refused =
                    matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset);
                last = (unreachable(&error), has_refused);
            }
            Err(_) => last = (connect_timed_out(), false),
        }
    }
    Err(last)
}

/// Has TCP give up as late as keepalives do: these are sent behind what was sent before, where that has room.
#[cfg(target_os = "linux")]
fn limit_unacknowledged(stream: &TcpStream) {
    /// Milliseconds after which what a host has not acknowledged ends the connection: as long as its keepalives are tried.
    const UNACKNOWLEDGED_LIMIT: u32 = 40_000;
    // Where it can't be set, TCP gives up later.
    let _ = rustix::net::sockopt::set_tcp_user_timeout(stream, UNACKNOWLEDGED_LIMIT);
}

/// Other systems have no such limit: there TCP gives up when it likes.
#[cfg(not(target_os = "linux"))]
fn limit_unacknowledged(_: &TcpStream) {}

/// Opens a stream to a destination through a bastion.
pub async fn reach(
    jump: &Session,
    destination: &Destination,
    deadline: Instant,
) -> Result<impl Duplex + use<>, Failure> {
    let open = jump.open_stream(&destination.host, destination.port);
    let failed = match tokio::time::timeout_at(deadline, open).await {
        Ok(Ok(stream)) => return Ok(stream),
        Ok(Err(error)) => error,
        Err(_) => OpenError::TimedOut,
    };
    Err(match failed {
        OpenError::Refused => Failure {
            hint: Some(text!(
                en: "as seen from the jump host: check the host's address and port, and that it is on",
                pt: "do ponto de vista da máquina de salto: verifique o endereço e a porta da máquina, e se ela está \
                     ligada",
            )),
            ..refused()
        },
        OpenError::TimedOut => connect_timed_out(),
        OpenError::Forbidden => through_jump(failure(
            FailureKind::Jump,
            text!(en: "it forbids TCP forwarding", pt: "ela proíbe o redirecionamento TCP"),
            text!(
                en: "allow it in the jump host's sshd_config: `AllowTcpForwarding yes`",
                pt: "permita-o no sshd_config da máquina de salto: `AllowTcpForwarding yes`",
            ),
        )),
        OpenError::Lost(reason) => through_jump(lost(&reason)),
    })
}
