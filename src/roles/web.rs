//! The web role: Apache2 on the port asked for, with a page that tells this host apart.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::definition::Definition;
use super::variables::WEB_HOSTS;
use super::web_hosts::{WEB, web_hosts};
use super::{colour, variables};
use crate::model::{
    Cluster, Expectation, Facts, File, Link, OnChange, Placement, Port, Render, Resource, Role, Service,
    Template, TemplateError, TemplateKind, Turn, Validator, text,
};

const SERVICE: &str = "apache2";
/// Reads all files of Apache's.
const CHECK: &str = "apache2ctl configtest";
const PORTS_PATH: &str = "/etc/apache2/ports.conf";
const PAGE_PATH: &str = "/var/www/html/index.html";

const PAGE: Template = Template {
    name: "index.html.tera",
    text: include_str!("../../templates/index.html.tera"),
    kind: TemplateKind::Page,
};
const PORTS: Template = Template {
    name: "apache2/ports.conf.tera",
    text: include_str!("../../templates/apache2/ports.conf.tera"),
    kind: TemplateKind::Configuration,
};
const SITE: Template = Template {
    name: "apache2/000-default.conf.tera",
    text: include_str!("../../templates/apache2/000-default.conf.tera"),
    kind: TemplateKind::Configuration,
};
const SERVER_NAME: Template = Template {
    name: "apache2/servername.conf.tera",
    text: include_str!("../../templates/apache2/servername.conf.tera"),
    kind: TemplateKind::Configuration,
};

pub const DEFINITION: Definition = Definition {
    name: WEB,
    describes: "Apache2 with a page of its own.",
    called: &[
        "web",
        "webs",
        "webserver",
        "webservers",
        "www",
        "apache",
        "apache2",
        "node",
        "nodes",
        "servidorweb",
        "servidoresweb",
    ],
    usual: || Arc::new(Web::default()),
    remark: || text!(en: "Apache2 with a page of its own", pt: "Apache2 com página própria"),
    templates: &[PAGE, PORTS, SITE, SERVER_NAME],
    own: Some(PAGE),
    backups: &["/var/www/html/index.html.bkp"],
};

#[derive(Debug, Clone)]
pub struct Web {
    pub port: u16,
    /// The user's own page template instead of the built-in one, made absolute.
    pub template: Option<PathBuf>,
}

impl Default for Web {
    fn default() -> Self {
        Self { port: 80, template: None }
    }
}

impl Role for Web {
    fn name(&self) -> &str {
        WEB
    }

    fn ports(&self) -> Vec<Port> {
        vec![Port { number: self.port, what: "web server".into(), setting: "port" }]
    }

    fn resources(&self, place: &Placement<'_>, render: &dyn Render) -> Result<Vec<Resource>, TemplateError> {
        let mut of_configuration = variables::of_host(place);
        of_configuration.insert("port", self.port);
        let mut of_page = of_configuration.clone();
        let colour = colour::of(place.host.index);
        of_page.insert("background", colour.background);
        of_page.insert("ink", colour.ink);
        let own = self.template.as_deref();
        // Of many hosts each would be told of all the others.
        let others =
            render.asks_for(&PAGE, own, WEB_HOSTS).then(|| variables::seen(web_hosts(place.cluster)));
        of_page.insert(WEB_HOSTS, others.unwrap_or_default());
        let kept = &place.meanwhile.kept;
        of_configuration.insert("kept_ports", kept.clone());
        let configuration = |path: &str, template| {
            Ok(Resource::File(File {
                validator: Some(Validator::InPlace(CHECK.to_owned())),
                notify: Some(SERVICE.to_owned()),
                ..File::of_text(path, render.render(template, None, &of_configuration)?)
            }))
        };
        let link = |path: &str, target: &str| {
            Resource::Link(Link {
                path: path.to_owned(),
                target: target.to_owned(),
                notify: Some(SERVICE.to_owned()),
            })
        };

        Ok(vec![
            Resource::package(SERVICE),
            configuration(PORTS_PATH, &PORTS)?,
            configuration("/etc/apache2/conf-available/provision.conf", &SERVER_NAME)?,
            link("/etc/apache2/conf-enabled/provision.conf", "../conf-available/provision.conf"),
            configuration("/etc/apache2/sites-available/000-default.conf", &SITE)?,
            link("/etc/apache2/sites-enabled/000-default.conf", "../sites-available/000-default.conf"),
            Resource::File(File {
                // Its package starts it at once, with a page of its own where there is none. Apache reads a page anew for
                // each request, so that nobody is to be told of a change.
                turn: Turn::First,
                ..File::of_text(PAGE_PATH, render.render(&PAGE, own, &of_page)?)
            }),
            Resource::Service(Service {
                name: SERVICE.to_owned(),
                ports: [self.port].into_iter().chain(kept.iter().copied()).collect(),
                log: Some("/var/log/apache2/error.log".to_owned()),
                check: Some(CHECK.to_owned()),
                renews: true,
                on_change: OnChange::Reload,
                turn: Turn::Own,
            }),
        ])
    }

    fn expectations(&self, _: &Cluster) -> Vec<Expectation> {
        vec![Expectation::Page { port: self.port, service: SERVICE.to_owned(), path: PAGE_PATH.to_owned() }]
    }

    fn template(&self) -> Option<&Path> {
        self.template.as_deref()
    }

    fn leaves(&self, facts: &Facts) -> Vec<u16> {
        let runs = facts.services.get(SERVICE).is_some_and(|service| service.active);
        let content = facts.paths.get(PORTS_PATH).and_then(|fact| fact.content.as_deref());
        let Some(content) = content.filter(|_| runs) else { return Vec::new() };
        let mut listened = listened(&String::from_utf8_lossy(content));
        listened.retain(|port| *port != self.port);
        listened
    }

    /// Its package takes port 80 when it is installed, and must have been moved off before a balancer binds.
    fn leads(&self) -> bool {
        true
    }
}

/// The ports that Apache listens on in any case: those in a section depend on what else is there.
fn listened(configuration: &str) -> Vec<u16> {
    let mut sections = 0_usize;
    let mut ports = Vec::new();
    for line in configuration.lines().map(str::trim) {
        let mut words = line.split_whitespace();
        match words.next() {
            Some(word) if word.starts_with("</") => sections = sections.saturating_sub(1),
            Some(word) if word.starts_with('<') => sections += 1,
            Some(word) if sections == 0 && word.eq_ignore_ascii_case("listen") => {
                let port = words.next().and_then(|address| address.rsplit(':').next()?.parse().ok());
                ports.extend(port.filter(|port| !ports.contains(port)));
            }
            _ => {}
        }
    }
    ports
}

#[cfg(test)]
mod tests {
    use super::listened;

    #[test]
    fn ports_are_read_where_apache_always_listens() {
        let debian = "# Listen 1\nListen 80\n\n<IfModule ssl_module>\n\tListen 443\n</IfModule>\nlisten [::]:8080 https\n";
        assert_eq!(listened(debian), [80, 8080]);
        assert_eq!(listened("Listen 80\nListen 0.0.0.0:80\nListen no\nListen\n"), [80]);
    }
}
