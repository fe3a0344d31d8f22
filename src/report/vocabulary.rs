//! The fixed words of reports that students read, in the language of the inventory.

use serde::Serialize;

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

#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Words {
    #[serde(skip)]
    language: Language,
    /// Headline where all is well.
    pub works: &'static str,
    /// Headline where it is not.
    pub attention: &'static str,
    /// Headline of a run that Ctrl-C ended.
    pub interrupted: &'static str,
    /// Headline of a plan or a run without changes.
    pub nothing_to_do: &'static str,
    /// Headline of a plan with changes.
    pub planned: &'static str,
    /// Headline of an apply without probes.
    pub applied: &'static str,
    /// Headline of a reset.
    pub undone: &'static str,
    /// Under the number of clusters without trouble.
    pub clusters_work: &'static str,
    /// Between two numbers, of which the first are part of the second.
    pub of: &'static str,
    /// Before how long a run took.
    pub took: &'static str,
    /// Heading of the troubles.
    pub to_mend: &'static str,
    /// Before what to do next.
    pub next: &'static str,
    /// Heading of the matrix.
    pub overview: &'static str,
    /// Above the names of clusters.
    pub cluster: &'static str,
    /// Above the names of hosts.
    pub host: &'static str,
    /// Above counts of probes that passed.
    pub passed: &'static str,
    /// Fold-out that explains the probes.
    pub what_probes_prove: &'static str,
    /// Heading of the clusters.
    pub clusters: &'static str,
    /// Heading of the one cluster of an inventory.
    pub the_cluster: &'static str,
    /// Before the algorithm of a balancer.
    pub balancer: &'static str,
    /// Above hosts with no role.
    pub no_role: &'static str,
    /// Above the last lines of a log.
    pub log: &'static str,
    /// Of a change that was only planned.
    pub only_planned: &'static str,
    /// Fold-out of a diff.
    pub difference: &'static str,
    /// Label of the search field.
    pub search: &'static str,
    pub all: &'static str,
    /// Filter: what needs attention.
    pub with_trouble: &'static str,
    /// Label of the filters.
    pub filter: &'static str,
    pub unfold: &'static str,
    pub fold: &'static str,
    /// How many rows a filter shows; `{shown}` and `{all}` are replaced by the page.
    pub shown: &'static str,
    /// A check passed, or a host is well.
    pub pass: &'static str,
    /// A check or a host failed.
    pub fail: &'static str,
    /// A check was not judged.
    pub skip: &'static str,
    /// A host or a service was not probed.
    pub unknown: &'static str,
    #[serde(skip)]
    pub host_noun: Noun,
    #[serde(skip)]
    pub failed_noun: Noun,
    /// Hosts that were not reached.
    #[serde(skip)]
    pub unreachable_noun: Noun,
    #[serde(skip)]
    pub change_noun: Noun,
    #[serde(skip)]
    pub request_noun: Noun,
    #[serde(skip)]
    pub answer_noun: Noun,
    /// After `3 of 4`.
    #[serde(skip)]
    pub probes_passed: Noun,
}

impl Words {
    /// The words of a language.
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::Portuguese => &PORTUGUESE,
        }
    }

    /// A text in this language.
    pub fn say(&self, text: &Text) -> String {
        text.words(self.language).to_owned()
    }

    /// `3 of 4 probes passed`.
    pub fn passed_of(&self, passed: usize, all: usize) -> String {
        format!("{passed} {} {all} {}", self.of, self.probes_passed.of(all))
    }

    /// How a host ended.
    pub fn host_status(&self, status: HostStatus) -> &'static str {
        let (english, portuguese) = match status {
            HostStatus::Ok => ("unchanged", "sem mudanças"),
            HostStatus::Changed => ("changed", "alterada"),
            HostStatus::Unreachable => ("unreachable", "inacessível"),
            HostStatus::Failed => ("failed", "falhou"),
        };
        self.choose(english, portuguese)
    }

    /// What a change does.
    pub fn action(&self, action: Action) -> &'static str {
        let (english, portuguese) = match action {
            Action::Create => ("create", "criar"),
            Action::Update => ("update", "alterar"),
            Action::Delete => ("delete", "remover"),
            Action::Run => ("run", "executar"),
        };
        self.choose(english, portuguese)
    }

    /// What became of a change.
    pub fn change_result(&self, result: &ChangeResult) -> &'static str {
        let (english, portuguese) = match result {
            ChangeResult::Done => ("done", "feito"),
            ChangeResult::Failed => ("failed", "falhou"),
            ChangeResult::RolledBack => ("rolled back", "desfeito"),
            ChangeResult::NotRun => ("not run", "não executado"),
        };
        self.choose(english, portuguese)
    }

    /// A number as it is written: a decimal point, or a comma.
    pub fn number(&self, text: &str) -> String {
        self.language.number(text)
    }

    /// A time as it is written: a number and its unit stay on one line.
    pub fn time(&self, text: &str) -> String {
        self.number(text).replace(' ', "\u{a0}")
    }

    /// The form of a date and time.
    pub fn date_format(&self) -> &'static str {
        self.choose("%Y-%m-%d %H:%M (UTC%:z)", "%d/%m/%Y %H:%M (UTC%:z)")
    }

    /// What is of this language.
    pub fn choose<T>(&self, english: T, portuguese: T) -> T {
        match self.language {
            Language::English => english,
            Language::Portuguese => portuguese,
        }
    }
}

