//! The statistical rule of `balance`: do counts of answers fit the algorithm?
//!
//! - **Turns** (roundrobin, static-rr): without other traffic the counts differ from the servers' shares by less
//!   than 1. Browsers of students take turns that we don't see: each of their requests in the same moment moves a
//!   count by less than 1. A count may be off by 2 and a tenth of its share, which is never refused where two
//!   requests of others, and for large shares as many as a tenth of it, come between ours.
//! - **Random**: HAProxy throws each request on a ring where every server holds 16 arcs for each unit of weight, so a
//!   server's probability is not exactly its share `w`: for 2 to 40 servers it lies between `0.5 w` and `1.6 w`, and
//!   nearer to `w` with larger weights, which bring more arcs. A count is refused where it is so low that a server of
//!   probability `w/3`, or so high that one of `2w`, shows it with a chance below `α/2k` (exact binomial tails, `k`
//!   servers). By Bonferroni a sound balancer is refused with a chance below `α` = 1 in 100,000, however it splits
//!   within these bounds. Requests at the same time only narrow the counts, since of two draws the less busy server
//!   is taken.
//! - **Least connections**: counts follow the speed of the servers and have no law; each must answer at all. There
//!   are as many requests as for Random, as newer versions choose among idle servers by chance.
//! - **One server**: a single client's requests all have one and the same answer.
//!
//! Shares are by weight. There are so many requests that the server with the smallest share should be seen, up to
//! a limit; a server that may well not be seen, as one of weight 0, is not missed.

use crate::model::{Text, text};

use super::expectation::Algorithm;

/// Chance of refusing a sound balancer.
const FALSE_ALARM: f64 = 1e-5;

/// More requests than this are not sent, however small a share is.
const MOST_REQUESTS: usize = 2_000;

/// How many requests it takes to judge servers of these weights.
pub fn requests_for(algorithm: Algorithm, weights: &[u32]) -> usize {
    let smallest = shares(weights).filter(|share| *share > 0.0).fold(1.0, f64::min);
    let enough = match algorithm {
        Algorithm::Turns => 10.0 / smallest,
        Algorithm::OneServer => 0.0,
        // The fewest with which the server of the smallest share, at its lowest probability, is missed if it never
        // answers.
        Algorithm::Random | Algorithm::LeastConnections => {
            tail_limit(weights.len()).ln() / (1.0 - lowest_probability(smallest)).ln()
        }
    };
    (20..MOST_REQUESTS).find(|requests| to_float(*requests) + 1e-6 >= enough).unwrap_or(MOST_REQUESTS)
}

/// Whether so many requests without an answer of the server at `index` can't be chance.
pub fn is_missed(algorithm: Algorithm, requests: usize, weights: &[u32], index: usize) -> bool {
    let share = shares(weights).nth(index).unwrap_or_default();
    match algorithm {
        Algorithm::Turns => {
            let even = share * to_float(requests);
            even > turn_tolerance(even)
        }
        Algorithm::Random | Algorithm::LeastConnections => {
            at_most(requests, lowest_probability(share), 0) < tail_limit(weights.len())
        }
        Algorithm::OneServer => false,
    }
}

/// What is wrong with a spread; `None` where it fits. `counts` and `weights` are by server.
pub fn misfit(algorithm: Algorithm, counts: &[usize], weights: &[u32]) -> Option<Text> {
    let total: usize = counts.iter().sum();
    if total == 0 || counts.len() != weights.len() {
        return None;
    }
    let shares = shares(weights);
    match algorithm {
        Algorithm::Turns => {
            let fits = counts.iter().zip(shares.clone()).all(|(count, share)| {
                let even = share * to_float(total);
                (to_float(*count) - even).abs() <= turn_tolerance(even)
            });
            (!fits).then(|| {
                let evens = shares.map(|share| share * to_float(total));
                let tolerance = evens.clone().map(turn_tolerance).fold(0.0, f64::max);
                let about = evenly(evens);
                text!(
                    en: "{about} (give or take {tolerance:.0})",
                    pt: "{about} (até {tolerance:.0} a mais ou a menos)",
                    about,
                )
            })
        }
        Algorithm::Random => {
            let limit = tail_limit(counts.len());
            let fits = counts.iter().zip(shares.clone()).all(|(count, share)| {
                at_most(total, lowest_probability(share), *count) >= limit
                    && at_least(total, highest_probability(share), *count) >= limit
            });
            (!fits).then(|| {
                let about = evenly(shares.map(|share| share * to_float(total)));
                text!(en: "{about} or so by chance", pt: "{about}, conforme o acaso", about)
            })
        }
        Algorithm::LeastConnections => None,
        Algorithm::OneServer => {
            let answering = counts.iter().filter(|count| **count > 0).count();
            (answering > 1).then(|| {
                text!(
                    en: "one and the same server for all requests of one client",
                    pt: "um só servidor para todas as requisições de um cliente",
                )
            })
        }
    }
}

