//! The fixed words of reports that students read, in the language of the inventory.

use crate::model::{Action, ChangeResult, HostStatus, Language, Text};

/// A thing that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noun {
    one: &'static str,
    many: &'static str,
}

impl Noun {
    /// The noun for one, and for any other number.
    pub const fn new(one: &'static str, many: &'static str) -> Self {
        Self { one, many }
    }

    /// The form that goes with a number.
    pub fn of(self, number: usize) -> &'static str {
        if number == 1 { self.one } else { self.many }
    }

    /// `1 host`, `3 hosts`.
    pub fn count(self, number: usize) -> String {
        format!("{number} {}", self.of(number))
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Words(pub Language);

impl Words {
    pub fn say(self, text: &Text) -> String {
        text.words(self.0).to_owned()
    }

    /// `3 of 4 probes passed`.
    pub fn passed_of(self, passed: usize, all: usize) -> String {
        format!("{passed} {} {all} {}", self.choose("of", "de"), self.probes_passed().of(all))
    }

    pub fn host_noun(self) -> Noun {
        self.choose(Noun::new("host", "hosts"), Noun::new("máquina", "máquinas"))
    }

    pub fn failed_noun(self) -> Noun {
        self.choose(Noun::new("failed", "failed"), Noun::new("falhou", "falharam"))
    }

    pub fn unreachable_noun(self) -> Noun {
        self.choose(Noun::new("unreachable", "unreachable"), Noun::new("inacessível", "inacessíveis"))
    }

    pub fn change_noun(self) -> Noun {
        self.choose(Noun::new("change", "changes"), Noun::new("mudança", "mudanças"))
    }

    pub fn request_noun(self) -> Noun {
        self.choose(Noun::new("request", "requests"), Noun::new("requisição", "requisições"))
    }

    pub fn answer_noun(self) -> Noun {
        self.choose(Noun::new("answer", "answers"), Noun::new("resposta", "respostas"))
    }

    pub fn probes_passed(self) -> Noun {
        self.choose(Noun::new("probe passed", "probes passed"), Noun::new("teste passou", "testes passaram"))
    }

    pub fn host_status(self, status: HostStatus) -> &'static str {
        let (english, portuguese) = match status {
            HostStatus::Ok => ("unchanged", "sem mudanças"),
            HostStatus::Changed => ("changed", "alterada"),
            HostStatus::Unreachable => ("unreachable", "inacessível"),
            HostStatus::Failed => ("failed", "falhou"),
        };
        self.choose(english, portuguese)
    }

    pub fn action(self, action: Action) -> &'static str {
        let (english, portuguese) = match action {
            Action::Create => ("create", "criar"),
            Action::Update => ("update", "alterar"),
            Action::Delete => ("delete", "remover"),
            Action::Run => ("run", "executar"),
        };
        self.choose(english, portuguese)
    }

    pub fn change_result(self, result: &ChangeResult) -> &'static str {
        let (english, portuguese) = match result {
            ChangeResult::Done => ("done", "feito"),
            ChangeResult::Failed => ("failed", "falhou"),
            ChangeResult::RolledBack => ("rolled back", "desfeito"),
            ChangeResult::NotRun => ("not run", "não executado"),
            ChangeResult::Left => ("left", "mantido"),
        };
        self.choose(english, portuguese)
    }

    /// A number as it is written: a decimal point, or a comma.
    pub fn number(self, text: &str) -> String {
        self.0.number(text)
    }

    /// A time as it is written: a number and its unit stay on one line.
    pub fn time(self, text: &str) -> String {
        self.number(text).replace(' ', "\u{a0}")
    }

    pub fn date_format(self) -> &'static str {
        self.choose("%Y-%m-%d %H:%M (UTC%:z)", "%d/%m/%Y %H:%M (UTC%:z)")
    }

    /// What is of this language.
    pub fn choose<T>(self, english: T, portuguese: T) -> T {
        match self.0 {
            Language::English => english,
            Language::Portuguese => portuguese,
        }
    }
}
