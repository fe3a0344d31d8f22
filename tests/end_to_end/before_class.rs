//! `doctor` is never greener than `apply`: whatever an apply fails by is a fatal finding before class.

use std::io::Write;

use crate::document::text;
use crate::practice::Practice;

const HOST: &str = "web01";

/// What is wrong, and what `apply` and `doctor` then say of it.
struct Fault {
    name: &'static str,
    breaks: &'static str,
    mends: &'static str,
    /// A word that doctor says.
    told: &'static str,
}

/// On a host where nothing is installed yet.
const BARE: [Fault; 6] = [
    Fault {
        name: "a directory where the page belongs",
        breaks: "mkdir -p /var/www/html/index.html",
        mends: "rm -r /var/www",
        told: "index.html is a directory",
    },
    Fault {
        name: "a service that is masked",
        breaks: "ln -s /dev/null /etc/systemd/system/apache2.service && systemctl daemon-reload",
        mends: "rm /etc/systemd/system/apache2.service && systemctl daemon-reload",
        told: "apache2 is masked",
    },
    Fault {
        name: "a package that is on hold",
        breaks: "apt-mark hold apache2 | grep -q hold",
        mends: "apt-mark unhold apache2",
        told: "apache2 is on hold",
    },
    Fault {
        name: "a version that is pinned away",
        breaks: "printf 'Package: apache2\\nPin: release *\\nPin-Priority: -1\\n' >/etc/apt/preferences.d/no-apache",
        mends: "rm /etc/apt/preferences.d/no-apache",
        told: "no installation candidate",
    },
    Fault {
        name: "a version of others in the way",
        breaks: "d=$(mktemp -d) && mkdir $d/DEBIAN && printf 'Package: apache2-bin\\nVersion: 99.0\\nArchitecture: all\\n\
                 Maintainer: x <x@x.org>\\nDescription: x\\n' >$d/DEBIAN/control && \
                 dpkg-deb --root-owner-group -b $d /root/other.deb && dpkg -i /root/other.deb",
        mends: "dpkg --purge apache2-bin",
        told: "Depends: apache2-bin",
    },
    Fault {
        name: "a port that a stranger holds",
        breaks: "systemd-run --quiet --unit squatter perl -MIO::Socket::INET -e \
                 'my $s = IO::Socket::INET->new(LocalPort => 80, Listen => 5, ReuseAddr => 1) or die; sleep' && sleep 1",
        mends: "systemctl stop squatter",
        told: "port 80",
    },
];

/// On a host that was applied, whose inventory then has another port.
const APPLIED: [Fault; 5] = [
    Fault {
        name: "a fragment that does not parse",
        breaks: "echo 'Foo bar' >/etc/apache2/conf-enabled/team.conf",
        mends: "rm /etc/apache2/conf-enabled/team.conf",
        told: "Invalid command",
    },
    Fault {
        name: "no module that makes processes",
        breaks: "mkdir /root/mpm && mv /etc/apache2/mods-enabled/mpm_* /root/mpm",
        mends: "mv /root/mpm/* /etc/apache2/mods-enabled && rmdir /root/mpm",
        told: "MPM",
    },
    Fault {
        name: "a module whose package is gone",
        breaks: "echo 'LoadModule php_module /usr/lib/apache2/modules/libphp8.1.so' >/etc/apache2/mods-enabled/php.load",
        mends: "rm /etc/apache2/mods-enabled/php.load",
        told: "libphp8.1.so",
    },
    Fault {
        name: "an include of nothing",
        breaks: "echo 'Include sites-available/gone.conf' >/etc/apache2/conf-enabled/team.conf",
        mends: "rm /etc/apache2/conf-enabled/team.conf",
        told: "gone.conf",
    },
    Fault {
        name: "a folder of configuration that was deleted",
        breaks: "cp -a /etc/apache2 /root/kept && rm -r /etc/apache2",
        mends: "rm -rf /etc/apache2 && mv /root/kept /etc/apache2",
        told: "is gone",
    },
];

#[test]
#[ignore = "needs root and lab hosts"]
fn doctor_is_never_greener_than_apply() {
    let practice = Practice::up("before", &["--web", "1"]);
    let bare = || drop(practice.json(0, &["reset", "-l", HOST, "--yes"]));
    let mut told = faults(&practice, &BARE, &bare);
    practice.json(0, &["apply", "-l", HOST, "--no-verify"]);
    practice.edit_inventory(|text| text.replacen("ssh:", "web: { port: 8080 }\nssh:", 1));
    told.extend(faults(&practice, &APPLIED, &|| {}));
    let ill: Vec<_> = told.iter().filter_map(|told| told.as_ref().err()).collect();
    let _ = writeln!(std::io::stderr(), "doctor tells {}/{} faults", told.len() - ill.len(), told.len());
    assert!(ill.is_empty(), "{ill:#?}");
    practice.json(0, &["apply", "-l", HOST, "--no-verify"]);
    practice.json(0, &["doctor", "-l", HOST]);
}

fn faults(practice: &Practice, faults: &[Fault], put_back: &dyn Fn()) -> Vec<Result<(), String>> {
    faults
        .iter()
        .map(|fault| {
            practice.inside(HOST, fault.breaks);
            let looked = practice.start(&["doctor", "-l", HOST, "-o", "json"]).end();
            let applied = practice.start(&["apply", "-l", HOST, "--no-verify", "-o", "json"]).end();
            practice.inside(HOST, fault.mends);
            put_back();
            let document: serde_json::Value = serde_json::from_str(&looked.stdout).unwrap();
            let mut fatal = document["findings"].as_array().unwrap().iter();
            let is_told =
                fatal.any(|one| one["severity"] == "fatal" && text(&one["seen"]).contains(fault.told));
            match (applied.code, is_told, looked.code) {
                (2, true, 2) => Ok(()),
                codes => Err(format!("{}: {codes:?}\n{document}\n{}", fault.name, applied.stdout)),
            }
        })
        .collect()
}
