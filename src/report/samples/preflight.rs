//! What was found before class.

use super::{DEFAULT, classroom, seconds};
use crate::model::{Finding, FindingKind, HostId, PreflightOutcome, Severity, Text};

/// A class of which some hosts are not fit.
pub fn preflight() -> PreflightOutcome {
    let finding = |host: &str, severity, kind, seen: &str, means: &str, mend: &str| Finding {
        host: HostId::new(DEFAULT, host),
        severity,
        kind,
        seen: Text::verbatim(seen),
        means: Text::verbatim(means),
        mend: Text::verbatim(mend),
        said: Vec::new(),
    };
    let mut findings = Vec::new();
    for team in 1..=30 {
        let (lb, web) = (format!("team{team:02}/lb"), format!("team{team:02}/web1"));
        findings.push(finding(
            &lb,
            Severity::Fatal,
            FindingKind::Peer,
            &format!("it does not reach web1 (10.1.{team}.11 port 80)"),
            "the balancer counts these web hosts as down and sends them nothing",
            "check `private_address`, the network of the VMs, and firewalls between them",
        ));
        findings.push(finding(
            &web,
            Severity::Fatal,
            FindingKind::Port,
            "port 80, which apache2 needs, is held by nginx",
            "apache2 cannot start on this host",
            "stop it on the host (`sudo systemctl disable --now nginx` if it is a service), or choose another port \
             in the inventory",
        ));
    }
    for host in ["team01/web1", "team01/web2"] {
        findings.push(finding(
            host,
            Severity::Warning,
            FindingKind::HostKey,
            "team01/web1 and team01/web2 have the same SSH host key: they are clones",
            "who is root on one of them can pass for any other",
            "on all but one: `sudo rm /etc/ssh/ssh_host_*`",
        ));
    }
    for (host, pid) in [("team02/web1", 812), ("team02/web2", 901)] {
        findings.push(finding(
            host,
            Severity::Warning,
            FindingKind::Apt,
            "unattended-upgr holds apt",
            "nothing can be installed until it is done",
            &format!("wait for process {pid} there"),
        ));
    }
    findings.push(finding(
        "team03/lb",
        Severity::Note,
        FindingKind::Leftover,
        "the old class scripts left /etc/haproxy/haproxy.cfg.bkp",
        "it disturbs nothing",
        "remove it on the host where nobody wants it any more",
    ));
    findings.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.kind));
    let hosts = classroom().hosts().map(|host| host.id.clone()).collect();
    PreflightOutcome { hosts, findings, converged: false, interrupted: false, duration: seconds(2.31) }
}
