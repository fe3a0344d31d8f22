//! Hosts of recordings instead of the network, for tests that run the whole tool; and the recorder that makes them.
//!
//! The installed program has none of this: only [`play`] and [`record`] make a world, and its `main` calls neither, so
//! that the linker leaves all behind them out. `tests/recorded/` proves it.
//!
//! | module | owns |
//! |---|---|
//! | `question` | what a program was asked, read from the input of its execution; no password |
//! | `recording` | the text of a recording: exchanges, and which of them answers a question |
//! | `template` | a line of it: escapes, and what stands for values of today |
//! | `player` | a session that answers from a recording |
//! | `recorder` | a session that writes down what a real host answers |
//! | `replay` | the answers alone, for servers of a benchmark |

mod player;
mod question;
mod recorder;
mod recording;
mod replay;
mod template;

pub use self::replay::Replay;

use std::path::Path;
use std::sync::OnceLock;

use futures_util::future::BoxFuture;

use super::{Execution, Feed, ForwardError, OpenError, ReverseForward, Session, Stream};
use crate::model::{Connection, Failure};

static WORLD: OnceLock<Box<dyn World>> = OnceLock::new();

/// What stands between this process and the network.
pub trait World: Send + Sync {
    /// A session; `real` would make a real one.
    fn connect<'a>(
        &'a self,
        connection: &'a Connection,
        real: BoxFuture<'a, Result<Session, Failure>>,
    ) -> BoxFuture<'a, Result<Box<dyn Host>, Failure>>;
}

/// A host of such a world, logged in.
pub trait Host: Send + Sync {
    fn exec<'a>(&'a self, command: &'a str, input: Feed) -> BoxFuture<'a, Result<Execution, Failure>>;

    fn open_stream<'a>(&'a self, host: &'a str, port: u16) -> BoxFuture<'a, Result<Stream, OpenError>>;

    /// Forbidden: what goes through one cannot be recorded, and packages have another way.
    fn reverse_forward(&self) -> Result<ReverseForward, ForwardError> {
        Err(ForwardError::Forbidden)
    }

    fn is_closed(&self) -> bool;
}

/// The world of this process, if it is not the real one.
pub fn world() -> Option<&'static dyn World> {
    WORLD.get().map(AsRef::as_ref)
}

/// From now on, hosts are those of a folder: the recording of each is named by its address.
pub fn play(folder: &Path) {
    // Nobody sets it twice.
    let _ = WORLD.set(Box::new(player::Player::new(folder)));
}

/// From now on, what hosts answer is written to a folder, one file an address.
pub fn record(folder: &Path) {
    let _ = WORLD.set(Box::new(recorder::Recorder::new(folder)));
}
