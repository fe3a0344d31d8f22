//! Inventories from what people have: what is printed, what is told, and what is not overwritten.

use insta::assert_snapshot;

use crate::class::Class;
use crate::trials;

trials![what_is_imported_is_valid, nothing_is_overwritten, what_can_not_be_imported];

const ROSTER: &str = "
Aluno;E-mail;Endereço;Papel;Senha
José da Silva;jose@exemplo.br;192.0.2.10;balanceador;x
José da Silva;jose@exemplo.br;192.0.2.11;web;x
José da Silva;jose@exemplo.br;192.0.2.12;web;x
";

const ANSIBLE: &str = "
[haproxy]
192.0.2.10
[apache]
192.0.2.[11:13]
[db]
data ansible_host=192.0.2.20
[all:vars]
ansible_user=ubuntu
ansible_become_password=\u{1b}[2Jx
";

fn class() -> Class {
    Class::new("hosts: {}").file("class.csv", ROSTER.trim_start()).file("hosts.ini", ANSIBLE.trim_start())
}

fn what_is_imported_is_valid() {
    let class = class();
    assert_snapshot!(class.run("import csv class.csv --user aluno"));
    assert_snapshot!(class.run("import ansible hosts.ini --to inventory.yaml"));
    class.run("validate inventory.yaml").prints("inventory.yaml: valid, 5 hosts in 1 cluster\n");
}

fn nothing_is_overwritten() {
    let class = class();
    class.run("import csv class.csv --to class.yaml -q").exits(1).says();
    class.run("validate class.yaml").exits(1).says();
    class.run("import csv class.csv --to class.yaml --force -q");
    let printed = class.run("import csv class.csv --to - -q").printed();
    assert_eq!(printed, class.run("import csv class.csv -q").printed());
    class.run("validate class.yaml").prints("class.yaml: valid, 3 hosts in 1 cluster\n");
}

fn what_can_not_be_imported() {
    let class = class().file("empty", "");
    let lines = [
        "import csv class.csv --to class.yaml",
        "import csv empty",
        "import ansible empty",
        "import aws class.csv",
        "import vagrant -",
        "import ssh-config missing",
        "import ansible hosts.ini --role web",
        "import ansible hosts.ini --user 'a b'",
        "import csv class.csv --to missing/class.yaml",
    ];
    let outputs = lines.map(|line| {
        let output = class.run(line);
        assert_eq!(output.code(), 1, "{output}");
        output.to_string()
    });
    assert_snapshot!(outputs.join("\n\n"));
}
