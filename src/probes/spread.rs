//! The statistical rule of `balance`: do counts of answers fit the algorithm?
//!
//! - **Turns** (roundrobin, static-rr): however many ask, the turns of all servers differ from their shares by less
//!   than 1. A count may be off by 2 and a tenth of its share. Browsers of students take turns, too, which ours then
//!   lack: where HAProxy has given more turns than we asked for, it is its own count of all of them that is judged.
//! - **Random**: HAProxy throws each request on a ring where every server holds 16 arcs for each unit of weight, so a
//!   server's probability is not exactly its share `w`: for 2 to 40 servers it lies between `0.5 w` and `1.6 w`, and
//!   nearer to `w` with larger weights, which bring more arcs. A count is refused where it is so low that a server of
//!   probability `w/3`, or so high that one of `2w`, shows it with a chance below `α/2k` (exact binomial tails, `k`
//!   servers). By Bonferroni a sound balancer is refused with a chance below `α` = 1 in 100,000, however it splits
//!   within these bounds. Requests at the same time only narrow the counts, since of two draws the less busy server
//!   is taken.
//! - **Least connections**: counts follow the speed of the servers and have no law; each must answer at all, but for
//!   one that somebody else keeps busy. There are as many requests as for Random, as newer versions choose among idle
//!   servers by chance.
//! - **One server** (source, uri): a single client's requests all have one and the same answer.
//! - **Lawless**: what follows from things that a probe cannot know, such as a header that it does not send.
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
        Algorithm::OneServer | Algorithm::Lawless => 0.0,
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
        Algorithm::OneServer | Algorithm::Lawless => false,
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
        Algorithm::LeastConnections | Algorithm::Lawless => None,
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
mod tests;