fn turn_tolerance(even: f64) -> f64 {
    2.0 + even / 10.0
}

/// `about 10 each`, or the shares where they differ.
fn evenly(evens: impl Iterator<Item = f64>) -> Text {
    let evens: Vec<_> = evens.map(|even| format!("{even:.0}")).collect();
    match evens.first() {
        Some(first) if evens.iter().all(|even| even == first) => {
            text!(en: "about {first} each", pt: "cerca de {first} cada")
        }
        _ => {
            let evens = evens.join(", ");
            text!(en: "about {evens}", pt: "cerca de {evens}")
        }
    }
}

/// Each server's share of the requests; 0 where no server has a weight.
fn shares(weights: &[u32]) -> impl Iterator<Item = f64> + Clone {
    let sum: f64 = weights.iter().copied().map(f64::from).sum();
    weights.iter().map(move |weight| if sum > 0.0 { f64::from(*weight) / sum } else { 0.0 })
}

fn lowest_probability(share: f64) -> f64 {
    if share >= 1.0 { 1.0 - 1e-9 } else { share / 3.0 }
}

fn highest_probability(share: f64) -> f64 {
    (share * 2.0).min(1.0)
}

fn tail_limit(servers: usize) -> f64 {
    FALSE_ALARM / (2.0 * to_float(servers.max(1)))
}

/// Chance of at most `count` among `total` trials of a probability.
fn at_most(total: usize, probability: f64, count: usize) -> f64 {
    if count >= total || probability <= 0.0 {
        return 1.0;
    }
    if probability >= 1.0 {
        return 0.0;
    }
    // Terms are built as logarithms, since the first underflows where there are many trials.
    let odds = (probability / (1.0 - probability)).ln();
    let mut term = to_float(total) * (1.0 - probability).ln();
    let mut sum = term.exp();
    for hits in 0..count {
        term += odds + (to_float(total - hits) / to_float(hits + 1)).ln();
        sum += term.exp();
    }
    sum.min(1.0)
}

/// Chance of at least `count` among `total` trials of a probability.
fn at_least(total: usize, probability: f64, count: usize) -> f64 {
    at_most(total, 1.0 - probability, total.saturating_sub(count))
}

