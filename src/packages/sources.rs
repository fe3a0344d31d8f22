//! What a VM's own apt sources name: the repository roots that the relay may serve to that VM.
//!
//! Takes the raw text of the source files, one after the other: one-line `deb` entries, deb822 stanzas and the
//! mirror lists that `mirror+file:` sources point at can be told apart line by line, also without a separator.

use std::collections::BTreeSet;

use reqwest::Url;

use crate::model::HostText;

/// Longest text that is read; a VM's sources are a few kilobytes.
const TEXT_LIMIT: usize = 256 * 1024;
const ROOTS_LIMIT: usize = 256;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sources {
    roots: BTreeSet<Root>,
    unsupported: BTreeSet<String>,
    own_tls: BTreeSet<String>,
}

/// One repository root: everything below it may be asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Root {
    pub secure: bool,
    /// In lower case; IPv6 in brackets.
    pub host: String,
    /// Explicit or the scheme's.
    pub port: u16,
    /// Normalised; ends in `/`.
    pub path: String,
}

/// Reads the roots that apt source files name. `text` is what
/// `grep -hs '' /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources
/// /etc/apt/mirrors/*` prints; bare URIs, one a line, are understood too.
pub fn sources(text: &HostText) -> Sources {
    let text = text.raw();
    let mut found = Sources::default();
    let mut stanza = Stanza::default();
    let mut in_uris = false;
    let end = text.char_indices().nth(TEXT_LIMIT).map_or(text.len(), |(at, _)| at);
    for line in text[..end].lines() {
        if line.trim_start().starts_with('#') {
            continue;
        }
        let words = line.split_whitespace();
        if line.starts_with([' ', '\t']) {
            if in_uris {
                stanza.uris.extend(words.map(str::to_owned));
            } else if matches!(line.split_whitespace().next(), Some("deb" | "deb-src")) {
                found.add_line(line);
            }
            continue;
        }
        in_uris = false;
        let first = line.split_whitespace().next().unwrap_or_default();
        if first.is_empty() {
            found.add_stanza(&mut stanza);
        } else if first == "deb" || first == "deb-src" {
            found.add_line(line);
        } else if let Some((field, value)) = deb822_field(line) {
            // Files without a blank line between them: a field that repeats begins the next stanza.
            if stanza.fields.contains(&field) {
                found.add_stanza(&mut stanza);
            }
            match field.as_str() {
                "uris" => {
                    in_uris = true;
                    stanza.uris.extend(value.split_whitespace().map(str::to_owned));
                }
                "enabled" => {
                    let off = ["no", "false", "without", "off", "disable", "0"];
                    stanza.disabled = off.contains(&value.trim().to_ascii_lowercase().as_str());
                }
                _ => {}
            }
            stanza.fields.insert(field);
        } else if first.contains("://") {
            found.add(first);
        }
    }
    found.add_stanza(&mut stanza);
    found
}

/// A deb822 stanza as far as it has been read.
#[derive(Default)]
struct Stanza {
    fields: BTreeSet<String>,
    uris: Vec<String>,
    disabled: bool,
}

/// `Field: value`, but not `http://…` or `mirror+file:/…`.
fn deb822_field(line: &str) -> Option<(String, &str)> {
    let (field, value) = line.split_once(':')?;
    let plain = !field.is_empty() && field.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let value_apart = value.is_empty() || value.starts_with([' ', '\t']) || !value.starts_with('/');
    (plain && value_apart).then(|| (field.to_ascii_lowercase(), value))
}

impl Sources {
    /// Sources that the relay can't serve, as the VM has them; for a note, not for a path.
    pub fn unsupported(&self) -> impl Iterator<Item = &str> {
        self.unsupported.iter().map(String::as_str)
    }

    /// Adds which hosts a VM speaks TLS with itself, since it has a key, an authority or a login of its own for them;
    /// `any` for all.
    pub fn with_own_tls(mut self, hosts: &[HostText]) -> Self {
        self.own_tls.extend(hosts.iter().take(ROOTS_LIMIT).map(|host| host.raw().to_ascii_lowercase()));
        self
    }

    /// Whether a VM may have a tunnel to a host: only where the laptop can't ask in its place.
    pub(super) fn need_tunnel(&self, host: &str, port: u16) -> bool {
        let own_tls = self.own_tls.contains(host) || self.own_tls.contains("any");
        own_tls && self.roots.iter().any(|root| root.secure && root.host == host && root.port == port)
    }

    pub(super) fn roots(&self) -> impl Iterator<Item = &Root> {
        self.roots.iter()
    }

