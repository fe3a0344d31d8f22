//! The way from the laptop to the mirrors. Every hop of a redirect is judged like the first.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use hyper::header::{HeaderMap, LOCATION};
use hyper::{Method, StatusCode};
use reqwest::{Client, Response, Url, redirect};
use rustls_platform_verifier::BuilderVerifierExt as _;

use super::names::Names;
use super::proxies::Proxies;
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
    proxies: Proxies,
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
            proxies: Proxies::of_environment(),
            names,
            sent: AtomicU64::new(0),
            down: Mutex::default(),
        }
    }

    fn clients(&self) -> Result<&Clients, Refusal> {
        self.clients.get_or_init(|| Clients::new(&self.names)).as_ref().map_err(Clone::clone)
    }

    /// The proxy through which the laptop's environment sends this URL.
    pub fn proxy(&self, url: &Url) -> Option<String> {
        self.proxies.of(url.as_str())
    }

    /// What came of a download that broke off.
    pub fn failure(&self, url: &Url, error: &reqwest::Error) -> Refusal {
        failure(url, self.proxy(url).as_deref(), error)
    }

    /// An answer that is no file, as a refusal.
    pub fn refusal(&self, response: &Response) -> Refusal {
        answered(response.url(), self.proxy(response.url()).as_deref(), response.status())
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
        let proxy = self.proxy(url);
        let client = if proxy.is_some() {
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
            Ok(Err(error)) => {
                Err((failure(url, proxy.as_deref(), &error), error.is_connect() || error.is_timeout()))
            }
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
fn failure(url: &Url, proxy: Option<&str>, error: &reqwest::Error) -> Refusal {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if error.is_timeout() {
        let origin = by_way(url, proxy);
        let reason =
            text!(en: "{origin} does not answer: {cause}", pt: "{origin} não responde: {cause}", origin);
        return Refusal::new(StatusCode::GATEWAY_TIMEOUT, reason);
    }
    unreached(url, proxy, &Text::verbatim(cause.to_string()))
}

pub(super) fn unreached(url: &Url, proxy: Option<&str>, cause: &Text) -> Refusal {
    let origin = by_way(url, proxy);
    Refusal::upstream(text!(
        en: "the laptop does not reach {origin}: {cause}",
        pt: "o notebook não alcança {origin}: {cause}",
        origin,
        cause,
    ))
}

/// An answer that is no file. A proxy may have given it, and its login is asked for in the laptop's environment.
fn answered(url: &Url, proxy: Option<&str>, status: StatusCode) -> Refusal {
    if let Some(proxy) = proxy
        && status == StatusCode::PROXY_AUTHENTICATION_REQUIRED
    {
        return Refusal::upstream(text!(
            en: "{proxy}, the proxy that http_proxy names on the laptop, wants a login: http://USER:PASSWORD@HOST:PORT",
            pt: "{proxy}, o proxy que http_proxy indica no notebook, pede login: http://USUARIO:SENHA@HOST:PORTA",
        ));
    }
    let origin = by_way(url, proxy);
    let code = status.as_u16();
    let reason = match status.canonical_reason() {
        Some(name) => {
            text!(en: "{origin} answered {code} {name}", pt: "{origin} respondeu {code} {name}", origin)
        }
        None => {
            text!(en: "{origin} answered {code} an error", pt: "{origin} respondeu com o erro {code}", origin)
        }
    };
    Refusal::new(if status.is_success() { StatusCode::BAD_GATEWAY } else { status }, reason)
}

/// A mirror, with the proxy that stands before it.
fn by_way(url: &Url, proxy: Option<&str>) -> Text {
    let origin = origin(url);
    match proxy {
        Some(proxy) => text!(
            en: "{origin} (by {proxy}, the proxy that http_proxy names on the laptop)",
            pt: "{origin} (por {proxy}, o proxy que http_proxy indica no notebook)",
        ),
        None => Text::verbatim(origin),
    }
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

    #[test]
    fn what_a_proxy_may_have_done_names_it() {
        let url = Url::parse("http://m.example/debian/a").unwrap();
        let proxy = Some("http://proxy.example:3128");
        let told = |refusal: Refusal| refusal.line();
        let cause = Text::verbatim("Connection refused");
        insta::assert_snapshot!(told(unreached(&url, proxy, &cause)), @"502 provision: #0 the laptop does not reach m.example (by http://proxy.example:3128, the proxy that http_proxy names on the laptop): Connection refused");
        insta::assert_snapshot!(told(answered(&url, proxy, StatusCode::FORBIDDEN)), @"403 provision: #0 m.example (by http://proxy.example:3128, the proxy that http_proxy names on the laptop) answered 403 Forbidden");
        insta::assert_snapshot!(told(answered(&url, proxy, StatusCode::PROXY_AUTHENTICATION_REQUIRED)), @"502 provision: #0 http://proxy.example:3128, the proxy that http_proxy names on the laptop, wants a login: http://USER:PASSWORD@HOST:PORT");
        insta::assert_snapshot!(told(answered(&url, None, StatusCode::FORBIDDEN)), @"403 provision: #0 m.example answered 403 Forbidden");
    }
}
