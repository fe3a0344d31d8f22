use std::path::Path;

use super::*;
use crate::inventory::{Extent, Surroundings, parse};

fn inventory(text: &str) -> Inventory {
    let surroundings = Surroundings {
        home: None,
        is_file: &|_| true,
        check_template: &|_, _, _| Ok(()),
        extent: Extent::Used,
    };
    parse(text, Path::new("class.yaml"), &surroundings).unwrap()
}

fn class() -> Inventory {
    inventory(
        "clusters:\n  ana: { hosts: { lb: { address: a0, roles: [balancer] }, 'web[01:02]': { address: 'a[1:2]', \
         roles: [web] } } }\n  bia: { hosts: { lb: { address: b0, roles: [balancer, socket] }, web01: { address: b1, \
         roles: [web] } } }\n",
    )
}

fn select(limit: &str, role: Option<&str>) -> Result<String> {
    let hosts = Selection::parse(Some(limit), role)?.apply(&class())?;
    Ok(hosts.iter().map(HostId::as_str).collect::<Vec<_>>().join(" "))
}

#[test]
fn limits() {
    for (limit, expected) in [
        ("", "ana/lb ana/web01 ana/web02 bia/lb bia/web01"),
        ("ana", "ana/lb ana/web01 ana/web02"),
        ("ana/*,!ana/web02", "ana/lb ana/web01"),
        ("!bia", "ana/lb ana/web01 ana/web02"),
        ("*/web01", "ana/web01 bia/web01"),
        ("bia/lb, ana/lb", "ana/lb bia/lb"),
        ("*", "ana/lb ana/web01 ana/web02 bia/lb bia/web01"),
        ("b*", "bia/lb bia/web01"),
        ("ana/web[01:02]", "ana/web01 ana/web02"),
        ("ana/web0[2-9]", "ana/web02"),
        ("ana,!*/lb,!ana/web01", "ana/web02"),
    ] {
        assert_eq!(select(limit, None).unwrap(), expected, "{limit}");
    }
    assert_eq!(select("ana", Some("web")).unwrap(), "ana/web01 ana/web02");
    assert_eq!(select("", Some("socket")).unwrap(), "bia/lb");
}

#[test]
fn what_matches_nothing_is_an_error_with_a_hint() {
    for (limit, message, hint) in [
        ("anna", "`anna` matches no host of class.yaml", "did you mean `ana`?"),
        ("ana/web03", "`ana/web03` matches no host of class.yaml", "did you mean `ana/web01`?"),
        ("web02", "`web02` matches no host of class.yaml", "did you mean `ana/web02`?"),
        (
            "lb",
            "`lb` matches no host of class.yaml",
            "write the full name, such as `ana/lb`, or `*/lb` for all",
        ),
        ("zzzzzz", "`zzzzzz` matches no host of class.yaml", "`provision inventory list` shows all names"),
        ("!zzzzzz", "`zzzzzz` matches no host of class.yaml", "`provision inventory list` shows all names"),
        ("ana,!ana", "the limit leaves no host", "`!` excludes: remove a part that begins with it"),
        (
            "ana/[",
            "`ana/[` can not be a limit: unclosed character class; missing ']'",
            "globs know `*`, `?` and `[abc]`; quote the limit for your shell",
        ),
        (
            "!",
            "`` can not be a limit",
            "write names, globs or clusters between commas: `-l 'ana/*,!ana/web02'`; one short range each",
        ),
    ] {
        let error = select(limit, None).unwrap_err();
        assert_eq!((error.message.english(), error.hints[0].english()), (message, hint), "{limit}");
    }
    assert_eq!(
        select("ana", Some("socket")).unwrap_err().message.english(),
        "no selected host has the role socket"
    );
}

#[test]
fn plain_names_where_there_is_only_the_default_cluster() {
    let inventory = inventory("hosts: { web01: { address: a }, web02: { address: b } }");
    let select = |limit| Selection::parse(Some(limit), None).unwrap().apply(&inventory).unwrap().len();
    assert_eq!((select("web01"), select("web*"), select("default"), select("!web01")), (1, 2, 2, 1));
}
