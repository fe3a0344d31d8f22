//! `site.yml`: a play for each role, in the order in which hosts are set up.

use super::role::Role;
use super::yaml::step;
use crate::export::yaml::Yaml;

/// Ansible's modules are programs of Python, which not every machine has.
const PYTHON: &str = "command -v python3 >/dev/null || { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install \
                      -y -q --no-install-recommends python3 python3-apt && echo PYTHON IS NEW; }";

pub fn playbook(roles: &[Role<'_>]) -> String {
    let plays = roles.iter().map(|role| {
        let tagged = Yaml::map([("role", Yaml::text(&role.name)), ("tags", Yaml::texts([&role.name]))]);
        play(&format!("Role {}", role.name), &role.group(), ("roles", tagged))
    });
    let document = Yaml::List([python()].into_iter().chain(plays).collect());
    format!("---\n{}", document.document())
}

fn python() -> Yaml {
    let keywords = vec![
        ("register", Yaml::text("python")),
        ("changed_when", Yaml::text("'PYTHON IS NEW' in python.stdout | default('')")),
        ("tags", Yaml::texts(["always"])),
    ];
    let task = step("Install Python where there is none", "raw", Yaml::text(PYTHON), keywords);
    play("What Ansible itself needs", "all", ("tasks", task))
}

fn play(name: &str, hosts: &str, (key, one): (&str, Yaml)) -> Yaml {
    Yaml::map([
        ("name", Yaml::text(name)),
        ("hosts", Yaml::text(hosts)),
        ("become", Yaml::Flag(true)),
        ("gather_facts", Yaml::Flag(false)),
        (key, Yaml::List(vec![one])),
    ])
}
