//! Names of mirrors: resolved once for a run, judged, and pinned, so that a name can't change its meaning between
//! the check and the connection.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::Networks;
use super::refusal::Refusal;
use crate::model::{Text, text};

const WEB_PORTS: [u16; 2] = [80, 443];
const LOOKUP_LIMIT: Duration = Duration::from_secs(15);

/// Mirrors that the user allows by name although their address is private: `host:port`, or `host` with the ports of the
/// web. A host names ports in its sources as it likes, so a name opens no others.
#[derive(Debug, Clone, Default)]
pub(super) struct Allowed(Vec<(String, Option<u16>)>);

impl Allowed {
    /// Takes names as users write them; also a whole URL.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let entry = |name: &str| {
            let plain =
                if name.contains("://") { name.to_owned() } else { format!("allowed://{}", bracketed(name)) };
            let url = Url::parse(&plain).ok()?;
            // A made-up scheme is not normalised as a web address is.
            let host = Url::parse(&format!("http://{}", url.host_str()?)).ok()?.host_str()?.to_owned();
            Some((host, url.port()))
        };
        Self(names.into_iter().filter_map(entry).collect())
    }

    fn contains(&self, host: &str, port: u16) -> bool {
        let is_of_web = WEB_PORTS.contains(&port);
        self.0.iter().any(|(name, only)| name == host && only.map_or(is_of_web, |only| only == port))
    }
}

/// A bare IPv6 address gets its brackets.
fn bracketed(name: &str) -> String {
    if name.parse::<std::net::Ipv6Addr>().is_ok() { format!("[{name}]") } else { name.to_owned() }
}

#[derive(Debug, Clone)]
pub(super) struct Names(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    allowed: Allowed,
    networks: Networks,
    pinned: Mutex<HashMap<String, Vec<IpAddr>>>,
}

impl Names {
    pub fn new(allowed: Allowed, networks: Networks) -> Self {
        Self(Arc::new(Inner { allowed, networks, pinned: Mutex::default() }))
    }

