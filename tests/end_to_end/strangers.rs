//! What others put on a host: their packages stay, and all of ours goes.

use std::time::Duration;

use crate::document::host;
use crate::practice::Practice;
use crate::running::await_that;

pub const HOST: &str = "web01";
/// Makes `/root/NAME.deb` with a control field more.
const DEB: &str = "deb() { d=$(mktemp -d) && mkdir -p $d/DEBIAN $d/opt/$1 && echo mine >$d/opt/$1/notes && printf \
                   'Package: %s\\nVersion: 1.0\\nArchitecture: all\\nMaintainer: x <x@x.org>\\nDescription: x\\n%b' \
                   \"$1\" \"$2\" >$d/DEBIAN/control && dpkg-deb --root-owner-group -b $d /root/$1.deb >/dev/null; }";
const OURS: &str = "dpkg-query -W -f '${Package}\\n' | grep -cE 'apache2|python3|libapr' || true";

#[test]
#[ignore = "needs root and lab hosts"]
fn packages_of_others_stay_and_all_of_ours_goes() {
    let practice = Practice::up("strangers", &["--web", "1"]);
    practice.inside(
        HOST,
        &format!(
            "{DEB}; deb labtool 'Depends: libnothing-of-that-name\\n' && deb campus-web 'Conflicts: apache2\\n' && \
             deb edtool 'Depends: ed\\n' && deb notes-app && deb late"
        ),
    );
    what_others_install_meanwhile_is_theirs(&practice);
    what_apt_would_remove_is_named_and_stays(&practice);
    what_can_be_repaired_is(&practice);
}

pub fn web(practice: &Practice, code: i32, verb: &[&str]) -> String {
    let mut verb = verb.to_vec();
    verb.extend(["-l", HOST]);
    let ran = practice.expect(code, &verb);
    ran.stdout + &ran.stderr
}

pub fn assert_pristine(practice: &Practice) {
    let left = practice.inside(HOST, &format!("{OURS}; ls -d /var/lib/provision 2>/dev/null || true"));
    assert_eq!(left.trim(), "0");
}

fn what_others_install_meanwhile_is_theirs(practice: &Practice) {
    practice.inside(
        HOST,
        "rm -f /var/lib/apt/lists/*_Packages*; systemd-run --quiet --unit stranger sh -c \"until grep -qsa update \
         /proc/[0-9]*/cmdline; do sleep .05; done; dpkg -i /root/notes-app.deb; until apt-get install -y \
         /root/late.deb; do sleep .1; done\"",
    );
    web(practice, 0, &["apply", "--no-verify"]);
    await_that("the stranger is done", Duration::from_secs(60), || {
        practice.inside(HOST, "systemctl is-active stranger || true").trim() != "active"
    });
    web(practice, 0, &["reset", "--yes"]);
    assert_pristine(practice);
    practice.inside(HOST, "dpkg -s notes-app late >/dev/null");
}

fn what_apt_would_remove_is_named_and_stays(practice: &Practice) {
    for (name, install, cause) in [
        ("campus-web", "dpkg -i", "installing apache2 would remove campus-web"),
        ("labtool", "dpkg -i", "apt would repair what is broken by removing labtool"),
        ("labtool", "dpkg -i --force-depends", "apt would repair what is broken by removing labtool"),
    ] {
        practice.inside(HOST, &format!("{install} /root/{name}.deb || true; echo x >>/opt/{name}/extra"));
        let plan = practice.json(0, &["plan", "-l", HOST]);
        let changes = host(&plan, HOST)["changes"].as_array().unwrap();
        let told = changes.iter().find(|change| change["resource"] == format!("package:{name}")).unwrap();
        assert_eq!((&told["action"], &told["foreign"]), (&"delete".into(), &true.into()));
        assert_eq!(plan["summary"]["destroy"], 1);
        let said = web(practice, 2, &["apply", "--no-verify"]);
        assert!(said.contains(cause), "{said}");
        practice
            .inside(HOST, &format!("dpkg -s {name} >/dev/null && ls /opt/{name}/notes /opt/{name}/extra"));
        assert!(web(practice, 2, &["doctor"]).contains(cause));
        assert_pristine(practice);
        practice.inside(HOST, &format!("dpkg --purge {name}"));
    }
}

fn what_can_be_repaired_is(practice: &Practice) {
    practice.inside(HOST, "dpkg -i /root/edtool.deb || true");
    let plan = practice.json(0, &["plan", "-l", HOST]);
    let repair = &host(&plan, HOST)["changes"][0];
    assert_eq!(repair["reason"], "an earlier installation was interrupted: edtool");
    assert!(web(practice, 0, &["apply", "--no-verify"]).contains("half-done: edtool"));
    web(practice, 0, &["reset", "--yes"]);
    practice.inside(HOST, "dpkg -s edtool ed >/dev/null");
    assert_pristine(practice);
}
