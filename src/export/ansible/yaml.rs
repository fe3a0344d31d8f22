//! Values as Ansible reads them, which evaluates nearly every text: data is marked where it could be taken for more.

use crate::export::yaml::Yaml;

/// Text that stands for itself.
pub fn data(text: impl Into<String>) -> Yaml {
    let text = text.into();
    if ["{{", "{%", "{#"].iter().any(|sign| text.contains(sign)) {
        Yaml::Unsafe(text)
    } else {
        Yaml::Text(text)
    }
}

pub fn all_data<'a>(texts: impl IntoIterator<Item = &'a str>) -> Yaml {
    Yaml::List(texts.into_iter().map(data).collect())
}

/// A step, in the order that its readers know: name, module, what else is said of it.
pub fn step(name: &str, module: &str, arguments: Yaml, keywords: Vec<(&str, Yaml)>) -> Yaml {
    let module = format!("ansible.builtin.{module}");
    let head = [("name".to_owned(), data(name)), (module, arguments)];
    Yaml::map(head.into_iter().chain(keywords.into_iter().map(|(key, value)| (key.to_owned(), value))))
}

/// On a bare machine there are no lists of packages and no services that a check could look at.
pub fn bare_check() -> (&'static str, Yaml) {
    ("ignore_errors", Yaml::text("{{ ansible_check_mode }}"))
}