    /// Judges what can be judged without a look-up: port, literal address, and names that are local by definition.
    pub fn judge(&self, url: &Url) -> Result<(), Refusal> {
        let (host, port) =
            (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
        if self.0.allowed.contains(host, port) {
            return Ok(());
        }
        if port < 1024 && !WEB_PORTS.contains(&port) {
            let reason =
                text!(en: "port {port} is not one of a mirror", pt: "a porta {port} não é de um espelho");
            return Err(refusal(url, &reason));
        }
        if let Some(literal) = literal(host) {
            return match self.0.networks.refusal(literal) {
                Some(what) => Err(refusal(url, &text!(en: "it is {what}", pt: "ele é {what}", what))),
                None => Ok(()),
            };
        }
        let name = host.trim_end_matches('.');
        let local = ["localhost", "local", "internal", "lan", "home.arpa"];
        let is_local = local
            .iter()
            .any(|zone| name.strip_suffix(zone).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')));
        let local = text!(en: "it is a local name", pt: "ele é um nome local");
        if is_local { Err(refusal(url, &local)) } else { Ok(()) }
    }

    pub async fn resolve(&self, url: &Url) -> Result<Vec<IpAddr>, Refusal> {
        self.judge(url)?;
        let (host, port) =
            (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
        if let Some(literal) = literal(host) {
            return Ok(vec![literal]);
        }
        // An allowance may hold for one port only: such a name is pinned apart.
        let allowed = self.0.allowed.contains(host, port);
        if let Some(pinned) = self.pinned(host) {
            return if allowed { Ok(pinned) } else { self.permitted(url, pinned) };
        }
        let found = tokio::time::timeout(LOOKUP_LIMIT, tokio::net::lookup_host((host, port))).await;
        let found = match found {
            Err(_) => {
                return Err(Refusal::upstream(text!(
                    en: "the laptop's resolver did not answer for {host}",
                    pt: "o DNS do notebook não respondeu sobre {host}",
                )));
            }
            Ok(Err(error)) => {
                return Err(Refusal::upstream(text!(
                    en: "the laptop can't resolve {host}: {error}",
                    pt: "o notebook não consegue resolver {host}: {error}",
                )));
            }
            Ok(Ok(found)) => found.map(|address| address.ip()).collect::<Vec<_>>(),
        };
        let found = if allowed { found } else { self.permitted(url, found)? };
        // Of two look-ups at the same moment the first one counts; it may have been made under an allowance.
        let pinned = {
            let mut pinned = self.0.pinned.lock().unwrap_or_else(PoisonError::into_inner);
            pinned.entry(host.to_owned()).or_insert(found).clone()
        };
        if allowed { Ok(pinned) } else { self.permitted(url, pinned) }
    }

    fn permitted(&self, url: &Url, found: Vec<IpAddr>) -> Result<Vec<IpAddr>, Refusal> {
        let mut reason = text!(en: "it has no address", pt: "ele não tem endereço");
        let permitted: Vec<IpAddr> = found
            .into_iter()
            .filter(|address| match self.0.networks.refusal(*address) {
                Some(what) => {
                    reason = text!(en: "its address is {what}", pt: "o endereço dele é {what}", what);
                    false
                }
                None => true,
            })
            .collect();
        if permitted.is_empty() {
            return Err(refusal(url, &reason));
        }
        Ok(permitted)
    }

    fn pinned(&self, host: &str) -> Option<Vec<IpAddr>> {
        self.0.pinned.lock().unwrap_or_else(PoisonError::into_inner).get(host).cloned()
    }
}

/// What reqwest asks right before it connects: only what was judged and pinned before.
impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let pinned = self.pinned(name.as_str());
        Box::pin(async move {
            let addresses = pinned.ok_or("this name was not judged")?;
            let addresses: Addrs = Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}

fn literal(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

fn refusal(url: &Url, reason: &Text) -> Refusal {
    let host = url.host_str().unwrap_or_default();
    // As it is to be written in the inventory.
    let mirror = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    Refusal::forbidden(text!(
        en: "mirror {mirror} is refused: {reason}; packages.mirrors_allowed in the inventory can allow it",
        pt: "o espelho {mirror} é recusado: {reason}; packages.mirrors_allowed no inventário pode permiti-lo",
        reason,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(allowed: &[&str]) -> Names {
        Names::new(Allowed::new(allowed.iter().copied()), Networks::default())
    }

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[tokio::test]
    async fn local_targets_are_refused_in_every_spelling() {
        let names = names(&[]);
        for target in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f.0.0.1/",
            "http://0177.0.0.1/",
            "http://0/",
            "http://[::1]/",
            "http://[::ffff:7f00:1]/",
            "http://169.254.169.254/latest/",
            "http://localhost/",
            "http://LOCALHOST./",
            "http://x.localhost/",
            "http://printer.local/",
            "http://metadata.google.internal/",
            "http://151.101.2.132:22/",
        ] {
            let refused = names.resolve(&url(target)).await.unwrap_err();
            assert_eq!(refused.status, hyper::StatusCode::FORBIDDEN, "{target}: {refused}");
        }
    }

    #[tokio::test]
    async fn a_mirror_allowed_by_name_may_be_private() {
        let names = names(&["LOCALHOST:8080", "10.0.0.5", "::1", "http://127.0.0.1:81/debian"]);
        for target in ["http://localhost:8080/", "https://10.0.0.5/", "http://[::1]/", "http://127.0.0.1:81/"]
        {
            assert!(names.resolve(&url(target)).await.is_ok(), "{target}");
        }
        // Not on another port, also when its address is pinned already.
        assert!(names.resolve(&url("http://localhost:8081/")).await.is_err());
        assert!(names.resolve(&url("http://127.0.0.1:82/")).await.is_err());
        // A name alone opens what mirrors listen on, and nothing else of that machine.
        for port in [22, 99, 8080, 9901] {
            let refused = names.resolve(&url(&format!("http://10.0.0.5:{port}/"))).await.unwrap_err();
            assert!(
                refused.reason.english().contains(&format!("mirror 10.0.0.5:{port} is refused")),
                "{refused}"
            );
        }
    }

    #[tokio::test]
    async fn a_name_keeps_its_first_address_and_loses_the_forbidden_ones() {
        let names = names(&[]);
        let mirror = url("http://m.example/");
        let found = ["10.0.0.1", "203.0.113.7", "::1"].map(|text| text.parse().unwrap()).to_vec();
        let public: IpAddr = "203.0.113.7".parse().unwrap();
        assert_eq!(names.permitted(&mirror, found), Ok(vec![public]));
        let private = vec!["10.0.0.1".parse().unwrap()];
        assert!(
            names.permitted(&mirror, private).unwrap_err().reason.english().contains("a private address")
        );

        names.0.pinned.lock().unwrap().insert("m.example".to_owned(), vec![public]);
        assert_eq!(names.resolve(&url("http://m.example/")).await, Ok(vec![public]));
        let asked = Resolve::resolve(&names, "m.example".parse().unwrap()).await.unwrap();
        assert_eq!(asked.map(|address| address.ip()).collect::<Vec<_>>(), [public]);
        assert!(Resolve::resolve(&names, "other.example".parse().unwrap()).await.is_err());
    }
}
