//! The fixed words of the terminal and of reports, each in the language of who reads: one glossary for both.

use std::time::Duration;

use super::words;
use crate::event::Traffic;
use crate::model::{Action, ChangeResult, HostStatus, Language, Severity, Text};

/// What is said in one of the languages: as `text!`, where the language is known.
macro_rules! say {
    ($words:expr, en: $english:literal, pt: $portuguese:literal $(,)?) => {
        match $words.0 {
            $crate::model::Language::English => format!($english),
            $crate::model::Language::Portuguese => format!($portuguese),
        }
    };
}
pub(crate) use say;

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

    /// `3 hosts`
    pub fn hosts(self, number: usize) -> String {
        self.host_noun().count(number)
    }

    /// `3 changes`
    pub fn changes(self, number: usize) -> String {
        self.change_noun().count(number)
    }

    pub fn probe_noun(self) -> Noun {
        self.choose(Noun::new("probe", "probes"), Noun::new("teste", "testes"))
    }

    pub fn line_noun(self) -> Noun {
        self.choose(Noun::new("line", "lines"), Noun::new("linha", "linhas"))
    }

    pub fn ready_noun(self) -> Noun {
        self.choose(Noun::new("ready", "ready"), Noun::new("pronta", "prontas"))
    }

    /// What an examination found.
    pub fn severity_noun(self, severity: Severity) -> Noun {
        let (english, portuguese) = match severity {
            Severity::Fatal => (
                Noun::new("fatal finding", "fatal findings"),
                Noun::new("problema grave", "problemas graves"),
            ),
            Severity::Warning => (Noun::new("warning", "warnings"), Noun::new("aviso", "avisos")),
            Severity::Note => (Noun::new("note", "notes"), Noun::new("observação", "observações")),
        };
        self.choose(english, portuguese)
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

    /// `4.1 s`, as exact as is of use.
    pub fn duration(self, duration: Duration) -> String {
        self.number(&words::duration(duration))
    }

    /// `4.1 s`: a time that was measured.
    pub fn exact_seconds(self, duration: Duration) -> String {
        self.number(&words::exact_seconds(duration))
    }

    /// `0.5 s`: a time that somebody chose.
    pub fn short_seconds(self, duration: Duration) -> String {
        self.number(&words::short_seconds(duration))
    }

    /// `4.8 MB`
    pub fn bytes(self, number: u64) -> String {
        self.number(&words::bytes(number))
    }

    /// `142 MB served to 30 hosts, 4.8 MB downloaded`
    pub fn traffic(self, traffic: Traffic) -> String {
        let hosts = self.hosts(traffic.hosts);
        let [served, downloaded] = [traffic.served, traffic.downloaded].map(|number| self.bytes(number));
        say!(
            self,
            en: "{served} served to {hosts}, {downloaded} downloaded",
            pt: "{served} entregues a {hosts}, {downloaded} baixados",
        )
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
