//! The probes, a row each. To add one takes a row here, its judgement in `probes` and its question in `runner::verify`.

use std::cmp::Ordering;

use serde::Serialize;

use super::text::{Text, text};

/// A kind of probe, told by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct CheckKind(pub &'static str);

/// What tells a probe from others.
#[derive(Debug, Clone, Copy)]
pub struct Probe {
    pub kind: CheckKind,
    pub of: Whose,
    /// Probes of the same host that may explain its failure, the one to look at first before the others.
    pub needs: &'static [CheckKind],
    /// Probes of other hosts of the cluster that may explain it.
    pub needs_of_others: &'static [CheckKind],
    /// Whether it asks for pages, which `--direct` asks for from this machine; else it is asked over the host's session.
    pub asks_pages: bool,
    /// What it proves.
    pub proof: fn() -> Text,
    /// What its weight is about, for the schema of inventories.
    pub description: &'static str,
}

/// The hosts that have a probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    All,
    /// Those with services that must run.
    WithServices,
    WithPage,
    Balancers,
    WithSocketLab,
}

/// All probes, in the order they are shown.
pub const PROBES: &[Probe] = &[
    Probe {
        kind: CheckKind::SSH,
        of: Whose::All,
        needs: &[],
        needs_of_others: &[],
        asks_pages: false,
        proof: || text!(en: "the host can be logged into", pt: "dá para entrar na máquina"),
        description: "The host answers over SSH.",
    },
    Probe {
        kind: CheckKind::SERVICE,
        of: Whose::WithServices,
        needs: &[CheckKind::SSH],
        needs_of_others: &[],
        asks_pages: false,
        proof: || {
            text!(
                en: "HAProxy or Apache2 is running, and will be after a restart",
                pt: "o HAProxy ou o Apache2 está rodando, e estará depois de reiniciar",
            )
        },
        description: "The services of its roles are active and enabled.",
    },
    Probe {
        kind: CheckKind::HTTP,
        of: Whose::WithPage,
        needs: &[CheckKind::SERVICE, CheckKind::SSH],
        needs_of_others: &[],
        asks_pages: true,
        proof: || {
            text!(
                en: "each web host serves its own page",
                pt: "cada servidor web entrega a sua própria página",
            )
        },
        description: "A web host serves its own page.",
    },
    Probe {
        kind: CheckKind::BALANCE,
        of: Whose::Balancers,
        needs: &[CheckKind::SERVICE, CheckKind::SSH],
        needs_of_others: &[CheckKind::HTTP],
        asks_pages: true,
        proof: || {
            text!(
                en: "all web hosts answer through the balancer, in the shares that its algorithm gives",
                pt: "todos os servidores web respondem pelo balanceador, na proporção que o algoritmo dá",
            )
        },
        description: "The balancer shares requests out over all web hosts.",
    },
    Probe {
        kind: CheckKind::STATS,
        of: Whose::Balancers,
        needs: &[CheckKind::SERVICE, CheckKind::SSH],
        needs_of_others: &[CheckKind::HTTP],
        asks_pages: true,
        proof: || {
            text!(
                en: "HAProxy itself counts every web host as up",
                pt: "o próprio HAProxy considera no ar todos os servidores web",
            )
        },
        description: "HAProxy counts every web host as up.",
    },
    Probe {
        kind: CheckKind::SOCKET,
        of: Whose::WithSocketLab,
        needs: &[CheckKind::SSH],
        needs_of_others: &[],
        asks_pages: false,
        proof: || {
            text!(
                en: "the three socket servers speak their protocol",
                pt: "os três servidores da prática de sockets falam o seu protocolo",
            )
        },
        description: "The three socket variants speak their protocol.",
    },
];

impl CheckKind {
    pub const SSH: Self = Self("ssh");
    pub const SERVICE: Self = Self("service");
    pub const HTTP: Self = Self("http");
    pub const BALANCE: Self = Self("balance");
    pub const STATS: Self = Self("stats");
    pub const SOCKET: Self = Self("socket");

    /// Its row in the table.
    pub fn probe(self) -> Option<&'static Probe> {
        PROBES.iter().find(|probe| probe.kind == self)
    }

    /// The name in JSON and on the terminal.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    fn place(self) -> usize {
        PROBES.iter().position(|probe| probe.kind == self).unwrap_or(PROBES.len())
    }
}

/// In the order of the table.
impl Ord for CheckKind {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.place(), self.0).cmp(&(other.place(), other.0))
    }
}

impl PartialOrd for CheckKind {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_stands_behind_those_that_it_needs() {
        for probe in PROBES {
            let needs = probe.needs.iter().chain(probe.needs_of_others);
            assert!(needs.clone().all(|need| *need < probe.kind), "{:?} needs {:?}", probe.kind, needs);
        }
        assert!(PROBES.is_sorted_by_key(|probe| probe.kind));
    }

    #[test]
    fn a_probe_without_a_row_comes_last() {
        let own = CheckKind("amqp");
        assert!(PROBES.iter().all(|probe| probe.kind < own) && own.probe().is_none());
    }
}
