//! What a preflight finds on hosts before class.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Serialize;
use strum::IntoStaticStr;

use super::host_id::HostId;
use super::text::{Text, text};

/// One thing that a preflight found on one host. Hosts with the same cause have the same `means`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub host: HostId,
    pub severity: Severity,
    pub kind: FindingKind,
    /// What was seen, without the host's own name; not cleaned.
    pub seen: Text,
    /// What that means for the class.
    pub means: Text,
    pub mend: Text,
    /// The last lines that the host said, where these tell why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub said: Vec<Text>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr, Serialize)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", const_into_str)]
pub enum Severity {
    /// Good to know; the class works.
    Note,
    /// The class may be disturbed by it.
    Warning,
    /// The practice does not work on this host until it is mended.
    Fatal,
}

/// What a finding is about; causes come before their consequences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr, Serialize)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", const_into_str)]
pub enum FindingKind {
    Unreachable,
    /// SSH reaches it, but its key or the login is refused.
    Login,
    Examination,
    Root,
    /// Another machine answers than the inventory means.
    Swapped,
    /// Two entries of the inventory lead to one machine.
    SameMachine,
    /// `private_address` is not one of its addresses.
    PrivateAddress,
    /// Distribution, version, service manager.
    System,
    /// Space, inodes, a read-only file system.
    Disk,
    Memory,
    Clock,
    Names,
    /// No way to packages, or some that cannot be installed.
    Packages,
    /// apt or dpkg is busy or was interrupted.
    Apt,
    /// What stands where a file or folder of ours belongs.
    File,
    /// A service that cannot start, or not with its files as they are.
    Service,
    Port,
    /// A host of its cluster is not reached.
    Peer,
    MachineId,
    /// Clones that have the same SSH host key.
    HostKey,
    /// What the old class scripts left.
    Leftover,
    /// What nobody wants any more, and is not ours to delete.
    Unwanted,
}

impl FindingKind {
    /// The heading of findings of this kind that differ from host to host.
    pub fn title(self) -> Text {
        match self {
            Self::Unreachable => text!(en: "not reached", pt: "fora de alcance"),
            Self::Login => text!(en: "the login is refused", pt: "o login é recusado"),
            Self::Examination => text!(en: "not examined", pt: "não examinada"),
            Self::Root => text!(en: "root is not gained", pt: "não dá para virar root"),
            Self::Swapped => text!(
                en: "another machine answers than the inventory means",
                pt: "responde uma máquina que não é a do inventário",
            ),
            Self::SameMachine => text!(
                en: "entries that lead to the same machine",
                pt: "entradas que levam à mesma máquina",
            ),
            Self::PrivateAddress => text!(
                en: "a private_address that the host does not have",
                pt: "um private_address que a máquina não tem",
            ),
            Self::System => text!(
                en: "another system than the tool knows",
                pt: "um sistema que a ferramenta não conhece",
            ),
            Self::Disk => text!(en: "little room", pt: "pouco espaço em disco"),
            Self::Memory => text!(en: "little memory", pt: "pouca memória"),
            Self::Clock => text!(en: "the clock is wrong", pt: "o relógio está errado"),
            Self::Names => text!(en: "a name is not resolved", pt: "um nome não é resolvido"),
            Self::Packages => text!(en: "no way to packages", pt: "sem acesso a pacotes"),
            Self::Apt => text!(en: "apt is busy", pt: "o apt está ocupado"),
            Self::File => text!(
                en: "something stands where a file belongs",
                pt: "há outra coisa no lugar de um arquivo",
            ),
            Self::Service => text!(
                en: "a service cannot start as it should",
                pt: "um serviço não consegue iniciar como deve",
            ),
            Self::Port => text!(en: "a port is taken", pt: "uma porta está ocupada"),
            Self::Peer => text!(
                en: "another host of the cluster is not reached",
                pt: "outra máquina do cluster não é alcançada",
            ),
            Self::MachineId => text!(
                en: "clones with the same machine-id",
                pt: "clones com o mesmo machine-id",
            ),
            Self::HostKey => text!(
                en: "clones with the same SSH host key",
                pt: "clones com a mesma chave SSH da máquina",
            ),
            Self::Leftover => text!(
                en: "leftovers of old class scripts",
                pt: "restos de scripts de aulas antigas",
            ),
            Self::Unwanted => text!(en: "made by other inventories", pt: "feito por outros inventários"),
        }
    }

    /// Whether SSH did not get through.
    pub fn is_unreachable(self) -> bool {
        matches!(self, Self::Unreachable | Self::Login)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PreflightOutcome {
    /// The hosts that were to be examined, in the order of the inventory.
    pub hosts: Vec<HostId>,
    /// The worst first; of the same weight by kind, then in the order of the inventory.
    pub findings: Vec<Finding>,
    /// Whether an apply would change nothing on any of them.
    pub converged: bool,
    /// Whether Ctrl-C ended it early.
    pub interrupted: bool,
    pub duration: Duration,
}

impl PreflightOutcome {
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// The hosts on which the practice does not work.
    pub fn unfit(&self) -> BTreeSet<&HostId> {
        let fatal = self.findings.iter().filter(|finding| finding.severity == Severity::Fatal);
        fatal.map(|finding| &finding.host).collect()
    }
}
