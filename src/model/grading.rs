//! How probes become the score of a cluster.

use std::collections::BTreeMap;

use super::check::{Check, CheckStatus};
use super::probe::CheckKind;

#[derive(Debug, Clone, PartialEq)]
pub struct Grading {
    /// The score of a cluster where every probe passed.
    pub maximum: f64,
    /// What each probe counts relative to the others; 1 where it is not named.
    pub weights: BTreeMap<CheckKind, f64>,
}

impl Default for Grading {
    fn default() -> Self {
        Self { maximum: 100.0, weights: BTreeMap::new() }
    }
}

impl Grading {
    /// The score of a cluster's checks: for each column of probes the share of its checks that passed, weighted.
    /// A check that could not be judged counts as not passed; a kind of which there is no check does not count.
    /// `None` where nothing counts.
    pub fn score<'a>(&self, checks: impl IntoIterator<Item = &'a Check>) -> Option<f64> {
        let mut counts: BTreeMap<CheckKind, (u32, u32)> = BTreeMap::new();
        for check in checks {
            let (passed, all) = counts.entry(check.kind.column()).or_default();
            *passed += u32::from(check.status == CheckStatus::Pass);
            *all += 1;
        }
        let mut reached = 0.0;
        let mut possible = 0.0;
        for (kind, (passed, all)) in counts {
            let weight = self.weights.get(&kind).copied().unwrap_or(1.0);
            reached += weight * f64::from(passed) / f64::from(all);
            possible += weight;
        }
        (possible > 0.0).then(|| self.maximum * reached / possible)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::{HostId, Text};

    fn checks(verdicts: &[(CheckKind, CheckStatus)]) -> Vec<Check> {
        let check = |&(kind, status)| Check {
            kind,
            host: HostId::new("ana", "lb"),
            status,
            detail: Text::default(),
            hint: None,
            shares: Vec::new(),
            services: Vec::new(),
            log_tail: Vec::new(),
            duration: Duration::ZERO,
        };
        verdicts.iter().map(check).collect()
    }

    fn score(grading: &Grading, verdicts: &[(CheckKind, CheckStatus)]) -> String {
        grading.score(&checks(verdicts)).map_or("none".to_owned(), |score| format!("{score:.2}"))
    }

    #[test]
    fn each_kind_of_probe_counts_alike_however_many_hosts_it_has() {
        use CheckStatus::{Fail, Pass, Skip};
        let equal = Grading::default();
        assert_eq!(score(&equal, &[]), "none");
        assert_eq!(score(&equal, &[(CheckKind::SSH, Pass), (CheckKind::HTTP, Pass)]), "100.00");
        assert_eq!(score(&equal, &[(CheckKind::SSH, Fail), (CheckKind::HTTP, Skip)]), "0.00");
        assert_eq!(
            score(
                &equal,
                &[
                    (CheckKind::HTTP, Pass),
                    (CheckKind::HTTP, Pass),
                    (CheckKind::HTTP, Fail),
                    (CheckKind::BALANCE, Pass)
                ]
            ),
            "83.33"
        );
    }

    #[test]
    fn weights_shift_the_score_and_the_maximum_scales_it() {
        use CheckStatus::{Fail, Pass};
        let grading = Grading {
            maximum: 10.0,
            weights: BTreeMap::from([(CheckKind::HTTP, 3.0), (CheckKind::SOCKET, 0.0)]),
        };
        assert_eq!(
            score(
                &grading,
                &[(CheckKind::HTTP, Pass), (CheckKind::BALANCE, Fail), (CheckKind::SOCKET, Fail)]
            ),
            "7.50"
        );
        assert_eq!(
            score(
                &grading,
                &[(CheckKind::HTTP, Fail), (CheckKind::BALANCE, Pass), (CheckKind::SOCKET, Pass)]
            ),
            "2.50"
        );
        assert_eq!(score(&grading, &[(CheckKind::SOCKET, Pass)]), "none");
    }

    #[test]
    fn all_probes_of_a_practice_share_its_weight() {
        use CheckStatus::{Fail, Pass};
        let [queue, page] = ["queue", "page"].map(|probe| CheckKind::of_practice_probe("rabbitmq", probe));
        let weights = BTreeMap::from([(CheckKind::of_practice("rabbitmq"), 3.0)]);
        let grading = Grading { maximum: 10.0, weights };
        assert_eq!(score(&grading, &[(CheckKind::SSH, Pass), (queue, Pass), (page, Fail)]), "6.25");
    }
}
