use super::{cluster_of, content, host, inventory, set, wanted};
use crate::desired::keep_most;
use crate::model::{Package, Remains, Resource};
use crate::roles::Web;

fn ids(resources: &[Resource]) -> Vec<String> {
    resources.iter().map(|resource| resource.id().to_string()).collect()
}

#[test]
fn a_host_with_every_role_gets_web_before_balancer_stage_by_stage() {
    let mut all = host("all", 1, "10.0.0.50", &["balancer", "web", "socket"]);
    set(&mut all, |role: &mut Web| role.port = 8080);
    all.packages.extra = vec!["vim".to_owned(), "apache2".to_owned()];
    let resources = wanted(&inventory(vec![all]), 0);
    insta::assert_yaml_snapshot!(ids(&resources));
}

#[test]
fn a_host_without_roles_gets_its_extra_packages_alone() {
    let mut plain = host("plain", 1, "10.0.0.9", &[]);
    plain.packages.extra = vec!["python3-pip".to_owned()];
    assert_eq!(ids(&wanted(&inventory(vec![plain]), 0)), ["package:python3-pip"]);
}

#[test]
fn apache_listens_on_the_port_asked_for_and_knows_its_name() {
    let mut inventory = cluster_of(&["10.0.0.51"]);
    set(&mut inventory.clusters[0].hosts[1], |role: &mut Web| role.port = 8081);
    let resources = wanted(&inventory, 1);
    let text = |path| content(&resources, path);
    assert!(text("/etc/apache2/ports.conf").contains("\nListen 8081\n"));
    assert!(text("/etc/apache2/sites-available/000-default.conf").contains("<VirtualHost *:8081>"));
    assert!(text("/etc/apache2/conf-available/provision.conf").ends_with("\nServerName web01\n"));
    let Some(Resource::Service(service)) = resources.last() else { panic!("no service") };
    assert_eq!((service.name.as_str(), service.ports.as_slice()), ("apache2", &[8081][..]));
}

#[test]
fn a_page_alone_needs_no_reload() {
    for resource in wanted(&cluster_of(&["10.0.0.51"]), 1) {
        if let Resource::File(file) = resource {
            let is_page = file.path == "/var/www/html/index.html";
            assert_eq!(file.notify.is_none(), is_page, "{}", file.path);
            assert_eq!(file.validator.is_none(), is_page, "{}", file.path);
            assert_eq!(file.mode, 0o644);
        }
    }
}

#[test]
fn of_a_package_that_several_want_most_remains() {
    let wants = |remains| Resource::Package(Package { name: "python3".to_owned(), remains });
    for (one, other, left) in [
        (Remains::Nothing, Remains::Data, Remains::Data),
        (Remains::Unsaid, Remains::Nothing, Remains::Unsaid),
    ] {
        let mut resources = [wants(one), Resource::package("jq"), wants(other)];
        keep_most(&mut resources);
        assert_eq!([&resources[0], &resources[2]], [&wants(left), &wants(left)]);
    }
}
