//! What programs tell in whole sentences, in both languages. A host says them in English, with words of its own where a
//! `*` stands here.

use crate::model::{HostText, Language, Text};

/// Longest sentence of a host that is told.
const LENGTH: usize = 400;
/// A terminal's line holds no more of what it does.
const DOING_LENGTH: usize = 120;

/// What `note` tells.
const NOTES: [[&str; 2]; 9] = [
    ["these packages of others stay half-done: *", "estes pacotes de outros ficam pela metade: *"],
    ["finishing what dpkg left half-done: *", "terminando o que o dpkg deixou pela metade: *"],
    [
        "what the command * did stays: it came without an undo",
        "o que o comando * fez fica: ele veio sem como desfazer",
    ],
    [
        "* was written or changed by somebody, so it stays",
        "* foi escrito ou mudado por alguém, por isso fica",
    ],
    ["* on this host needs what stays: *", "* nesta máquina precisa do que fica: *"],
    [
        "what * wrote stays on the host, until a reset purges it",
        "o que * escreveu fica na máquina, até um reset apagar",
    ],
    [
        "the journal remembers more than this plan undid: run reset again",
        "o diário lembra mais do que este plano desfez: rode o reset de novo",
    ],
    [
        "* was changed since the last apply; that one is kept as *",
        "* mudou desde o último apply; aquele fica guardado como *",
    ],
    ["* is not empty, so it stays", "* não está vazia, por isso fica"],
];

/// What `waiting` waits for.
const WAITING: [[&str; 2]; 5] = [
    ["cloud-init, which sets the host up", "o cloud-init, que prepara a máquina"],
    ["* (process *), which holds *", "* (processo *), que ocupa *"],
    [
        "* (process *), a command that apt runs around its work",
        "* (processo *), um comando que o apt roda junto com o trabalho dele",
    ],
    [
        "the step that was under way when the connection was lost",
        "o passo que estava em andamento quando a conexão caiu",
    ],
    ["another run (process * of *, for * s)", "outra execução (processo * de *, há * s)"],
];

/// What `progress` tells, but for apt's own words.
const DOING: [[&str; 2]; 10] = [
    ["refreshing package lists", "atualizando as listas de pacotes"],
    ["downloading package lists", "baixando as listas de pacotes"],
    ["package lists: *", "listas de pacotes: *"],
    ["packages: *", "pacotes: *"],
    ["what is missing: *", "o que falta: *"],
    ["finishing what dpkg left half-done: *", "terminando o que o dpkg deixou pela metade: *"],
    ["running *", "executando *"],
    ["taking back *", "desfazendo *"],
    ["reloading *", "recarregando *"],
    ["starting *", "iniciando *"],
];

pub fn note(said: &str) -> Text {
    told(&NOTES, said, LENGTH)
}

pub fn waiting(said: &str) -> Text {
    told(&WAITING, said, LENGTH)
}

pub fn doing(said: &str) -> Text {
    told(&DOING, said, DOING_LENGTH)
}

/// A sentence in both languages; as the host said it, where it is none of these.
fn told(sentences: &[[&str; 2]], said: &str, length: usize) -> Text {
    let said = HostText::from(said).line(length);
    let known = sentences.iter().find_map(|[english, portuguese]| Some((portuguese, parts(english, &said)?)));
    let Some((portuguese, parts)) = known else { return Text::verbatim(said) };
    Text::new(|language| match language {
        Language::English => said.clone(),
        Language::Portuguese => filled(portuguese, &parts),
    })
}

/// The words that stand for each `*`.
fn parts<'a>(sentence: &str, said: &'a str) -> Option<Vec<&'a str>> {
    let mut fixed = sentence.split('*');
    let mut rest = said.strip_prefix(fixed.next()?)?;
    let mut parts = Vec::new();
    for piece in fixed {
        let at = if piece.is_empty() { rest.len() } else { rest.find(piece)? };
        parts.push(&rest[..at]);
        rest = &rest[at + piece.len()..];
    }
    rest.is_empty().then_some(parts)
}

fn filled(sentence: &str, parts: &[&str]) -> String {
    let mut parts = parts.iter();
    let mut told = String::new();
    for piece in sentence.split_inclusive('*') {
        told.push_str(piece.trim_end_matches('*'));
        if piece.ends_with('*') {
            told.push_str(parts.next().copied().unwrap_or_default());
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn words_of_the_host_go_into_both_languages() {
        let told = note("/etc/a was changed since the last apply; that one is kept as /etc/b");
        assert_eq!(
            told.sample(),
            "/etc/a was changed since the last apply; that one is kept as /etc/b\n  \
             pt: /etc/a mudou desde o último apply; aquele fica guardado como /etc/b"
        );
        let told = waiting("apt-get (process 812 of root), which holds /var/lib/dpkg/lock");
        assert_eq!(
            told.words(Language::Portuguese),
            "apt-get (processo 812 of root), que ocupa /var/lib/dpkg/lock"
        );
        assert_eq!(note("whatever\u{1b}[2J").sample(), "whatever\n  pt: whatever");
        assert_eq!(
            doing("package lists: Retrieving file 3 of 9").words(Language::Portuguese),
            "listas de pacotes: Retrieving file 3 of 9"
        );
        assert_eq!(
            doing("Unpacking apache2 (amd64)").words(Language::Portuguese),
            "Unpacking apache2 (amd64)"
        );
    }

    #[test]
    fn programs_say_these_and_no_others() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/remote/programs");
        let programs =
            fs::read_dir(folder).unwrap().map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
        let programs = programs.collect::<String>();
        for (beginnings, sentences) in [
            (&["answer \"note "][..], &NOTES[..]),
            (&["answer \"waiting "], &WAITING),
            // apt's own words come behind what they are about.
            (&["progress \"", "apt_subject="], &DOING),
        ] {
            let is_said = |line: &&str| beginnings.iter().any(|beginning| line.contains(beginning));
            let lines = programs.lines().map(str::trim).filter(is_said);
            let lines: BTreeSet<&str> = lines.filter(|line| *line != "progress \"$apt_line\"").collect();
            assert_eq!(lines.len(), sentences.len(), "{lines:?}");
            for [sentence, _] in sentences {
                let has_all = |line: &&str| {
                    sentence.split('*').all(|piece| line.contains(piece.trim_end_matches(": ")))
                };
                assert!(lines.iter().any(has_all), "{sentence}");
            }
        }
    }
}
