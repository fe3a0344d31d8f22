//! What is exported, run by the engine that it is for on bare hosts: then nothing is left to change, and all works.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::document::{assert_verified, changes};
use crate::practice::Practice;
use crate::running::{Ran, Running, await_that};
use crate::uplink::Uplink;
use crate::whole;

const PRACTICES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/practices");
const REQUIREMENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/end_to_end/ansible.txt");
const ANSIBLE_LIMIT: Duration = Duration::from_secs(600);
/// Random numbers on a page.
const NOISE: usize = 400;
const BOOT_LIMIT: Duration = Duration::from_secs(400);
/// A container has the network and the locale that it was given.
const CLOUD: &str = "network: { config: disabled }\nlocale: false\ndatasource_list: [NoCloud]\n";

#[test]
#[ignore = "needs root and lab hosts"]
fn ansible_sets_bare_hosts_up_as_an_apply_does() {
    // `tests/full ansible` sets this: every role, and what comes after, take Ansible minutes.
    let whole = whole();
    let title = "vars: { title: \"{{ lookup('pipe','id') }}\" }";
    let mut hosts = vec![("lb", "balancer", ""), ("web01", "web, script", title)];
    if whole {
        hosts = vec![
            ("lb", "balancer", "packages: { extra: [ed] }"),
            ("web01", "web, socket, rpc", title),
            ("web02", "nginx, redis, script", ""),
        ];
    }
    let practice = Practice::up("ansible", &["--web", if whole { "2" } else { "1" }]);
    let uplink = Uplink::open_at(practice.gateway());
    give_inventory(&practice, &uplink, &hosts);
    let folder = export(&practice, "ansible");

    // Python alone, which comes with images of clouds.
    ansible(&practice, &folder, &["--tags", "always"]);
    if whole {
        practice.mark("web01");
        ansible(&practice, &folder, &["--check", "--diff"]);
        let touched = practice.touched("web01");
        let is_ours = |path: &String| path.starts_with("/etc") || path.starts_with("/opt");
        assert!(!touched.iter().any(is_ours), "{touched:?}");
    }

    ansible(&practice, &folder, &[]);
    assert_nothing_is_left(&practice);
    let again: &[&[&str]] = if whole { &[&["--check", "--diff"], &[]] } else { &[&[]] };
    for flags in again {
        let ran = ansible(&practice, &folder, flags);
        let recap: Vec<_> = ran.stdout.lines().filter(|line| line.contains("changed=")).collect();
        assert_eq!(recap.len(), practice.host_names().len(), "{}", ran.stdout);
        assert!(recap.iter().all(|line| line.contains("changed=0 ")), "{flags:?}: {}", ran.stdout);
    }

    if whole {
        assert_a_journal_begins_with_the_first_apply(&practice);
    }
}

fn assert_a_journal_begins_with_the_first_apply(practice: &Practice) {
    // Without a journal there is nothing to undo.
    let reset = practice.json(0, &["reset", "-y"]);
    assert_eq!(changes(&reset), BTreeSet::new(), "{reset}");
    practice.inside("lb", "test -f /etc/haproxy/haproxy.cfg");
    // What provision changes from now on it remembers with what the playbook left.
    practice.edit_inventory(|text| text.replace("web, socket, rpc]", "web, rpc]"));
    assert_eq!(changes(&practice.json(0, &["plan"])), BTreeSet::new());
    practice.edit_inventory(|text| format!("{text}web: {{ port: 8088 }}\n"));
    practice.expect(0, &["apply"]);
    practice.expect(0, &["reset", "-y"]);
    practice.page("web01");
}

