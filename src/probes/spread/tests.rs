//! The rule on spreads as HAProxy makes them, and on those that it would never make.

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
    for (weights, runs) in
        [(&[1, 1][..], 10_000), (&[1, 1, 1], 8_000), (&[1, 2, 3], 3_000), (&[1, 10], 3_000), (&[1; 10], 500)]
    {
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
fn take_turns(weights: &[u32], first: usize, requests: usize, is_ours: impl Fn(usize) -> bool) -> Vec<usize> {
    let shares: Vec<_> = shares(weights).collect();
    let mut taken = vec![0; weights.len()];
    let mut ours = vec![0; weights.len()];
    for turn in 0..first + requests {
        let behind = |index: usize| shares[index] * to_float(turn + 1) - to_float(taken[index]);
        let next = (0..weights.len()).max_by(|one, other| behind(*one).total_cmp(&behind(*other))).unwrap();
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
                    assert_eq!(misfit(Algorithm::Turns, &counts, weights), None, "{weights:?} {counts:?}");
                    let silent = counts.iter().position(|count| *count == 0);
                    assert_eq!(silent, None, "{weights:?}");
                }
            }
        }
    }
}

#[test]
fn turns_of_all_raise_no_alarm_however_many_others_ask() {
    for weights in [&[1, 1][..], &[1, 1, 1], &[1; 10], &[1; 40], &[1, 2, 3], &[1, 10], &[5, 3, 1, 1]] {
        let requests = requests_for(Algorithm::Turns, weights);
        for others in [1, 2, 7, 20, 61, 200, 1_000] {
            for first in 0..12 {
                let turns = take_turns(weights, first, requests + others, |_| true);
                assert_eq!(misfit(Algorithm::Turns, &turns, weights), None, "{weights:?} {turns:?}");
                assert!(turns.iter().all(|turns| *turns > 0), "{weights:?} {turns:?}");
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
