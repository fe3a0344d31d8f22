//! Which value of a range goes with which host: a range in a value zips with the range in its host's or its
//! cluster's name, whichever has its length.

use std::borrow::Cow;

use super::complaint::Complaint;
use super::range::Pattern;
use crate::model::{Text, text};

/// Where in the ranges of its names a host stands. Empty outside any range: values are then taken as they are.
#[derive(Debug, Clone, Default)]
pub struct Zip {
    /// Set inside a ranged cluster.
    pub cluster: Option<Position>,
    /// Set inside a ranged host.
    pub host: Option<Position>,
    /// The name is wrong, so nobody knows what its ranges are: take the first value of each.
    pub blind: bool,
}

/// A place in the range of a name.
#[derive(Debug, Clone)]
pub struct Position {
    /// The name as it is written, for messages.
    pub written: String,
    /// How many values its range has.
    pub length: usize,
    /// Which of them, counted from 0.
    pub index: usize,
}

impl Zip {
    /// The text with its ranges replaced.
    pub fn apply<'a>(&self, text: &'a str) -> Result<Cow<'a, str>, Complaint> {
        if !text.contains('[') || (self.cluster.is_none() && self.host.is_none() && !self.blind) {
            return Ok(Cow::Borrowed(text));
        }
        let pattern = Pattern::parse(text);
        let mut cluster_taken = false;
        let mut misfit = None;
        let filled = pattern.fill(|range| {
            let fits = |position: &&Position| position.length == range.length();
            let cluster = self.cluster.as_ref().filter(fits);
            let host = self.host.as_ref().filter(fits);
            // Where both have its length, the first in the value is the cluster's and the others are the host's.
            let position = match (cluster, host) {
                (Some(cluster), Some(_)) if !cluster_taken => {
                    cluster_taken = true;
                    cluster
                }
                (_, Some(host)) => host,
                (Some(cluster), None) => cluster,
                (None, None) if self.blind => return range.item(0),
                (None, None) => {
                    misfit.get_or_insert(*range);
                    return String::new();
                }
            };
            range.item(position.index)
        });
        match misfit {
            None => Ok(Cow::Owned(filled)),
            Some(range) => {
                let names: Vec<_> = [&self.host, &self.cluster]
                    .into_iter()
                    .flatten()
                    .map(|Position { written, length, .. }| {
                        text!(en: "`{written}` has {length}", pt: "`{written}` tem {length}")
                    })
                    .collect();
                let names = Text::list(&names, names.len());
                let many = match range.length() {
                    1 => text!(en: "1 value", pt: "1 valor"),
                    many => text!(en: "{many} values", pt: "{many} valores"),
                };
                Err(Complaint::new(
                    text!(
                        en: "ranges of different length: {range} has {many}, but {names}",
                        pt: "intervalos de tamanhos diferentes: {range} tem {many}, mas {names}", many, names
                    ),
                    text!(
                        en: "give the range as many values as the name it goes with; for text that is no range use other brackets",
                        pt: "dê ao intervalo tantos valores quantos tem o nome que ele acompanha; para texto que não é intervalo, use outros colchetes",
                    ),
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(written: &str, length: usize, index: usize) -> Position {
        Position { written: written.to_owned(), length, index }
    }

    fn zip(cluster: Position, host: Position) -> Zip {
        Zip { cluster: Some(cluster), host: Some(host), blind: false }
    }

    #[test]
    fn a_range_goes_with_the_name_of_its_length() {
        let zip = zip(position("t[01:10]", 10, 3), position("w[1:2]", 2, 1));
        assert_eq!(zip.apply("10.1.[1:10].1[1:2]").unwrap(), "10.1.4.12");
        assert_eq!(zip.apply("[1:2].[11:20].[a:b]").unwrap(), "2.14.b");
        assert_eq!(zip.apply("plain").unwrap(), "plain");
        assert_eq!(zip.apply("[2001:db8::1]").unwrap(), "[2001:db8::1]");
    }

    #[test]
    fn of_equal_lengths_the_first_is_the_clusters() {
        let zip = zip(position("t[1:2]", 2, 0), position("w[1:2]", 2, 1));
        assert_eq!(zip.apply("10.[1:2].[1:2].[1:2]").unwrap(), "10.1.2.2");
        assert_eq!(zip.apply("10.[1:2]").unwrap(), "10.1");
    }

    #[test]
    fn another_length_is_refused_with_both_names() {
        let zip = zip(position("t[1:3]", 3, 0), position("w[1:2]", 2, 1));
        let trouble = zip.apply("10.0.0.[1:4]").unwrap_err();
        assert_eq!(
            trouble.message.english(),
            "ranges of different length: [1:4] has 4 values, but `w[1:2]` has 2 and `t[1:3]` has 3"
        );
    }

    #[test]
    fn outside_ranges_nothing_is_touched() {
        assert_eq!(Zip::default().apply("at [10:30]").unwrap(), "at [10:30]");
    }
}