    fn add_stanza(&mut self, stanza: &mut Stanza) {
        let stanza = std::mem::take(stanza);
        if !stanza.disabled {
            for uri in &stanza.uris {
                self.add(uri);
            }
        }
    }

    /// `deb [options] uri suite component…`
    fn add_line(&mut self, line: &str) {
        let rest = line.trim_start().trim_start_matches("deb-src").trim_start_matches("deb").trim_start();
        let rest = match rest.strip_prefix('[') {
            Some(options) => options.split_once(']').map_or("", |(_, rest)| rest),
            None => rest,
        };
        if let Some(uri) = rest.split_whitespace().next() {
            self.add(uri);
        }
    }

    fn add(&mut self, uri: &str) {
        if ["file:", "cdrom:", "copy:", "mirror+file:"].iter().any(|local| uri.starts_with(local)) {
            return; // needs no relay; the URIs in a mirror list are lines of their own
        }
        match root(uri) {
            Some(root) if self.roots.len() < ROOTS_LIMIT => {
                self.roots.insert(root);
            }
            _ if self.unsupported.len() < ROOTS_LIMIT => {
                self.unsupported.insert(uri.chars().take(200).collect());
            }
            _ => {}
        }
    }
}

fn root(uri: &str) -> Option<Root> {
    // `$(ARCH)` differs between VMs: what stands before it is the root.
    let uri = uri.split("$(").next()?;
    let url = Url::parse(uri).ok()?;
    let secure = match url.scheme() {
        "http" => false,
        "https" => true,
        _ => return None,
    };
    let mut path = super::path::normal_path(url.path()).ok()?;
    if !path.ends_with('/') {
        path.push('/');
    }
    Some(Root { secure, host: url.host_str()?.to_owned(), port: url.port_or_known_default()?, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roots(text: &str) -> Vec<String> {
        sources(&text.into())
            .roots()
            .map(|root| {
                let scheme = if root.secure { "https" } else { "http" };
                format!("{scheme}://{}:{}{}", root.host, root.port, root.path)
            })
            .collect()
    }

    #[test]
    fn one_line_entries() {
        let text = "# deb http://commented.example/ x main\n\
            deb http://Deb.Os.Example/debian bookworm main contrib\n\
            deb-src [ arch=amd64 signed-by=/k.gpg ] https://h.example:8443/a/../b/ ./ # no\n\
            \tdeb [trusted=yes] http://[2001:db8::1]:80/x stable main\n\
            deb cdrom:[Debian]/ bookworm main\n\
            deb file:/srv/repo ./\n\
            deb http://arch.example/$(ARCH)/ stable main\n\
            deb ftp://old.example/debian stable main\n";
        assert_eq!(
            roots(text),
            [
                "http://[2001:db8::1]:80/x/",
                "http://arch.example:80/",
                "http://deb.os.example:80/debian/",
                "https://h.example:8443/b/",
            ]
        );
        assert_eq!(sources(&text.into()).unsupported().collect::<Vec<_>>(), ["ftp://old.example/debian"]);
    }

    #[test]
    fn deb822_stanzas_with_and_without_blank_lines_between() {
        let text = "Types: deb\n# http://comment.example\nURIs: http://a.example/one\n https://b.example/two\n\
            Suites: stable\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n http://key.example/\n\
            Types: deb\nURIs: http://c.example\nEnabled: no\n\
            types: deb deb-src\nuris: http://d.example/u%62untu\nSuites: x\n";
        assert_eq!(
            roots(text),
            ["http://a.example:80/one/", "http://d.example:80/ubuntu/", "https://b.example:443/two/"]
        );
    }

    #[test]
    fn files_of_both_kinds_and_mirror_lists_run_together() {
        let text = "deb http://a.example/debian x main\nTypes: deb\nURIs: mirror+file:///etc/apt/mirrors/debian.list\n\
            Suites: x\nhttps://deb.os.example/debian\npriority:1\nhttp://m.example/d\tpriority:2\n";
        assert_eq!(
            roots(text),
            ["http://a.example:80/debian/", "http://m.example:80/d/", "https://deb.os.example:443/debian/"]
        );
    }

    #[test]
    fn nothing_and_nonsense() {
        assert!(sources(&"".into()).roots.is_empty());
        assert!(sources(&"\u{0}\u{1b}[31m deb\ndeb\ndeb [\nURIs:\n: x\nhttp://".into()).roots.is_empty());
        let many: String = (0..10_000).fold(String::new(), |text, n| text + &format!("deb http://h{n}/ x\n"));
        assert_eq!(sources(&many.into()).roots().count(), ROOTS_LIMIT);
    }
}
