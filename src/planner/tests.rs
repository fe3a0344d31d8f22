//! Truth tables: facts in, changes out.

mod apt;
mod obstacles;
mod taking_back;
mod without_systemd;

use super::*;
use crate::model::{
    Attributes, Command, Directory, File, Guard, GuardFact, Link, PackageFact, PathKind, Script, Service,
    ServiceFact, Text,
};

fn plan(wanted: &[Resource], facts: &Facts) -> Result<HostPlan, Failure> {
    super::plan(wanted, facts, &Owner::default(), &Situation::default())
}

fn facts() -> Facts {
    Facts {
        os_id: "debian".into(),
        os_version: "12".into(),
        architecture: "amd64".into(),
        systemd: true,
        ..Facts::default()
    }
}

fn page(content: &str) -> Resource {
    Resource::File(File {
        notify: Some("apache2".to_owned()),
        ..File::of_text("/var/www/html/index.html", content)
    })
}

fn service() -> Resource {
    Resource::Service(Service { name: "apache2".to_owned(), ports: vec![80], ..Service::default() })
}

fn standing(content: &str, applied: Option<&str>) -> PathFact {
    PathFact {
        kind: PathKind::File,
        mode: 0o644,
        owner: "root:root".into(),
        sha256: Some(crate::model::sha256(content.as_bytes()).into()),
        content: Some(content.as_bytes().to_vec()),
        target: None,
        applied: applied.map(|content| crate::model::sha256(content.as_bytes()).into()),
        left: false,
        unwritable: None,
        dangling: None,
    }
}

fn with_page(fact: PathFact) -> Facts {
    let mut facts = facts();
    facts.paths.insert("/var/www/html/index.html".to_owned(), fact);
    facts
}

fn only(wanted: &[Resource], facts: &Facts) -> Option<Change> {
    let plan = plan(wanted, facts).unwrap();
    assert!(plan.steps.len() <= 1, "{:#?}", plan.steps);
    plan.steps.into_iter().next().map(|step| step.change)
}

#[test]
fn a_file_is_compared_by_content_and_the_journal_says_who_changed_it() {
    use Action::{Create, Update};
    let cases = [
        (PathFact::default(), Some((Create, "missing"))),
        (
            PathFact { applied: Some("x".into()), ..PathFact::default() },
            Some((Create, "removed on the host since the last apply")),
        ),
        (standing("new\n", None), None),
        (standing("new\n", Some("new\n")), None),
        (standing("old\n", None), Some((Update, "never applied: something else stands there"))),
        (standing("old\n", Some("old\n")), Some((Update, "the inventory or a template changed"))),
        (standing("mine\n", Some("old\n")), Some((Update, "changed on the host since the last apply"))),
        (
            PathFact { mode: 0o600, ..standing("new\n", Some("new\n")) },
            Some((Update, "mode 0600 keeps others from reading it")),
        ),
        (PathFact { mode: 0o664, ..standing("new\n", None) }, None),
        (
            PathFact { kind: PathKind::Link, target: Some("/x".into()), ..PathFact::default() },
            Some((Update, "a link stands there")),
        ),
    ];
    for (fact, expected) in cases {
        let change = only(&[page("new\n")], &with_page(fact.clone()));
        let found = change.as_ref().map(|change| (change.action, change.reason.english()));
        assert_eq!(found, expected, "{fact:?}");
    }
}

#[test]
fn a_diff_shows_lines_and_is_left_out_where_there_are_none() {
    let diff = |fact| only(&[page("a\nnew\n")], &with_page(fact)).unwrap().diff;
    let name = "/var/www/html/index.html";
    assert_eq!(
        diff(standing("a\nold\n", None)).unwrap(),
        Text::verbatim(format!("--- {name}\n+++ {name}\n@@ -1,2 +1,2 @@\n a\n-old\n+new\n"))
    );
    assert_eq!(
        diff(PathFact::default()).unwrap(),
        Text::verbatim(format!("--- /dev/null\n+++ {name}\n@@ -0,0 +1,2 @@\n+a\n+new\n"))
    );
    assert_eq!(diff(PathFact { content: Some(vec![0xff, 0]), ..standing("x", None) }), None);
    assert_eq!(diff(PathFact { content: None, ..standing("x", None) }), None);
}

