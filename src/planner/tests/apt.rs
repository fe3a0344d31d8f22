//! What is missing, and what apt will meet when it installs it.

use super::*;
use crate::model::Removal;

#[test]
fn packages_are_installed_once_and_an_interrupted_dpkg_is_repaired_first() {
    let mut facts = facts();
    let wanted = [Resource::package("apache2"), Resource::package("python3")];
    facts.packages.insert("python3".to_owned(), PackageFact { version: Some("3.11".into()), held: false });
    facts.dpkg_interrupted = Some("labtool".into());
    let ids = |facts: &Facts| {
        let plan = plan(&wanted, facts).unwrap();
        plan.steps.iter().map(|step| step.change.resource.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&facts), ["dpkg", "package:apache2"]);
    let repair = plan(&wanted, &facts).unwrap().steps.remove(0).change;
    assert_eq!(repair.reason.english(), "an earlier installation was interrupted: labtool");
    facts.packages.insert("apache2".to_owned(), PackageFact { version: None, held: true });
    assert_eq!(plan(&wanted, &facts).unwrap().warnings.len(), 1);
    facts.packages.insert("apache2".to_owned(), PackageFact { version: Some("2.4".into()), held: true });
    assert_eq!(ids(&facts), Vec::<String>::new(), "nothing to install, nothing to repair");
}

#[test]
fn what_apt_would_remove_is_told_and_forbids_the_rest() {
    let mut facts = facts();
    let wanted = [Resource::package("apache2"), page("x")];
    facts.removals = ["apache2 campus-web", "- labtool"]
        .map(|words| words.split_once(' ').unwrap())
        .map(|(cause, package)| Removal::new(cause, package).unwrap())
        .into();
    let refused = plan(&wanted, &facts).unwrap();
    let told = refused.steps.iter().map(|step| (step.change.resource.as_str(), step.change.foreign));
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            ("package:campus-web", true),
            ("package:labtool", true),
            ("package:apache2", false),
            ("file:/var/www/html/index.html", false),
        ]
    );
    let refusal = refused.refusal.unwrap();
    assert_eq!(refusal.message.english(), "installing apache2 would remove campus-web");

    facts.removals.remove(0);
    let refusal = plan(&wanted, &facts).unwrap().refusal.unwrap();
    assert_eq!(refusal.message.english(), "apt would repair what is broken by removing labtool");
    facts.removals.clear();
    assert_eq!(plan(&wanted, &facts).unwrap().refusal, None);

    facts.lists_unread = true;
    let reason = plan(&wanted, &facts).unwrap().steps.remove(0).change.reason;
    assert!(reason.english().ends_with("not known before the lists are read"), "{reason:?}");
}

/// What would go then is no matter of single packages.
#[test]
fn sources_of_another_release_forbid_what_would_upgrade_half_a_host() {
    let mut facts = facts();
    facts.removals.extend(Removal::new("apache2", "libssl3"));
    facts.other_release = Some(("trixie".into(), "bookworm".into()));
    let refusal = plan(&[Resource::package("apache2")], &facts).unwrap().refusal.unwrap();
    assert_eq!(
        refusal.message.english(),
        "the host's package sources are of trixie, and the host is bookworm"
    );
    assert_eq!(plan(&[], &facts).unwrap().refusal, None);
}

/// What an apply would fail by is told with the plan, as long as something has to be installed.
#[test]
fn what_keeps_apt_from_its_work_is_told_where_it_has_work() {
    let words = "The value 'fred' is invalid for APT::Default-Release";
    let facts = Facts {
        closed_tmp: true,
        closed_key: Some("/etc/apt/trusted.gpg.d/own.asc".into()),
        barred: Some("/usr/sbin".into()),
        apt_folder_gone: Some("/var/cache/apt".into()),
        fixed_accounts: Some("/etc/passwd".into()),
        apt_refuses: Some(words.into()),
        ..facts()
    };
    let told = plan(&[Resource::package("nano")], &facts).unwrap().warnings;
    let stops: Vec<_> = told.iter().map(|concern| concern.stops).collect();
    assert_eq!(stops, [true, true, true, true, true, false]);
    let told: Vec<_> = told.iter().map(Concern::words).collect();
    assert!(told[0].english().starts_with(&format!("apt does nothing on the host: {words}; ")), "{told:?}");
    assert!(told[1].english().contains("`sudo chmod 1777 /tmp`"), "{told:?}");
    assert!(told[4].english().contains("mkdir -p $(readlink -m /var/cache/apt)"), "{told:?}");
    assert!(
        told[3].english().contains("no program may run in /usr/sbin, which is mounted noexec; "),
        "{told:?}"
    );
    assert!(
        told[2].english().contains("can't read it; ") && told[5].english().contains("/etc/passwd"),
        "{told:?}"
    );
    assert_eq!(plan(&[], &facts).unwrap().warnings, []);
}
