//! What looks like a secret is neither told nor written, wherever it stands.

use super::reading::{ansible, source};
use super::shown;
use crate::import::{self, Choices};

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
