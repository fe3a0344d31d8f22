//! What would stop an apply midway.

use super::*;

#[test]
fn what_an_apply_does_not_replace_is_told_before_anything_is_changed() {
    let stands = |resource: &Resource, path: &str, kind: PathKind| {
        let mut facts = facts();
        facts.paths.insert(path.to_owned(), PathFact { kind, ..PathFact::default() });
        plan(&[Resource::package("apache2"), resource.clone()], &facts).map_err(|failure| failure.message)
    };
    let link = Resource::Link(Link { path: "/l".to_owned(), target: "t".to_owned(), notify: None });
    let directory = Resource::Directory(Directory::with_mode("/opt/socket", 0o755));
    let page_path = "/var/www/html/index.html";
    for (resource, path, kind) in [
        (&directory, "/opt/socket", PathKind::File),
        (&directory, "/opt/socket", PathKind::Link),
        (&directory, "/opt/socket", PathKind::Other),
        (&page("x"), page_path, PathKind::Directory),
        (&page("x"), page_path, PathKind::Other),
        (&link, "/l", PathKind::Directory),
    ] {
        assert!(stands(resource, path, kind).unwrap_err().english().starts_with(path), "{kind:?}");
    }
    for (resource, path, kind) in [
        (&page("x"), page_path, PathKind::Link),
        (&link, "/l", PathKind::File),
        (&link, "/l", PathKind::Other),
    ] {
        assert!(stands(resource, path, kind).is_ok(), "{kind:?}");
    }
}

#[test]
fn what_cannot_be_written_stops_only_what_has_to_be() {
    let held = |fact| PathFact { unwritable: Some("/var/www".into()), ..fact };
    assert_eq!(only(&[page("new\n")], &with_page(held(standing("new\n", None)))), None);
    for fact in [standing("old\n", None), PathFact::default()] {
        let failure = plan(&[page("new\n")], &with_page(held(fact))).unwrap_err();
        assert_eq!(
            failure.message.english(),
            "/var/www/html/index.html cannot be written: /var/www is mounted read-only, or immutable, or append-only; nothing \
             was changed"
        );
        assert!(failure.hint.unwrap().english().contains("findmnt -T /var/www"));
    }
}

#[test]
fn a_link_to_nothing_on_the_way_is_told_with_where_it_leads() {
    let fact =
        PathFact { dangling: Some(("/var/www".into(), "/mnt/disk/www".into())), ..PathFact::default() };
    let failure = plan(&[page("new\n")], &with_page(fact)).unwrap_err();
    assert_eq!(
        failure.message.english(),
        "/var/www/html/index.html can't be made: the link /var/www leads to /mnt/disk/www, which is not there; nothing was \
         changed"
    );
    assert!(failure.hint.unwrap().english().contains("mkdir -p /mnt/disk/www"));
}

/// It goes although nothing else is to be done, before what is.
#[test]
fn what_a_run_that_died_left_is_taken_away() {
    let facts = with_page(PathFact { left: true, ..standing("new\n", None) });
    let change = only(&[page("new\n")], &facts).unwrap();
    assert_eq!((change.action, change.resource.as_str()), (Action::Run, "left:/var/www/html/index.html"));
    let steps = plan(&[Resource::package("nano"), page("new\n")], &facts).unwrap().steps;
    assert!(
        steps.len() == 2
            && matches!(&steps[0].operation, Operation::Sweep(path) if path.ends_with("index.html"))
    );
}
