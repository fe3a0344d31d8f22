//! What the built-in connection answers to its server: host key checks, and channels that the server opens.
//! Only connections to a port that we asked it to forward are taken; everything else is refused.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use russh::client::{ChannelOpenHandle, DisconnectReason, Handler, Msg, Session};
use russh::keys::PublicKeyOrCertificate;
use russh::{Channel, ChannelOpenFailure};
use tokio::sync::mpsc;

use super::channels;
use crate::model::{Failure, HostKeyPolicy, Text, text};
use crate::transport::failure::quote;
use crate::transport::known_hosts::Store;
use crate::transport::stream::Stream;

/// How a host's key is to be judged.
#[derive(Debug, Clone)]
pub struct HostKeyCheck {
    /// Where keys are kept.
    pub store: Store,
    /// The user's own files.
    pub user_files: Vec<PathBuf>,
    /// The name to look up.
    pub name: String,
    /// What to do with a new key.
    pub policy: HostKeyPolicy,
}

/// What the connection's task and its users both know.
#[derive(Debug, Default)]
pub struct Shared {
    forwards: Mutex<HashMap<u32, mpsc::Sender<Stream>>>,
    lost: Mutex<Option<Text>>,
    key_shown: std::sync::atomic::AtomicBool,
}

impl Shared {
    /// Why the connection ended, in words.
    pub fn lost(&self) -> Text {
        let lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        lost.clone().unwrap_or_else(closed)
    }

    /// Whether the handshake came as far as the host's key.
    pub fn key_shown(&self) -> bool {
        self.key_shown.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Sends connections to a forwarded port to a listener.
    pub fn register(&self, port: u32, listener: mpsc::Sender<Stream>) {
        self.forwards.lock().unwrap_or_else(PoisonError::into_inner).insert(port, listener);
    }

    /// Refuses connections to a port from now on.
    pub fn unregister(&self, port: u32) {
        self.forwards.lock().unwrap_or_else(PoisonError::into_inner).remove(&port);
    }

    fn listener(&self, port: u32) -> Option<mpsc::Sender<Stream>> {
        self.forwards.lock().unwrap_or_else(PoisonError::into_inner).get(&port).cloned()
    }

    fn end(&self, reason: Text) {
        *self.lost.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
        // Listeners learn that nothing comes any more.
        self.forwards.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Why a built-in connection ended.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    #[error("{0}")]
    Refused(#[from] Failure),
    /// The protocol or the network failed.
    #[error(transparent)]
    Protocol(#[from] russh::Error),
}

/// Answers the server of one connection.
pub struct ClientHandler {
    /// How its key is judged.
    pub host_key: HostKeyCheck,
    /// What it tells the connection's users.
    pub shared: Arc<Shared>,
}

impl Handler for ClientHandler {
    type Error = ConnectionError;

    async fn check_server_key(&mut self, shown: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        self.shared.key_shown.store(true, std::sync::atomic::Ordering::Relaxed);
        let key = shown.public_key();
        let check = self.host_key.clone();
        // The file is read, locked and written: not on the executor.
        let judged = tokio::task::spawn_blocking(move || {
            check.store.check(&check.name, &key, &check.user_files, check.policy)
        });
        judged.await.map_err(|error| russh::Error::IO(std::io::Error::other(error)))??;
        Ok(true)
    }

    async fn server_channel_open_forwarded_tcpip(
        &mut self,
        channel: Channel<Msg>,
        _connected_address: &str,
        connected_port: u32,
        _originator_address: &str,
        _originator_port: u32,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        let Some(listener) = self.shared.listener(connected_port) else {
            reply.reject(ChannelOpenFailure::AdministrativelyProhibited).await;
            return Ok(());
        };
        // A listener that does not keep up costs new connections, never memory.
        let Ok(place) = listener.try_reserve_owned() else {
            reply.reject(ChannelOpenFailure::ResourceShortage).await;
            return Ok(());
        };
        reply.accept().await;
        place.send(channels::stream(channel));
        Ok(())
    }

    async fn server_channel_open_forwarded_streamlocal(
        &mut self,
        _channel: Channel<Msg>,
        _socket_path: &str,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        refuse(reply).await
    }

    async fn server_channel_open_agent_forward(
        &mut self,
        _channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        refuse(reply).await
    }

    async fn server_channel_open_session(
        &mut self,
        _channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        refuse(reply).await
    }

    async fn server_channel_open_direct_tcpip(
        &mut self,
        _channel: Channel<Msg>,
        _host_to_connect: &str,
        _port_to_connect: u32,
        _originator_address: &str,
        _originator_port: u32,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        refuse(reply).await
    }

    async fn server_channel_open_direct_streamlocal(
        &mut self,
        _channel: Channel<Msg>,
        _socket_path: &str,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        refuse(reply).await
    }

    async fn server_channel_open_x11(
        &mut self,
        _channel: Channel<Msg>,
        _originator_address: &str,
        _originator_port: u32,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        refuse(reply).await
    }

    async fn disconnected(&mut self, reason: DisconnectReason<Self::Error>) -> Result<(), Self::Error> {
        match reason {
            DisconnectReason::ReceivedDisconnect(said) => {
                let said = quote(&said.message);
                self.shared.end(text!(en: "the host ended it: {said}", pt: "a máquina a encerrou: {said}"));
                Ok(())
            }
            DisconnectReason::Error(error) => {
                self.shared.end(match &error {
                    ConnectionError::Protocol(
                        russh::Error::KeepaliveTimeout | russh::Error::InactivityTimeout,
                    ) => text!(en: "the host does not answer any more", pt: "a máquina não responde mais"),
                    ConnectionError::Protocol(russh::Error::Disconnect | russh::Error::HUP) => closed(),
                    ConnectionError::Refused(failure) => failure.message.map(quote),
                    other @ ConnectionError::Protocol(_) => Text::verbatim(quote(&other.to_string())),
                });
                Err(error)
            }
        }
    }
}

fn closed() -> Text {
    text!(en: "the host closed it", pt: "a máquina a fechou")
}

async fn refuse(reply: ChannelOpenHandle) -> Result<(), ConnectionError> {
    reply.reject(ChannelOpenFailure::AdministrativelyProhibited).await;
    Ok(())
}
