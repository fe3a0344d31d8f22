//! Truth tables of what the inventory no longer wants: a journal and a list in, changes out.

use super::super::*;
use crate::model::journal::Unneeded;
use crate::model::{HostId, PackageFact, PathKind, RememberedKind, Removal, Service, ServiceFact, Turn};

fn entry(kind: RememberedKind, name: &str, original: &str) -> Remembered {
    Remembered {
        key: "00ff".to_owned(),
        kind,
        name: name.to_owned(),
        original: original.to_owned(),
        state: Some("x".to_owned()),
        now: Some("x".to_owned()),
        undo: None,
        notify: None,
        maker: None,
    }
}

fn made_by(inventory: &str, host: &str) -> Maker {
    Maker { inventory: inventory.into(), host: host.into(), name: "other.yaml".into() }
}

fn owner() -> Owner<'static> {
    let maker = Maker { inventory: "own".into(), host: "web01".into(), name: "class.yaml".into() };
    Owner { maker, hosts: Arc::new(["web01", "web02"].into()) }
}

fn with(remembered: Vec<Remembered>) -> Facts {
    Facts { remembered, ..Facts::default() }
}

fn planned(wanted: &[Resource], facts: &Facts, situation: &Situation) -> HostPlan {
    plan(wanted, facts, &owner(), situation).unwrap()
}

fn told(plan: &HostPlan) -> Vec<String> {
    let tell = |step: &Step| {
        let action: &str = step.change.action.into();
        format!("{action} {}", step.change.resource)
    };
    plan.steps.iter().map(tell).collect()
}

fn balancer() -> [Resource; 2] {
    let service = Service { name: "haproxy".to_owned(), ports: vec![80], ..Service::default() };
    [Resource::package("haproxy"), Resource::Service(service)]
}

/// What a web host leaves.
fn web() -> Vec<Remembered> {
    use RememberedKind::{Directory, File, Link, Package, Service};
    vec![
        entry(Package, "apache2", "absent"),
        entry(Directory, "/var/www", "absent"),
        entry(Directory, "/var/www/html", "absent"),
        entry(File, "/etc/apache2/ports.conf", "kept"),
        entry(File, "/var/www/html/index.html", "absent"),
        entry(Link, "/etc/apache2/conf-enabled/provision.conf", "absent"),
        entry(Service, "apache2", "absent"),
    ]
}

#[test]
fn what_is_no_longer_wanted_goes_before_what_takes_its_place() {
    let plan = planned(&balancer(), &with(web()), &Situation::default());
    assert_eq!(
        told(&plan),
        [
            "delete service:apache2",
            "delete link:/etc/apache2/conf-enabled/provision.conf",
            "delete file:/var/www/html/index.html",
            "update file:/etc/apache2/ports.conf",
            "delete directory:/var/www/html",
            "delete directory:/var/www",
            "delete package:apache2",
            "create package:haproxy",
            "create service:haproxy",
        ]
    );
    assert!(plan.steps.iter().take(7).all(|step| step.operation.turn() == Turn::First));
    assert_eq!(
        plan.steps[6].change.reason.english(),
        "no longer in the inventory; installed by apply; what it wrote stays"
    );
    // A service goes with it.
    let keeps = Operation::RemovePackage { name: "apache2".to_owned(), remains: Remains::Data };
    assert_eq!(plan.steps[6].operation, keeps);
}

