//! From a request's URI to the one URL that is fetched: normalised, and below a root that the VM's sources name.

use std::str::FromStr;

use hyper::Uri;
use reqwest::Url;

use super::path::normal_path;
use super::refusal::Refusal;
use super::sources::Sources;
use crate::model::{sha256, text};

/// Longest URI that is looked at.
const URI_LIMIT: usize = 2048;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MirrorFile {
    pub url: Url,
    /// Whether its content never changes under this name.
    pub immutable: bool,
}

impl MirrorFile {
    /// Judges the URI of a request against a VM's sources.
    pub fn of_request(uri: &Uri, sources: &Sources) -> Result<Self, Refusal> {
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(Refusal::malformed(text!(
                en: "this is a package proxy: it wants whole URLs",
                pt: "isto é um proxy de pacotes: ele precisa de URLs completas",
            )));
        };
        if uri.to_string().len() > URI_LIMIT {
            return Err(Refusal::new(
                hyper::StatusCode::URI_TOO_LONG,
                text!(en: "the URL is too long", pt: "a URL é longa demais"),
            ));
        }
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => {
                let reason = text!(en: "only http and https are served", pt: "só se atende a http e https");
                return Err(Refusal::forbidden(reason));
            }
        };
        if authority.as_str().contains('@') {
            return Err(Refusal::forbidden(text!(
                en: "URLs with a user name are not served",
                pt: "não se atende a URLs com nome de usuário",
            )));
        }
        if uri.query().is_some() {
            return Err(Refusal::forbidden(text!(
                en: "URLs with a query are not served",
                pt: "não se atende a URLs com parâmetros",
            )));
        }
        let mut url: Url = parse(&uri.to_string())?;
        let path = normal_path(uri.path())?;
        url.set_path(&path);
        if url.path() != path {
            return Err(Refusal::malformed(text!(
                en: "the path is not a plain one",
                pt: "o caminho não é um caminho simples",
            )));
        }
        let host = url.host_str().unwrap_or_default().to_owned();
        let port = url.port_or_known_default().unwrap_or_default();

        // A source that is https may be asked for as http: apt then needs no tunnel, and the laptop does the TLS.
        let mut below = sources.roots().filter(|root| {
            let same_port = root.port == port || (root.secure && !secure && (root.port, port) == (443, 80));
            root.host == host
                && same_port
                && root.secure >= secure
                && path
                    .strip_prefix(&root.path)
                    .is_some_and(|rest| !rest.starts_with('/') && !rest.contains("//"))
        });
        // Roots are sorted with http first.
        let Some(root) = below.next() else {
            return Err(Refusal::forbidden(text!(
                en: "{host}{path} is in none of this VM's apt sources",
                pt: "{host}{path} não está em nenhuma fonte de pacotes desta VM",
            )));
        };
        let scheme = if root.secure { "https" } else { "http" };
        let url = parse(&format!("{scheme}://{host}:{}{path}", root.port))?;
        Ok(Self { immutable: is_immutable(&path), url })
    }

    /// The key of the file in the cache: nothing that a VM sends becomes part of a path on the laptop.
    pub fn key(&self) -> String {
        sha256(self.url.as_str().as_bytes())
    }

    /// The SHA-256 that the name itself promises, in hex.
    pub fn promised_sha256(&self) -> Option<String> {
        let (_, name) = self.url.path().rsplit_once("/by-hash/SHA256/")?;
        let hex = name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        hex.then(|| name.to_ascii_lowercase())
    }
}

pub(super) fn parse<T: FromStr>(url: &str) -> Result<T, Refusal> {
    url.parse().map_err(|_| Refusal::malformed(text!(en: "this is not a URL", pt: "isto não é uma URL")))
}