#[test]
fn a_service_is_enabled_started_or_reloaded_as_the_table_says() {
    let running = ServiceFact {
        exists: true,
        enabled: true,
        active: true,
        masked: false,
        state: "active/running".into(),
        main_pid: 7,
    };
    let stopped = ServiceFact { active: false, state: "failed/failed".into(), ..running.clone() };
    let disabled = ServiceFact { enabled: false, ..running.clone() };
    let unknown = ServiceFact::default();
    // fact, files change, reload due → enable, start, reload, action
    let cases = [
        (&unknown, false, false, Some((true, true, false, Action::Create))),
        (&unknown, true, false, Some((true, true, true, Action::Create))),
        (&stopped, false, false, Some((false, true, false, Action::Update))),
        (&stopped, true, true, Some((false, true, false, Action::Update))),
        (&running, true, false, Some((false, false, true, Action::Run))),
        (&running, false, true, Some((false, false, true, Action::Run))),
        (&running, false, false, None),
        (&disabled, false, false, Some((true, false, false, Action::Update))),
        (&disabled, true, false, Some((true, false, true, Action::Update))),
    ];
    for (fact, changes, due, expected) in cases {
        let mut facts = with_page(standing(if changes { "old" } else { "new" }, None));
        facts.services.insert("apache2".to_owned(), fact.clone());
        if due {
            facts.reloads_due.push("apache2".into());
        }
        let plan = plan(&[page("new"), service()], &facts).unwrap();
        let found = plan.steps.iter().find_map(|step| match &step.operation {
            Operation::SettleService { before, reload, .. } => {
                Some((!before.enabled, !before.active, *reload, step.change.action))
            }
            _ => None,
        });
        assert_eq!(found, expected, "{fact:?}, files change: {changes}, due: {due}");
    }
}

#[test]
fn reasons_of_services_say_what_leads_to_them() {
    let reason = |fact: ServiceFact, due: bool, old: &str| {
        let mut facts = with_page(standing(old, None));
        facts.services.insert("apache2".to_owned(), ServiceFact { exists: true, ..fact });
        facts.reloads_due.extend(due.then(|| "apache2".into()));
        plan(&[page("new"), service()], &facts).unwrap().steps.pop().unwrap().change.reason
    };
    let running = || ServiceFact { enabled: true, active: true, ..ServiceFact::default() };
    assert_eq!(
        reason(running(), false, "old").english(),
        "reads file:/var/www/html/index.html, which changes"
    );
    assert_eq!(reason(running(), true, "new").english(), "a reload was due from an interrupted run");
    assert_eq!(reason(ServiceFact::default(), false, "new").english(), "not running, not enabled at boot");
}

#[test]
fn what_holds_a_service_back_is_a_warning() {
    let mut facts = facts();
    facts.services.insert(
        "apache2".to_owned(),
        ServiceFact { exists: true, enabled: true, masked: true, ..ServiceFact::default() },
    );
    facts.port_owners.insert(80, "nginx".into());
    let plan = plan(&[service()], &facts).unwrap();
    assert_eq!(
        plan.warnings.iter().map(|concern| concern.words().english().to_owned()).collect::<Vec<_>>(),
        [
            "service apache2 is masked by an administrator; `systemctl unmask apache2` lets it start",
            "port 80 is held by nginx; apache2 cannot start until that is stopped or moved",
        ]
    );
}

#[test]
fn links_and_directories_have_their_own_reasons() {
    let link = Resource::Link(Link { path: "/l".to_owned(), target: "../t".to_owned(), notify: None });
    let directory = Resource::Directory(Directory::with_mode("/opt/socket", 0o755));
    let reason = |resource: &Resource, path: &str, fact: PathFact| {
        let mut facts = facts();
        facts.paths.insert(path.to_owned(), fact);
        only(std::slice::from_ref(resource), &facts).map(|change| change.reason)
    };
    let to = |target: &str| PathFact {
        kind: PathKind::Link,
        target: Some(target.into()),
        applied: Some("../t".into()),
        ..PathFact::default()
    };
    assert_eq!(reason(&link, "/l", to("../t")), None);
    assert_eq!(
        reason(&link, "/l", to("../u")).unwrap().english(),
        "changed on the host since the last apply"
    );
    let directory_fact = |mode| PathFact { kind: PathKind::Directory, mode, ..PathFact::default() };
    assert_eq!(reason(&directory, "/opt/socket", directory_fact(0o755)), None);
    assert_eq!(
        reason(&directory, "/opt/socket", directory_fact(0o700)).unwrap().english(),
        "mode 0700 instead of 0755"
    );
}

