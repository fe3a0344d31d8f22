//! Judges hosts before class: what would stop the practice, what may disturb it, and how to mend it.
//!
//! Owns every judgement of `doctor`, those across hosts among them, and the few of them that `apply` makes of each host
//! before it changes anything there. All of it is pure: who examines, and how, is decided elsewhere.

mod clock;
mod configuration;
mod identity;
mod packages;
mod peers;
mod planned;
mod ports;
mod practice;
mod reach;
mod room;
mod system;

#[cfg(test)]
mod tests;

use crate::model::{
    Cluster, Concern, Examination, Facts, Failure, FailureKind, Finding, FindingKind, Host, HostId, HostPlan,
    HostText, Inventory, Operation, Resource, Severity, Text, services, text,
};

pub use peers::{peers, ssh_port};
pub use ports::ports;
pub use practice::{names, shared};

/// Names in a sentence; of more than this the rest is counted.
const MOST_NAMES: usize = 3;

#[derive(Debug)]
pub struct Examined<'a> {
    pub cluster: &'a Cluster,
    pub host: &'a Host,
    pub wanted: &'a [Resource],
    /// What was found there, or why it could not be examined.
    pub result: Result<Examination, Failure>,
    /// What an apply would do there; `None` where what only root sees is not known.
    pub plan: Option<Result<HostPlan, Failure>>,
    /// The last lines that the host said besides.
    pub said: Vec<Text>,
}

impl Examined<'_> {
    /// Whether an apply would change nothing there, as far as that is known.
    pub fn is_converged(&self) -> bool {
        matches!(&self.plan, Some(Ok(plan)) if plan.steps.is_empty())
    }

    /// Whether an apply would put right what the service of a port reads there: it may well be that by which it listens
    /// for nobody else.
    fn puts_right(&self, port: u16) -> bool {
        let Some(Ok(plan)) = &self.plan else { return false };
        let of_port = |service: &&str| {
            services(self.wanted).any(|wanted| wanted.name == *service && wanted.ports.contains(&port))
        };
        plan.steps.iter().any(|step| match &step.operation {
            Operation::WriteFile(file) => file.notify.as_deref().is_some_and(|service| of_port(&service)),
            Operation::MakeLink(link) => link.notify.as_deref().is_some_and(|service| of_port(&service)),
            _ => false,
        })
    }
}

/// Every finding: the worst first, of the same weight by kind, then in the order given.
pub fn judge(inventory: &Inventory, examined: &[Examined<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for Examined { cluster, host, wanted, result, plan, said } in examined {
        match result {
            // Ctrl-C says nothing of a host.
            Err(failure) if failure.kind == FailureKind::Interrupted => {}
            Err(failure) => findings.push(reach::failed(&host.id, failure, said)),
            Ok(examination) => {
                let facts = &examination.facts;
                let installs = facts.packages.values().any(|package| package.version.is_none());
                findings.extend(reach::root(&host.id, examination, said));
                findings.extend(system::judge(&host.id, facts));
                findings.extend(room::judge(host, facts, installs));
                findings.extend(room::memory(&host.id, examination.memory_available, installs));
                findings.extend(packages::judge(host, examination, installs));
                findings.extend(practice::judge(cluster, host, wanted, examination));
                let is_going = |service: &HostText| planned::takes_back(plan.as_ref(), service);
                findings.extend(ports::judge(host, wanted, examination, is_going));
                findings.extend(peers::judge(cluster, host, examination, examined));
                if let Some(plan) = plan {
                    findings.extend(configuration::judge(&host.id, wanted, examination, plan));
                    planned::add(&mut findings, &host.id, plan);
                }
            }
        }
    }
    findings.extend(clock::judge(examined));
    findings.extend(identity::judge(inventory, examined));
    findings.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.kind));
    findings
}

/// Lets a plan pass, with what deserves a word, or refuses it before anything is changed on its host. Only this one host
/// is looked at: no host waits for another.
pub fn admit(
    inventory: &Inventory,
    host: &Host,
    facts: &Facts,
    mut plan: HostPlan,
) -> Result<HostPlan, Failure> {
    let mut found = system::judge(&host.id, facts);
    if !plan.steps.is_empty() {
        let installs = plan.steps.iter().any(|step| matches!(step.operation, Operation::InstallPackage(_)));
        found.extend(identity::misplaced(inventory, host, facts, |_| None));
        found.extend(room::judge(host, facts, installs));
        if installs && clock::may_disturb_apt(facts.clock_skew) {
            found.extend(clock::skewed(&host.id, facts, installs));
        }
        if let Some(finding) = found.iter().find(|finding| finding.severity == Severity::Fatal) {
            return Err(refusal(finding));
        }
    }
    let warnings = found.iter().filter(|finding| finding.severity == Severity::Warning);
    plan.warnings.extend(warnings.map(|finding| Concern {
        kind: finding.kind,
        seen: finding.seen.clone(),
        next: finding.means.clone(),
        stops: false,
    }));
    Ok(plan)
}

fn refusal(finding: &Finding) -> Failure {
    let Finding { seen, mend, .. } = finding;
    Failure {
        kind: FailureKind::Preflight,
        message: text!(en: "{seen}; nothing was changed", pt: "{seen}; nada foi alterado", seen),
        hint: Some(text!(
            en: "{mend}; `provision doctor` examines all hosts",
            pt: "{mend}; `provision doctor` examina todas as máquinas",
            mend,
        )),
    }
}

fn finding(
    host: &HostId,
    severity: Severity,
    kind: FindingKind,
    seen: Text,
    means: Text,
    mend: Text,
) -> Finding {
    Finding { host: host.clone(), severity, kind, seen, means, mend, said: Vec::new() }
}
