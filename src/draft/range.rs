//! Ranges found again in texts that count up together.

use crate::document::range::Pattern;
use crate::document::zip::{Position, Zip};

/// Values that belong together: one row for each cluster, one column for each host of it.
#[derive(Debug, Clone)]
pub struct Table<T> {
    cells: Vec<T>,
    columns: usize,
}

impl<T> Table<T> {
    /// `cells` row by row.
    pub fn new(cells: Vec<T>, columns: usize) -> Self {
        Self { cells, columns }
    }

    pub fn cells(&self) -> impl Iterator<Item = &T> {
        self.cells.iter()
    }

    /// The same of each cell; `None` where one of them has it not.
    pub fn map<'a, U>(&'a self, of: impl Fn(&'a T) -> Option<U>) -> Option<Table<U>> {
        Some(Table { cells: self.cells.iter().map(of).collect::<Option<_>>()?, columns: self.columns })
    }

    fn rows(&self) -> impl Iterator<Item = &[T]> {
        self.cells.chunks(self.columns)
    }
}

impl<T: PartialEq> Table<T> {
    /// The value of all cells, where they have the same.
    pub fn common(&self) -> Option<&T> {
        let (first, rest) = self.cells.split_first()?;
        rest.iter().all(|cell| cell == first).then_some(first)
    }

    /// One row, where all rows are alike: what depends on the host alone.
    fn by_host(&self) -> Option<Vec<&T>> {
        let first = self.rows().next()?;
        self.rows().all(|row| row == first).then(|| first.iter().collect())
    }

    /// One column, where all columns are alike: what depends on the cluster alone.
    fn by_cluster(&self) -> Option<Vec<&T>> {
        self.rows().map(|row| row.iter().all(|cell| *cell == row[0]).then_some(&row[0])).collect()
    }
}

/// The text that the reader makes of these, for each cluster and host its own; `None` where there is none.
pub fn pattern(texts: &Table<&str>) -> Option<String> {
    let text = match texts.common() {
        Some(common) => (*common).to_owned(),
        None => together(texts)?,
    };
    is_read_as(&text, texts).then_some(text)
}

/// Whether it has just one range, as a name has to.
pub fn has_one_range(text: &str) -> bool {
    Pattern::parse(text).ranges().count() == 1
}

/// The one place where it is decided what a range means is the reader, so it is asked.
fn is_read_as(text: &str, texts: &Table<&str>) -> bool {
    let (clusters, hosts) = (texts.cells.len() / texts.columns, texts.columns);
    let position = |length: usize, index: usize| {
        (length > 1).then(|| Position { written: String::new(), length, index })
    };
    texts.cells.iter().enumerate().all(|(place, expected)| {
        let zip = Zip {
            cluster: position(clusters, place / hosts),
            host: position(hosts, place % hosts),
            blind: false,
        };
        zip.apply(text).is_ok_and(|read| read == *expected)
    })
}

/// Texts that differ in numbers or single letters, which count up with the clusters or with the hosts.
fn together(texts: &Table<&str>) -> Option<String> {
    let runs: Table<Vec<&str>> = texts.map(|text| Some(runs(text)))?;
    let length = runs.cells.first()?.len();
    (0..length).map(|place| piece(&runs.map(|runs| runs.get(place).copied())?)).collect()
}

fn piece(runs: &Table<&str>) -> Option<String> {
    if let Some(common) = runs.common() {
        return Some((*common).to_owned());
    }
    if let Some(values) = runs.by_host().or_else(|| runs.by_cluster()) {
        return range(&values);
    }
    // Some digits go with the cluster and some with the host.
    let length = runs.cells.first()?.len();
    (1..length).find_map(|at| {
        let halves =
            [runs.map(|run| run.get(..at))?, runs.map(|run| run.get(at..).filter(|_| run.len() == length))?];
        let axis = |half: &Table<&str>| {
            half.by_host().or_else(|| half.by_cluster()).and_then(|values| range(&values))
        };
        Some(axis(&halves[0])? + &axis(&halves[1])?)
    })
}

