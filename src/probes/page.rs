//! Whose page is this: the inventory's pages by their hash, and the pages that everybody knows.

use std::collections::{HashMap, HashSet};

use sha2::{Digest, Sha256};

use crate::model::{Expectation, HostId, Inventory, Resource, Text, clean_line, services, text};

/// SHA-256 of a page.
pub type PageDigest = [u8; 32];

/// How much of a page is searched for a title.
const HEAD: usize = 8 * 1024;

/// The pages that the inventory's web hosts should serve.
#[derive(Debug, Clone, Default)]
pub struct KnownPages {
    by_digest: HashMap<PageDigest, Vec<HostId>>,
    by_host: HashMap<HostId, PageDigest>,
    largest: usize,
    without_statistics: HashSet<HostId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageOwner {
    /// The page of these hosts; more than one where their pages are the same.
    Hosts(Vec<HostId>),
    /// A page that a web server brings along, by its name.
    Stock(Text),
    Empty,
    /// A page that says it was made for this host, and is not what the inventory gives it now.
    MadeFor(HostId),
    /// A page of nobody; with its title where it has one.
    Unknown(Option<String>),
}

impl KnownPages {
    /// Knows the page of each web host, as rendered for it.
    pub fn new<'a>(pages: impl IntoIterator<Item = (&'a HostId, &'a str)>) -> Self {
        let mut known = Self::default();
        for (host, page) in pages {
            let digest = digest(page.as_bytes());
            known.by_digest.entry(digest).or_default().push(host.clone());
            known.by_host.insert(host.clone(), digest);
            known.largest = known.largest.max(page.len());
        }
        known
    }

    /// The pages of all web hosts of an inventory, and which balancers have a page of statistics.
    pub fn of_inventory(inventory: &Inventory, wanted: &HashMap<HostId, Vec<Resource>>) -> Self {
        let (mut pages, mut without_statistics) = (Vec::new(), Vec::new());
        for (cluster, host) in inventory
            .clusters
            .iter()
            .flat_map(|cluster| cluster.hosts.iter().map(move |host| (cluster, host)))
        {
            let wanted = wanted.get(&host.id).map(Vec::as_slice).unwrap_or_default();
            for asked in host.expectations(cluster) {
                match asked {
                    Expectation::Page { path, .. } => {
                        pages.extend(content(wanted, &path).map(|page| (&host.id, page)));
                    }
                    Expectation::Balance(balance) => {
                        if !services(wanted).any(|service| service.ports.contains(&balance.stats_port)) {
                            without_statistics.push(host.id.clone());
                        }
                    }
                    Expectation::SocketLab { .. } | Expectation::Practice(_) => {}
                }
            }
        }
        Self::new(pages).without_statistics(without_statistics)
    }

    /// The same, with the balancers whose configuration, made from a user's own template, has no statistics page.
    #[must_use]
    pub fn without_statistics(self, balancers: impl IntoIterator<Item = HostId>) -> Self {
        Self { without_statistics: balancers.into_iter().collect(), ..self }
    }

    /// Whether a balancer's configuration has a statistics page.
    pub fn has_statistics(&self, balancer: &HostId) -> bool {
        !self.without_statistics.contains(balancer)
    }

    /// The hash of a host's page, where it has one.
    pub fn of(&self, host: &HostId) -> Option<PageDigest> {
        self.by_host.get(host).copied()
    }

    /// The hosts whose page has this hash.
    pub fn hosts(&self, digest: &PageDigest) -> &[HostId] {
        self.by_digest.get(digest).map_or(&[], Vec::as_slice)
    }

    /// How many bytes an answer may have so that no page of the inventory is cut off.
    pub fn size_limit(&self) -> usize {
        self.largest + 256 * 1024
    }

    pub fn identify(&self, body: &[u8]) -> PageOwner {
        let hosts = self.hosts(&digest(body));
        if !hosts.is_empty() {
            return PageOwner::Hosts(hosts.to_vec());
        }
        if body.iter().all(u8::is_ascii_whitespace) {
            return PageOwner::Empty;
        }
        let head = String::from_utf8_lossy(&body[..body.len().min(HEAD)]);
        let owner = owner(&head).and_then(|owner| self.by_host.keys().find(|host| host.as_str() == owner));
        let made_for = owner.cloned().map(PageOwner::MadeFor);
        made_for
            .or_else(|| stock(&head).map(PageOwner::Stock))
            .unwrap_or_else(|| PageOwner::Unknown(title(&head)))
    }
}

