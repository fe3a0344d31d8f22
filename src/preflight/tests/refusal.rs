//! What an apply is refused for.

use super::*;
use crate::model::Text;

#[test]
fn an_apply_is_refused_before_it_changes_anything() {
    let inventory = inventory();
    let web = &inventory.clusters[0].hosts[1];
    let plan = |facts: Facts, changes: &[Operation]| HostPlan {
        host: web.id.clone(),
        changes: changes
            .iter()
            .map(|operation| Change {
                resource: ResourceId::new("package:apache2"),
                action: Action::Create,
                reason: Text::default(),
                before: None,
                after: None,
                diff: None,
                operation: operation.clone(),
            })
            .collect(),
        warnings: Vec::new(),
        facts,
    };
    let facts = || well(&inventory.clusters[0], web).facts;
    let install = [Operation::InstallPackage("apache2".to_owned())];
    let reload = [Operation::RepairDpkg];
    let admitted = admit(&inventory, web, plan(facts(), &install)).unwrap();
    assert_eq!(admitted.warnings, []);

    let full = || Facts { rooms: vec![room("/var", 100 << 20, None)], ..facts() };
    let elsewhere = || Facts { addresses: vec!["10.0.0.12".parse().unwrap()], ..facts() };
    let mut text = String::new();
    for facts in [
        full(),
        elsewhere(),
        Facts { read_only: true, ..facts() },
        Facts { architecture: String::new(), ..facts() },
        Facts { clock_skew: -3 * 86_400, ..facts() },
    ] {
        let Failure { kind, message, hint } = admit(&inventory, web, plan(facts, &install)).unwrap_err();
        let hint = hint.unwrap();
        writeln!(text, "{}", kind.as_str()).unwrap();
        for language in [Language::English, Language::Portuguese] {
            writeln!(text, "    {}\n        {}", message.words(language), hint.words(language)).unwrap();
        }
    }
    insta::assert_snapshot!(text);

    assert!(admit(&inventory, web, plan(full(), &reload)).is_ok(), "files need less room than packages");
    assert!(admit(&inventory, web, plan(elsewhere(), &[])).is_ok(), "a host that needs nothing is let be");
    let mint = Facts { os_id: "linuxmint".to_owned(), os_name: "Linux Mint 21".to_owned(), ..facts() };
    let warned = admit(&inventory, web, plan(mint, &[])).unwrap();
    assert_eq!(
        warned.warnings.iter().map(Text::english).collect::<Vec<_>>(),
        ["Linux Mint 21 is neither Debian nor Ubuntu: it may work, but nobody tests it"]
    );
}
