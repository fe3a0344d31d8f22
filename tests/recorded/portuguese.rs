//! Each verb for somebody who reads Portuguese; the same runs in English are with their verbs.

use insta::assert_snapshot;

use crate::class::Class;
use crate::plan::{CLASS, all};
use crate::trials;

trials![
    a_plan,
    an_apply,
    a_reset,
    an_examination,
    a_proof,
    a_fetch,
    a_command,
    lists,
    imports,
    faults_and_hints,
    the_flag_comes_before_the_variable_before_the_locale,
    json_is_the_same,
    help_and_manual,
];

fn class(state: &str) -> Class {
    all(state).env("PROVISION_LANGUAGE", "pt-BR")
}

fn a_plan() {
    assert_snapshot!(class("bare").run("plan class.yaml"));
    assert_snapshot!(class("drifted").run("plan class.yaml -v"));
}

fn an_apply() {
    assert_snapshot!(class("apply").run("apply class.yaml"));
}

fn a_reset() {
    assert_snapshot!(class("reset").run("reset class.yaml --yes"));
}

fn an_examination() {
    assert_snapshot!(class("bare").run("doctor class.yaml -v"));
}

fn a_proof() {
    let output = class("bare").run("verify class.yaml --retry-timeout 0s").exits(3);
    assert!(output.says().starts_with("Testando 3 máquinas\n"), "{output}");
    assert_snapshot!(output.printed());
}

fn a_fetch() {
    assert_snapshot!(class("fetch").run("packages fetch class.yaml"));
}

fn a_command() {
    assert_snapshot!(class("bare").run("drill class.yaml --restore-after 1s"));
}

fn lists() {
    let class = class("bare");
    let lines = ["inventory list class.yaml", "validate class.yaml", "packages list", "packages clean"];
    assert_snapshot!(lines.map(|line| class.run(line).printed()).join("\n"));
}

fn imports() {
    let instance = |number: u8| {
        format!(
            r#"{{"InstanceId": "i-{number}", "State": {{"Name": "running"}}, "PublicIpAddress": "198.51.100.{number}",
                "PrivateIpAddress": "10.0.0.{number}", "KeyName": "turma",
                "Tags": [{{"Key": "Name", "Value": "web{number:02}"}}]}}"#
        )
    };
    let instances = format!(r#"{{"Reservations": [{{"Instances": [{}, {}]}}]}}"#, instance(1), instance(2));
    let class = class("bare").file("aws.json", &instances);
    assert_snapshot!(class.run("import aws aws.json --user admin"));
}

fn faults_and_hints() {
    let inventory = "
language: pt-BR
hosts:
  lb:  {address: 192.0.2.10, roles: [balancer], prot: 22}
  web: {address: 192.0.2.256, roles: [wbe]}
  web: {address: [a], roles: [web], vars: {x: {{ y }}}}
";
    let class = Class::new(inventory).env("LC_MESSAGES", "pt_BR.UTF-8");
    assert_snapshot!(class.run("validate class.yaml"));
    assert_snapshot!(class.run("plan none.yaml"));
    let class = Class::new(CLASS).env("LC_MESSAGES", "pt_BR.UTF-8");
    assert_snapshot!(class.run("plan class.yaml -l wbe01"));
    assert_snapshot!(class.run("plan class.yaml --report x.pdf"));
}

fn the_flag_comes_before_the_variable_before_the_locale() {
    let class = Class::new(CLASS);
    class.run("validate class.yaml").prints("class.yaml: valid, 3 hosts in 1 cluster\n");
    let class = class.env("LC_MESSAGES", "pt_BR.UTF-8");
    class.run("validate class.yaml").prints("class.yaml: válido, 3 máquinas em 1 cluster\n");
    let class = class.env("PROVISION_LANGUAGE", "en");
    class.run("validate class.yaml").prints("class.yaml: valid, 3 hosts in 1 cluster\n");
    class.run("validate class.yaml --language pt-BR").prints("class.yaml: válido, 3 máquinas em 1 cluster\n");
}

fn json_is_the_same() {
    let [english, portuguese] = ["en", "pt-BR"].map(|language| {
        let output = all("drifted").run(&format!("plan class.yaml -o json -q --language {language}"));
        output.printed()
    });
    assert_eq!(english, portuguese);
}

fn help_and_manual() {
    let class = class("bare");
    assert_snapshot!(class.run("plan -h"));
    assert!(class.run("man").printed().contains("CÓDIGOS DE SAÍDA"));
}
