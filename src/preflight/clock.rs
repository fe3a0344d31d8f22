//! Clocks, compared with this computer's.

use super::{Examined, finding};
use crate::model::{Facts, Finding, FindingKind, HostId, Severity, Text, text};

/// Seconds that disturb nobody.
const TOLERATED: u64 = 120;
/// Seconds behind from which the newest lists of a mirror may seem to come from the future: mirrors sign theirs every few
/// hours.
const MAY_SEEM_NEW: i64 = -60 * 60;
/// Seconds ahead from which lists may seem to have expired: those of updates are signed for a week.
const MAY_SEEM_EXPIRED: i64 = 7 * 24 * 60 * 60;
/// So many hosts that agree are right, and this computer is wrong.
const ENOUGH_WITNESSES: usize = 3;

/// What a host's clock means for it, by how far it is ahead of this computer's (in seconds; negative: behind). Which of
/// the two is wrong is not known, and what apt makes of it depends on the mirror: it stops nobody.
pub(super) fn skewed(host: &HostId, facts: &Facts, installs: bool) -> Option<Finding> {
    let skew = facts.clock_skew;
    if skew.unsigned_abs() <= TOLERATED {
        return None;
    }
    let means = match skew {
        _ if !installs || !may_disturb_apt(skew) => text!(
            en: "times in its logs and pages are wrong",
            pt: "os horários nos logs e nas páginas dela saem errados",
        ),
        ..0 => text!(
            en: "apt and HTTPS may refuse what seems to be from the future, such as the newest lists of its mirror",
            pt: "o apt e o HTTPS podem recusar o que parece vir do futuro, como as listas mais novas do espelho",
        ),
        _ => text!(
            en: "apt and HTTPS may refuse what seems to have expired, such as lists of updates and certificates",
            pt: "o apt e o HTTPS podem recusar o que parece vencido, como listas de atualizações e certificados",
        ),
    };
    Some(finding(
        host,
        Severity::Warning,
        FindingKind::Clock,
        seen(skew),
        means,
        if facts.systemd {
            text!(
                en: "set the one that is wrong; on the host: `sudo timedatectl set-ntp true`, or restart the VM",
                pt: "acerte o que estiver errado; na máquina: `sudo timedatectl set-ntp true`, ou reinicie a VM",
            )
        } else {
            text!(
                en: "set the one that is wrong; on the host: `sudo date -s TIME`, or restart it",
                pt: "acerte o que estiver errado; na máquina: `sudo date -s HORA`, ou reinicie-a",
            )
        },
    ))
}

/// Whether apt may refuse its mirror's lists by such a clock.
pub(super) fn may_disturb_apt(skew: i64) -> bool {
    !(MAY_SEEM_NEW..=MAY_SEEM_EXPIRED).contains(&skew)
}

/// The clocks of all hosts. Where many agree with each other and not with this computer, that is what is told.
pub(super) fn judge(examined: &[Examined<'_>]) -> Vec<Finding> {
    let looked: Vec<_> = examined
        .iter()
        .filter_map(|examined| Some((examined.host, &examined.result.as_ref().ok()?.facts)))
        .collect();
    let skews = || looked.iter().map(|(_, facts)| facts.clock_skew);
    let (least, most) = (skews().min().unwrap_or(0), skews().max().unwrap_or(0));
    let all_agree = looked.len() >= ENOUGH_WITNESSES && most.abs_diff(least) <= TOLERATED;
    looked
        .iter()
        .filter_map(|(host, facts)| {
            let installs = facts.packages.values().any(|package| package.version.is_none());
            let finding = skewed(&host.id, facts, installs)?;
            Some(if all_agree {
                Finding {
                    seen: seen(most),
                    means: text!(
                        en: "all hosts agree, so it is this computer's clock that is wrong",
                        pt: "todas as máquinas concordam, então errado está o relógio deste computador",
                    ),
                    mend: text!(
                        en: "set this computer's clock: `sudo timedatectl set-ntp true`",
                        pt: "acerte o relógio deste computador: `sudo timedatectl set-ntp true`",
                    ),
                    ..finding
                }
            } else {
                finding
            })
        })
        .collect()
}

fn seen(skew: i64) -> Text {
    let span = span(skew.unsigned_abs());
    if skew < 0 {
        text!(
            en: "its clock is {span} behind this computer's",
            pt: "o relógio está {span} atrasado em relação ao deste computador",
            span,
        )
    } else {
        text!(
            en: "its clock is {span} ahead of this computer's",
            pt: "o relógio está {span} adiantado em relação ao deste computador",
            span,
        )
    }
}

/// As exact as is of use.
fn span(seconds: u64) -> Text {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    match seconds {
        0..HOUR => Text::verbatim(format!("{} min", seconds / MINUTE)),
        HOUR..DAY => Text::verbatim(format!("{} h", seconds / HOUR)),
        _ if seconds < 2 * DAY => text!(en: "1 day", pt: "1 dia"),
        _ => {
            let days = seconds / DAY;
            text!(en: "{days} days", pt: "{days} dias")
        }
    }
}
