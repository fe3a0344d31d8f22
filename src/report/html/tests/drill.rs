//! The page of drills as text.

use super::{head, markup, samples, text};
use crate::model::Language;
use crate::report::samples::drills::{failed, passed, refused};

#[test]
fn the_page_of_a_drill() {
    insta::assert_snapshot!(markup(&samples::drill(&[passed("ana", 2)], Language::English)));
}

#[test]
fn every_end_in_both_languages() {
    let told = [Language::English, Language::Portuguese].map(|language| {
        let page = markup(&samples::drill(&samples::drills_of_every_end(), language));
        text(&page).replace(" | ", "\n")
    });
    insta::assert_snapshot!(told.join("\n\n"));
}

#[test]
fn verdicts_in_both_languages() {
    let cases = [vec![passed("ana", 2)], vec![passed("ana", 2), refused()], vec![failed()], vec![refused()]];
    let told = cases.iter().flat_map(|outcomes| {
        [Language::English, Language::Portuguese].map(|language| head(&samples::drill(outcomes, language)))
    });
    insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n"));
}