/// `[01:03]` of `01`, `02`, `03`.
fn range(values: &[&&str]) -> Option<String> {
    let numbers = values.iter().map(|value| number(value)).collect::<Option<Vec<u32>>>()?;
    let [first, second, ..] = *numbers else { return None };
    let step = second.checked_sub(first).filter(|step| *step > 0)?;
    let steady = numbers.windows(2).all(|pair| pair[0].checked_add(step) == Some(pair[1]));
    // Of two values nobody would say that they count up by seven.
    if !steady || (step > 1 && numbers.len() == 2) {
        return None;
    }
    let (first, last) = (values.first()?, values.last()?);
    Some(if step == 1 { format!("[{first}:{last}]") } else { format!("[{first}:{last}:{step}]") })
}

fn number(text: &str) -> Option<u32> {
    match text.as_bytes() {
        [letter] if letter.is_ascii_alphabetic() => Some(u32::from(*letter)),
        _ => text.parse().ok(),
    }
}

/// Digits, letters and all else apart.
fn runs(text: &str) -> Vec<&str> {
    let kind = |character: char| (character.is_ascii_digit(), character.is_alphabetic());
    let mut runs = Vec::new();
    let mut start = 0;
    let mut before = None;
    for (at, character) in text.char_indices() {
        if before.is_some_and(|before| before != kind(character)) {
            runs.push(&text[start..at]);
            start = at;
        }
        before = Some(kind(character));
    }
    runs.push(&text[start..]);
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(rows: &[&[&str]]) -> Option<String> {
        pattern(&Table::new(rows.concat(), rows[0].len()))
    }

    #[test]
    fn hosts_count_up() {
        for (values, expected) in [
            (&["web01", "web02", "web03"][..], Some("web[01:03]")),
            (&["10.0.0.51", "10.0.0.52"], Some("10.0.0.[51:52]")),
            (&["w8", "w9", "w10"], Some("w[8:10]")),
            (&["w08", "w09", "w10"], Some("w[08:10]")),
            (&["w1", "w3", "w5"], Some("w[1:5:2]")),
            (&["pc-a.lab", "pc-b.lab"], Some("pc-[a:b].lab")),
            (&["10.1.1.10", "10.2.1.11"], Some("10.[1:2].1.[10:11]")),
            (&["Equipe 1 (10)", "Equipe 2 (10)"], Some("Equipe [1:2] (10)")),
            (&["2001:db8::9", "2001:db8::10"], Some("2001:db8::[9:10]")),
            // Two values alone have no step.
            (&["w1", "w3"], None),
            (&["w2", "w1"], None),
            (&["w1", "w2", "w4"], None),
            (&["w9", "w010"], None),
            (&["a", "bb"], None),
            (&["ana", "anb"], None),
            (&["Z", "a"], None),
            (&["1", "a"], None),
            (&["[1:2]", "[1:2]"], None),
            (&["[1:3]", "[1:3]"], None),
            (&["4294967295", "4294967296"], None),
            (&["x[9]1", "x[9]2"], Some("x[9][1:2]")),
        ] {
            assert_eq!(found(&[values]).as_deref(), expected, "{values:?}");
        }
    }

    #[test]
    fn clusters_and_hosts_count_up_in_one_text() {
        for (rows, expected) in [
            (&[&["10.1.1.11", "10.1.1.12"][..], &["10.1.2.11", "10.1.2.12"]][..], Some("10.1.[1:2].[11:12]")),
            (&[&["10.0.0.11", "10.0.0.12"], &["10.0.0.21", "10.0.0.22"]], Some("10.0.0.[1:2][1:2]")),
            // Of equal lengths the first is the cluster's: here it is not.
            (&[&["10.1.1.1", "10.2.1.1"], &["10.1.2.1", "10.2.2.1"]], None),
            (&[&["10.0.0.1", "10.0.0.2"], &["10.0.0.1", "10.0.0.2"]], None),
            (
                &[&["10.1.1.1", "10.2.1.1"], &["10.1.2.1", "10.2.2.1"], &["10.1.3.1", "10.2.3.1"]],
                Some("10.[1:2].[1:3].1"),
            ),
            (
                &[&["10.0.0.1", "10.0.0.2"], &["10.0.0.1", "10.0.0.2"], &["10.0.0.1", "10.0.0.2"]],
                Some("10.0.0.[1:2]"),
            ),
        ] {
            assert_eq!(found(rows).as_deref(), expected, "{rows:?}");
        }
    }
}
