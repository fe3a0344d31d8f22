//! What looks like a secret is neither told nor written, wherever it stands.

use super::reading::{ansible, source};
use super::{import_ansible, shown};
use crate::import::{self, Choices, Tags, VariablesFolders};

/// In each line the secret is `hunter2`, which `shown` looks for.
#[test]
fn no_secret_is_told() {
    for line in [
        "ansible_ssh_pass = hunter2",
        "password: hunter2-b",
        "=hunter2",
        "ansible_ssh_common_args=\"-o ProxyCommand=\"sshpass -p hunter2c ssh -W %h:%p b\"\"",
        "ansible_ssh_common_args='-J u:hunter2@b'",
        "ansible_ssh_common_args='-l hunter2/x -p hunter2 -Xhunter2 hunter2'",
        "ansible_user='a hunter2'",
        "ansible_port=hunter2",
        "ansible_become_method=hunter2",
        "ansible_become_user=hunter2",
    ] {
        let told = shown(ansible("hosts", &format!("w1 ansible_host=10.0.0.1 {line}\n")));
        assert!(told.contains("\n! hosts:1: "), "{line}\n{told}");
    }
    for line in [
        "db_password hunter2t",
        "api_token: hunter2u",
        "ansible_ssh_common_args=\"-o ProxyCommand=\"sshpass -p hunter2 ssh -W %h:%p b\"\"",
        "ansible_ssh_common_args=-o ProxyCommand=sshpass -p hunter2 ssh",
    ] {
        let told = shown(ansible("hosts", &format!("w1\n[all:vars]\n{line}\n")));
        assert!(told.contains("\n! hosts:3: "), "{line}\n{told}");
    }
    for line in ["ansible_host=u:hunter2@10.0.0.6", "ansible_connection=hunter2"] {
        let told = shown(ansible("hosts", &format!("w1 {line}\n")));
        assert!(told.contains("host `w1` is left out"), "{line}\n{told}");
    }
    for line in ["ProxyJump bob:hunter2@bast", "User a/hunter2", "Port hunter2"] {
        let config = source("config", &format!("Host w1\n  HostName 10.0.0.1\n  {line}\n"));
        let told = shown(import::ssh_config(config, &[], &Choices::default()));
        assert!(told.contains("\n! config:3: "), "{line}\n{told}");
    }
}

#[test]
fn no_cell_of_a_roster_is_told() {
    for table in [
        "Ana,ana@x,10.0.0.1,hunter2\n",
        "Ana,ana@email.com,10.0.0.1,hunter2\n",
        "aluno,ip,role\nAna,10.0.0.1,hunter2\n",
        "aluno,ip\nAna,ana:hunter2@10.0.0.1\n",
        "aluno,ip,user,port\nAna,10.0.0.1,a:hunter2,hunter2\n",
    ] {
        shown(import::roster(source("class.csv", table), &Choices::default()));
    }
}

/// Ways in which people have a secret, whose last word is `hunter2`.
const SECRETS: [(&str, &str); 14] = [
    ("dbpass", "hunter2"),
    ("rootpw", "hunter2"),
    ("github_pat", "hunter2"),
    ("snmp_community", "hunter2"),
    ("contraseña", "hunter2"),
    ("basicAuth", "hunter2"),
    ("connection", "Server=x;Password=hunter2"),
    ("database", "user=x password=hunter2"),
    ("url", "https://example.org/x?token=hunter2"),
    ("repository", "https://hunter2@github.com/x"),
    ("command", "mysql -phunter2"),
    ("header", "Bearer hunter2"),
    ("sops", "ENC[hunter2]"),
    ("hash", "$6$salt$hunter2"),
];

#[test]
fn no_secret_goes_through_any_source() {
    for (name, value) in SECRETS {
        let quoted = serde_json::to_string(value).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir(path("group_vars")).unwrap();
        std::fs::write(path("hosts"), "[web]\nw1 ansible_host=10.0.0.1\n").unwrap();
        std::fs::write(path("group_vars/web.yml"), format!("{name}: {quoted}\ncourse: SD\n")).unwrap();
        let yaml = format!(
            "web: {{hosts: {{w1: {{ansible_host: 10.0.0.1, {name}: {quoted}, list: [{{{name}: {quoted}}}], \
             env: [{{name: DB_PASSWORD, value: hunter2}}, \"{name}={value}\"]}}}}}}\n"
        );
        let ini = format!("[web]\nw1 ansible_host=10.0.0.1 {name}='{value}'\n[web:vars]\n{name}={quoted}\n");
        let told = [
            ansible("hosts", &ini),
            ansible("hosts.yml", &yaml),
            import_ansible(&path("hosts"), &[], &Choices::default()),
        ]
        .map(shown);
        for told in told {
            assert!(told.contains("\n! ") && told.contains("address: 10.0.0.1"), "{name}\n{told}");
        }
        // Where names stand, and where nothing can be read.
        let broken = format!("web: {{hosts: {{w1: {{{name}: @{quoted}}}}}}}\n");
        let named = format!("[{value}]\n'{value}' ansible_host=10.0.0.1\n{value}\nw1\n");
        let teams = ["team*".to_owned()];
        let of_teams = import::ansible(
            source("hosts", &named).into(),
            VariablesFolders::default(),
            &teams,
            &Choices::default(),
        );
        shown(ansible("hosts.yml", &broken));
        if value != "hunter2" {
            shown(ansible("hosts", &named));
            shown(of_teams);
        }
        let machine = serde_json::json!({
            "InstanceId": "i-1", "PrivateIpAddress": "10.0.0.1",
            "Tags": [{ "Key": name, "Value": value }, { "Key": "Name", "Value": "web1" }],
        });
        let roster = format!("aluno,ip,{name}\nAna,10.0.0.1,{quoted}\n");
        let config =
            format!("Host w1\n  HostName 10.0.0.1\n  SetEnv {name}={value}\n  ProxyCommand x {value}\n");
        let told = [
            import::aws(source("i.json", &machine.to_string()), &Tags::default(), &Choices::default()),
            import::roster(source("class.csv", &roster), &Choices::default()),
            import::ssh_config(source("config", &config), &[], &Choices::default()),
        ]
        .map(shown);
        for told in told {
            assert!(told.contains("address: 10.0.0.1"), "{name}\n{told}");
        }
    }
}
