//! The README of an exported playbook, in the language of the inventory.

use crate::export::Subject;
use crate::model::{Language, Text, text};

const ENGLISH: &str = include_str!("../../../templates/export/README.md");
const PORTUGUESE: &str = include_str!("../../../templates/export/README.pt-BR.md");

pub fn readme(subject: &Subject<'_>, remarks: &[Text]) -> String {
    let language = subject.language;
    let text = match language {
        Language::English => ENGLISH,
        Language::Portuguese => PORTUGUESE,
    };
    let title = &subject.title;
    let mut readme = format!("# {title}\n\n{text}");
    if !remarks.is_empty() {
        let heading =
            text!(en: "What did not go out, or needs care", pt: "O que não foi exportado, ou pede cuidado");
        readme += &format!("\n## {}\n\n", heading.words(language));
        for remark in remarks {
            readme += &format!("- {}\n", remark.words(language));
        }
    }
    readme
}
