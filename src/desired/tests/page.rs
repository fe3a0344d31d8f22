use serde_json::json;

use super::{cluster_of, content, example, set, wanted};
use crate::model::{Inventory, Language};
use crate::roles::Web;

fn page_of(inventory: &Inventory, position: usize) -> String {
    content(&wanted(inventory, position), "/var/www/html/index.html").to_owned()
}

#[test]
fn the_page_tells_its_server() {
    let mut inventory = cluster_of(&["10.0.0.51", "10.0.0.52"]);
    inventory.clusters[0].hosts[2].vars.insert("course".to_owned(), json!("SD 2026"));
    insta::assert_snapshot!(page_of(&inventory, 2));
    assert_ne!(page_of(&inventory, 1), page_of(&inventory, 2));
    assert_eq!(page_of(&inventory, 2), content(&wanted(&inventory, 2), "/var/www/html/index.html"));
}

#[test]
fn the_page_speaks_the_inventorys_language() {
    let mut inventory = cluster_of(&["10.0.0.51"]);
    assert!(page_of(&inventory, 1).contains("You were served by server 1"));
    inventory.language = Language::Portuguese;
    let text = page_of(&inventory, 1);
    assert!(text.contains("Você foi atendido pelo servidor 1") && text.contains(r#"<html lang="pt-BR">"#));
}

#[test]
fn the_page_names_nothing_outside_of_itself() {
    let text = page_of(&cluster_of(&["10.0.0.51"]), 1);
    for outside in ["src=", "@import", "url(", "<script", "//"] {
        let rest = text.replace("http://www.w3.org/2000/svg", "");
        assert!(!rest.contains(outside), "{outside}");
    }
}

#[test]
fn values_are_escaped_in_the_built_in_page_and_in_ones_own_whatever_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("page.txt");
    std::fs::write(&own, "{{ title }} {{ vars.title }} {{ host }}").unwrap();
    let mut inventory = cluster_of(&["10.0.0.51"]);
    inventory.clusters[0].hosts[1].name = "<i>".to_owned();
    inventory.clusters[0].hosts[1].vars.insert("title".to_owned(), json!("<script>alert('\"')</script>"));
    assert!(!page_of(&inventory, 1).contains("<script") && !page_of(&inventory, 1).contains("<i>"));
    set(&mut inventory.clusters[0].hosts[1], |role: &mut Web| role.template = Some(own));
    let text = page_of(&inventory, 1);
    assert_eq!(text.matches("&lt;script&gt;").count(), 2, "{text}");
    assert!(text.contains("&lt;i&gt;") && !text.contains('<'), "{text}");
}

#[test]
fn the_example_of_a_page_of_ones_own_renders() {
    let mut inventory = cluster_of(&["10.0.0.51", "10.0.0.52"]);
    set(&mut inventory.clusters[0].hosts[2], |role: &mut Web| {
        role.template = Some(example("my-index.html.tera"));
    });
    insta::assert_snapshot!(page_of(&inventory, 2));
}
