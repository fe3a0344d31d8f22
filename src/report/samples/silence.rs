//! Hosts that nobody reaches, with all that a real run then tells of them and of their balancers.

use super::seconds;
use crate::model::*;

/// Nobody answers on the SSH port.
pub fn silent() -> Failure {
    Failure {
        kind: FailureKind::Connect,
        message: text!(en: "no answer on port 22 within 10 s", pt: "sem resposta na porta 22 em 10 s"),
        hint: Some(text!(
            en: "check that the machine is switched on and that its address in the inventory is right",
            pt: "veja se a máquina está ligada e se o endereço dela no inventário está certo",
        )),
    }
}

/// Lets a web host be silent: the work on it does not begin, its `ssh` fails, what is asked through SSH is not asked,
/// and its balancer is not judged.
pub fn silence(outcome: &mut RunOutcome, cluster: &str, web: &str) {
    let (failure, host) = (silent(), HostId::new(cluster, web));
    if let Some(worked) = outcome.hosts.iter_mut().find(|worked| worked.host == host) {
        worked.changes.clear();
        worked.status = HostStatus::Unreachable;
        worked.failure = Some(failure.clone());
    }
    let (message, lb) = (&failure.message, HostId::new(cluster, "lb"));
    for check in &mut outcome.checks {
        let told = match check.kind {
            CheckKind::SSH if check.host == host => {
                check.hint.clone_from(&failure.hint);
                (
                    CheckStatus::Fail,
                    text!(
                        en: "{message}; expected a login over SSH",
                        pt: "{message}; esperado: entrar por SSH",
                        message,
                    ),
                )
            }
            _ if check.host == host => {
                (CheckStatus::Skip, text!(en: "not asked: {message}", pt: "não testado: {message}", message))
            }
            CheckKind::BALANCE | CheckKind::STATS if check.host == lb => (
                CheckStatus::Skip,
                text!(
                    en: "{web} is DOWN, because ssh of {host} failed",
                    pt: "{web} está DOWN, por causa da falha de ssh em {host}",
                ),
            ),
            _ => continue,
        };
        (check.status, check.detail) = told;
        check.duration = seconds(0.0);
    }
}

/// Probes alone, in a class where two hosts of one cluster and one of another are silent.
pub fn class_verified_with_silence() -> RunOutcome {
    let checks = super::passing_checks(&super::classroom());
    let mut outcome = RunOutcome { checks, duration: seconds(12.4), ..RunOutcome::default() };
    for (cluster, web) in [("team02", "web1"), ("team03", "web1"), ("team03", "web2")] {
        silence(&mut outcome, cluster, web);
    }
    outcome
}
