use std::cell::RefCell;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::json;
use tempfile::TempDir;

use super::{cluster_of, content, place, refusal, set, wanted};
use crate::desired::{Templates, template_check};
use crate::model::{Host, Inventory, Render, Template, TemplateError, Value, Variables};
use crate::roles::Web;
use crate::roles::samples::role;

/// A cluster whose one web host uses the template `page.html.tera` of a folder.
fn with_page(folder: &Path, text: &str) -> Inventory {
    let path = folder.join("page.html.tera");
    fs::write(&path, text).unwrap();
    let mut inventory = cluster_of(&["10.0.0.51"]);
    inventory.clusters[0].hosts[1].vars.insert("titulo".to_owned(), json!("Aula"));
    set(&mut inventory.clusters[0].hosts[1], |role: &mut Web| role.template = Some(path));
    inventory
}

fn rendered(folder: &Path, text: &str) -> String {
    content(&wanted(&with_page(folder, text), 1), "/var/www/html/index.html").to_owned()
}

fn refused(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    refused_in(&folder, text)
}

fn refused_in(folder: &TempDir, text: &str) -> String {
    refusal(&with_page(folder.path(), text), 1).replace(&folder.path().display().to_string(), "FOLDER")
}

#[test]
fn an_undefined_variable_is_named_with_its_place_and_what_there_is() {
    insta::assert_snapshot!(refused("<p>\n  é {{ titolo }}\n</p>"));
    insta::assert_snapshot!(refused("{{ vars.titulos }}"));
    insta::assert_snapshot!(refused("{{ nothing_like_it | upper }}"));
    insta::assert_snapshot!(refused("{% for web in web_host %}{{ web.host }}{% endfor %}"));
    insta::assert_snapshot!(refused("{{ nothing.at.all }}"));
    insta::assert_snapshot!(refused("{{ nothing or nowhere }}"));
}

#[test]
fn what_does_not_compile_is_told_with_its_place() {
    insta::assert_snapshot!(refused("line\n{% if host %}\nnever ended"));
    insta::assert_snapshot!(refused("{{ host | uper }}"));
    insta::assert_snapshot!(refused("{{ host"));
    insta::assert_snapshot!(refused("{% nonsense %}"));
    insta::assert_snapshot!(refused("a\n {% include \"footer.html\" %}"));
    insta::assert_snapshot!(refused("{% extends \"layout.html\" %}"));
    insta::assert_snapshot!(refused("{% extends \"index.html.tera\" %}{% block nowhere %}{% endblock %}"));
    insta::assert_snapshot!(refused("{% include \"../../etc/passwd\" %}"));
    insta::assert_snapshot!(refused("{{ host + 1 }}"));
}

#[test]
fn a_template_may_extend_the_built_in_one_and_include_what_lies_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("parts")).unwrap();
    fs::write(folder.path().join("parts/note.html"), "<p>{{ titulo }}</p>{% include 'deeper.html' %}")
        .unwrap();
    fs::write(folder.path().join("deeper.html"), "<p>deeper</p>").unwrap();
    let text = rendered(
        folder.path(),
        "{% extends 'index.html.tera' %}{% block content %}{% include \"parts/note.html\" %}{% endblock %}",
    );
    assert!(text.contains("<p>Aula</p><p>deeper</p>") && text.contains("<h1>web01</h1>"), "{text}");
}

#[test]
fn a_template_with_the_name_of_a_built_in_one_may_extend_that() {
    let folder = tempfile::tempdir().unwrap();
    let mut inventory = with_page(folder.path(), "");
    let path = folder.path().join("index.html.tera");
    fs::write(&path, "{% extends 'index.html.tera' %}{% block content %}mine{% endblock %}").unwrap();
    set(&mut inventory.clusters[0].hosts[1], |role: &mut Web| role.template = Some(path));
    assert!(content(&wanted(&inventory, 1), "/var/www/html/index.html").contains("mine"));
}

#[test]
fn nothing_outside_of_the_templates_folder_is_read() {
    let outside = tempfile::tempdir().unwrap();
    let secret = outside.path().join("secret");
    fs::write(&secret, "secret").unwrap();
    let folder = tempfile::tempdir().unwrap();
    symlink(&secret, folder.path().join("link")).unwrap();
    symlink(outside.path(), folder.path().join("way")).unwrap();
    for name in ["link", "way/secret", &secret.display().to_string()] {
        let refusal = refused_in(&folder, &format!("{{% include '{name}' %}}"));
        assert!(refusal.contains(":1:12: unknown template `"), "{refusal}");
    }
}

#[test]
fn a_fault_in_an_included_file_is_told_with_that_file() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("part.html"), "ok\n{{ titel }}").unwrap();
    insta::assert_snapshot!(refused_in(&folder, "{% include 'part.html' %}"));
}

