//! The preflight: a healthy lab has no finding; each trouble has the one that it should, and `apply` keeps its hands off
//! a machine that is another's.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::document::text;
use crate::practice::Practice;
use crate::shared_host::HOLDER;

/// Listens on port 80 until killed.
const SQUATTER: &str = "perl -MIO::Socket::INET -e '$0 = \"squatter\"; \
     my $socket = IO::Socket::INET->new(LocalPort => 80, Listen => 5, ReuseAddr => 1) or die; sleep' \
     >/dev/null 2>&1 & sleep 0.3; kill -0 $! && echo $!";

/// Answers every request on port 8080 with a release file, until killed.
const MIRROR: &str = "perl -MIO::Socket::INET -e '$0 = \"mirror\"; \
     my $socket = IO::Socket::INET->new(LocalPort => 8080, Listen => 5, ReuseAddr => 1) or die; \
     while (my $client = $socket->accept) { \
         while (<$client>) { last if /^\\r?$/ } \
         print $client \"HTTP/1.0 200 OK\\r\\nContent-Length: 14\\r\\n\\r\\nSuite: stable\\n\"; \
         close $client; \
     }' >/dev/null 2>&1 & sleep 0.3; kill -0 $! && echo $!";

#[test]
#[ignore = "needs root and lab hosts"]
fn a_preflight_tells_what_would_go_wrong_and_nothing_else() {
    let practice = Practice::up("doctor", &["--web", "2"]);
    for host in practice.host_names() {
        practice.count_logins(host);
        // An overlay notes on a folder that it was read for the first time.
        practice.inside(host, "find /etc >/dev/null");
        practice.mark(host);
    }
    assert_eq!(findings(&practice.json(0, &["doctor"])), BTreeSet::new(), "a healthy lab");
    for host in practice.host_names() {
        assert_eq!(practice.touched(host), BTreeSet::new(), "doctor wrote on {host}");
        assert_eq!(practice.logins(host), (1, 1), "connections and executions on {host}");
        practice.count_no_more(host);
    }

    a_new_image_asks_the_mirror_that_its_sources_name(&practice);
    ports_and_leftovers(&practice);
    hosts_that_do_not_reach_each_other(&practice);
    a_login_without_sudo_is_examined_as_far_as_it_sees(&practice);
    exchanged_addresses_are_told_and_not_applied(&practice);
    clones_are_told_by_their_keys(&practice);
    a_host_that_is_off_is_unreachable(&practice);
}

fn a_new_image_asks_the_mirror_that_its_sources_name(practice: &Practice) {
    let address = practice.address("web01");
    practice.inside(
        "lb",
        &format!(
            "mkdir /root/kept && cd /root/kept && mv /etc/apt/sources.list* /var/lib/apt/lists . && \
             mkdir -p /var/lib/apt/lists/partial && \
             echo 'deb http://{address}:8080/debian bookworm main' >/etc/apt/sources.list"
        ),
    );
    let inventory = std::fs::read_to_string(practice.inventory()).unwrap();
    practice.edit_inventory(|text| text.replacen("via: laptop", "via: host", 1));
    let document = practice.json(2, &["doctor", "--limit", "lb"]);
    assert_eq!(findings(&document), BTreeSet::from([owned(("lb", "fatal", "packages"))]), "{document}");
    assert!(text(&the(&document, "lb", "packages")["seen"]).ends_with(address), "{document}");

    let mirror = practice.inside("web01", MIRROR);
    let document = practice.json(0, &["doctor", "--limit", "lb"]);
    assert_eq!(findings(&document), BTreeSet::new(), "{document}");
    practice.inside("web01", &format!("kill {mirror}"));
    practice.inside(
        "lb",
        "rm -r /etc/apt/sources.list /var/lib/apt/lists && cd /root/kept && mv sources.list* /etc/apt && \
         mv lists /var/lib/apt && rmdir /root/kept",
    );
    std::fs::write(practice.inventory(), inventory).unwrap();
}

