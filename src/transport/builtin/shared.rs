//! What the task of a built-in connection and its users both know: who takes what arrives, and why the connection ended.

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};

use tokio::sync::mpsc;

use crate::model::{Text, text};
use crate::transport::stream::Stream;

/// So much of what is said during the login is kept, and one text more.
const SAID_LIMIT: usize = 4 * 1024;

#[derive(Debug, Default)]
pub struct Shared {
    forwards: Mutex<HashMap<u32, mpsc::Sender<Stream>>>,
    lost: Mutex<Option<Text>>,
    /// What sshd and PAM said during the login.
    said: Mutex<String>,
    /// The handshake came as far as the host's key.
    pub key_shown: AtomicBool,
    /// The host said something in an encoding that only the ssh program takes.
    pub undecodable: AtomicBool,
}

impl Shared {
    /// Why the connection ended, in words.
    pub fn lost(&self) -> Text {
        let lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        lost.clone().unwrap_or_else(closed)
    }

    /// Keeps what sshd or PAM says, as far as that is of a sensible length.
    pub fn hear(&self, words: &str) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.len() < SAID_LIMIT {
            said.extend([words, "\n"]);
        }
    }

    /// What sshd and PAM said during the login; not cleaned.
    pub fn said(&self) -> String {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends connections to a forwarded port to a listener.
    pub fn register(&self, port: u32, listener: mpsc::Sender<Stream>) {
        self.forwards.lock().unwrap_or_else(PoisonError::into_inner).insert(port, listener);
    }

    /// Refuses connections to a port from now on.
    pub fn unregister(&self, port: u32) {
        self.forwards.lock().unwrap_or_else(PoisonError::into_inner).remove(&port);
    }

    /// Who takes connections to a port.
    pub fn listener(&self, port: u32) -> Option<mpsc::Sender<Stream>> {
        self.forwards.lock().unwrap_or_else(PoisonError::into_inner).get(&port).cloned()
    }

    /// Notes why the connection ended.
    pub fn end(&self, reason: Text) {
        *self.lost.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
        // Listeners learn that nothing comes any more.
        self.forwards.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// What is told where nothing more is known.
pub fn closed() -> Text {
    text!(en: "the host closed it", pt: "a máquina a fechou")
}
