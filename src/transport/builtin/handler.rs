//! What the built-in connection answers to its server: host key checks, and channels that the server opens.
//! Only connections to a port that we asked it to forward are taken; everything else is refused.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use russh::client::{ChannelOpenHandle, DisconnectReason, Handler, Msg, Session};
use russh::keys::PublicKeyOrCertificate;
use russh::{Channel, ChannelOpenFailure};

use super::channels;
use super::shared::{Shared, closed};
use crate::model::{Failure, Text, text};
use crate::transport::failure::quote;
use crate::transport::known_hosts::{Known, NewKeys, Standing, Store};

#[derive(Debug, Clone)]
pub struct HostKeyCheck {
    pub store: Store,
    pub user_files: Vec<PathBuf>,
    pub name: String,
    pub new_keys: NewKeys,
}

#[derive(Debug)]
pub enum ConnectionError {
    Refused(Failure),
    Protocol(russh::Error),
}

impl From<russh::Error> for ConnectionError {
    fn from(error: russh::Error) -> Self {
        Self::Protocol(error)
    }
}

pub struct ClientHandler {
    pub host_key: HostKeyCheck,
    /// What was known of the host when the connection was begun.
    pub known: Known,
    pub shared: Arc<Shared>,
}

impl Handler for ClientHandler {
    type Error = ConnectionError;

    async fn check_server_key(&mut self, shown: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        self.shared.key_shown.store(true, Ordering::Relaxed);
        let key = shown.public_key();
        // No thread is worth waking for the host that is expected.
        if self.known.judge(&key) == Standing::Known {
            return Ok(true);
        }
        let check = self.host_key.clone();
        // The file is read, locked and written: not on the executor.
        let judged = tokio::task::spawn_blocking(move || {
            check.store.check(&check.name, &key, &check.user_files, check.new_keys)
        });
        judged
            .await
            .map_err(|error| russh::Error::IO(std::io::Error::other(error)))?
            .map_err(ConnectionError::Refused)?;
        Ok(true)
    }

    async fn auth_banner(&mut self, banner: &str, _session: &mut Session) -> Result<(), Self::Error> {
        self.shared.hear(banner);
        Ok(())
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
                if let ConnectionError::Protocol(russh::Error::SshEncoding(_)) = &error {
                    self.shared.undecodable.store(true, Ordering::Relaxed);
                }
                self.shared.end(match &error {
                    ConnectionError::Protocol(
                        russh::Error::KeepaliveTimeout | russh::Error::InactivityTimeout,
                    ) => text!(en: "the host does not answer any more", pt: "a máquina não responde mais"),
                    ConnectionError::Protocol(russh::Error::Disconnect | russh::Error::HUP) => closed(),
                    ConnectionError::Refused(failure) => failure.message.map(quote),
                    ConnectionError::Protocol(error) => Text::verbatim(quote(&error.to_string())),
                });
                Err(error)
            }
        }
    }
}

async fn refuse(reply: ChannelOpenHandle) -> Result<(), ConnectionError> {
    reply.reject(ChannelOpenFailure::AdministrativelyProhibited).await;
    Ok(())
}
