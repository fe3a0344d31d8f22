//! Many host names in few words: `web01, web02, web03` is `web[01:03]`, in the inventory's own notation for ranges.

use std::collections::HashMap;

use crate::model::HostId;

/// A name in pieces: text and numbers alternate.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Piece {
    Text(String),
    Number(String),
    Range(String, String),
}

/// Shortens a list of names. Runs of numbers become ranges, first in the host's part, then in the cluster's;
/// what comes first stays first.
pub fn compress<'a>(hosts: impl IntoIterator<Item = &'a HostId>) -> Vec<String> {
    let mut names: Vec<Vec<Piece>> = hosts.into_iter().map(|host| split(host.as_str())).collect();
    let longest = names.iter().map(Vec::len).max().unwrap_or(0);
    for position in (0..longest).rev() {
        names = merge(names, position);
    }
    names.iter().map(|pieces| join(pieces)).collect()
}

fn split(name: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let digits = first.is_ascii_digit();
        let end = rest.find(|character: char| character.is_ascii_digit() != digits).unwrap_or(rest.len());
        let (piece, tail) = rest.split_at(end);
        pieces.push(if digits { Piece::Number(piece.to_owned()) } else { Piece::Text(piece.to_owned()) });
        rest = tail;
    }
    pieces
}

fn join(pieces: &[Piece]) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) | Piece::Number(text) => text.clone(),
            Piece::Range(start, end) => format!("[{start}:{end}]"),
        })
        .collect()
}

/// Joins names that differ in nothing but the number at one position, where the numbers follow on each other.
fn merge(names: Vec<Vec<Piece>>, position: usize) -> Vec<Vec<Piece>> {
    let mut order: Vec<Vec<Piece>> = Vec::new();
    let mut numbers: HashMap<Vec<Piece>, Vec<String>> = HashMap::new();
    for mut name in names {
        let number = match name.get_mut(position) {
            Some(Piece::Number(number)) => Some(std::mem::take(number)),
            _ => None,
        };
        match (number, numbers.get_mut(&name)) {
            (Some(number), Some(known)) => known.push(number),
            (Some(number), None) => {
                numbers.insert(name.clone(), vec![number]);
                order.push(name);
            }
            (None, _) => order.push(name),
        }
    }
    let mut merged = Vec::new();
    for name in order {
        let Some(numbers) = numbers.remove(&name) else {
            merged.push(name);
            continue;
        };
        for run in runs(numbers) {
            let mut name = name.clone();
            if let Some(piece) = name.get_mut(position) {
                *piece = run;
            }
            merged.push(name);
        }
    }
    merged
}

/// Splits numbers into runs of neighbours, keeping leading zeros apart: `9` is followed by `10`, `09` too,
/// but `1` is not followed by `02`.
fn runs(mut numbers: Vec<String>) -> Vec<Piece> {
    numbers.sort_by_key(|number| (number.parse::<u64>().unwrap_or(u64::MAX), number.len()));
    numbers.dedup();
    let mut runs: Vec<(String, String)> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some((start, end)) if follows(start, end, &number) => *end = number,
            _ => runs.push((number.clone(), number)),
        }
    }
    runs.into_iter()
        .map(|(start, end)| if start == end { Piece::Number(start) } else { Piece::Range(start, end) })
        .collect()
}

fn follows(start: &str, end: &str, number: &str) -> bool {
    let (Ok(previous), Ok(next)) = (end.parse::<u64>(), number.parse::<u64>()) else { return false };
    previous.checked_add(1) == Some(next) && number == format!("{next:0>width$}", width = start.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compressed(names: &[&str]) -> String {
        let hosts: Vec<HostId> = names.iter().map(|name| HostId::new("default", name)).collect();
        compress(&hosts).join(", ")
    }

    #[test]
    fn runs_of_numbers_become_ranges() {
        let cases: [(&[&str], &str); 10] = [
            (&[], ""),
            (&["lb"], "lb"),
            (&["web01", "web02", "web03"], "web[01:03]"),
            (&["web03", "web01", "web02", "web05"], "web[01:03], web05"),
            (&["lb01", "web01", "web02"], "lb01, web[01:02]"),
            (&["web8", "web9", "web10"], "web[8:10]"),
            (&["web08", "web09", "web10"], "web[08:10]"),
            (&["web1", "web02"], "web1, web02"),
            (&["10-a", "11-a", "ana"], "[10:11]-a, ana"),
            (
                &["n99999999999999999999", "n99999999999999999998"],
                "n99999999999999999999, n99999999999999999998",
            ),
        ];
        for (names, expected) in cases {
            assert_eq!(compressed(names), expected, "{names:?}");
        }
    }

    #[test]
    fn clusters_with_the_same_hosts_are_joined() {
        let names: Vec<String> = (1..=30)
            .flat_map(|team| {
                ["lb", "web1", "web2"].into_iter().map(move |host| format!("team{team:02}/{host}"))
            })
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(compressed(&names), "team[01:30]/lb, team[01:30]/web[1:2]");
    }

    #[test]
    fn a_gap_in_one_cluster_keeps_it_apart() {
        assert_eq!(
            compressed(&["a1/web1", "a1/web2", "a2/web1", "a3/web1", "a3/web2"]),
            "a1/web[1:2], a3/web[1:2], a2/web1"
        );
    }

    /// Writes a range out again, leftmost first.
    fn expand(name: &str) -> Vec<String> {
        let Some((before, rest)) = name.split_once('[') else { return vec![name.to_owned()] };
        let (range, after) = rest.split_once(']').unwrap();
        let (start, end) = range.split_once(':').unwrap();
        let width = if start.starts_with('0') { start.len() } else { 0 };
        let numbers = start.parse::<u64>().unwrap()..=end.parse().unwrap();
        numbers.flat_map(|number| expand(&format!("{before}{number:0>width$}{after}"))).collect()
    }

    proptest::proptest! {
        #[test]
        fn no_name_is_lost_and_none_is_made_up(names in proptest::collection::btree_set("[ab][0-2]{1,2}(/w[0-2]{1,2})?", 1..20)) {
            let hosts: Vec<HostId> = names.iter().map(|name| HostId::new("default", name)).collect();
            let mut expanded: Vec<String> = compress(&hosts).iter().flat_map(|name| expand(name)).collect();
            expanded.sort();
            proptest::prop_assert_eq!(expanded, names.into_iter().collect::<Vec<_>>());
        }
    }
}
