//! Which web host of each cluster a drill takes out.

use std::collections::HashSet;

use crate::document::suggestion;
use crate::error::{Error, Result};
use crate::model::{Cluster, Drill, DrillMode, Host, HostId, Inventory, text};

/// A drill of each cluster with a balancer that any selected host belongs to. `named` is the web host to take out, by
/// its full name or the one within its cluster; without it, each cluster's last selected web host goes, or its last.
pub fn drills(
    inventory: &Inventory,
    selected: &HashSet<HostId>,
    named: Option<&str>,
    mode: DrillMode,
) -> Result<Vec<Drill>> {
    let is_selected = |host: &&Host| selected.contains(&host.id);
    let clusters: Vec<(&Cluster, &Host)> = inventory
        .clusters
        .iter()
        .filter(|cluster| cluster.hosts.iter().any(|host| is_selected(&host)))
        .filter_map(|cluster| {
            let balancers = || cluster.hosts.iter().filter(|host| fronted(host).is_some());
            Some((cluster, balancers().find(is_selected).or_else(|| balancers().next())?))
        })
        .collect();
    if clusters.is_empty() {
        return Err(Error::usage(text!(
            en: "no selected cluster has a balancer",
            pt: "nenhum cluster escolhido tem balanceador",
        ))
        .hint(text!(
            en: "`provision inventory graph` shows clusters and roles",
            pt: "`provision inventory graph` mostra clusters e papéis",
        )));
    }
    let is_named = |host: &&Host| named.is_none_or(|named| named == host.name || named == host.id.as_str());
    let drills: Vec<Drill> = clusters
        .iter()
        .filter_map(|(cluster, balancer)| {
            let webs = || servers(cluster, balancer).filter(is_named);
            let victim = webs().filter(is_selected).last().or_else(|| webs().last())?;
            Some(Drill {
                cluster: cluster.name.clone(),
                balancer: balancer.id.clone(),
                host: victim.id.clone(),
                servers: servers(cluster, balancer).map(|web| web.id.clone()).collect(),
                mode,
            })
        })
        .collect();
    match named {
        Some(named) if drills.is_empty() => {
            let webs = clusters.iter().flat_map(|(cluster, balancer)| servers(cluster, balancer));
            let known: Vec<&str> = webs.map(|web| web.id.as_str()).collect();
            Err(Error::usage(text!(
                en: "`--host {named}` is no web host of a selected cluster",
                pt: "`--host {named}` não é servidor web de um cluster escolhido",
            ))
            .hint(suggestion::hint(named, &known)))
        }
        _ => Ok(drills),
    }
}

/// The role in front of whose hosts a host stands.
fn fronted(host: &Host) -> Option<&str> {
    host.roles.iter().find_map(|role| role.fronts())
}

/// The hosts that a balancer of their cluster stands in front of.
fn servers<'a>(cluster: &'a Cluster, balancer: &'a Host) -> impl Iterator<Item = &'a Host> {
    fronted(balancer).into_iter().flat_map(|role| cluster.with_role(role)).map(|(host, _)| host)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::inventory::{Extent, Selection, Surroundings, parse};

    const CLASS: &str = "\
clusters:
  ana:
    hosts:
      lb: { address: a0, roles: [balancer] }
      web[01:03]: { address: 'a[1:3]', roles: [web] }
  bia: { balancer: { port: 81 }, hosts: { lb: { address: b0, roles: [balancer, web] } } }
  caio: { hosts: { pc: { address: c0, roles: [socket] } } }
";

    fn choose(limit: &str, named: Option<&str>) -> Result<String> {
        let surroundings = Surroundings {
            home: None,
            is_file: &|_| true,
            check_template: &|_, _, _| Ok(()),
            extent: Extent::Used,
        };
        let inventory = parse(CLASS, Path::new("class.yaml"), &surroundings).unwrap();
        let selected = Selection::parse(Some(limit), None)?.apply(&inventory)?.into_iter().collect();
        let drills = drills(&inventory, &selected, named, DrillMode::Stop)?;
        let words = drills.iter().map(|drill| format!("{} of {}", drill.host, drill.servers.len()));
        Ok(words.collect::<Vec<_>>().join(", "))
    }

    #[test]
    fn the_last_selected_web_host_of_each_cluster_goes() {
        for (limit, named, expected) in [
            ("", None, "ana/web03 of 3, bia/lb of 1"),
            ("ana/lb", None, "ana/web03 of 3"),
            ("ana/web01,ana/web02", None, "ana/web02 of 3"),
            ("ana/web01", Some("web02"), "ana/web02 of 3"),
            ("", Some("web01"), "ana/web01 of 3"),
            ("", Some("ana/web01"), "ana/web01 of 3"),
        ] {
            assert_eq!(choose(limit, named).unwrap(), expected, "{limit} {named:?}");
        }
    }

    #[test]
    fn what_cannot_be_drilled_is_an_error_with_a_hint() {
        let words = |limit, named| {
            let error = choose(limit, named).unwrap_err();
            error.sample()
        };
        insta::assert_snapshot!(
            [words("caio", None), words("ana", Some("web04")), words("bia", Some("ana/web01"))].join("\n"),
            @r"
        no selected cluster has a balancer / `provision inventory graph` shows clusters and roles
        `--host web04` is no web host of a selected cluster / known are `ana/web01`, `ana/web02` and `ana/web03`
        `--host ana/web01` is no web host of a selected cluster / known are `bia/lb`
        "
        );
    }
}
