//! Clocks, compared with this computer's.

use super::{Examined, finding};
use crate::model::{Finding, FindingKind, HostId, Severity, Text, text};

/// Seconds that disturb nobody.
const TOLERATED: u64 = 120;
/// Seconds behind from which apt takes its mirror's lists for lists from the future: mirrors sign theirs every few
/// hours.
const TOO_FAR_BEHIND: i64 = -24 * 60 * 60;
/// Seconds ahead from which lists have expired.
const TOO_FAR_AHEAD: i64 = 7 * 24 * 60 * 60;
/// So many hosts that agree are right, and this computer is wrong.
const ENOUGH_WITNESSES: usize = 3;

/// What a host's clock means for it, by how far it is ahead of this computer's (in seconds; negative: behind).
pub(super) fn skewed(host: &HostId, skew: i64, installs: bool) -> Option<Finding> {
    let severity = match skew {
        _ if skew.unsigned_abs() <= TOLERATED => return None,
        TOO_FAR_BEHIND..=TOO_FAR_AHEAD => Severity::Warning,
        _ if installs => Severity::Fatal,
        _ => Severity::Warning,
    };
    let means = match severity {
        Severity::Fatal => text!(
            en: "apt takes the lists of its mirror for invalid, and installs nothing",
            pt: "o apt considera inválidas as listas do espelho e não instala nada",
        ),
        _ => text!(
            en: "times in its logs and pages are wrong; apt and HTTPS refuse what seems to be from the future",
            pt: "os horários nos logs e nas páginas saem errados; o apt e o HTTPS recusam o que parece vir do futuro",
        ),
    };
    Some(finding(
        host,
        severity,
        FindingKind::Clock,
        seen(skew),
        means,
        text!(
            en: "set it on the host: `sudo timedatectl set-ntp true`, or restart the VM",
            pt: "acerte-o na máquina: `sudo timedatectl set-ntp true`, ou reinicie a VM",
        ),
    ))
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
            let finding = skewed(&host.id, facts.clock_skew, installs)?;
            Some(if all_agree {
                Finding {
                    severity: Severity::Warning,
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