#[test]
fn what_is_wanted_is_no_delete_and_keeps_the_folders_above_it() {
    use RememberedKind::{Directory, File, Package, Service};
    let page = Resource::File(crate::model::File::of_text("/var/www/html/index.html", "x"));
    let service =
        Resource::Service(crate::model::Service { name: "apache2".to_owned(), ..Default::default() });
    let wanted = [Resource::package("apache2"), page, service];
    let standing = PathFact {
        kind: PathKind::File,
        mode: 0o644,
        sha256: Some(crate::model::sha256(b"x").into()),
        ..PathFact::default()
    };
    let running = ServiceFact { exists: true, enabled: true, active: true, ..ServiceFact::default() };
    let mut facts = with(vec![
        entry(Package, "apache2", "absent"),
        entry(Directory, "/var/www", "absent"),
        entry(Directory, "/var/www/ht", "absent"),
        entry(File, "/var/www/html/index.html", "absent"),
        entry(Service, "apache2", "absent"),
    ]);
    facts.paths.insert("/var/www/html/index.html".to_owned(), standing);
    facts.services.insert("apache2".to_owned(), running);
    let installed = PackageFact { version: Some("2.4".into()), held: false };
    facts.packages.insert("apache2".to_owned(), installed);
    let plan = planned(&wanted, &facts, &Situation::default());
    assert_eq!(told(&plan), ["delete directory:/var/www/ht"]);

    for entry in &mut facts.remembered {
        entry.maker = Some(made_by("else", "web01"));
    }
    let plan = planned(&wanted, &facts, &Situation::default());
    let seen: Vec<_> = plan.warnings.iter().map(|concern| concern.seen.english()).collect();
    assert_eq!(seen, ["made by other.yaml, which is another inventory: directory:/var/www/ht"]);

    for entry in &mut facts.remembered {
        entry.maker = Some(Maker { name: owner().maker.name, ..made_by("else", "web01") });
    }
    let plan = planned(&wanted, &facts, &Situation::default());
    let seen: Vec<_> = plan.warnings.iter().map(|concern| concern.seen.english()).collect();
    let elsewhere =
        "made by another class.yaml, in another folder or on another computer: directory:/var/www/ht";
    assert_eq!(seen, [elsewhere]);
}

#[test]
fn whose_it_is_decides() {
    let entries = |maker: Option<Maker>| {
        let file = entry(RememberedKind::File, "/opt/x", "absent");
        with(vec![Remembered { maker, ..file }])
    };
    let ids = |names: &[&str]| names.iter().map(|name| HostId::new("default", name)).collect();
    let nobody = || Others::default();
    let apart = || Others { apart: ids(&["web02"]), ..Others::default() };
    let twin = || Others { twins: ids(&["web02"]), ..Others::default() };
    // who made it, what is known of others → deleted, words of the warning
    let cases = [
        (None, None, true, ""),
        (Some(made_by("own", "web01")), Some(nobody()), true, ""),
        (Some(made_by("own", "old")), Some(nobody()), true, ""),
        (Some(made_by("own", "web02")), None, true, ""),
        (Some(made_by("own", "web02")), Some(apart()), true, ""),
        (Some(made_by("own", "web02")), Some(nobody()), false, "the machine may be that of web02, too"),
        (None, Some(twin()), false, "the machine may be that of web02, too"),
        (
            Some(made_by("else", "web01")),
            None,
            false,
            "made by other.yaml, which is another inventory: file:/opt/x",
        ),
    ];
    for (maker, others, deleted, warning) in cases {
        let situation = Situation { others, ..Situation::default() };
        let plan = planned(&[], &entries(maker.clone()), &situation);
        assert_eq!(plan.steps.len(), usize::from(deleted), "{maker:?} {situation:?}");
        let seen: String = plan.warnings.iter().map(|concern| concern.seen.english()).collect();
        assert_eq!(seen, warning, "{maker:?} {situation:?}");
    }
}

#[test]
fn without_consent_it_stays_unless_it_stands_in_the_way() {
    let kept = Situation { keeps_unwanted: true, ..Situation::default() };
    let mut facts = with(web());
    let plan = planned(&balancer(), &facts, &kept);
    assert_eq!(told(&plan), ["create package:haproxy", "create service:haproxy"]);
    assert_eq!(plan.refusal, None);

    facts.port_owners.insert(80, "apache2".into());
    let plan = planned(&balancer(), &facts, &kept);
    let refusal = plan.refusal.unwrap();
    assert_eq!(
        refusal.message.english(),
        "haproxy cannot have its port: port 80 is held by apache2, which is no longer in the inventory; nothing was \
         changed"
    );
    assert!(refusal.hint.unwrap().english().contains("`provision apply --prune`"));
    assert_eq!(plan.warnings, []);
    let plan = planned(&balancer(), &facts, &Situation::default());
    assert_eq!(plan.refusal, None);
    assert!(plan.warnings.iter().all(|concern| !concern.stops));
}