fn ports_and_leftovers(practice: &Practice) {
    let squatter = practice.inside("web01", SQUATTER);
    let holder = practice.inside("web02", HOLDER);
    practice.inside(
        "lb",
        "mkdir -p /etc/haproxy && cd /etc/haproxy && touch haproxy.cfg.bkp && \
         printf 'frontend http-in\\n    bind *:80\\nfrontend http-in\\n    bind *:80\\n' >haproxy.cfg",
    );
    let document = practice.json(2, &["doctor"]);
    let expected = [
        ("lb", "warning", "leftover"),
        ("lb", "note", "leftover"),
        ("web01", "fatal", "port"),
        ("web02", "warning", "apt"),
    ]
    .map(owned);
    assert_eq!(findings(&document), BTreeSet::from(expected), "{document}");
    let port = the(&document, "web01", "port");
    assert!(text(&port["seen"]).contains("held by squatter"), "{port}");
    let [report, page] =
        ["findings.json", "findings.html"].map(|name| practice.inventory().with_file_name(name));
    let flags = [&report, &page].map(|path| path.to_str().unwrap());
    let shown = practice.expect(2, &["doctor", "--report", flags[0], "--report", flags[1]]).stdout;
    let reported: Value = serde_json::from_str(&std::fs::read_to_string(report).unwrap()).unwrap();
    assert_eq!(reported, document);
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("held by squatter") && page.contains(".bkp"), "{page}");
    practice.expect(1, &["doctor", "--report", "findings.xml"]);
    assert!(shown.contains("✗ web01: port 80") && !shown.contains(".bkp"), "{shown}");
    practice.inside("web01", &format!("kill {squatter}"));
    practice.inside("web02", &format!("kill {holder}"));
    practice.inside("lb", "rm -r /etc/haproxy");
}

fn hosts_that_do_not_reach_each_other(practice: &Practice) {
    // As if a firewall swallowed what comes from the balancer.
    let balancer = practice.inside("lb", "hostname -I").trim().to_owned();
    practice.inside("web02", &format!("ip route add blackhole {balancer}/32"));
    let document = practice.json(2, &["doctor"]);
    assert_eq!(findings(&document), BTreeSet::from([owned(("lb", "fatal", "peer"))]), "{document}");
    let peer = the(&document, "lb", "peer");
    assert!(text(&peer["seen"]).contains("web02") && !text(&peer["seen"]).contains("web01"), "{peer}");
    practice.inside("web02", &format!("ip route del blackhole {balancer}/32"));
}

fn a_login_without_sudo_is_examined_as_far_as_it_sees(practice: &Practice) {
    practice.inside(
        "lb",
        "cd /etc && mkdir kept && mv sudoers.d/* kept && mkdir haproxy && touch haproxy/haproxy.cfg.bkp && \
         printf 'frontend http-in\\n    bind *:80\\nfrontend http-internal\\n    bind *:81\\n' >haproxy/haproxy.cfg",
    );
    let document = practice.json(2, &["doctor"]);
    let expected = [("lb", "fatal", "root"), ("lb", "note", "leftover")].map(owned);
    assert_eq!(findings(&document), BTreeSet::from(expected), "{document}");
    practice.inside("lb", "cd /etc && mv kept/* sudoers.d && rmdir kept && rm -r haproxy");
}

