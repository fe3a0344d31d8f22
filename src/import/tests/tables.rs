//! Tables and inventories that say one thing twice, or something that an inventory has no place for: told, never invented.

use super::reading::{ansible, source};
use super::shown;
use crate::import::{self, Choices, Tags};

fn roster(text: &str) -> String {
    shown(import::roster(source("class.csv", text), &Choices::default()))
}

fn assert_told(told: &str, expected: &[&str], absent: &[&str]) {
    for words in expected {
        assert!(told.contains(words), "`{words}` is missing:\n{told}");
    }
    for words in absent {
        assert!(!told.contains(words), "`{words}` is there:\n{told}");
    }
}

#[test]
fn rosters_lose_nothing_in_silence() {
    let cases: [(&str, &[&str], &[&str]); 8] = [
        (
            "sep=,\naluno,ip\nAna,\"10.0.0.1\nRui,10.0.0.2\nEva,10.0.0.3\n",
            &["error: class.csv:3 has a cell that begins with a quote"],
            &["rui", "Rui"],
        ),
        (
            "aluno,ip,\nAna,10.0.0.1,,web\nRui,10.0.0.2,x\n",
            &[
                "! class.csv:2: a cell in column 4 is left out",
                "! class.csv:3: a cell in column 3 is left out",
            ],
            &[],
        ),
        (
            "equipe,ip\nC,10.0.0.1\nC++,10.0.0.2\nC#,10.0.0.3\nc,10.0.0.4\n",
            &["\n  C:", "\n  c:", "\n  c-2:", "`C++` → `c`", "`C#` is named `c-2`"],
            &["c-3"],
        ),
        (
            "aluno,fqdn,ip\nAna,vm1.example.org,10.0.0.1\nRui,,10.0.0.2\n",
            &[
                "address: vm1.example.org",
                "address: 10.0.0.2",
                "! class.csv:1: the column `ip` is left out in rows",
            ],
            &["10.0.0.1"],
        ),
        ("aluno;IP;IP público\nAna;10.0.0.1;203.0.113.1\n", &["10.0.0.1", "`IP público`"], &["203.0.113.1"]),
        (
            "aluno;lb;web1;web2\nAna;10.0.0.1;10.0.0.2;10.0.0.3\n",
            &["10.0.0.1", "10.0.0.[2:3]"],
            &["is left out"],
        ),
        (
            "aluno,ip,private_ip,papel\nAna,10.0.0.1 10.0.0.2,192.168.0.1,web\n",
            &["! class.csv:2: a private address is left out", "roles: [web]"],
            &["192.168.0.1", "roles are left out"],
        ),
        (
            "aluno,ip,porta,port,user,login,email,e-mail\nAna,10.0.0.1,22,23,a,b,a@x.org,b@x.org\n",
            &["`port` is left out", "`login` is left out", "`e-mail` is left out"],
            &["b@x.org", "23"],
        ),
    ];
    for (text, expected, absent) in cases {
        assert_told(&roster(text), expected, absent);
    }
}

#[test]
fn a_person_that_looks_like_a_secret_is_told() {
    let told = roster("equipe,aluno,ip\nA,Password=hunter2,10.0.0.1\n");
    assert_told(
        &told,
        &["address: 10.0.0.1", "! class.csv:2: the value of `student` looks like a secret"],
        &[],
    );
}

#[test]
fn numbers_behind_names_that_are_no_ports_are_told() {
    let told = ansible("hosts", "[web]\nw1:0 ansible_host=10.0.0.1\nw2:70000 ansible_host=10.0.0.2\n");
    assert_told(&shown(told), &["! hosts:2: a port is left out", "(and 1 more line)"], &["70000", "port: 0"]);
}

#[test]
fn yaml_of_two_meanings_is_told() {
    let text = "web:\n  hosts: {w1: {ansible_host: 10.0.0.1}}\n  hosts: {w2: {ansible_host: 10.0.0.2}}\n";
    let told = shown(ansible("hosts.yml", text));
    assert_told(&told, &["! hosts.yml:3: `hosts` comes twice in one map", "10.0.0.2"], &["10.0.0.1"]);
    let text = "web:\n  hosts:\n    w3: 10.0.0.3\n    w4:\n    w5: {ansible_host: 10.0.0.5}\n";
    let told = shown(ansible("hosts.yml", text));
    assert_told(
        &told,
        &["! hosts.yml:3: host `w3` is left out", "address: w4", "10.0.0.5"],
        &["address: w3"],
    );
}

fn instance(number: u8, team: Option<&str>, role: &str) -> serde_json::Value {
    let mut tags = vec![serde_json::json!({ "Key": "Role", "Value": role })];
    tags.extend(team.map(|team| serde_json::json!({ "Key": "Team", "Value": team })));
    serde_json::json!({
        "InstanceId": format!("i-{number}"), "PublicIpAddress": format!("10.0.0.{number}"), "Tags": tags,
    })
}

fn aws(instances: &[serde_json::Value]) -> String {
    let text = serde_json::to_string(instances).unwrap();
    let tags = Tags { cluster: Some("Team".to_owned()), role: Some("Role".to_owned()) };
    shown(import::aws(source("i.json", &text), &tags, &Choices::default()))
}

#[test]
fn instances_without_a_team_join_none() {
    let told = aws(&[instance(1, Some("others"), "web"), instance(2, None, "web")]);
    assert_told(&told, &["\n  others:", "\n  others-2:", "of those without one"], &[]);
}

#[test]
fn a_role_that_looks_like_a_secret_is_not_told() {
    let told =
        aws(&[instance(1, Some("a"), "Bearer aB3dE5fG7hJ9kL2mN4pQ6rS8"), instance(2, Some("a"), "site x")]);
    assert_told(&told, &["a word of the tag `Role` is no role", "`--role web=site`"], &["aB3dE5"]);
}
