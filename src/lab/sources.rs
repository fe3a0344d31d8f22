//! Package sources of this machine, and those of another release of the same distribution that follow from them.
//!
//! Only the distribution's own archives count; third parties, media and disabled entries are left out. Pure apart
//! from [`read`].

use std::fs;
use std::path::Path;

use super::releases::Release;

/// Keyrings of distributions, by the beginning of their file names.
const DISTRIBUTION_KEYRINGS: [&str; 2] = ["debian-archive", "ubuntu-archive"];
/// Where Ubuntu's users publish packages of their own, whose entries need not name a keyring.
const PERSONAL_ARCHIVES: &str = "//ppa.launchpad";
/// Releases whose images come with one-line sources; later ones come with deb822.
const ONE_LINE_RELEASES: [&str; 4] = ["bullseye", "bookworm", "focal", "jammy"];

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    pub uri: String,
    pub suites: Vec<String>,
    pub components: Vec<String>,
    /// Path of the keyring it must be signed by, where the source names one.
    pub signed_by: Option<String>,
}

/// All sources that are in force below `/etc/apt`.
pub(super) fn read(etc_apt: &Path) -> Vec<Source> {
    let mut sources = Vec::new();
    let mut files = vec![etc_apt.join("sources.list")];
    if let Ok(entries) = fs::read_dir(etc_apt.join("sources.list.d")) {
        files.extend(entries.filter_map(|entry| Some(entry.ok()?.path())));
    }
    files.sort();
    for file in files {
        let Ok(text) = fs::read_to_string(&file) else { continue };
        match file.extension().and_then(|ending| ending.to_str()) {
            Some("list") => sources.extend(one_line(&text)),
            Some("sources") => sources.extend(deb822(&text)),
            _ => {}
        }
    }
    sources
}

/// `deb [options] URI SUITE COMPONENT…`
fn one_line(text: &str) -> Vec<Source> {
    text.lines()
        .filter_map(|line| {
            let line = line.split('#').next()?.trim();
            let mut rest = line.strip_prefix("deb")?.strip_prefix([' ', '\t'])?.trim_start();
            let mut signed_by = None;
            if let Some(options) = rest.strip_prefix('[') {
                let (options, behind) = options.split_once(']')?;
                signed_by = options
                    .split_whitespace()
                    .find_map(|option| option.strip_prefix("signed-by="))
                    .map(str::to_owned);
                rest = behind;
            }
            let mut words = rest.split_whitespace().map(str::to_owned);
            Some(Source {
                uri: words.next()?,
                suites: vec![words.next()?],
                components: words.collect(),
                signed_by,
            })
        })
        .collect()
}