#[test]
fn what_is_named_of_mode_and_owner_is_wanted_and_the_content_stays() {
    let name = |name: &str| Some(name.to_owned());
    let cases = [
        (Attributes::default(), None),
        (Attributes { mode: Some(0o644), owner: name("root"), group: name("root") }, None),
        (
            Attributes { owner: name("redis"), group: name("redis"), ..Attributes::default() },
            Some(("owner root:root instead of redis:redis", "mode 0644, redis:redis")),
        ),
        (
            Attributes { mode: Some(0o640), group: name("redis"), ..Attributes::default() },
            Some((
                "owner root:root instead of root:redis, mode 0644 instead of 0640",
                "mode 0640, root:redis",
            )),
        ),
        // A mode that is named is wanted although others cannot read the file then.
        (
            Attributes { mode: Some(0o600), ..Attributes::default() },
            Some(("mode 0644 instead of 0600", "mode 0600")),
        ),
    ];
    for (wanted, expected) in cases {
        let Resource::File(page) = page("same") else { panic!() };
        let file = Resource::File(File { wanted: wanted.clone(), ..page });
        let plan = plan(&[file], &with_page(standing("same", None))).unwrap();
        let step = plan.steps.first();
        let found =
            step.map(|step| (step.change.reason.english(), step.change.after.as_ref().unwrap().english()));
        assert_eq!(found, expected, "{wanted:?}");
        if let Some(step) = step {
            assert!(matches!(step.operation, Operation::SetAttributes(_)) && step.change.diff.is_none());
        }

        let path = "/opt/data".to_owned();
        let mut facts = facts();
        let stands = PathFact { kind: PathKind::Directory, ..standing("", None) };
        facts.paths.insert(path.clone(), stands);
        let change = only(&[Resource::Directory(Directory { path, wanted })], &facts);
        assert_eq!(change.as_ref().map(|change| change.reason.english()), expected.map(|(reason, _)| reason));
    }
    let Resource::File(page) = page("new") else { panic!() };
    let wanted = Attributes { mode: Some(0o600), ..Attributes::default() };
    let both = only(&[Resource::File(File { wanted, ..page })], &with_page(standing("old", None))).unwrap();
    let reason = "never applied: something else stands there, mode 0644 instead of 0600";
    assert_eq!(both.reason.english(), reason);
    assert!(both.diff.is_some());
}

#[test]
fn what_is_no_text_is_told_by_its_size() {
    for (content, told) in [
        (vec![0; 999], "binary, 999 bytes"),
        (vec![0xff; 48_900], "binary, 48 kB"),
        (vec![0; 3_190_000], "binary, 3.1 MB"),
    ] {
        let Resource::File(page) = page("") else { panic!() };
        let file = Resource::File(File { content: content.into(), ..page });
        for fact in [PathFact::default(), standing("old", None)] {
            let change = only(std::slice::from_ref(&file), &with_page(fact)).unwrap();
            assert_eq!((change.after.unwrap().english(), change.diff), (told, None));
        }
    }
}

#[test]
fn a_command_is_run_unless_its_guard_holds() {
    let command = |guard: Guard, run: &str| {
        Resource::Command(Command {
            role: "cache".to_owned(),
            name: "index".to_owned(),
            run: Script::Program(run.to_owned()),
            guard,
            undo: None,
            limit: std::time::Duration::from_secs(300),
            after_services: false,
        })
    };
    let unless = || Guard::Unless("indexed".to_owned());
    let cases = [
        (unless(), Some(GuardFact::Holds), None),
        (unless(), Some(GuardFact::Open), Some("its guard is open: `unless` does not hold")),
        (unless(), Some(GuardFact::Silent), Some("its guard is open: `unless` does not end within 10 s")),
        // Nobody asked, as in an examination.
        (unless(), None, Some("its guard is open: `unless` does not hold")),
        (Guard::Creates("/i".to_owned()), Some(GuardFact::Open), Some("its guard is open: /i is missing")),
    ];
    for (guard, fact, reason) in cases {
        let wanted = command(guard, "#!/bin/sh\n# Why.\n\nindex --all\n");
        let facts = Facts { guards: fact.map(|fact| (wanted.id(), fact)).into_iter().collect(), ..facts() };
        let change = only(&[wanted], &facts);
        assert_eq!(change.as_ref().map(|change| change.reason.english()), reason);
        if let Some(Change { resource, action, after, diff, .. }) = change {
            assert_eq!((resource.as_str(), action), ("command:cache/index", Action::Run));
            assert_eq!((after, diff), (Some(Text::verbatim("index --all")), None));
        }
    }
    let whole = only(&[command(unless(), "one\ntwo\n")], &facts()).unwrap().diff.unwrap();
    assert!(whole.english().ends_with("@@ -0,0 +1,2 @@\n+one\n+two\n"), "{whole:?}");
}