#[test]
#[ignore = "needs root and lab hosts"]
fn cloud_init_sets_a_host_up_at_its_boot() {
    let practice = Practice::up("cloud-init", &["--web", "1"]);
    let uplink = Uplink::open_at(practice.gateway());
    give_inventory(
        &practice,
        &uplink,
        &[("lb", "balancer", ""), ("web01", "web, socket, rpc, redis, script", "packages: { extra: [ed] }")],
    );
    // The page of one host is so large that its user-data goes out compressed.
    let noise: Vec<_> = (0..NOISE).map(|_| format!("{:032x}", rand::random::<u128>())).collect();
    let noise = noise.concat();
    fs::write(practice.inventory().with_file_name("page.tera"), format!("{{{{ host }}}} {noise}\n")).unwrap();
    practice.edit_inventory(|text| format!("{text}web: {{ template: page.tera }}\n"));
    let folder = export(&practice, "cloud-init");
    assert!(folder.join("lb.yaml").exists() && folder.join("web01.yaml.gz").exists());
    for host in practice.host_names() {
        let data = ["yaml", "yaml.gz"].map(|ending| fs::read(folder.join(format!("{host}.{ending}"))));
        let data = data.into_iter().find_map(Result::ok).unwrap();
        assert!(data.len() <= 16_384, "{}", data.len());
        practice.inside(
            host,
            "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
             cloud-init >/dev/null 2>&1 && mkdir -p /var/lib/cloud/seed/nocloud && echo 'instance-id: first' \
             >/var/lib/cloud/seed/nocloud/meta-data",
        );
        practice.inside_with(host, "cat >/etc/cloud/cloud.cfg.d/99-lab.cfg", CLOUD);
        let seed = "cd /var/lib/cloud/seed/nocloud && base64 -d >user-data && zcat -f user-data >/run/plain && cloud-init \
                    schema -c /run/plain";
        practice.inside_with(host, seed, &STANDARD.encode(data));
        practice.pull_plug(host);
    }
    for host in practice.host_names() {
        await_that("cloud-init is done", BOOT_LIMIT, || {
            practice.try_inside(host, "test -e /run/cloud-init/result.json").is_ok()
        });
        let said =
            practice.inside(host, "cloud-init status --long; tail -n 40 /var/log/cloud-init-output.log");
        assert!(said.contains("status: done"), "{host}: {said}");
    }
    assert_nothing_is_left(&practice);
}

/// Exports the inventory to a folder beside it.
fn export(practice: &Practice, engine: &str) -> PathBuf {
    let inventory = practice.inventory();
    let folder = inventory.with_file_name(engine);
    let words = ["export", engine, folder.to_str().unwrap(), inventory.to_str().unwrap()];
    practice.run_to(0, practice.command(&words));
    folder
}

fn assert_nothing_is_left(practice: &Practice) {
    let plan = practice.json(0, &["plan"]);
    assert_eq!(changes(&plan), BTreeSet::new(), "{plan}");
    assert_verified(&practice.json(0, &["verify"]));
}

/// The lab's own inventory with other hosts, whose apt has a way to packages without the tool.
fn give_inventory(practice: &Practice, uplink: &Uplink, hosts: &[(&str, &str, &str)]) {
    practice.edit_inventory(|text| {
        let (head, _) = text.split_once("\npackages:").unwrap();
        let mut inventory = format!("practices: {PRACTICES}\n{head}\npackages: {{ via: host }}\nhosts:\n");
        for (host, roles, more) in hosts {
            let address = practice.address(host);
            let more = if more.is_empty() { String::new() } else { format!(", {more}") };
            writeln!(inventory, "  {host}: {{ address: {address}, roles: [{roles}]{more} }}").unwrap();
        }
        inventory
    });
    for (host, ..) in hosts {
        let proxy = format!("Acquire::http::Proxy \"{}\";\n", uplink.url());
        practice.inside_with(host, "cat >/etc/apt/apt.conf.d/80uplink", &proxy);
    }
}

/// Runs the exported playbook.
fn ansible(practice: &Practice, folder: &Path, flags: &[&str]) -> Ran {
    let mut command = Command::new(environment().join("bin/ansible-playbook"));
    command.arg("site.yml").args(flags);
    let mut command = practice.at_home(command);
    let home = folder.parent().unwrap();
    command
        .current_dir(folder)
        .env("LC_ALL", "C.UTF-8")
        .env("ANSIBLE_HOME", home.join("ansible-home"))
        .env("ANSIBLE_SSH_ARGS", format!("-C -o UserKnownHostsFile={}", home.join("known_hosts").display()))
        .env("ANSIBLE_CONFIG", folder.join("ansible.cfg"));
    let ran = Running::start(command, "", ANSIBLE_LIMIT).end();
    assert_eq!(ran.code, 0, "{flags:?}\n{}\n{}", ran.stdout, ran.stderr);
    ran
}

/// Ansible from the index of Python, in an environment of the tests' own.
fn environment() -> PathBuf {
    let requirements = fs::read_to_string(REQUIREMENTS).unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(requirements.trim());
    if !folder.join("ready").exists() {
        let run = |command: &mut Command| assert!(command.status().unwrap().success(), "{command:?}");
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder));
        run(Command::new(folder.join("bin/pip")).args(["install", "--quiet", "-r", REQUIREMENTS]));
        fs::write(folder.join("ready"), "").unwrap();
    }
    folder
}