fn to_float(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small generator, so that the simulation is the same in every run.
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self) -> f64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            f64::from(u32::try_from(self.0 >> 32).unwrap()) / f64::from(u32::MAX)
        }

        fn counts(&mut self, requests: usize, probabilities: &[f64]) -> Vec<usize> {
            let mut counts = vec![0; probabilities.len()];
            for _ in 0..requests {
                let mut rest = self.roll();
                let chosen = probabilities.iter().position(|probability| {
                    rest -= probability;
                    rest <= 0.0
                });
                counts[chosen.unwrap_or(probabilities.len() - 1)] += 1;
            }
            counts
        }
    }

    #[test]
    fn binomial_tails_are_exact() {
        let near = |value: f64, expected: f64| assert!((value - expected).abs() < 1e-9, "{value} {expected}");
        near(at_most(2, 0.5, 0), 0.25);
        near(at_most(2, 0.5, 1), 0.75);
        near(at_least(2, 0.5, 2), 0.25);
        near(at_most(10, 0.3, 3), 0.649_610_717_9);
        near(at_least(10, 1.0, 10), 1.0);
        near(at_most(5, 0.2, 5), 1.0);
        assert!(at_most(5000, 0.5, 100) < 1e-300);
        assert!((at_most(5000, 0.5, 2500) - 0.5).abs() < 0.01);
    }

    /// Probabilities at the ends of what a server may have, for servers of these weights.
    fn extremes(weights: &[u32]) -> Vec<Vec<f64>> {
        let shares: Vec<_> = shares(weights).collect();
        let low = |index: usize| {
            let rest = 1.0 - shares[index];
            let moved = (shares[index] * 0.5).min(rest * 0.6);
            let give = |(other, share): (usize, &f64)| {
                if other == index { share - moved } else { share + moved * share / rest }
            };
            shares.iter().enumerate().map(give).collect()
        };
        (0..shares.len()).map(low).chain([shares.clone()]).collect()
    }

    #[test]
    fn false_alarms_of_random_are_below_one_in_ten_thousand() {
        let mut dice = Dice(88_172_645_463_325_252);
        for (weights, runs) in [
            (&[1, 1][..], 10_000),
            (&[1, 1, 1], 8_000),
            (&[1, 2, 3], 3_000),
            (&[1, 10], 3_000),
            (&[1; 10], 500),
        ] {
            let requests = requests_for(Algorithm::Random, weights);
            let (mut tries, mut alarms) = (0, 0);
            for probabilities in extremes(weights) {
                for _ in 0..runs {
                    let counts = dice.counts(requests, &probabilities);
                    let missed = (0..counts.len()).any(|index| {
                        counts[index] == 0 && is_missed(Algorithm::Random, requests, weights, index)
                    });
                    let refused = missed || misfit(Algorithm::Random, &counts, weights).is_some();
                    tries += 1;
                    alarms += usize::from(refused);
                }
            }
            assert!(alarms <= 1, "{alarms} of {tries} with weights {weights:?}");
        }
    }

    /// Turns as HAProxy gives them: each time to the server that is furthest behind its share.
    fn take_turns(
        weights: &[u32],
        first: usize,
        requests: usize,
        is_ours: impl Fn(usize) -> bool,
    ) -> Vec<usize> {
        let shares: Vec<_> = shares(weights).collect();
        let mut taken = vec![0; weights.len()];
        let mut ours = vec![0; weights.len()];
        for turn in 0..first + requests {
            let behind = |index: usize| shares[index] * to_float(turn + 1) - to_float(taken[index]);
            let next =
                (0..weights.len()).max_by(|one, other| behind(*one).total_cmp(&behind(*other))).unwrap();
            taken[next] += 1;
            ours[next] += usize::from(turn >= first && is_ours(turn - first));
        }
        ours
    }

    #[test]
    fn turns_with_weights_and_two_requests_of_others_raise_no_alarm() {
        for weights in [&[1, 1][..], &[1, 1, 1], &[1, 2], &[1, 2, 3], &[1, 10], &[5, 3, 1, 1]] {
            let requests = requests_for(Algorithm::Turns, weights);
            for first in [0, 1, 5] {
                for one in (0..requests).step_by(2) {
                    for other in (0..requests).step_by(3) {
                        let is_ours = |turn| turn != one && turn != other;
                        let counts = take_turns(weights, first, requests + 2, is_ours);
                        assert_eq!(
                            misfit(Algorithm::Turns, &counts, weights),
                            None,
                            "{weights:?} {counts:?}"
                        );
                        let silent = counts.iter().position(|count| *count == 0);
                        assert_eq!(silent, None, "{weights:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_bound_of_false_alarms_holds_exactly() {
        for weights in [&[1, 1][..], &[1, 1, 1], &[1; 10], &[1, 2, 3], &[1, 20]] {
            let requests = requests_for(Algorithm::Random, weights);
            let limit = tail_limit(weights.len());
            for share in shares(weights) {
                // Chance that one server's count is refused, at both ends of the probabilities it may have.
                for probability in [lowest_probability(share), share, highest_probability(share)] {
                    let chance: f64 = (0..=requests)
                        .filter(|count| {
                            at_most(requests, lowest_probability(share), *count) < limit
                                || at_least(requests, highest_probability(share), *count) < limit
                        })
                        .map(|count| {
                            at_most(requests, probability, count)
                                - if count == 0 { 0.0 } else { at_most(requests, probability, count - 1) }
                        })
                        .sum();
                    let all = chance * to_float(weights.len());
                    assert!(all < 1e-4, "weights {weights:?}, share {share}, p = {probability}: {all}");
                }
            }
        }
    }

    #[test]
    fn servers_of_small_weight_are_asked_for_and_those_of_none_are_not_missed() {
        assert_eq!(requests_for(Algorithm::Turns, &[1, 1, 1]), 30);
        assert_eq!(requests_for(Algorithm::Turns, &[1, 9]), 100);
        assert_eq!(requests_for(Algorithm::Turns, &[0, 1, 1]), 20);
        assert_eq!(requests_for(Algorithm::Turns, &[1, 256]), MOST_REQUESTS);
        assert_eq!(requests_for(Algorithm::OneServer, &[1, 1]), 20);
        for algorithm in [Algorithm::Turns, Algorithm::Random, Algorithm::LeastConnections] {
            for weights in [&[0, 1, 1][..], &[1, 1, 1], &[1, 9]] {
                let requests = requests_for(algorithm, weights);
                assert_eq!(
                    is_missed(algorithm, requests, weights, 0),
                    weights[0] > 0,
                    "{algorithm:?} {weights:?}"
                );
            }
        }
        assert!(!is_missed(Algorithm::OneServer, 20, &[1, 1], 0));
        assert!(!is_missed(Algorithm::Random, MOST_REQUESTS, &[1, 1000], 0));
    }

    #[test]
    fn a_server_that_never_answers_is_always_noticed() {
        for servers in 2..40 {
            for algorithm in [Algorithm::Turns, Algorithm::Random] {
                let requests = requests_for(algorithm, &vec![1; servers]);
                let mut counts = vec![0; servers];
                for request in 0..requests {
                    counts[1 + request % (servers - 1)] += 1;
                }
                assert!(misfit(algorithm, &counts, &vec![1; servers]).is_some(), "{algorithm:?} {servers}");
            }
        }
    }

    fn words(misfit: Option<Text>) -> String {
        misfit.unwrap_or_default().english().to_owned()
    }

    #[test]
    fn turns_under_other_traffic_and_off_the_law() {
        let turns = |counts: &[usize]| misfit(Algorithm::Turns, counts, &vec![1; counts.len()]);
        assert_eq!(turns(&[10, 10, 10]), None);
        assert_eq!(turns(&[7, 13, 10]), None);
        assert_eq!(words(turns(&[20, 5, 5])), "about 10 each (give or take 3)");
        assert_eq!(words(turns(&[6, 12, 12])), "about 10 each (give or take 3)");
        assert_eq!(misfit(Algorithm::Turns, &[20, 10], &[2, 1]), None);
        assert_eq!(words(misfit(Algorithm::Turns, &[15, 15], &[2, 1])), "about 20, 10 (give or take 4)");
    }

    #[test]
    fn the_other_algorithms() {
        let random = |counts: &[usize]| misfit(Algorithm::Random, counts, &vec![1; counts.len()]);
        assert_eq!(requests_for(Algorithm::Random, &[1; 3]), 113);
        assert_eq!(random(&[20, 40, 53]), None);
        assert_eq!(words(random(&[0, 56, 57])), "about 38 each or so by chance");
        assert_eq!(words(random(&[2, 2, 109])), "about 38 each or so by chance");
        assert_eq!(misfit(Algorithm::LeastConnections, &[1, 29], &[1, 1]), None);
        assert_eq!(misfit(Algorithm::OneServer, &[0, 20, 0], &[1; 3]), None);
        assert!(misfit(Algorithm::OneServer, &[1, 19, 0], &[1; 3]).is_some());
        assert_eq!(misfit(Algorithm::Turns, &[0, 0], &[1, 1]), None);
        assert_eq!(misfit(Algorithm::Random, &[20], &[1]), None);
    }
}