const ENGLISH: Words = Words {
    language: Language::English,
    works: "Everything works",
    attention: "Needs attention",
    interrupted: "Interrupted",
    nothing_to_do: "Nothing to do",
    planned: "Changes planned",
    applied: "Applied",
    undone: "Undone",
    clusters_work: "clusters work",
    of: "of",
    took: "took",
    to_mend: "What to mend",
    next: "Next",
    overview: "Overview",
    cluster: "cluster",
    host: "host",
    passed: "passed",
    what_probes_prove: "What the probes prove",
    clusters: "Clusters",
    the_cluster: "The cluster",
    balancer: "balancer",
    no_role: "no role",
    log: "Last lines of the log",
    only_planned: "planned",
    difference: "difference",
    search: "Search",
    all: "All",
    with_trouble: "Needs attention",
    filter: "Show",
    unfold: "Unfold all",
    fold: "Fold all",
    shown: "{shown} of {all} shown",
    pass: "works",
    fail: "fails",
    skip: "not judged",
    unknown: "not probed",
    host_noun: Noun::new("host", "hosts"),
    failed_noun: Noun::new("failed", "failed"),
    unreachable_noun: Noun::new("unreachable", "unreachable"),
    change_noun: Noun::new("change", "changes"),
    request_noun: Noun::new("request", "requests"),
    answer_noun: Noun::new("answer", "answers"),
    probes_passed: Noun::new("probe passed", "probes passed"),
};

const PORTUGUESE: Words = Words {
    language: Language::Portuguese,
    works: "Tudo funciona",
    attention: "Requer atenção",
    interrupted: "Interrompido",
    nothing_to_do: "Nada a fazer",
    planned: "Mudanças planejadas",
    applied: "Aplicado",
    undone: "Desfeito",
    clusters_work: "clusters funcionam",
    of: "de",
    took: "levou",
    to_mend: "O que corrigir",
    next: "A seguir",
    overview: "Visão geral",
    cluster: "cluster",
    host: "máquina",
    passed: "passaram",
    what_probes_prove: "O que os testes provam",
    clusters: "Clusters",
    the_cluster: "O cluster",
    balancer: "balanceador",
    no_role: "sem papel",
    log: "Últimas linhas do log",
    only_planned: "planejado",
    difference: "diferença",
    search: "Procurar",
    all: "Tudo",
    with_trouble: "Requer atenção",
    filter: "Mostrar",
    unfold: "Abrir tudo",
    fold: "Fechar tudo",
    shown: "{shown} de {all} na lista",
    pass: "funciona",
    fail: "falha",
    skip: "não avaliado",
    unknown: "não testado",
    host_noun: Noun::new("máquina", "máquinas"),
    failed_noun: Noun::new("falhou", "falharam"),
    unreachable_noun: Noun::new("inacessível", "inacessíveis"),
    change_noun: Noun::new("mudança", "mudanças"),
    request_noun: Noun::new("requisição", "requisições"),
    answer_noun: Noun::new("resposta", "respostas"),
    probes_passed: Noun::new("teste passou", "testes passaram"),
};
