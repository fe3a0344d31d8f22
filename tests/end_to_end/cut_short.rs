//! A run that is cut short while dpkg is at work: the next one makes good, and all of ours goes.

use rustix::process::Signal;

use crate::interrupted::await_dpkg;
use crate::practice::Practice;
use crate::strangers::{HOST, assert_pristine, web};

#[test]
#[ignore = "needs root and lab hosts"]
fn what_cuts_dpkg_short_loses_nothing() {
    let practice = Practice::up("cut-short", &["--web", "1"]);
    a_disk_that_fills_while_dpkg_unpacks_loses_nothing(&practice);
    a_program_that_is_killed_at_work_is_undone(&practice);
    a_reset_that_is_cut_short_goes_on(&practice);
}

fn a_disk_that_fills_while_dpkg_unpacks_loses_nothing(practice: &Practice) {
    practice.inside(HOST, "mkdir -p /usr/lib/apache2 && mount -t tmpfs -o size=200k t /usr/lib/apache2");
    assert!(web(practice, 2, &["apply", "--no-verify"]).contains("disk is full"));
    practice.inside(HOST, "umount /usr/lib/apache2");
    web(practice, 0, &["apply", "--no-verify"]);
    web(practice, 0, &["reset", "--yes"]);
    assert_pristine(practice);
}

fn a_program_that_is_killed_at_work_is_undone(practice: &Practice) {
    let apply = practice.start(&["apply", "--no-verify", "-l", HOST]);
    await_dpkg(practice, HOST);
    practice.inside(HOST, "kill -9 $(ls -d /run/provision.*.* | cut -d . -f 2)");
    assert_ne!(apply.end().code, 0);
    // What a groupadd and a useradd leave that are killed with it.
    practice.inside(
        HOST,
        "cd /etc && : >group.4194301 && printf '4194302\\0' >passwd.4194302 && ln passwd.4194302 passwd.lock",
    );
    assert!(!web(practice, 0, &["reset", "--yes"]).contains("Nothing to undo"));
    assert_pristine(practice);

    let apply = practice.start(&["apply", "--no-verify", "-l", HOST]);
    await_dpkg(practice, HOST);
    apply.signal(Signal::KILL);
    apply.end();
    assert!(web(practice, 0, &["reset", "--yes"]).contains("waiting for another run"));
    assert_pristine(practice);
}

fn a_reset_that_is_cut_short_goes_on(practice: &Practice) {
    web(practice, 0, &["apply", "--no-verify"]);
    let reset = practice.start(&["reset", "--yes", "-l", HOST]);
    await_dpkg(practice, HOST);
    practice.inside(HOST, "sleep 0.3; pkill -9 -x apt-get; pkill -9 -x dpkg; true");
    assert_ne!(reset.end().code, 0);
    web(practice, 0, &["reset", "--yes"]);
    assert_pristine(practice);
}
