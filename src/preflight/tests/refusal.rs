//! What an apply is refused for.

use super::*;

#[test]
fn an_apply_is_refused_before_it_changes_anything() {
    let inventory = inventory();
    let web = &inventory.clusters[0].hosts[1];
    let admit = |facts: &Facts, operations: &[Operation]| {
        let steps = operations
            .iter()
            .map(|operation| {
                Change {
                    resource: ResourceId::new("package:apache2"),
                    action: Action::Create,
                    reason: Text::default(),
                    before: None,
                    after: None,
                    diff: None,
                    foreign: false,
                }
                .by(operation.clone())
            })
            .collect();
        admit(&inventory, web, facts, HostPlan { steps, warnings: Vec::new(), refusal: None })
    };
    let facts = || well(&inventory.clusters[0], web).facts;
    let install = [Operation::InstallPackage("apache2".to_owned())];
    let reload = [Operation::RepairDpkg];
    let admitted = admit(&facts(), &install).unwrap();
    assert_eq!(admitted.warnings, []);

    let full = || Facts { rooms: vec![room("/var", 100 << 20, None)], ..facts() };
    let elsewhere = || Facts { addresses: vec!["10.0.0.12".parse().unwrap()], ..facts() };
    let mut text = String::new();
    for facts in [
        full(),
        elsewhere(),
        Facts { read_only: Some("/var".into()), ..facts() },
        Facts { architecture: String::new().into(), ..facts() },
    ] {
        let Failure { kind, message, hint } = admit(&facts, &install).unwrap_err();
        let hint = hint.unwrap();
        writeln!(text, "{}", kind.into_str()).unwrap();
        for language in [Language::English, Language::Portuguese] {
            writeln!(text, "    {}\n        {}", message.words(language), hint.words(language)).unwrap();
        }
    }
    insta::assert_snapshot!(text);

    assert!(admit(&full(), &reload).is_ok(), "files need less room than packages");
    assert!(admit(&elsewhere(), &[]).is_ok(), "a host that needs nothing is let be");
    let mint = Facts { os_id: "linuxmint".into(), os_name: "Linux Mint 21".into(), ..facts() };
    let warned = |facts: Facts, changes: &[Operation]| -> Vec<String> {
        let admitted = admit(&facts, changes).unwrap();
        admitted.warnings.iter().map(|warning| warning.words().english().to_owned()).collect()
    };
    assert_eq!(
        warned(mint, &[]),
        ["Linux Mint 21 is neither Debian nor Ubuntu; it may work, but nobody tests it"]
    );

    // A laptop whose clock is wrong would be refused by a whole class.
    let clock = |clock_skew| Facts { clock_skew, ..facts() };
    let behind = warned(clock(-3 * 86_400), &install).concat();
    assert!(
        behind.starts_with("its clock is 3 days behind this computer's; apt and HTTPS may refuse"),
        "{behind}"
    );
    assert_eq!(warned(clock(i64::MAX), &install).len(), 1);
    assert_eq!(warned(clock(-3 * 86_400), &reload), Vec::<String>::new());
    assert_eq!(warned(clock(3 * 3_600), &install), Vec::<String>::new());
    // What is missing is small.
    let few = Facts { packages: BTreeMap::default(), rooms: vec![room("/var", 100 << 20, None)], ..facts() };
    assert_eq!(
        warned(few, &install),
        ["less than 400 MB are free on /var; it may be full before the class is over"]
    );
}

#[test]
fn an_address_of_another_cluster_refuses_nobody() {
    let other = Cluster { name: "bia".to_owned(), hosts: vec![host("bia", "web1", 99, &["web"])] };
    let mut inventory = with_host("web01", |host| "127.0.0.1".clone_into(&mut host.connection.address));
    inventory.clusters.push(other);
    let facts = Facts { addresses: vec!["10.0.0.99".parse().unwrap()], ..Facts::default() };
    let web = &inventory.clusters[0].hosts[1];
    let found = identity::misplaced(&inventory, web, &facts, |_| None).unwrap();
    assert_eq!((found.severity, found.kind), (Severity::Warning, FindingKind::PrivateAddress));
}
