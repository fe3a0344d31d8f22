//! A server that is no sshd: it opens channels that nobody asked for, and talks too much.

use std::net::Ipv4Addr;
use std::sync::Arc;

use russh::keys::{Algorithm, PrivateKey};
use russh::server::{Auth, ChannelOpenHandle, Config, Handler, Msg, Session};
use russh::{Channel, ChannelId};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::client::{Client, connection, finish};
use crate::model::TransportChoice;
use crate::transport::Exit;

struct Hostile {
    refused: mpsc::UnboundedSender<(&'static str, bool)>,
}

impl Handler for Hostile {
    type Error = russh::Error;

    async fn auth_none(&mut self, _user: &str) -> Result<Auth, Self::Error> {
        Ok(Auth::Accept)
    }

    async fn channel_open_session(
        &mut self,
        _channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        reply.accept().await;
        Ok(())
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        _command: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_success(channel)?;
        let (handle, refused) = (session.handle(), self.refused.clone());
        tokio::spawn(async move {
            let tries = [
                ("agent", handle.channel_open_agent().await.is_err()),
                ("session", handle.channel_open_session().await.is_err()),
                ("x11", handle.channel_open_x11("127.0.0.1", 1).await.is_err()),
                ("direct", handle.channel_open_direct_tcpip("127.0.0.1", 22, "127.0.0.1", 1).await.is_err()),
                (
                    "forwarded",
                    handle.channel_open_forwarded_tcpip("127.0.0.1", 22, "127.0.0.1", 1).await.is_err(),
                ),
                ("socket", handle.channel_open_forwarded_streamlocal("/tmp/x").await.is_err()),
                ("direct socket", handle.channel_open_direct_streamlocal("/tmp/x").await.is_err()),
            ];
            for outcome in tries {
                refused.send(outcome).unwrap();
            }
            handle.exit_status_request(channel, 0).await.unwrap();
            handle.close(channel).await.unwrap();
        });
        Ok(())
    }
}

#[tokio::test]
async fn channels_that_nobody_asked_for_are_refused() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (refused, mut outcomes) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let key = PrivateKey::random(&mut rand::rng(), Algorithm::Ed25519).unwrap();
        let config = Arc::new(Config { keys: vec![key], ..Config::default() });
        let (stream, _) = listener.accept().await.unwrap();
        let session = russh::server::run_stream(config, stream, Hostile { refused }).await.unwrap();
        session.await.ok();
    });
    let client = Client::new();
    let session = client.connector.connect(&connection(port, TransportChoice::Russh), None).await.unwrap();
    let execution = session.exec("true", Vec::new()).await.unwrap();
    assert_eq!(finish(execution).await.exit, Some(Exit::Code(0)));
    let mut count = 0;
    while let Ok((kind, refused)) = outcomes.try_recv() {
        assert!(refused, "a channel of kind {kind} was taken");
        count += 1;
    }
    assert_eq!(count, 7);
}
