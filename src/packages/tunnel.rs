//! `CONNECT` for https sources that want a key or a login of the VM's own: apt speaks TLS with the mirror itself, and the
//! laptop only passes bytes on. Nothing of it can be cached, so it is the last resort; all other https sources are given
//! to apt as `http://` and fetched over TLS by the laptop.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hyper::upgrade::OnUpgrade;
use hyper::{StatusCode, Uri};
use hyper_util::rt::TokioIo;
use reqwest::Url;
use tokio::io::copy_bidirectional_with_sizes;
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::io::InspectReader;
use tokio_util::sync::CancellationToken;

use super::host::HostState;
use super::refusal::Refusal;
use super::shared::Shared;
use super::upstream;
use crate::model::{Text, text};

const CONNECT_LIMIT: Duration = Duration::from_secs(15);
/// Bytes under way, each way.
const BUFFER: usize = 32 * 1024;

pub(super) async fn open(relay: &Shared, host: &HostState, uri: &Uri) -> Result<TcpStream, Refusal> {
    let authority = uri.authority().ok_or_else(|| {
        Refusal::malformed(text!(
            en: "CONNECT wants a host and a port",
            pt: "CONNECT precisa de um nome de máquina e uma porta",
        ))
    })?;
    let url = Url::parse(&format!("https://{authority}/")).map_err(|_| {
        Refusal::malformed(text!(en: "this is not a host", pt: "isto não é um nome de máquina"))
    })?;
    let (name, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
    if !host.sources.need_tunnel(name, port) || authority.as_str().contains('@') {
        return Err(Refusal::forbidden(text!(
            en: "{authority} is in none of this VM's apt sources that need a tunnel",
            pt: "{authority} não está em nenhuma fonte de pacotes desta VM que precise de um túnel",
        )));
    }
    if let Some(proxy) = relay.upstream.proxy(&url) {
        return Err(Refusal::new(
            StatusCode::NOT_IMPLEMENTED,
            text!(
                en: "no tunnel to {name}: the laptop itself is behind {proxy}, the proxy that https_proxy names there",
                pt: "sem túnel até {name}: o próprio notebook está atrás de {proxy}, o proxy que https_proxy indica nele",
            ),
        ));
    }
    let addresses = relay.upstream.names.resolve(&url).await?;
    let mut last = text!(en: "it has no address", pt: "não tem endereço");
    for address in addresses {
        match tokio::time::timeout(CONNECT_LIMIT, TcpStream::connect((address, port))).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => last = Text::verbatim(error.to_string()),
            Err(_) => last = Text::verbatim(io::ErrorKind::TimedOut.to_string()),
        }
    }
    Err(upstream::unreached(&url, None, &last))
}

/// Passes bytes until either side closes, the VM is no longer connected, or a limit is reached.
pub(super) async fn pass(
    relay: Arc<Shared>,
    host: Arc<HostState>,
    client: OnUpgrade,
    mirror: TcpStream,
    slot: OwnedSemaphorePermit,
    closed: CancellationToken,
) {
    let Ok(client) = client.await else { return };
    let spent = CancellationToken::new();
    let mut mirror = InspectReader::new(mirror, |bytes: &[u8]| {
        let length = bytes.len() as u64;
        relay.downloaded.fetch_add(length, Ordering::Relaxed);
        host.downloaded.fetch_add(length, Ordering::Relaxed);
        if host.served.fetch_add(length, Ordering::Relaxed) >= host.limits.served {
            spent.cancel();
        }
    });
    let mut client = TokioIo::new(client);
    tokio::select! {
        _ = copy_bidirectional_with_sizes(&mut client, &mut mirror, BUFFER, BUFFER) => {}
        () = spent.cancelled() => {}
        () = closed.cancelled() => {}
        () = tokio::time::sleep(host.limits.request_time) => {}
    }
    drop(slot);
}
