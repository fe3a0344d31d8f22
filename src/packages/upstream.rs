//! The way from the laptop to the mirrors. Every hop of a redirect is judged like the first.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use hyper::header::{HeaderMap, LOCATION};
use hyper::{Method, StatusCode, Uri};
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{Client, Response, Url, redirect};
use rustls_platform_verifier::BuilderVerifierExt as _;

use super::names::Names;
use super::refusal::Refusal;
use crate::model::{Text, text};

const HOPS: usize = 5;
/// Limit for a TCP and TLS connection to a mirror.
const CONNECT_LIMIT: Duration = Duration::from_secs(15);
const SILENCE_LIMIT: Duration = Duration::from_secs(60);
/// A mirror that could not be reached is not tried again for so long.
const DOWN_FOR: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(super) struct Upstream {
    /// Made once a mirror is asked: the certificates of the system take long to read, and most runs need none.
    clients: OnceLock<Result<Clients, Refusal>>,
    proxies: Matcher,
    pub names: Names,
    /// How many requests left the laptop.
    pub sent: AtomicU64,
    /// Mirrors that could not be reached a moment ago, by scheme, name and port: a whole class need not wait for each of
    /// them in turn.
    down: Mutex<HashMap<String, (Instant, Refusal)>>,
}

/// HTTP clients for mirrors: one that connects itself, to pinned addresses, and one that goes through the proxy of
/// the laptop's environment, which then does the resolving.
#[derive(Debug)]
struct Clients {
    direct: Client,
    proxied: Client,
}

impl Clients {
    fn new(names: &Names) -> Result<Self, Refusal> {
        let tls = tls_config().map_err(|error| {
            Refusal::upstream(text!(
                en: "the package relay's TLS does not start: {error}",
                pt: "o TLS do repasse de pacotes não inicia: {error}",
            ))
        })?;
        let builder = || {
            Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .redirect(redirect::Policy::none())
                .connect_timeout(CONNECT_LIMIT)
                .read_timeout(SILENCE_LIMIT)
                .user_agent(concat!("provision/", env!("CARGO_PKG_VERSION"), " (package relay)"))
        };
        let failed = |error| {
            Refusal::upstream(text!(
                en: "the package relay's HTTP client does not start: {error}",
                pt: "o cliente HTTP do repasse de pacotes não inicia: {error}",
            ))
        };
        let direct = builder().no_proxy().dns_resolver(names.clone()).build().map_err(failed)?;
        let proxied = builder().build().map_err(failed)?;
        Ok(Self { direct, proxied })
    }
}

impl Upstream {
    pub fn new(names: Names) -> Self {
        Self {
            clients: OnceLock::new(),
            proxies: Matcher::from_system(),
            names,
            sent: AtomicU64::new(0),
            down: Mutex::default(),
        }
    }

    fn clients(&self) -> Result<&Clients, Refusal> {
        self.clients.get_or_init(|| Clients::new(&self.names)).as_ref().map_err(Clone::clone)
    }

    /// Whether the laptop's environment sends this URL through a proxy.
    pub fn is_proxied(&self, url: &Url) -> bool {
        url.as_str().parse::<Uri>().is_ok_and(|uri| self.proxies.intercept(&uri).is_some())
    }

    /// Asks a mirror, following its redirects. Any status is an answer.
    pub async fn ask(&self, method: &Method, url: &Url, headers: &HeaderMap) -> Result<Response, Refusal> {
        let mut url = url.clone();
        for _ in 0..=HOPS {
            let response = self.hop(method, &url, headers).await?;
            if !response.status().is_redirection() || response.status() == StatusCode::NOT_MODIFIED {
                return Ok(response);
            }
            url = next_hop(&url, response.headers())?;
        }
        let origin = origin(&url);
        let reason = text!(en: "{origin} redirects without end", pt: "{origin} redireciona sem fim");
        Err(Refusal::upstream(reason))
    }

    async fn hop(&self, method: &Method, url: &Url, headers: &HeaderMap) -> Result<Response, Refusal> {
        let mirror = url.origin().ascii_serialization();
        if let Some((since, refusal)) = self.down().get(&mirror)
            && since.elapsed() < DOWN_FOR
        {
            return Err(refusal.clone());
        }
        self.send(method, url, headers).await.map_err(|(refusal, is_down)| {
            if is_down {
                let mut down = self.down();
                down.retain(|_, (since, _)| since.elapsed() < DOWN_FOR);
                down.insert(mirror, (Instant::now(), refusal.clone()));
            }
            refusal
        })
    }

