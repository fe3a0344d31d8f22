//! The way to packages, and what stands in apt's way.

use super::finding;
use crate::model::{Examination, Finding, FindingKind, Host, PackageSource, Severity};

/// Whether what is missing can be installed, and names are resolved.
pub(super) fn judge(host: &Host, examination: &Examination, installs: bool) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    if installs {
        findings.extend(way(host, examination));
    }
    if let Some(holder) = &examination.apt_holder {
        let mut words = holder.split(' ');
        let (pid, name) = (words.next().unwrap_or("?"), words.next().unwrap_or("another program"));
        findings.push(finding(
            &host.id,
            Severity::Warning,
            FindingKind::Apt,
            format!("{name} holds apt"),
            "nothing can be installed until it is done",
            format!("wait for process {pid} there; `provision apply` waits by itself for ten minutes"),
        ));
    }
    if examination.cloud_init {
        findings.push(finding(
            &host.id,
            Severity::Warning,
            FindingKind::Apt,
            "cloud-init still sets the host up",
            "nothing can be installed until it is done",
            "wait some minutes; `provision apply` waits by itself for five",
        ));
    }
    if examination.facts.dpkg_interrupted {
        findings.push(finding(
            &host.id,
            Severity::Note,
            FindingKind::Apt,
            "an installation was interrupted here",
            "dpkg has to be repaired before anything is installed",
            "nothing: `provision apply` repairs it first",
        ));
    }
    if !examination.resolves_itself {
        findings.push(finding(
            &host.id,
            Severity::Note,
            FindingKind::Names,
            "it cannot resolve its own name",
            "sudo may wait for a name server each time it is used",
            "add its name to /etc/hosts on the host, beside 127.0.1.1",
        ));
    }
    findings
}

/// How what is missing will come, where that deserves a word.
fn way(host: &Host, examination: &Examination) -> Vec<Finding> {
    let via = host.packages.via;
    let own_way_fails = examination.facts.mirror_reachable == Some(false);
    let mut findings = Vec::new();
    if own_way_fails && via != PackageSource::Laptop {
        let (kind, seen) = match &examination.silent_mirror {
            Some((mirror, true)) => {
                (FindingKind::Packages, format!("it does not reach its package mirror {mirror}"))
            }
            Some((mirror, false)) => {
                (FindingKind::Names, format!("it cannot resolve the name of its package mirror {mirror}"))
            }
            None => (FindingKind::Packages, "its package sources name no mirror that answers".to_owned()),
        };
        let (severity, means, mend) = match via {
            PackageSource::Host => (
                Severity::Fatal,
                "packages that the class needs cannot be installed",
                "mend its network, or let this computer serve: `packages: { via: laptop }`",
            ),
            PackageSource::Auto | PackageSource::Laptop => (
                Severity::Note,
                "its packages come through this computer",
                "nothing; `provision packages fetch` downloads them before class",
            ),
        };
        findings.push(finding(&host.id, severity, kind, seen, means, mend));
    }
    let through_laptop = via == PackageSource::Laptop || via == PackageSource::Auto && own_way_fails;
    if through_laptop && examination.forwards == Some(false) {
        findings.push(finding(
            &host.id,
            Severity::Note,
            FindingKind::Packages,
            "its sshd forbids port forwarding",
            "its packages are uploaded to it instead",
            "nothing; `AllowTcpForwarding yes` in its sshd_config would let apt ask for them itself",
        ));
    }
    findings
}
