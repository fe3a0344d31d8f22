//! The statistical rule of `balance`: do counts of answers fit the algorithm?
//!
//! - **Turns** (roundrobin, static-rr): without other traffic the counts differ from the servers' even shares by less
//!   than 1. Browsers of students take turns that we don't see, so each count may be off by 2 and a tenth of its share.
//! - **Random**: HAProxy throws each request on a ring where every server holds 16 arcs for each unit of weight, so a
//!   server's probability is not exactly its even share `w`: for 2 to 40 servers it lies between `0.5 w` and `1.6 w`.
//!   A count is refused where it is so low that a server of probability `w/3`, or so high that one of `2w`, shows it
//!   with a chance below `α/2k` (exact binomial tails, `k` servers). By Bonferroni a sound balancer is refused with
//!   a chance below `α` = 1 in 100,000, however it splits within these bounds. Requests at the same time only
//!   narrow the counts, since of two draws the less busy server is taken.
//! - **Least connections**: counts follow the speed of the servers and have no law; each must answer at all. There
//!   are as many requests as for Random, as newer versions choose among idle servers by chance.
//! - **One server**: a single client's requests all have one and the same answer.

use super::expectation::Algorithm;

/// Chance of refusing a sound balancer.
const FALSE_ALARM: f64 = 1e-5;

/// How many requests it takes to judge `servers` servers.
pub fn requests_for(algorithm: Algorithm, servers: usize) -> usize {
    match algorithm {
        Algorithm::Turns => (10 * servers).max(20),
        Algorithm::OneServer => 20,
        Algorithm::Random | Algorithm::LeastConnections => {
            // The fewest with which a server of probability 1/3k that never answered would be refused.
            let lowest = lowest_probability(share_of_one(servers));
            let limit = tail_limit(servers).ln() / (1.0 - lowest).ln();
            (1..=100_000_usize)
                .find(|requests| to_float(*requests) >= limit)
                .map_or(20, |requests| requests.max(20))
        }
    }
}

/// What is wrong with a spread; `None` where it fits. `counts` and `weights` are by server.
pub fn misfit(algorithm: Algorithm, counts: &[usize], weights: &[u32]) -> Option<String> {
    let total: usize = counts.iter().sum();
    let sum: f64 = weights.iter().copied().map(f64::from).sum();
    if total == 0 || sum <= 0.0 || counts.len() != weights.len() {
        return None;
    }
    let shares = weights.iter().map(|weight| f64::from(*weight) / sum);
    match algorithm {
        Algorithm::Turns => {
            let fits = counts.iter().zip(shares.clone()).all(|(count, share)| {
                let even = share * to_float(total);
                (to_float(*count) - even).abs() <= turn_tolerance(even)
            });
            (!fits).then(|| {
                let evens = shares.map(|share| share * to_float(total));
                format!(
                    "{} (give or take {:.0})",
                    evenly(evens.clone()),
                    evens.map(turn_tolerance).fold(0.0, f64::max)
                )
            })
        }
        Algorithm::Random => {
            let limit = tail_limit(counts.len());
            let fits = counts.iter().zip(shares.clone()).all(|(count, share)| {
                at_most(total, lowest_probability(share), *count) >= limit
                    && at_least(total, highest_probability(share), *count) >= limit
            });
            (!fits)
                .then(|| format!("{} or so by chance", evenly(shares.map(|share| share * to_float(total)))))
        }
        Algorithm::LeastConnections => None,
        Algorithm::OneServer => {
            let answering = counts.iter().filter(|count| **count > 0).count();
            (answering > 1).then(|| "one and the same server for all requests of one client".to_owned())
        }
    }
}

fn turn_tolerance(even: f64) -> f64 {
    2.0 + even / 10.0
}

