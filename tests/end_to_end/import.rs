//! From what people have to a cluster that works: import, validate, plan, apply.

use std::fs;

use crate::document::{assert_verified, changes};
use crate::practice::Practice;

#[test]
#[ignore = "needs root and lab hosts"]
fn an_inventory_of_ansible_and_a_roster_become_clusters_that_work() {
    let practice = Practice::up("import", &["--web", "2"]);
    let identity = identity(&practice);
    let [lb, web01, web02] = ["lb", "web01", "web02"].map(|host| practice.address(host));

    let hosts = format!(
        "[loadbalancer]\n{lb}\n\n[apache]\n{web01}\n{web02}\n\n\
         [all:vars]\nansible_user=aluno\nansible_ssh_private_key_file={identity}\n\
         ansible_python_interpreter=/usr/bin/python3\n"
    );
    take_over(&practice, "hosts.ini", &hosts, &["ansible"]);

    let roster = format!(
        "Aluno;E-mail;Endereço;Papel\r\nJosé;jose@exemplo.br;{lb};balanceador\r\n\
         José;jose@exemplo.br;{web01};web\r\nJosé;jose@exemplo.br;{web02};web\r\n"
    );
    take_over(&practice, "class.csv", &roster, &["csv", "--user", "aluno", "--identity", &identity]);
    assert!(practice.page("lb").contains("José"), "the page does not tell whose it is");
}

/// Imports a text, and applies what came of it, untouched but for the way to packages.
fn take_over(practice: &Practice, name: &str, text: &str, kind: &[&str]) {
    let file = practice.inventory().with_file_name(name);
    fs::write(&file, text).unwrap();
    let inventory = practice.inventory();
    let (file, inventory) = (file.to_str().unwrap(), inventory.to_str().unwrap());
    let arguments = [&["import"], kind, &[file, "--to", inventory, "--force"]].concat();
    practice.run_to(0, practice.command(&arguments));
    practice.expect(0, &["validate"]);
    practice.edit_inventory(|text| format!("{text}\npackages: {{ via: laptop }}\n"));
    let plan = practice.json(0, &["plan"]);
    let apply = practice.json(0, &["apply"]);
    assert_eq!(changes(&plan), changes(&apply), "apply did something else than the plan said");
    assert!(!changes(&plan).is_empty(), "{plan}");
    assert_verified(&apply);
}

/// The key file of the lab's logins.
fn identity(practice: &Practice) -> String {
    let text = fs::read_to_string(practice.inventory()).unwrap();
    let line = text.lines().find_map(|line| line.trim().strip_prefix("identity: "));
    line.unwrap().split(" #").next().unwrap().trim().to_owned()
}
