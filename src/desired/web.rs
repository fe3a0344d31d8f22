//! The web role: Apache2 on the port asked for, with a page that tells this host apart.

use super::template_error::TemplateError;
use super::templates::{BuiltIn, Templates};
use super::variables;
use crate::model::{Cluster, File, Host, Inventory, Link, Resource, Service, Validator};

const SERVICE: &str = "apache2";
/// Reads all files of Apache's.
const CHECK: &str = "apache2ctl configtest";

/// What a web server should have.
pub fn resources(
    inventory: &Inventory,
    cluster: &Cluster,
    host: &Host,
    templates: &Templates,
) -> Result<Vec<Resource>, TemplateError> {
    let variables = variables::of_web(inventory, cluster, host);
    let configuration = |path: &str, template| {
        Ok(Resource::File(File {
            path: path.to_owned(),
            content: templates.render(template, None, &variables)?,
            mode: 0o644,
            validator: Some(Validator::InPlace(CHECK.to_owned())),
            notify: Some(SERVICE.to_owned()),
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
        Resource::Package(SERVICE.to_owned()),
        configuration("/etc/apache2/ports.conf", BuiltIn::ApachePorts)?,
        configuration("/etc/apache2/conf-available/provision.conf", BuiltIn::ApacheName)?,
        link("/etc/apache2/conf-enabled/provision.conf", "../conf-available/provision.conf"),
        configuration("/etc/apache2/sites-available/000-default.conf", BuiltIn::ApacheSite)?,
        link("/etc/apache2/sites-enabled/000-default.conf", "../sites-available/000-default.conf"),
        Resource::File(File {
            path: "/var/www/html/index.html".to_owned(),
            content: page(inventory, cluster, host, templates)?,
            mode: 0o644,
            validator: None,
            // Apache reads a page anew for each request.
            notify: None,
        }),
        Resource::Service(Service {
            name: SERVICE.to_owned(),
            ports: vec![host.web.port],
            log: Some("/var/log/apache2/error.log".to_owned()),
            check: Some(CHECK.to_owned()),
            renews: true,
        }),
    ])
}

/// The page that a web host serves, for the probe that compares, too.
pub fn page(
    inventory: &Inventory,
    cluster: &Cluster,
    host: &Host,
    templates: &Templates,
) -> Result<String, TemplateError> {
    let variables = variables::of_web(inventory, cluster, host);
    templates.render(BuiltIn::Page, host.web.template.as_deref(), &variables)
}
