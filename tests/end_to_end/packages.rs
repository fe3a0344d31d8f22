//! Packages through the laptop, for hosts that have no way to the internet: what crosses the laptop's uplink is
//! counted by [`Uplink`], and what the hosts have afterwards is asked of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::document::{assert_verified, host};
use crate::practice::Practice;
use crate::running::{Running, await_that};
use crate::uplink::{CUT, Uplink};

/// A class of hosts that need one package and what it depends on.
fn class(name: &str, web: usize, cache: &Path) -> Practice {
    let mut practice = Practice::up(name, &["--web", &web.to_string()]);
    practice.use_cache(cache);
    practice
        .edit_inventory(|text| text.replace("[balancer]", "[socket]").replace("[web, socket]", "[socket]"));
    practice
}

/// A command whose way to the mirrors is this proxy.
fn through(proxy: &str, mut command: Command) -> Command {
    command.env("http_proxy", proxy).env_remove("HTTP_PROXY").env_remove("no_proxy").env_remove("NO_PROXY");
    command
}

fn assert_each_once(requests: &BTreeMap<String, usize>) {
    assert!(requests.keys().any(|url| url.contains("/python3_")), "{requests:#?}");
    let again: Vec<_> = requests.iter().filter(|(_, times)| **times > 1).collect();
    assert!(again.is_empty(), "crossed the uplink more than once: {again:#?}");
}

#[test]
#[ignore = "needs root and lab hosts"]
fn a_class_installs_from_one_download_whoever_drops_out() {
    let cache = tempfile::tempdir().unwrap();
    {
        let practice = class("one-download", 9, cache.path());
        ten_begin_and_nine_finish(&practice);
        who_dropped_out_comes_later_without_the_uplink(&practice);
    }
    // New hosts, and a laptop that has been carried to a room without internet.
    let practice = class("no-uplink", 2, cache.path());
    let apply = practice.finish(0, through(CUT, practice.verb(&["apply", "-o", "json"])));
    assert_eq!(apply["summary"]["changed"], 3, "{apply}");
    assert_verified(&apply);
}

fn ten_begin_and_nine_finish(practice: &Practice) {
    let uplink = Uplink::open();
    uplink.slow_down(Some("/pool/"));
    let apply = through(&uplink.url(), practice.verb(&["apply", "--no-verify", "-o", "json"]));
    let apply = Running::start(apply, "", Duration::from_secs(400));
    for victim in ["web08", "web09"] {
        await_that("a package arrives", Duration::from_secs(200), || {
            let arriving = "find /var/cache/apt/archives/partial -name '*.deb' -size +0 2>/dev/null || true";
            !practice.inside(victim, arriving).is_empty()
        });
    }
    link(practice, "web08", "down");
    practice.inside(
        "web09",
        "for process in /proc/[0-9]*; do
             case $(tr '\\0' ' ' <$process/cmdline) in 'sshd: aluno'*) kill -KILL ${process#/proc/} ;; esac
         done",
    );
    uplink.slow_down(None);
    let apply = apply.end();
    assert_eq!(apply.code, 4, "{}\n{}", apply.stdout, apply.stderr);

    let document: Value = serde_json::from_str(&apply.stdout).unwrap();
    for name in practice.host_names() {
        let entry = host(&document, name);
        // A connection that breaks is made again; one over a link that is down is not.
        if name == "web08" {
            assert_eq!(entry["status"], "unreachable", "{entry}");
            assert_eq!(entry["error"]["kind"], "lost", "{entry}");
        } else {
            assert_eq!(entry["status"], "changed", "{entry}");
            practice.inside(name, "python3 -c '' && test -e /opt/socket");
        }
    }
    assert_each_once(&uplink.requests());
    let told = apply.stderr.lines().find(|line| line.starts_with("packages: ")).unwrap_or_default();
    assert!(
        told.contains(" MB served to 10 hosts, ") && told.ends_with(" MB downloaded"),
        "{}",
        apply.stderr
    );
}

fn who_dropped_out_comes_later_without_the_uplink(practice: &Practice) {
    link(practice, "web08", "up");
    // Apt went on without us for a while: it is waited for.
    practice.run_to(0, through(CUT, practice.verb(&["apply", "--limit", "web08,web09"])));
}

