//! Advice works: where a hint names an `apply`, running it makes the failure go; where an apply would change nothing,
//! none names it.

use std::io::Write;

use crate::document::{assert_verified, text};
use crate::practice::Practice;

const QUICK: [&str; 5] = ["verify", "--retry-timeout", "2s", "--sleep", "200ms"];

struct Fault {
    host: &'static str,
    breaks: &'static str,
    /// What the hint asks to do by hand, or all of it where it names no apply.
    by_hand: &'static str,
    names_apply: bool,
}

const fn applied(host: &'static str, breaks: &'static str) -> Fault {
    Fault { host, breaks, by_hand: "true", names_apply: true }
}

const fn by_hand(host: &'static str, breaks: &'static str, by_hand: &'static str) -> Fault {
    Fault { host, breaks, by_hand, names_apply: false }
}

const FAULTS: [Fault; 13] = [
    applied("web01", "echo '<title>T</title>' >/var/www/html/index.html"),
    applied("web01", "rm /var/www/html/index.html"),
    applied("web01", "chmod 600 /var/www/html/index.html"),
    applied("web01", "systemctl stop apache2"),
    applied("web01", "systemctl disable apache2"),
    applied(
        "web01",
        "sed -i 's/^Listen .*/Listen 8081/' /etc/apache2/ports.conf && systemctl restart apache2",
    ),
    applied("web01", "rm /opt/socket/02-sequencial/server.py"),
    applied(
        "lb",
        "sed -i 's/ balance roundrobin/ balance first/' /etc/haproxy/haproxy.cfg && systemctl reload haproxy",
    ),
    Fault {
        host: "web01",
        breaks: "systemctl stop apache2 && systemd-run --quiet --unit squatter perl -MIO::Socket::INET -e \
                 'my $s = IO::Socket::INET->new(LocalPort => 80, Listen => 5, ReuseAddr => 1) or die; sleep' && sleep 1",
        by_hand: "systemctl stop squatter",
        names_apply: true,
    },
    by_hand(
        "web01",
        "mkdir -p /srv/aula && echo '<title>T</title>' >/srv/aula/index.html && printf '<VirtualHost *:80>\\n\
         DocumentRoot /srv/aula\\n<Directory /srv/aula>\\nRequire all granted\\n</Directory>\\n</VirtualHost>\\n' \
         >/etc/apache2/sites-enabled/000-aula.conf && systemctl reload apache2 && sleep 1",
        "rm /etc/apache2/sites-enabled/000-aula.conf && systemctl reload apache2 && sleep 1",
    ),
    by_hand("web01", "chmod 700 /var/www", "chmod a+x /var/www"),
    by_hand(
        "web01",
        "mv /usr/bin/python3 /usr/bin/python3.away",
        "mv /usr/bin/python3.away /usr/bin/python3",
    ),
    by_hand(
        "lb",
        "cp -a /etc/haproxy/haproxy.cfg /root/kept.cfg && sed -i '/server web01 /d' /etc/haproxy/haproxy.cfg && \
         systemctl reload haproxy; sleep 3; cp -a /root/kept.cfg /etc/haproxy/haproxy.cfg",
        "systemctl reload haproxy && sleep 3",
    ),
];

#[test]
#[ignore = "needs root and lab hosts"]
fn advice_makes_the_failure_go() {
    let practice = Practice::up("advice", &["--web", "2"]);
    assert_verified(&practice.json(0, &["apply"]));
    let ill: Vec<String> = FAULTS.iter().filter_map(|fault| follow(&practice, fault).err()).collect();
    let _ =
        writeln!(std::io::stderr(), "advice works for {}/{} faults", FAULTS.len() - ill.len(), FAULTS.len());
    assert!(ill.is_empty(), "{ill:#?}");
}

/// Does what the hints of a fault say, and looks whether it is gone.
fn follow(practice: &Practice, fault: &Fault) -> Result<(), String> {
    let Fault { host, breaks, by_hand, names_apply } = fault;
    practice.inside(host, breaks);
    let seen = practice.json(3, &QUICK);
    let planned = practice.json(0, &["plan", "-l", host]);
    practice.inside(host, by_hand);
    let failed = seen["checks"].as_array().unwrap().iter().filter(|check| check["status"] == "fail");
    let hints: Vec<String> = failed.map(|check| text(&check["hint"])).collect();
    let applies: Vec<_> = hints.iter().flat_map(|hint| commands(hint, "apply")).collect();
    for command in &applies {
        let words = shlex::split(command).unwrap();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let ran = practice.run(&words);
        if ran.code != 0 {
            return Err(format!(
                "{breaks}: `{command}` ended with {}\n{}{}",
                ran.code, ran.stdout, ran.stderr
            ));
        }
    }
    let ended = practice.start(&["verify", "--retry-timeout", "10s", "-o", "json"]).end();
    let is_mended = ended.code == 0;
    if !is_mended {
        // The next fault begins where all is well.
        practice.json(0, &["apply"]);
    }
    let has_change = planned["summary"]["changed"] != 0;
    if (!applies.is_empty(), has_change, is_mended) == (*names_apply, *names_apply, true) {
        Ok(())
    } else {
        Err(format!("{breaks}: apply {applies:?}, change {has_change}, mended {is_mended}: {hints:#?}"))
    }
}

/// The commands of ours in a hint, without the program.
fn commands(hint: &str, verb: &str) -> Vec<String> {
    let quoted = hint.split('`').skip(1).step_by(2);
    let ours = quoted.filter_map(|command| command.strip_prefix("provision "));
    ours.filter(|command| command.starts_with(verb)).map(str::to_owned).collect()
}