/// `about 10 each`, or the shares where they differ.
fn evenly(evens: impl Iterator<Item = f64>) -> String {
    let evens: Vec<_> = evens.map(|even| format!("{even:.0}")).collect();
    match evens.first() {
        Some(first) if evens.iter().all(|even| even == first) => format!("about {first} each"),
        _ => format!("about {}", evens.join(", ")),
    }
}

fn share_of_one(servers: usize) -> f64 {
    1.0 / to_float(servers.max(1))
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

    #[test]
    fn false_alarms_of_random_are_below_one_in_ten_thousand() {
        let mut dice = Dice(88_172_645_463_325_252);
        let unfair = [0.17, 0.3, 0.53];
        for (probabilities, runs) in
            [(&[0.5, 0.5][..], 20_000), (&[1.0 / 3.0; 3], 20_000), (&unfair, 20_000), (&[0.1; 10], 2_000)]
        {
            let servers = probabilities.len();
            let requests = requests_for(Algorithm::Random, servers);
            let weights = vec![1; servers];
            let alarms = (0..runs)
                .filter(|_| {
                    misfit(Algorithm::Random, &dice.counts(requests, probabilities), &weights).is_some()
                })
                .count();
            assert!(alarms <= 1, "{alarms} of {runs} with {probabilities:?}");
        }
    }

    #[test]
    fn the_bound_of_false_alarms_holds_exactly() {
        for servers in [2_usize, 3, 10] {
            let requests = requests_for(Algorithm::Random, servers);
            let share = share_of_one(servers);
            let limit = tail_limit(servers);
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
                assert!(chance * to_float(servers) < 1e-4, "{servers} servers, p = {probability}: {chance}");
            }
        }
    }

    #[test]
    fn a_server_that_never_answers_is_always_noticed() {
        for servers in 2..40 {
            for algorithm in [Algorithm::Turns, Algorithm::Random] {
                let requests = requests_for(algorithm, servers);
                let mut counts = vec![0; servers];
                for request in 0..requests {
                    counts[1 + request % (servers - 1)] += 1;
                }
                assert!(misfit(algorithm, &counts, &vec![1; servers]).is_some(), "{algorithm:?} {servers}");
            }
        }
    }

    #[test]
    fn turns_under_other_traffic_and_off_the_law() {
        let turns = |counts: &[usize]| misfit(Algorithm::Turns, counts, &vec![1; counts.len()]);
        assert_eq!(turns(&[10, 10, 10]), None);
        assert_eq!(turns(&[7, 13, 10]), None);
        assert_eq!(turns(&[20, 5, 5]).as_deref(), Some("about 10 each (give or take 3)"));
        assert_eq!(turns(&[6, 12, 12]).as_deref(), Some("about 10 each (give or take 3)"));
        assert_eq!(misfit(Algorithm::Turns, &[20, 10], &[2, 1]), None);
        assert_eq!(
            misfit(Algorithm::Turns, &[15, 15], &[2, 1]).as_deref(),
            Some("about 20, 10 (give or take 4)")
        );
    }

    #[test]
    fn the_other_algorithms() {
        let random = |counts: &[usize]| misfit(Algorithm::Random, counts, &vec![1; counts.len()]);
        assert_eq!(requests_for(Algorithm::Random, 3), 113);
        assert_eq!(random(&[20, 40, 53]), None);
        assert_eq!(random(&[0, 56, 57]).as_deref(), Some("about 38 each or so by chance"));
        assert_eq!(random(&[2, 2, 109]).as_deref(), Some("about 38 each or so by chance"));
        assert_eq!(misfit(Algorithm::LeastConnections, &[1, 29], &[1, 1]), None);
        assert_eq!(misfit(Algorithm::OneServer, &[0, 20, 0], &[1; 3]), None);
        assert!(misfit(Algorithm::OneServer, &[1, 19, 0], &[1; 3]).is_some());
        assert_eq!(misfit(Algorithm::Turns, &[0, 0], &[1, 1]), None);
        assert_eq!(misfit(Algorithm::Random, &[20], &[1]), None);
    }
}
