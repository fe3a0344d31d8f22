//! The balancer role: HAProxy, whose configuration file is ours as a whole.

use super::template_error::TemplateError;
use super::templates::{BuiltIn, Templates};
use super::variables;
use crate::model::{Cluster, File, Host, Inventory, Resource, Service, Validator};

const SERVICE: &str = "haproxy";

/// What a balancer should have.
pub fn resources(
    inventory: &Inventory,
    cluster: &Cluster,
    host: &Host,
    templates: &Templates,
) -> Result<Vec<Resource>, TemplateError> {
    let content = configuration(inventory, cluster, host, templates)?;
    let mut ports = vec![host.balancer.port];
    if binds(&content, host.balancer.stats_port) {
        ports.push(host.balancer.stats_port);
    }
    if let Some(path) = host.balancer.template.as_deref().filter(|_| !binds(&content, host.balancer.port)) {
        let message = format!("this template binds nothing on port {}", host.balancer.port);
        return Err(TemplateError::new(path, message).with_hint(
            "write `bind *:{{ port }}` in its frontend; the port is balancer.port of the inventory",
        ));
    }

    Ok(vec![
        Resource::Package(SERVICE.to_owned()),
        Resource::File(File {
            path: "/etc/haproxy/haproxy.cfg".to_owned(),
            content,
            mode: 0o644,
            validator: Some(Validator::Candidate("haproxy -c -f".to_owned())),
            notify: Some(SERVICE.to_owned()),
        }),
        Resource::Service(Service {
            name: SERVICE.to_owned(),
            ports,
            log: Some("/var/log/haproxy.log".to_owned()),
            check: None,
            renews: true,
        }),
    ])
}

/// Whether its configuration serves HAProxy's statistics, for the probes that ask for them: a user's template may leave
/// them out.
pub fn has_statistics(
    inventory: &Inventory,
    cluster: &Cluster,
    host: &Host,
    templates: &Templates,
) -> Result<bool, TemplateError> {
    let balancer = &host.balancer;
    Ok(balancer.template.is_none()
        || binds(&configuration(inventory, cluster, host, templates)?, balancer.stats_port))
}

fn configuration(
    inventory: &Inventory,
    cluster: &Cluster,
    host: &Host,
    templates: &Templates,
) -> Result<String, TemplateError> {
    let variables = variables::of_balancer(inventory, cluster, host);
    templates.render(BuiltIn::Haproxy, host.balancer.template.as_deref(), &variables)
}

/// Whether a configuration has a `bind` line for a port.
fn binds(configuration: &str, port: u16) -> bool {
    let port = port.to_string();
    configuration.lines().filter_map(|line| line.trim_start().strip_prefix("bind ")).any(|rest| {
        rest.split_whitespace()
            .next()
            .into_iter()
            .flat_map(|addresses| addresses.split(','))
            .any(|address| address.rsplit(':').next() == Some(&port))
    })
}

#[cfg(test)]
mod tests {
    use super::binds;

    #[test]
    fn bind_lines_are_found_in_their_usual_shapes() {
        for line in
            ["bind *:80", "  bind :80 ", "bind 10.0.0.1:80 name x", "bind :::80 v4v6", "bind *:443,*:80"]
        {
            assert!(binds(line, 80), "{line}");
        }
        for line in ["bind *:8080", "# bind *:80", "server a 10.0.0.1:80", "", "binding *:80"] {
            assert!(!binds(line, 80), "{line}");
        }
    }
}