/// Package files carry their version in the name, and by-hash files their content.
fn is_immutable(path: &str) -> bool {
    let ending = path.rsplit_once('.').map(|(_, ending)| ending);
    matches!(ending, Some("deb" | "udeb" | "ddeb")) || path.contains("/by-hash/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packages::sources::sources;

    fn target(uri: &str) -> Result<String, String> {
        let sources = sources(
            &"deb http://deb.os.example/debian x main\ndeb https://s.example/apt x main\ndeb http://p.example:8080 ./\n\
             deb http://flat.example/repo/ ./\n".into(),
        );
        let uri: Uri = uri.parse().map_err(|_| "not a URI".to_owned())?;
        MirrorFile::of_request(&uri, &sources)
            .map(|target| target.url.to_string())
            .map_err(|refusal| refusal.to_string())
    }

    #[test]
    fn what_the_sources_name_is_served_under_one_spelling() {
        for (asked, fetched) in [
            ("http://deb.os.example/debian/pool/a.deb", "http://deb.os.example/debian/pool/a.deb"),
            ("HTTP://DEB.os.EXAMPLE:80/debian/./pool/x/../a.deb", "http://deb.os.example/debian/pool/a.deb"),
            (
                "http://deb.os.example/%64ebian/pool/g%2B%2b_1%3a2%7e.deb",
                "http://deb.os.example/debian/pool/g++_1%3A2~.deb",
            ),
            ("http://s.example/apt/dists/x/InRelease", "https://s.example/apt/dists/x/InRelease"),
            ("https://s.example/apt/dists/x/InRelease", "https://s.example/apt/dists/x/InRelease"),
            ("http://p.example:8080/any/thing", "http://p.example:8080/any/thing"),
            ("http://flat.example/repo/./InRelease", "http://flat.example/repo/InRelease"),
        ] {
            assert_eq!(target(asked), Ok(fetched.to_owned()), "{asked}");
        }
    }

    #[test]
    fn keys_keep_mirrors_apart_and_names_promise_hashes() {
        let sources = sources(&"http://a.example/\nhttp://b.example/\n".into());
        let of = |uri: &str| MirrorFile::of_request(&uri.parse().unwrap(), &sources).unwrap();
        let (a, b) = (of("http://a.example/x.deb"), of("http://b.example/x.deb"));
        assert_ne!(a.key(), b.key());
        assert_eq!(a.key().len(), 64);
        assert!(a.immutable && !of("http://a.example/dists/x/InRelease").immutable);
        let name = "AB".repeat(32);
        let by_hash = of(&format!("http://a.example/dists/x/main/by-hash/SHA256/{name}"));
        assert_eq!(by_hash.promised_sha256(), Some("ab".repeat(32)));
        assert_eq!(a.promised_sha256(), None);
    }

    #[test]
    fn nothing_else_is() {
        for asked in [
            "http://deb.os.example/",
            "http://deb.os.example/debian",
            "http://deb.os.example/debian-security/x",
            "http://deb.os.example/debian/../secret",
            "http://deb.os.example/debian/%2e%2e/secret",
            "http://deb.os.example/debian/%2E./secret",
            "http://deb.os.example/debian/..%2fsecret",
            "http://deb.os.example/debian/%252e%252e/secret",
            "http://deb.os.example/debian/..%5csecret",
            "http://deb.os.example/debian//secret",
            "http://deb.os.example/debian/a%00b",
            "http://deb.os.example/debian/a%zz",
            "http://deb.os.example/debian/a%",
            "http://deb.os.example/debian/a?x=1",
            "http://deb.os.example:8080/debian/a",
            "https://deb.os.example/debian/a",
            "http://user@deb.os.example/debian/a",
            "http://deb.os.example@evil.example/debian/a",
            "http://deb.os.example.evil.example/debian/a",
            "http://deb.os.example./debian/a",
            "http://s.example:443/other/a",
            "http://p.example/any",
            "ftp://deb.os.example/debian/a",
            "file:///etc/passwd",
            "/debian/a",
            "*",
            "deb.os.example:80",
            "http://127.0.0.1/debian/a",
            "http://[::1]/debian/a",
        ] {
            assert!(target(asked).is_err(), "{asked} was let through as {:?}", target(asked));
        }
    }
}