#[test]
fn what_may_still_be_used_is_for_later_unless_it_stands_in_the_way() {
    let in_use = Situation { in_use: true, ..Situation::default() };
    let mut facts = with(web());
    assert_eq!(told(&planned(&[], &facts, &in_use)), Vec::<String>::new());
    assert_eq!(planned(&[], &facts, &Situation::default()).steps.len(), 7);
    facts.port_owners.insert(80, "apache2".into());
    assert_eq!(planned(&balancer(), &facts, &in_use).steps.len(), 9);
    // Nobody asks a folder.
    let folder = with(vec![entry(RememberedKind::Directory, "/opt/socket", "absent")]);
    assert_eq!(planned(&[], &folder, &in_use).steps.len(), 1);
}

#[test]
fn packages_of_others_that_would_go_forbid_it() {
    let mut facts = with(vec![entry(RememberedKind::Package, "apache2", "absent")]);
    let names = |names: &[&str]| names.iter().map(|name| (*name).into()).collect();
    facts.unneeded = Unneeded { leaving: names(&["apache2", "libapr1"]), ..Unneeded::default() };
    let plan = planned(&[], &facts, &Situation::default());
    let reason =
        "no longer in the inventory; installed by apply; with it goes what came with it alone: libapr1";
    assert_eq!(plan.steps[0].change.reason.english(), reason);
    let purges = Operation::RemovePackage { name: "apache2".to_owned(), remains: Remains::Unsaid };
    assert_eq!(plan.steps[0].operation, purges);

    facts.unneeded.foreign = names(&["campus-web"]);
    let plan = planned(&[], &facts, &Situation::default());
    assert_eq!(told(&plan), ["delete package:campus-web", "delete package:apache2"]);
    assert!(plan.steps[0].change.foreign && !plan.steps[1].change.foreign);
    let refusal = plan.refusal.unwrap();
    assert_eq!(refusal.message.english(), "deleting apache2 would remove campus-web, which is not ours");
    assert!(refusal.hint.unwrap().english().contains("`sudo apt-get remove campus-web`"));

    facts.unneeded = Unneeded { needed: names(&["apache2"]), ..Unneeded::default() };
    let plan = planned(&[], &facts, &Situation::default());
    assert_eq!(told(&plan), ["update package:apache2"]);
}

#[test]
fn a_package_of_ours_that_another_one_replaces_is_not_foreign() {
    let mut facts = with(vec![entry(RememberedKind::Package, "mysql-server", "absent")]);
    facts.removals = vec![Removal::new("mariadb-server", "mysql-server").unwrap()];
    let wanted = [Resource::package("mariadb-server")];
    let plan = planned(&wanted, &facts, &Situation::default());
    assert_eq!(told(&plan), ["delete package:mysql-server", "create package:mariadb-server"]);
    assert_eq!(plan.refusal, None);
    let kept = Situation { keeps_unwanted: true, ..Situation::default() };
    assert!(planned(&wanted, &facts, &kept).refusal.is_some());
}

#[test]
fn a_service_that_stays_reads_what_is_put_back() {
    let file = Remembered {
        notify: Some("haproxy".to_owned()),
        ..entry(RememberedKind::File, "/etc/haproxy/extra.cfg", "absent")
    };
    let running = ServiceFact { exists: true, enabled: true, active: true, ..ServiceFact::default() };
    let mut facts = with(vec![file]);
    facts.services.insert("haproxy".to_owned(), running);
    let [_, service] = balancer();
    let plan = planned(&[service], &facts, &Situation::default());
    assert_eq!(told(&plan), ["delete file:/etc/haproxy/extra.cfg", "run service:haproxy"]);
    let notified = Operation::Undo { key: "00ff".to_owned(), notify: Some("haproxy".to_owned()) };
    assert_eq!(plan.steps[0].operation, notified);
}

#[test]
fn what_a_folder_had_before_is_told() {
    for (state, reason) in [
        ("750", "had another mode before the first apply"),
        ("750:nobody:sys", "had another mode or owner before the first apply"),
    ] {
        let folder = entry(RememberedKind::Directory, "/srv/a", "755:bin:sys");
        let steps = reset(&[Remembered { state: Some(state.to_owned()), ..folder }]);
        assert_eq!(steps[0].change.reason.english(), reason);
        assert_eq!(steps[0].change.after.as_ref().map(Text::english), Some("755"));
    }
}