fn link(practice: &Practice, host: &str, state: &str) {
    let ran = practice.run(&["lab", "link", host, state, "--name", practice.name()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

#[test]
#[ignore = "needs root and lab hosts"]
fn what_breaks_on_the_way_of_a_package_is_told_and_harms_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let mut practice = class("package-trouble", 3, folder.path());
    let bastion = practice.address("lb").to_owned();
    let addresses = ["web01", "web02", "web03"].map(|name| practice.address(name).to_owned());
    practice.edit_inventory(|text| {
        let (head, _) = text.split_once("hosts:\n").unwrap();
        let [openssh, jump, both] = &addresses;
        format!(
            "{head}hosts:
  lb:    {{ address: {bastion}, roles: [socket] }}
  web01: {{ address: {openssh}, roles: [socket], ssh: {{ transport: openssh }} }}
  web02: {{ address: {jump}, roles: [socket], ssh: {{ jump: aluno@{bastion} }} }}
  web03: {{ address: {both}, roles: [socket], ssh: {{ jump: aluno@{bastion}, transport: openssh }} }}
"
        )
    });
    a_full_disk_of_the_laptop_is_told_with_its_folder(&mut practice, folder.path());
    let cache = folder.path().join("cache");
    practice.use_cache(&cache);
    what_was_tampered_with_is_refused_and_forgotten(&practice, &cache);
    what_was_altered_in_the_cache_is_never_served(&practice, &cache);
    practice.use_cache(&folder.path().join("fetched"));
    packages_fetched_before_class_need_no_uplink(&practice);
}

/// A file system of one megabyte, gone when dropped.
struct TinyDisk(PathBuf);

impl TinyDisk {
    fn mount(folder: PathBuf) -> Self {
        fs::create_dir(&folder).unwrap();
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(&folder).status();
        assert!(mounted.unwrap().success());
        Self(folder)
    }
}

impl Drop for TinyDisk {
    fn drop(&mut self) {
        let gone = Command::new("umount").arg("--lazy").arg(&self.0).status();
        assert!(gone.is_ok_and(|status| status.success()) || std::thread::panicking());
    }
}

fn a_full_disk_of_the_laptop_is_told_with_its_folder(practice: &mut Practice, folder: &Path) {
    let disk = TinyDisk::mount(folder.join("disk"));
    practice.use_cache(&disk.0);
    let uplink = Uplink::open();
    let names = ["lb", "web01"];
    let ran = practice.run_to(
        2,
        through(&uplink.url(), practice.verb(&["apply", "--no-verify", "--limit", &names.join(",")])),
    );
    let cache = disk.0.join("provision/packages").display().to_string();
    let warning = ran.stderr.lines().find(|line| line.contains(&cache)).unwrap_or_default();
    assert!(warning.contains("the laptop's disk is full: free some space"), "{}", ran.stderr);
    assert!(ran.stdout.contains("packages cannot come through the laptop"), "{}", ran.stdout);
    for name in names {
        assert_unharmed(practice, name);
    }
}

fn assert_unharmed(practice: &Practice, host: &str) {
    let script = "dpkg --audit; dpkg-query -W -f '${db:Status-Abbrev} ${Package}\\n' | grep -v '^ii ' || true
        ls -d /usr/bin/python3* /opt/socket /run/provision.?????? 2>/dev/null || true";
    assert_eq!(practice.inside(host, script), "", "{host} was harmed");
}

fn what_was_tampered_with_is_refused_and_forgotten(practice: &Practice, cache: &Path) {
    let apply = |code, uplink: &Uplink| {
        practice.run_to(
            code,
            through(&uplink.url(), practice.verb(&["apply", "--no-verify", "--limit", "web01"])),
        )
    };
    let uplink = Uplink::open();
    uplink.alter(Some("/python3-minimal_"));
    let refused = apply(2, &uplink);
    let words = "delivers files that do not match its own list";
    let mirrors: BTreeSet<_> =
        uplink.requests().into_keys().filter_map(|url| Some(mirror(&url)?.to_owned())).collect();
    let told = refused.stdout.lines().find(|line| line.contains(words)).unwrap_or_default();
    assert!(mirrors.iter().any(|mirror| told.contains(mirror)), "{mirrors:?}\n{}", refused.stdout);
    assert_unharmed(practice, "web01");
    assert_eq!(cached(cache, "/python3-minimal_"), None, "the bad file is still there");

    uplink.alter(None);
    apply(0, &uplink);
    practice.inside("web01", "python3 -c ''");
}

/// `http://host` of a URL.
fn mirror(url: &str) -> Option<&str> {
    let host = url.strip_prefix("http://")?.split('/').next()?;
    Some(&url[.."http://".len() + host.len()])
}

/// The content of a file of the cache, by what its URL holds.
fn cached(cache: &Path, url: &str) -> Option<PathBuf> {
    let files = fs::read_dir(cache.join("provision/packages")).unwrap();
    let described = files
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .find(|path| fs::read_to_string(path).unwrap().contains(url));
    described.map(|path| path.with_extension("data"))
}

fn what_was_altered_in_the_cache_is_never_served(practice: &Practice, cache: &Path) {
    let file = cached(cache, "/python3-minimal_").expect("the good file is not in the cache");
    let mut bytes = fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&file, bytes).unwrap();
    let uplink = Uplink::open();
    practice.run_to(0, through(&uplink.url(), practice.verb(&["apply", "--no-verify", "--limit", "web02"])));
    let requests = uplink.requests();
    let packages: Vec<_> = requests.iter().filter(|(url, _)| url.contains("/pool/")).collect();
    assert!(
        matches!(packages[..], [(url, 1)] if url.contains("/python3-minimal_")),
        "one file was damaged, and these were fetched: {packages:#?}"
    );
}

fn packages_fetched_before_class_need_no_uplink(practice: &Practice) {
    let names = ["lb", "web03"];
    for name in names {
        practice.mark(name);
    }
    let inventory = practice.inventory();
    let limit = names.join(",");
    let fetch = ["packages", "fetch", inventory.to_str().unwrap(), "--limit", &limit];
    let uplink = Uplink::open();
    practice.run_to(0, through(&uplink.url(), practice.command(&fetch)));
    assert_each_once(&uplink.requests());
    for name in names {
        let touched: Vec<_> = practice.touched(name).into_iter().filter(|path| is_kept(path)).collect();
        assert_eq!(touched, Vec::<String>::new(), "fetching packages left something on {name}");
    }

    let apply = practice.verb(&["apply", "--limit", &limit, "-o", "json"]);
    let apply = practice.finish(0, through(CUT, apply));
    assert_eq!(apply["summary"]["changed"], names.len(), "{apply}");
    assert_verified(&apply);
}

/// Where packages, apt's settings and its lists would be left.
fn is_kept(path: &str) -> bool {
    ["/etc/apt", "/usr/", "/opt/", "/var/cache/", "/var/lib/apt/"]
        .iter()
        .any(|folder| path.starts_with(folder))
}
