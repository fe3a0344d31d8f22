//! An agent inside this process, for the length of one login: it gives the ssh program keys whose passphrase the
//! tool was told, which that program could only ask for itself.

use std::io::{Error, Result};
use std::path::PathBuf;
use std::sync::Arc;

use russh::keys::PrivateKey;
use russh::keys::agent::client::AgentClient;
use russh::keys::agent::server;
use tokio::net::UnixListener;
use tokio::task::JoinHandle;

/// A running agent. Dropping it ends it.
pub struct LoginAgent {
    pub socket: PathBuf,
    serving: JoinHandle<()>,
}

impl LoginAgent {
    /// Starts an agent with some keys on a socket in a folder that is the user's own.
    pub async fn start(socket: PathBuf, keys: &[Arc<PrivateKey>]) -> Result<Self> {
        let listener = UnixListener::bind(&socket)?;
        let connections = futures_util::stream::unfold(listener, |listener| async move {
            let connection = listener.accept().await.map(|(stream, _)| stream);
            Some((connection, listener))
        });
        let serving = tokio::spawn(async move {
            // It ends with the login, by being aborted; before that, only for want of a socket.
            let _ = server::serve(Box::pin(connections), ()).await;
        });
        let agent = Self { socket, serving };
        let mut client = AgentClient::connect_uds(&agent.socket).await.map_err(Error::other)?;
        for key in keys {
            client.add_identity(key, &[]).await.map_err(Error::other)?;
        }
        Ok(agent)
    }
}

impl Drop for LoginAgent {
    fn drop(&mut self) {
        self.serving.abort();
        // Its folder goes at the end of the run anyway.
        let _ = std::fs::remove_file(&self.socket);
    }
}
