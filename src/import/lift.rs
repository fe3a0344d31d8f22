//! What hosts have in common stands once, on their cluster or at the top.

use crate::draft::{Cluster, Settings};

/// Lifts what all hosts of a named cluster have in common to it, and what all clusters have in common to the top.
pub fn lift(clusters: &mut [Cluster]) -> Settings {
    for cluster in clusters.iter_mut() {
        let mut hosts: Vec<&mut Settings> = cluster.hosts.iter_mut().map(|host| &mut host.settings).collect();
        cluster.settings = common(&mut hosts);
    }
    let mut top = common(&mut clusters.iter_mut().map(|cluster| &mut cluster.settings).collect::<Vec<_>>());
    // What one student is called is nothing that a second one shares.
    if let [Cluster { name: Some(_), settings, .. }] = clusters {
        settings.vars = std::mem::take(&mut top.vars);
    }
    top
}

/// Takes what all have alike out of each.
fn common(of: &mut [&mut Settings]) -> Settings {
    let mut common = Settings::default();
    common.ssh.user = take(of, |settings| &mut settings.ssh.user);
    common.ssh.port = take(of, |settings| &mut settings.ssh.port);
    common.ssh.identity = take(of, |settings| &mut settings.ssh.identity);
    common.ssh.jump = take(of, |settings| &mut settings.ssh.jump);
    common.ssh.host_keys = take(of, |settings| &mut settings.ssh.host_keys);
    common.ssh.connect_timeout = take(of, |settings| &mut settings.ssh.connect_timeout);
    common.ssh.password = take(of, |settings| &mut settings.ssh.password);
    common.r#become.method = take(of, |settings| &mut settings.r#become.method);
    common.r#become.password = take(of, |settings| &mut settings.r#become.password);
    common.packages_via = take(of, |settings| &mut settings.packages_via);
    let names: Vec<String> =
        of.first().map(|settings| settings.vars.keys().cloned().collect()).unwrap_or_default();
    for name in names {
        let first = of[0].vars.get(&name).cloned();
        if of.iter().all(|settings| settings.vars.get(&name) == first.as_ref()) {
            for settings in of.iter_mut() {
                settings.vars.remove(&name);
            }
            common.vars.extend(first.map(|value| (name, value)));
        }
    }
    common
}

fn take<T: PartialEq + Clone>(
    of: &mut [&mut Settings],
    field: impl Fn(&mut Settings) -> &mut Option<T>,
) -> Option<T> {
    let first = field(of.first_mut()?).clone()?;
    if !of.iter_mut().all(|settings| field(settings).as_ref() == Some(&first)) {
        return None;
    }
    for settings in of {
        *field(settings) = None;
    }
    Some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::{Host, Ssh};

    #[test]
    fn what_is_alike_is_lifted_and_the_rest_stays() {
        let host = |user: &str, port: Option<u16>, course: &str| {
            let ssh = Ssh { user: Some(user.to_owned()), port, ..Ssh::default() };
            let vars = [("course".to_owned(), course.into())].into();
            Host { settings: Settings { ssh, vars, ..Settings::default() }, ..Host::default() }
        };
        let cluster = |hosts: Vec<Host>| Cluster { hosts, ..Cluster::default() };
        let mut clusters = [
            cluster(vec![host("ana", Some(22), "SD"), host("ana", None, "SD")]),
            cluster(vec![host("ana", Some(22), "SO"), host("ana", Some(22), "SO")]),
        ];
        let top = lift(&mut clusters);
        assert_eq!((top.ssh.user.as_deref(), top.ssh.port, top.vars.len()), (Some("ana"), None, 0));
        assert_eq!(clusters[0].settings.vars["course"], "SD");
        assert_eq!(
            (clusters[0].hosts[0].settings.ssh.port, clusters[1].settings.ssh.port),
            (Some(22), Some(22))
        );
        assert_eq!(clusters[1].hosts[0].settings, Settings::default());
    }
}