    /// Sends one request; an error comes with whether the next one would fail as well.
    async fn send(
        &self,
        method: &Method,
        url: &Url,
        headers: &HeaderMap,
    ) -> Result<Response, (Refusal, bool)> {
        let clients = self.clients().map_err(|refusal| (refusal, false))?;
        let client = if self.is_proxied(url) {
            self.names.judge(url).map_err(|refusal| (refusal, false))?;
            &clients.proxied
        } else {
            let resolved = self.names.resolve(url).await;
            resolved.map_err(|refusal| {
                let unresolved = refusal.status.is_server_error();
                (refusal, unresolved)
            })?;
            &clients.direct
        };
        self.sent.fetch_add(1, Ordering::Relaxed);
        let request = client.request(method.clone(), url.clone()).headers(headers.clone());
        match tokio::time::timeout(SILENCE_LIMIT, request.send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err((failure(url, &error), error.is_connect() || error.is_timeout())),
            Err(_) => {
                let origin = origin(url);
                let reason = text!(en: "{origin} is silent", pt: "{origin} não diz nada");
                Err((Refusal::new(StatusCode::GATEWAY_TIMEOUT, reason), true))
            }
        }
    }

    fn down(&self) -> MutexGuard<'_, HashMap<String, (Instant, Refusal)>> {
        self.down.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn next_hop(url: &Url, headers: &HeaderMap) -> Result<Url, Refusal> {
    let origin = origin(url);
    let broken = || {
        Refusal::upstream(text!(
            en: "{origin} redirects to nowhere",
            pt: "{origin} redireciona para lugar nenhum",
        ))
    };
    let location = headers.get(LOCATION).and_then(|value| value.to_str().ok()).ok_or_else(broken)?;
    let next = url.join(location).map_err(|_| broken())?;
    let scheme_kept = next.scheme() == "https" || (next.scheme() == "http" && url.scheme() == "http");
    if !scheme_kept {
        let scheme = next.scheme();
        let reason = text!(en: "{origin} redirects to {scheme}:", pt: "{origin} redireciona para {scheme}:");
        return Err(Refusal::forbidden(reason));
    }
    if !next.username().is_empty() || next.password().is_some() {
        return Err(Refusal::forbidden(text!(
            en: "{origin} redirects to a URL with a user name",
            pt: "{origin} redireciona para uma URL com nome de usuário",
        )));
    }
    Ok(next)
}

/// What went wrong, by its innermost cause: the outer ones only repeat the URL.
pub(super) fn failure(url: &Url, error: &reqwest::Error) -> Refusal {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if error.is_timeout() {
        let origin = origin(url);
        let reason = text!(en: "{origin} does not answer: {cause}", pt: "{origin} não responde: {cause}");
        return Refusal::new(StatusCode::GATEWAY_TIMEOUT, reason);
    }
    unreached(url, &Text::verbatim(cause.to_string()))
}

pub(super) fn unreached(url: &Url, cause: &Text) -> Refusal {
    let origin = origin(url);
    Refusal::upstream(text!(
        en: "the laptop does not reach {origin}: {cause}",
        pt: "o notebook não alcança {origin}: {cause}",
        cause,
    ))
}

pub(super) fn origin(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// TLS by the laptop's own trust store. A laptop without one still serves http mirrors: https ones then fail with
/// an unknown issuer.
fn tls_config() -> Result<rustls::ClientConfig, rustls::Error> {
    let builder = || {
        rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
    };
    Ok(match builder()?.with_platform_verifier() {
        Ok(config) => config.with_no_client_auth(),
        Err(_) => builder()?.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_stays_on_the_web_and_never_loses_tls() {
        let headers = |location: &str| HeaderMap::from_iter([(LOCATION, location.parse().unwrap())]);
        let http = Url::parse("http://m.example/debian/a").unwrap();
        let https = Url::parse("https://m.example/debian/a").unwrap();
        let next = |from: &Url, to: &str| next_hop(from, &headers(to)).map(|url| url.to_string());
        assert_eq!(next(&http, "../b").unwrap(), "http://m.example/b");
        assert_eq!(next(&http, "https://n.example/b").unwrap(), "https://n.example/b");
        for bad in ["file:///etc/passwd", "ftp://n.example/", "gopher://n.example/", "http://u:p@n.example/"]
        {
            assert!(next(&http, bad).is_err(), "{bad}");
        }
        assert!(next(&https, "http://m.example/debian/a").is_err());
        assert!(next_hop(&http, &HeaderMap::new()).is_err());
    }
}