/// Stanzas of `Key: value`, continued by indented lines.
fn deb822(text: &str) -> Vec<Source> {
    let mut sources = Vec::new();
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in text.lines().chain([""]) {
        if line.starts_with('#') {
            continue;
        }
        if line.trim().is_empty() {
            sources.extend(stanza(&fields));
            fields.clear();
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = fields.last_mut() {
                value.push('\n');
                value.push_str(line.trim());
            }
        } else if let Some((key, value)) = line.split_once(':') {
            fields.push((key.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    sources
}

fn stanza(fields: &[(String, String)]) -> Vec<Source> {
    let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let words = |name| -> Vec<String> {
        field(name).unwrap_or_default().split_whitespace().map(str::to_owned).collect()
    };
    let disabled = field("enabled").is_some_and(|value| ["no", "false", "0"].contains(&value));
    if disabled || !words("types").iter().any(|kind| kind == "deb") {
        return Vec::new();
    }
    words("uris")
        .into_iter()
        .map(|uri| Source {
            uri,
            suites: words("suites"),
            components: words("components"),
            signed_by: field("signed-by").map(str::to_owned),
        })
        .collect()
}

/// The distribution's sources with one release's code name exchanged for another's.
pub(super) fn for_release(sources: &[Source], machine: &str, release: &str) -> Vec<Source> {
    let mut derived: Vec<Source> = Vec::new();
    for source in sources {
        let from_network = source.uri.starts_with("http://") || source.uri.starts_with("https://");
        let has_main = source.components.iter().any(|component| component == "main");
        if !from_network || !has_main || !is_distributions(source) {
            continue;
        }
        let suites: Vec<String> =
            source.suites.iter().filter_map(|suite| exchange(suite, machine, release)).collect();
        let known = |suite: &String| {
            derived.iter().any(|other| other.uri == source.uri && other.suites.contains(suite))
        };
        let suites: Vec<String> = suites.into_iter().filter(|suite| !known(suite)).collect();
        if !suites.is_empty() {
            derived.push(Source { suites, ..source.clone() });
        }
    }
    derived
}

/// Whether a source is signed by the distribution, as far as its entry tells.
fn is_distributions(source: &Source) -> bool {
    if source.uri.contains(PERSONAL_ARCHIVES) {
        return false;
    }
    source.signed_by.as_ref().is_none_or(|keyring| {
        let name = keyring.rsplit('/').next().unwrap_or_default();
        DISTRIBUTION_KEYRINGS.iter().any(|prefix| name.starts_with(prefix))
    })
}

/// The same suite of another release; `None` for suites that a base image has no use for.
fn exchange(suite: &str, machine: &str, release: &str) -> Option<String> {
    let behind = ["stable", "oldstable", "testing", machine]
        .iter()
        .find_map(|name| suite.trim_end_matches('/').strip_prefix(name))?;
    match behind {
        "" | "-updates" | "-security" => Some(format!("{release}{behind}")),
        "/updates" => Some(format!("{release}-security")),
        _ => None,
    }
}

/// The sources as lines, one for each suite. `keyrings` keeps the machine's own paths of keyrings.
pub(super) fn as_lines(sources: &[Source], keyrings: bool) -> Vec<String> {
    let mut lines = Vec::new();
    for source in sources {
        let options = match &source.signed_by {
            Some(path) if keyrings => format!("[signed-by={path}] "),
            _ => String::new(),
        };
        for suite in &source.suites {
            lines.push(format!("deb {options}{} {suite} {}", source.uri, source.components.join(" ")));
        }
    }
    lines
}

/// Where a release keeps its sources, and their text, in the form that its own images have.
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "for systemd-nspawn alone"))]
pub(super) fn as_file(sources: &[Source], release: &str) -> (String, String) {
    if ONE_LINE_RELEASES.contains(&release) {
        return ("etc/apt/sources.list".to_owned(), as_lines(sources, false).join("\n") + "\n");
    }
    let distribution = Release::named(release).map_or("debian", |release| release.distribution);
    let stanzas: Vec<String> = sources
        .iter()
        .map(|source| {
            let (suites, components) = (source.suites.join(" "), source.components.join(" "));
            format!(
                "Types: deb\nURIs: {}\nSuites: {suites}\nComponents: {components}\n\
                 Signed-By: /usr/share/keyrings/{distribution}-archive-keyring.gpg\n",
                source.uri
            )
        })
        .collect();
    (format!("etc/apt/sources.list.d/{distribution}.sources"), stanzas.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEB822: &str = "\
Types: deb deb-src
# a snapshot
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates bookworm-backports
Components: main
 contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main

Types: deb
URIs: https://third.example/debian
Suites: bookworm
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 -----END PGP PUBLIC KEY BLOCK-----
";

    const ONE_LINE: &str = "\
# deb http://off.example/debian bookworm main
deb http://mirror.example/debian bookworm main contrib # the archive
deb-src http://mirror.example/debian bookworm main
deb [arch=amd64 signed-by=/usr/share/keyrings/third.gpg] https://third.example/apt bookworm main
deb [ arch=amd64 ] http://mirror.example/debian stable-updates main
deb http://mirror.example/debian-security bookworm/updates main
deb cdrom:[Debian 12]/ bookworm main
deb https://other.example/linux bookworm stable
";

    #[test]
    fn deb822_sources_of_another_release() {
        let derived = for_release(&deb822(DEB822), "bookworm", "trixie");
        insta::assert_snapshot!(as_file(&derived, "trixie").1, @r"
        Types: deb
        URIs: http://mirror.example/debian
        Suites: trixie trixie-updates
        Components: main contrib
        Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

        Types: deb
        URIs: http://mirror.example/debian-security
        Suites: trixie-security
        Components: main
        Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
        ");
    }

    #[test]
    fn one_line_sources_of_the_same_release() {
        let derived = for_release(&one_line(ONE_LINE), "bookworm", "bookworm");
        insta::assert_snapshot!(as_file(&derived, "bookworm").1, @r"
        deb http://mirror.example/debian bookworm main contrib
        deb http://mirror.example/debian bookworm-updates main
        deb http://mirror.example/debian-security bookworm-security main
        ");
    }

    #[test]
    fn sources_of_an_ubuntu_machine_that_was_upgraded() {
        // As the release upgrade leaves them: the archive of the country, and security from its own server.
        let own = one_line(
            "deb http://br.archive.ubuntu.com/ubuntu/ noble main restricted universe\n\
             deb http://br.archive.ubuntu.com/ubuntu/ noble-updates main restricted\n\
             deb http://br.archive.ubuntu.com/ubuntu/ noble-proposed main\n\
             deb http://security.ubuntu.com/ubuntu noble-security main universe\n\
             deb https://ppa.launchpadcontent.net/someone/tools/ubuntu noble main\n",
        );
        let (place, text) = as_file(&for_release(&own, "noble", "noble"), "noble");
        assert_eq!(place, "etc/apt/sources.list.d/ubuntu.sources");
        insta::assert_snapshot!(text);
    }

    #[test]
    fn a_suite_named_twice_is_taken_once() {
        let both = [one_line(ONE_LINE), deb822(DEB822)].concat();
        let lines = as_lines(&for_release(&both, "bookworm", "bookworm"), false);
        assert_eq!(lines.iter().filter(|line| line.contains(" bookworm ")).count(), 1, "{lines:?}");
    }

    #[test]
    fn keyrings_are_kept_where_asked_for() {
        let derived = for_release(&deb822(DEB822), "bookworm", "bookworm");
        let keyring = "[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ";
        assert!(as_lines(&derived, true).iter().all(|line| line.contains(keyring)));
    }
}
