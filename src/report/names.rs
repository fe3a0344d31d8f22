//! Many host names in few words: `web01, web02, web03` is `web[01:03]`, in the inventory's own notation for ranges.
//! And each of them in few columns: `maria.albuquerque07/web01` is `maria.al…erque07/web01`.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::groups::alike;
use super::style::Style;
use super::words;
use crate::model::HostId;

/// Shortens a list of names. Runs of numbers become ranges, first in the host's part, then in the cluster's;
/// what comes first stays first.
pub fn compress<'a>(hosts: impl IntoIterator<Item = &'a HostId>) -> Vec<String> {
    let mut names: Vec<Vec<String>> = hosts.into_iter().map(|host| split(host.as_str())).collect();
    let longest = names.iter().map(Vec::len).max().unwrap_or(0);
    for position in (0..longest).rev() {
        names = merge(names, position);
    }
    names.iter().map(|pieces| pieces.concat()).collect()
}

/// A name in pieces: text and numbers alternate.
fn split(name: &str) -> Vec<String> {
    let characters: Vec<char> = name.chars().collect();
    let pieces = characters.chunk_by(|one, next| one.is_ascii_digit() == next.is_ascii_digit());
    pieces.map(|piece| piece.iter().collect()).collect()
}

/// Joins names that differ in nothing but the number at one position, where the numbers follow on each other.
fn merge(names: Vec<Vec<String>>, position: usize) -> Vec<Vec<String>> {
    let is_number = |piece: &&mut String| piece.starts_with(|sign: char| sign.is_ascii_digit());
    let numbered = names.into_iter().map(|mut name| {
        let number = name.get_mut(position).filter(is_number).map(std::mem::take);
        (name, number)
    });
    let mut merged = Vec::new();
    for (name, numbers) in alike(numbered) {
        let numbers: Vec<String> = numbers.into_iter().flatten().collect();
        if numbers.is_empty() {
            merged.push(name);
            continue;
        }
        for run in runs(numbers) {
            let mut name = name.clone();
            name[position] = run;
            merged.push(name);
        }
    }
    merged
}

/// Splits numbers into runs of neighbours, keeping leading zeros apart: `9` is followed by `10`, `09` too,
/// but `1` is not followed by `02`.
fn runs(mut numbers: Vec<String>) -> Vec<String> {
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
        .map(|(start, end)| if start == end { start } else { format!("[{start}:{end}]") })
        .collect()
}

fn follows(start: &str, end: &str, number: &str) -> bool {
    let (Ok(previous), Ok(next)) = (end.parse::<u64>(), number.parse::<u64>()) else { return false };
    previous.checked_add(1) == Some(next) && number == format!("{next:0>width$}", width = start.len())
}

/// Fits names into columns, so that they can still be told apart: clusters and hosts each lose of their middle what
/// does not fit. Nothing happens where all of them fit.
pub fn shorten(names: &[&str], columns: usize, style: Style) -> Vec<String> {
    if names.iter().all(|name| words::width(name) <= columns) {
        return names.iter().map(|name| (*name).to_owned()).collect();
    }
    let hosts: BTreeSet<&str> = names.iter().filter_map(|name| Some(name.split_once('/')?.1)).collect();
    let widest = hosts.iter().map(|host| words::width(host)).max().unwrap_or(0);
    let for_hosts = widest.min(columns / 2);
    let hosts = apart(&hosts, for_hosts, style);
    let clusters = names.iter().filter_map(|name| Some(name.split_once('/')?.0)).collect();
    let clusters = apart(&clusters, columns.saturating_sub(for_hosts + 1), style);
    let others = names.iter().copied().filter(|name| !name.contains('/')).collect();
    let others = apart(&others, columns, style);
    let short = |name: &&str| match name.split_once('/') {
        Some((cluster, host)) => format!("{}/{}", clusters[cluster], hosts[host]),
        None => others[name].clone(),
    };
    names.iter().map(short).collect()
}

/// Cuts words in their middle, all of them where most can be told apart. Those that still look alike lose what they
/// have in common first.
fn apart<'a>(names: &BTreeSet<&'a str>, columns: usize, style: Style) -> HashMap<&'a str, String> {
    let cut = |end: usize| names.iter().map(move |name| words::elide(name, columns, end, style));
    let mut ends: Vec<usize> = (0..=columns).collect();
    ends.sort_by_key(|end| end.abs_diff(columns.saturating_sub(1) / 2));
    let (mut end, mut most) = (0, 0);
    for tried in ends {
        let distinct = cut(tried).collect::<HashSet<_>>().len();
        if distinct > most {
            (end, most) = (tried, distinct);
        }
        // No other place is better than one that keeps all apart.
        if most == names.len() {
            break;
        }
    }
    let mut alike: HashMap<String, BTreeSet<&str>> = HashMap::new();
    for (name, short) in names.iter().zip(cut(end)) {
        alike.entry(short).or_default().insert(name);
    }
    let ellipsis = style.ellipsis();
    let left = columns.saturating_sub(words::width(ellipsis));
    let mut all = HashMap::new();
    for (short, group) in alike {
        if group.len() == 1 || left == 0 {
            all.extend(group.into_iter().map(|name| (name, short.clone())));
            continue;
        }
        let common = common_beginning(&group);
        let endings = apart(&group.iter().map(|name| &name[common..]).collect(), left, style);
        all.extend(group.into_iter().map(|name| (name, format!("{ellipsis}{}", endings[&name[common..]]))));
    }
    all
}