impl PageOwner {
    /// The page in words, for the middle of a sentence.
    pub fn describe(&self) -> Text {
        match self {
            Self::Hosts(hosts) => {
                let names: Vec<_> = hosts.iter().take(3).map(HostId::as_str).collect();
                let names = names.join(", ");
                if hosts.len() > 3 {
                    text!(en: "the page of {names} and others", pt: "a página de {names} e outras")
                } else {
                    text!(en: "the page of {names}", pt: "a página de {names}")
                }
            }
            Self::Stock(name) => name.clone(),
            Self::Empty => text!(en: "an empty page", pt: "uma página vazia"),
            Self::MadeFor(host) => text!(
                en: "an older or edited page of {host}",
                pt: "uma página antiga ou alterada de {host}",
            ),
            Self::Unknown(Some(title)) => text!(
                en: "a page of no host of the inventory, titled “{title}”",
                pt: "uma página que não é de nenhuma máquina do inventário, com o título “{title}”",
            ),
            Self::Unknown(None) => text!(
                en: "a page of no host of the inventory",
                pt: "uma página que não é de nenhuma máquina do inventário",
            ),
        }
    }
}

fn content<'a>(resources: &'a [Resource], path: &str) -> Option<&'a str> {
    resources.iter().find_map(|resource| match resource {
        Resource::File(file) if file.path == path => file.text(),
        _ => None,
    })
}

pub fn digest(body: &[u8]) -> PageDigest {
    Sha256::digest(body).into()
}

/// Pages that packages put in place of the user's.
fn stock(head: &str) -> Option<Text> {
    let has = |text: &str| head.contains(text);
    if has("Apache2") && has("Default Page") || head.trim() == "<html><body><h1>It works!</h1></body></html>"
    {
        Some(text!(en: "Apache's default page", pt: "a página padrão do Apache"))
    } else if has("Welcome to nginx!") {
        Some(text!(en: "nginx's default page", pt: "a página padrão do nginx"))
    } else if has("<title>Index of /") {
        Some(text!(en: "a directory listing", pt: "a lista dos arquivos de uma pasta"))
    } else {
        None
    }
}

/// Whose page it says it is, as our own template writes it.
fn owner(head: &str) -> Option<&str> {
    let (_, rest) = head.split_once("<meta name=\"provision-host\" content=\"")?;
    rest.split_once('"').map(|(owner, _)| owner)
}

/// The title, else the first heading.
fn title(head: &str) -> Option<String> {
    let lower = head.to_ascii_lowercase();
    ["title", "h1"].iter().find_map(|tag| {
        let open = lower.find(&format!("<{tag}"))?;
        let start = open + lower[open..].find('>')? + 1;
        let end = start + lower[start..].find("</")?;
        let text = clean_line(&head[start..end], 60);
        (!text.is_empty()).then_some(text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_whose_page_it_is() {
        let [first, second, twin] = ["web01", "web02", "web03"].map(|name| HostId::new("ana", name));
        let known = KnownPages::new([(&first, "<h1>1</h1>"), (&second, "<h1>2</h1>"), (&twin, "<h1>2</h1>")]);
        let describe = |body: &str| known.identify(body.as_bytes()).describe().english().to_owned();
        assert_eq!(describe("<h1>1</h1>"), "the page of ana/web01");
        assert_eq!(describe("<h1>2</h1>"), "the page of ana/web02, ana/web03");
        assert_eq!(describe(" \n"), "an empty page");
        assert_eq!(describe("<title>Apache2 Debian Default Page: It works</title>"), "Apache's default page");
        assert_eq!(describe("<title>Apache2 Ubuntu Default Page: It works</title>"), "Apache's default page");
        assert_eq!(describe("<html><body><h1>It works!</h1></body></html>\n"), "Apache's default page");
        assert_eq!(describe("<title>Index of /</title>"), "a directory listing");
        assert_eq!(
            describe("<TITLE lang=pt>Página\n do \u{1b}[31mJoão</TITLE>"),
            "a page of no host of the inventory, titled “Página do João”"
        );
        assert_eq!(describe("<h1>hi</h1>"), "a page of no host of the inventory, titled “hi”");
        assert_eq!(describe("<title>unfinished"), "a page of no host of the inventory");
        let made_for =
            |host: &str| format!("<meta name=\"provision-host\" content=\"{host}\"><title>x</title>");
        assert_eq!(describe(&made_for("ana/web02")), "an older or edited page of ana/web02");
        assert_eq!(describe(&made_for("eva/web09")), "a page of no host of the inventory, titled “x”");
        assert_eq!(known.of(&first), Some(digest(b"<h1>1</h1>")));
        assert_eq!(known.of(&HostId::new("ana", "lb")), None);
    }
}
