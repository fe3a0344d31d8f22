//! What is said beside a line, to who reads an inventory for the first time.

use super::node::Node;
use crate::model::{Text, text};
use crate::roles;

/// Beside a key, by the part of the inventory that it stands in.
pub fn of(part: &str, key: &str, value: Option<&Node>) -> Option<Text> {
    let value = match value {
        Some(Node::Text(text)) => text.as_str(),
        Some(Node::List(items)) if (part, key) == ("host", "roles") => return roles_of(items),
        _ => "",
    };
    Some(match (part, key, value) {
        ("", "language", _) => {
            text!(
                en: "of pages and class files: en or pt-BR",
                pt: "das páginas e dos arquivos da turma: en ou pt-BR",
            )
        }
        ("", "ssh", _) => text!(
            en: "how hosts are reached, unless they say otherwise",
            pt: "como se chega às máquinas que não dizem outra coisa"
        ),
        ("", "become", _) => {
            text!(en: "how root is gained on the hosts", pt: "como se obtém root nas máquinas")
        }
        ("", "vars", _) => text!(en: "values for templates", pt: "valores para os modelos"),
        ("", "clusters", _) => text!(
            en: "each balances over its own web hosts",
            pt: "cada um balanceia as suas máquinas web"
        ),
        ("ssh", "host_keys", "accept-new") => text!(
            en: "keep a new host's key, refuse a changed one",
            pt: "guarda a chave nova, recusa uma que mudou"
        ),
        ("ssh" | "become", "password", "prompt") => {
            text!(en: "asked for once, at the start", pt: "perguntada uma vez, no início")
        }
        ("packages", "via", "laptop") => text!(
            en: "the hosts have no internet: this machine fetches packages",
            pt: "as máquinas não têm internet: este computador busca os pacotes"
        ),
        _ => return None,
    })
}

/// Beside the first name with a range.
pub fn range() -> Text {
    text!(en: "a range: one for each number", pt: "um intervalo: um para cada número")
}

fn roles_of(items: &[Node]) -> Option<Text> {
    let remark = |item: &Node| {
        let role = roles::ALL.iter().find(|role| *item == Node::text(role.name))?;
        Some((role.remark)())
    };
    let remarks: Vec<Text> = items.iter().map(remark).collect::<Option<_>>()?;
    Some(Text::new(|language| {
        remarks.iter().map(|remark| remark.words(language)).collect::<Vec<_>>().join(", ")
    }))
}
