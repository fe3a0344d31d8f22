//! The relay on a TCP port instead of a VM's connection: to measure it apart from SSH. No command does that.

use std::net::TcpListener;
use std::path::PathBuf;

use super::{PackageRelay, RelayOptions, sources};
use crate::error::{Error, Result};
use crate::model::{HostId, text};

/// Serves what lies below a mirror until the process ends, with a cache in a folder of its own. `announce` gets the
/// proxy's URL.
pub fn serve_packages(
    listener: TcpListener,
    cache: PathBuf,
    mirror: &str,
    announce: impl FnOnce(String),
) -> Result<()> {
    let failed = |cause: std::io::Error| {
        Error::machine(text!(
            en: "packages cannot be served on a port",
            pt: "não foi possível servir pacotes em uma porta",
        ))
        .because(cause)
    };
    let mut options = RelayOptions {
        cache_dir: Some(cache),
        mirrors_allowed: vec![mirror.to_owned()],
        ..RelayOptions::default()
    };
    // No class takes as much as a measurement.
    options.limits.served = u64::MAX;
    let relay = PackageRelay::new(options)?;
    let admission = relay.admit(&HostId::new("default", "local"), sources(&mirror.into()));
    let port = listener.local_addr().map_err(failed)?.port();
    listener.set_nonblocking(true).map_err(failed)?;
    let runtime = tokio::runtime::Runtime::new().map_err(failed)?;
    announce(admission.proxy_url(port));
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener).map_err(failed)?;
        loop {
            let (stream, _) = listener.accept().await.map_err(failed)?;
            tokio::spawn(relay.serve(&admission, stream));
        }
    })
}