fn exchanged_addresses_are_told_and_not_applied(practice: &Practice) {
    let kept = std::fs::read_to_string(practice.inventory()).unwrap();
    let [first, second] =
        ["web01", "web02"].map(|host| practice.inside(host, "hostname -I").trim().to_owned());
    let with_hosts = |web01: &str, web02: &str| {
        let (head, _) = kept.split_once("  web[01:02]:").unwrap();
        let inventory =
            format!("{head}  web01: {{ {web01}, roles: [web] }}\n  web02: {{ {web02}, roles: [web] }}\n");
        std::fs::write(practice.inventory(), inventory).unwrap();
    };
    let expected = BTreeSet::from([("web01", "fatal", "swapped"), ("web02", "fatal", "swapped")].map(owned));

    // The machines tell by their names.
    with_hosts(&format!("address: {second}"), &format!("address: {first}"));
    let document = practice.json(2, &["doctor"]);
    assert_eq!(findings(&document), expected, "{document}");
    let mend = text(&the(&document, "web01", "swapped")["mend"]);
    assert!(mend.contains("exchange `address`") && mend.contains("web01 and web02"), "{mend}");

    // And by their addresses, which an apply looks at too.
    with_hosts(
        &format!("address: {first}, private_address: {second}"),
        &format!("address: {second}, private_address: {first}"),
    );
    let document = practice.json(2, &["doctor"]);
    assert_eq!(findings(&document), expected, "{document}");
    for host in ["web01", "web02"] {
        practice.mark(host);
    }
    let refused = practice.json(2, &["apply", "--limit", "web*"]);
    for host in refused["hosts"].as_array().unwrap() {
        assert_eq!(host["error"]["kind"], "preflight", "{refused}");
        assert!(text(&host["error"]["hint"]).contains("provision doctor"), "{refused}");
    }
    for host in ["web01", "web02"] {
        assert_eq!(practice.touched(host), BTreeSet::new(), "an apply that was refused wrote on {host}");
    }
    std::fs::write(practice.inventory(), kept).unwrap();
}

fn clones_are_told_by_their_keys(practice: &Practice) {
    let key = "/etc/ssh/ssh_host_ed25519_key";
    for file in [key.to_owned(), format!("{key}.pub")] {
        let content = practice.inside("web01", &format!("cat {file}"));
        practice.inside_with("web02", &format!("cat >{file}"), &content);
    }
    practice.inside("web02", "systemctl restart ssh");
    let document = practice.json(4, &["doctor"]);
    assert_eq!(findings(&document), BTreeSet::from([owned(("web02", "fatal", "login"))]), "{document}");
    let mend = text(&the(&document, "web02", "login")["mend"]);
    assert!(mend.contains("ssh-keygen") && mend.contains("-R"), "as the mend of clones says: {mend}");

    // A laptop that sees the class for the first time.
    let state = practice.inventory().with_file_name("state");
    std::fs::remove_dir_all(state).unwrap();
    let document = practice.json(0, &["doctor"]);
    let expected = [("web01", "warning", "host-key"), ("web02", "warning", "host-key")].map(owned);
    assert_eq!(findings(&document), BTreeSet::from(expected), "{document}");
}

fn a_host_that_is_off_is_unreachable(practice: &Practice) {
    practice.edit_inventory(|text| text.replacen("ssh:", "ssh:\n  connect_timeout: 2s", 1));
    let pulled = practice.run(&["lab", "link", "web02", "down", "--name", practice.name()]);
    assert_eq!(pulled.code, 0, "{}", pulled.stderr);
    let document = practice.json(4, &["doctor"]);
    assert_eq!(findings(&document), BTreeSet::from([owned(("web02", "fatal", "unreachable"))]), "{document}");
    let shown = practice.expect(4, &["doctor"]).stdout;
    assert!(shown.contains("1 of 3 hosts not ready"), "{shown}");
}

/// (host, severity, kind) of every finding.
fn findings(document: &Value) -> BTreeSet<(String, String, String)> {
    let all = document["findings"].as_array().unwrap();
    all.iter().map(|one| (text(&one["host"]), text(&one["severity"]), text(&one["kind"]))).collect()
}

fn the<'a>(document: &'a Value, host: &str, kind: &str) -> &'a Value {
    let mut all = document["findings"].as_array().unwrap().iter();
    all.find(|one| one["host"] == host && one["kind"] == kind)
        .unwrap_or_else(|| panic!("no {kind} of {host} in {document}"))
}

fn owned((host, severity, kind): (&str, &str, &str)) -> (String, String, String) {
    (host.to_owned(), severity.to_owned(), kind.to_owned())
}