/// How many bytes sorted words begin with alike.
fn common_beginning(names: &BTreeSet<&str>) -> usize {
    let (Some(first), Some(last)) = (names.first(), names.last()) else { return 0 };
    let alike = first.chars().zip(last.chars()).take_while(|(one, other)| one == other);
    alike.map(|(character, _)| character.len_utf8()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Language;

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

    const STYLE: Style = Style { colour: false, unicode: true, language: Language::English };

    #[test]
    fn names_that_do_not_fit_keep_what_tells_them_apart() {
        let middle = |team: &str| format!("sistemas-distribuidos-da-turma-{team}-do-turno-da-noite-2026-1");
        let (a, b) = (middle("a"), middle("b"));
        let cases: [(&[&str], usize); 9] = [
            (&["team01/web1", "lb"], 11),
            (&["maria.albuquerque07"], 12),
            (&["maria.albuquerque[01:28]", "27 others"], 21),
            (&["maria.fernanda.albuquerque07/web01", "maria.fernanda.albuquerque07/lb", "ana/lb"], 21),
            (&["ana/servidor-web-da-equipe-01", "ana/servidor-web-da-equipe-02"], 21),
            (&["ana.beatriz-aluno.example", "ana.bia-aluno.example", "ana.clara-aluno.example"], 12),
            (&["a-turma-01-da-noite", "a-turma-02-da-noite"], 12),
            // Nothing but their middle tells them apart.
            (&[&a, &b], 21),
            (&["日本語のページ1", "日本語のページ2"], 8),
        ];
        let told = cases.map(|(names, columns)| {
            format!("{columns}: {} -> {}", names.join(" "), shorten(names, columns, STYLE).join(" "))
        });
        insta::assert_snapshot!(told.join("\n"), @r"
        11: team01/web1 lb -> team01/web1 lb
        12: maria.albuquerque07 -> maria.…que07
        21: maria.albuquerque[01:28] 27 others -> maria.albu…que[01:28] 27 others
        21: maria.fernanda.albuquerque07/web01 maria.fernanda.albuquerque07/lb ana/lb -> maria.f…erque07/web01 maria.f…erque07/lb ana/lb
        21: ana/servidor-web-da-equipe-01 ana/servidor-web-da-equipe-02 -> ana/servi…e-01 ana/servi…e-02
        12: ana.beatriz-aluno.example ana.bia-aluno.example ana.clara-aluno.example -> ana.be…ample ana.bi…ample ana.cl…ample
        12: a-turma-01-da-noite a-turma-02-da-noite -> a-turma-01…e a-turma-02…e
        21: sistemas-distribuidos-da-turma-a-do-turno-da-noite-2026-1 sistemas-distribuidos-da-turma-b-do-turno-da-noite-2026-1 -> …a-do-turno…te-2026-1 …b-do-turno…te-2026-1
        8: 日本語のページ1 日本語のページ2 -> 日本…ジ1 日本…ジ2
        ");
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
        fn no_short_name_is_too_wide_and_no_two_are_alike(
            names in proptest::collection::btree_set("([a-z.]{1,9}a{20}[0-9]{2}/)?(web|日本語é)[0-9]{2}[ab]{0,30}", 1..30),
            columns in 16..60_usize,
        ) {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            for style in [STYLE, Style { unicode: false, ..STYLE }] {
                let short = shorten(&names, columns, style);
                proptest::prop_assert!(short.iter().all(|name| words::width(name) <= columns), "{short:?}");
                let distinct: BTreeSet<_> = short.iter().collect();
                proptest::prop_assert_eq!(distinct.len(), names.len(), "{:?}", short);
            }
        }

        #[test]
        fn no_name_is_lost_and_none_is_made_up(names in proptest::collection::btree_set("[ab][0-2]{1,2}(/w[0-2]{1,2})?", 1..20)) {
            let hosts: Vec<HostId> = names.iter().map(|name| HostId::new("default", name)).collect();
            let mut expanded: Vec<String> = compress(&hosts).iter().flat_map(|name| expand(name)).collect();
            expanded.sort();
            proptest::prop_assert_eq!(expanded, names.into_iter().collect::<Vec<_>>());
        }
    }
}