#[test]
fn a_reset_takes_all_back_and_the_journal_last() {
    let changed = Remembered { now: Some("y".to_owned()), ..entry(RememberedKind::File, "/etc/a", "kept") };
    let mut remembered = web();
    remembered.extend([changed, entry(RememberedKind::Service, "nginx", "enabled+active")]);
    let steps = reset(&remembered);
    let told: Vec<_> = steps.iter().map(|step| step.change.resource.as_str()).collect();
    assert_eq!(
        told,
        [
            "link:/etc/apache2/conf-enabled/provision.conf",
            "file:/var/www/html/index.html",
            "file:/etc/apache2/ports.conf",
            "file:/etc/a",
            "directory:/var/www/html",
            "directory:/var/www",
            "service:nginx",
            "package:apache2",
            "journal:/var/lib/provision",
        ]
    );
    let reason = steps[3].change.reason.english();
    assert!(reason.contains("it was changed since, and a copy stays beside it (.before-reset)"), "{reason}");
    assert_eq!(steps[7].operation, Operation::PurgePackage("apache2".to_owned()));
}

/// It would run on without its unit, and be enabled for ever.
#[test]
fn a_service_whose_unit_is_ours_stops_before_that_goes() {
    let remembered = [
        entry(RememberedKind::Service, "apache2", "absent"),
        entry(RememberedKind::Service, "greeter", "absent"),
        entry(RememberedKind::File, "/etc/systemd/system/greeter.service", "absent"),
    ];
    let steps = reset(&remembered);
    let told: Vec<_> = steps.iter().map(|step| step.change.resource.as_str()).collect();
    let unit = "file:/etc/systemd/system/greeter.service";
    assert_eq!(told, ["service:greeter", unit, "journal:/var/lib/provision"]);
}

#[test]
fn what_is_left_of_a_package_is_what_its_practice_said() {
    use RememberedKind::{Package, Service};
    let mut facts = with(vec![
        entry(Package, "redis-server", "absent"),
        entry(Package, "nginx", "absent"),
        entry(Package, "jq", "absent"),
        entry(Service, "nginx", "absent"),
    ]);
    facts.remains =
        [("redis-server".to_owned(), Remains::Data), ("nginx".to_owned(), Remains::Nothing)].into();
    let plan = planned(&[], &facts, &Situation::default());
    let left = plan.steps.iter().filter_map(|step| match &step.operation {
        Operation::RemovePackage { name, remains } => Some((name.as_str(), *remains)),
        _ => None,
    });
    // Nobody knows whether the service that goes is of the one of which nothing is said.
    let expected = [("jq", Remains::Data), ("nginx", Remains::Nothing), ("redis-server", Remains::Data)];
    assert_eq!(left.collect::<Vec<_>>(), expected);
    assert!(plan.steps[3].change.reason.english().ends_with("installed by apply; what it wrote stays"));
}

#[test]
fn data_that_a_practice_names_later_is_noted_once() {
    let redis = |remains| Resource::Package(Package { name: "redis-server".to_owned(), remains });
    let mut facts = Facts::default();
    let installed = PackageFact { version: Some("7.0".into()), held: false };
    facts.packages.insert("redis-server".to_owned(), installed);
    for (wanted, noted, steps) in [
        (Remains::Data, Some(Remains::Unsaid), 1),
        (Remains::Data, Some(Remains::Nothing), 1),
        (Remains::Data, Some(Remains::Data), 0),
        // What stays longer than it has to does no harm.
        (Remains::Nothing, Some(Remains::Unsaid), 0),
        (Remains::Nothing, Some(Remains::Data), 0),
        (Remains::Unsaid, Some(Remains::Unsaid), 0),
        // Somebody else installed it: it never goes.
        (Remains::Data, None, 0),
    ] {
        facts.remains = noted.map(|noted| ("redis-server".to_owned(), noted)).into_iter().collect();
        let plan = planned(&[redis(wanted)], &facts, &Situation::default());
        assert_eq!(plan.steps.len(), steps, "{wanted:?} {noted:?}");
        assert!(
            plan.steps.iter().all(|step| step.operation == Operation::KeepData("redis-server".to_owned()))
        );
    }
}