#[test]
fn a_file_that_is_no_template_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut inventory = with_page(folder.path(), "");
    let path = folder.path().join("page.html.tera");
    fs::write(&path, b"caf\xe9").unwrap();
    assert!(refusal(&inventory, 1).contains("page.html.tera: the template is not UTF-8 text"));
    fs::write(&path, vec![b' '; 1024 * 1024 + 1]).unwrap();
    assert!(refusal(&inventory, 1).contains("page.html.tera: the template has 1048577 bytes"));
    set(&mut inventory.clusters[0].hosts[1], |role: &mut Web| {
        role.template = Some(folder.path().join("gone.tera"));
    });
    assert!(refusal(&inventory, 1).contains("gone.tera: the template cannot be read: No such file"));
    set(&mut inventory.clusters[0].hosts[1], |role: &mut Web| role.template = Some(folder.path().to_owned()));
    assert!(refusal(&inventory, 1).contains("this is not a regular file"));
}

#[test]
fn a_template_is_checked_for_a_host_in_both_languages() {
    let folder = tempfile::tempdir().unwrap();
    let page = "{% if language == 'pt-BR' %}{{ titulos }}{% endif %}";
    let mut inventory = with_page(folder.path(), page);
    inventory.clusters[0].hosts[1].roles.insert(0, role("balancer"));
    let cluster = &inventory.clusters[0];
    let check = |position: usize, role: &str| {
        let host: &Host = &cluster.hosts[position];
        template_check()(host.role(role).unwrap(), host, cluster)
    };
    let error = check(1, "web").expect_err("a fault");
    assert_eq!((error.line, error.column), (Some(1), Some(32)));
    assert_eq!(check(1, "balancer"), Ok(()));
    assert_eq!(check(0, "balancer"), Ok(()));
}

/// Renders nothing, and keeps the web hosts that a page was given.
struct Given {
    is_asked: bool,
    web_hosts: RefCell<Vec<Value>>,
}

impl Render for Given {
    fn render(&self, _: &Template, _: Option<&Path>, variables: &Variables) -> Result<String, TemplateError> {
        let web_hosts = variables.iter().filter(|(name, _)| *name == "web_hosts");
        self.web_hosts.borrow_mut().extend(web_hosts.map(|(_, value)| value.clone()));
        Ok(String::new())
    }

    fn asks_for(&self, _: &Template, _: Option<&Path>, name: &str) -> bool {
        self.is_asked && name == "web_hosts"
    }
}

#[test]
fn a_page_is_given_the_web_hosts_where_it_may_ask_for_them() {
    let inventory = cluster_of(&["10.0.0.51", "10.0.0.52"]);
    let given = |is_asked| {
        let given = Given { is_asked, web_hosts: RefCell::default() };
        let web = inventory.clusters[0].hosts[1].role("web").unwrap();
        web.resources(&place(&inventory, 1), &given).unwrap();
        given.web_hosts.take().iter().map(|hosts| hosts.as_array().unwrap().len()).collect::<Vec<_>>()
    };
    assert_eq!((given(true), given(false)), (vec![2], vec![0]));
}

#[test]
fn a_template_asks_for_a_name_by_whatever_way() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("part.html"), "{% for web in web_hosts %}{{ web.endpoint }}{% endfor %}")
        .unwrap();
    for text in [
        "{% for web in web_hosts %}{{ web.endpoint }}{% endfor %}",
        "{% include 'part.html' %}",
        "{% extends 'index.html.tera' %}{% block content %}{{ web_hosts[0].endpoint }}{% endblock %}",
        "{{ __tera_context }}",
    ] {
        assert!(rendered(folder.path(), text).contains("10.0.0.51:80"), "{text}");
    }
    let whole = "{# language #}{% if false %}{% include 'haproxy.cfg.tera' %}{% endif %}";
    let inventory = with_page(folder.path(), whole);
    let web = inventory.clusters[0].hosts[1].role("web").unwrap();
    let asks_for = |name| Templates::load(&inventory).asks_of_role(web, name);
    assert_eq!(["web_hosts", "ipv6", "language"].map(asks_for), [true, true, false]);
}

#[test]
fn a_template_is_read_once_for_all_hosts() {
    let folder = tempfile::tempdir().unwrap();
    let inventory = with_page(folder.path(), "{{ host }}");
    let check = template_check();
    for name in ["web01", "web02"] {
        let host = Host { name: name.to_owned(), ..inventory.clusters[0].hosts[1].clone() };
        assert_eq!(check(host.role("web").unwrap(), &host, &inventory.clusters[0]), Ok(()));
        let _ = fs::remove_file(folder.path().join("page.html.tera"));
    }
}

#[test]
fn files_that_include_each_other_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("one.html"), "{% include 'two.html' %}").unwrap();
    fs::write(folder.path().join("two.html"), "{%- include 'one.html' %}").unwrap();
    insta::assert_snapshot!(refused_in(&folder, "{% include 'one.html' %}"), @r"
    FOLDER/one.html: the template includes or extends itself
      pt: FOLDER/one.html: o template inclui ou estende a si mesmo
    hint: remove one `include` or `extends` of the circle
      pt: tire um `include` ou `extends` do círculo
    ");
}
