//! The page as text.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{head, markup, samples, text};
use crate::model::{Inventory, Language, RunOutcome, Work, text};
use crate::report::html::{STYLE, html_page, policy};
use crate::report::samples as shared;
use crate::roles::Practice;

#[test]
fn the_page_of_an_apply() {
    let page = samples::page(&shared::inventory(), &shared::applied_with_troubles());
    insta::assert_snapshot!(markup(&page));
}

#[test]
fn verdicts_in_both_languages() {
    let (small, class, silent) = (shared::inventory(), samples::class(3, 2), shared::classroom());
    let cases = [
        (Work::Plan, shared::planned(), &small),
        (Work::Plan, shared::planned_with_troubles(), &small),
        (Work::Plan, RunOutcome { checks: Vec::new(), ..shared::converged() }, &small),
        (Work::Apply, shared::applied(), &small),
        (Work::Apply, RunOutcome { checks: Vec::new(), ..shared::applied() }, &small),
        (Work::Apply, shared::interrupted(), &small),
        (Work::Verify, shared::verified(), &small),
        (Work::Verify, samples::verified_with_trouble(&class), &class),
        (Work::Verify, shared::class_verified_with_silence(), &silent),
        (Work::Reset, RunOutcome { checks: Vec::new(), ..shared::applied() }, &small),
    ];
    let verdict = |work, outcome: &RunOutcome, inventory: &Inventory| {
        head(&html_page(&shared::report(&shared::of(work, outcome), inventory)).unwrap())
    };
    let mut told = Vec::new();
    for (work, outcome, inventory) in cases {
        for language in [Language::English, Language::Portuguese] {
            told.push(verdict(work, &outcome, &Inventory { language, ..inventory.clone() }));
        }
    }
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_timeline_is_drawn_in_both_languages_where_it_was_asked_for() {
    let section = |language| {
        let inventory = Inventory { language, ..shared::inventory() };
        let page = markup(&samples::page(&inventory, &shared::timed()));
        let (_, section) = page.split_once("<section aria-labelledby=\"timeline\">").unwrap();
        section.split_once("</section>").unwrap().0.to_owned()
    };
    insta::assert_snapshot!(section(Language::English));
    let portuguese = section(Language::Portuguese);
    assert!(portuguese.contains("Para onde foi o tempo: 41\u{a0}s"), "{portuguese}");
    assert!(portuguese.contains("A mais lenta: web03"), "{portuguese}");
}

#[test]
fn what_a_host_said_is_never_markup() {
    let (inventory, outcome) = samples::hostile();
    for page in [
        samples::page(&inventory, &outcome),
        samples::page(&shared::inventory(), &shared::hostile()),
        samples::hostile_doctor(),
        samples::hostile_drill(),
    ] {
        let markup = markup(&page);
        assert!(markup.contains("&lt;script&gt;"));
        for forbidden in ["<img", "<x", "<b>]]", "a=\"b\"", "\u{1b}", "\u{202e}", "\u{9b}", "\u{0}"] {
            assert!(!markup.contains(forbidden), "{forbidden:?}");
        }
        assert_eq!(markup.matches("<script").count(), 1);
        assert!(!markup.contains(" style="));
    }
}

#[test]
fn the_page_refers_to_nothing_outside() {
    let class = samples::class(2, 3);
    let run = samples::page(&class, &samples::verified_with_trouble(&class));
    let drill = samples::drill(&samples::drills_of_every_end(), Language::Portuguese);
    for page in [run, samples::doctor(&class, &samples::unfit(&class)), drill] {
        for outside in ["http:", "https:", "//", "url(", "@import", "src=", "import ", "fetch("] {
            // Comments of the script are the one place for two slashes.
            let page = page.replace("  // ", "");
            assert!(!page.contains(outside), "{outside}");
        }
        assert!(page.starts_with("<!doctype html>\n<html lang=\"pt-BR\">"));
    }
}

#[test]
fn the_policy_names_the_style_and_the_script_of_the_page() {
    use base64::prelude::{BASE64_STANDARD, Engine};
    use sha2::{Digest, Sha256};

    let page = samples::page(&shared::inventory(), &shared::converged());
    let policy = policy().replace('\'', "&#39;");
    assert!(page.contains(&format!("content=\"{policy}\"")));
    assert!(!policy.contains("unsafe"));
    for tag in ["style", "script"] {
        let (_, rest) = page.split_once(&format!("<{tag}>")).unwrap();
        let (text, _) = rest.split_once(&format!("</{tag}>")).unwrap();
        let hash = BASE64_STANDARD.encode(Sha256::digest(text));
        assert!(policy.contains(&format!("{tag}-src &#39;sha256-{hash}&#39;")), "{tag}");
    }
}

/// WCAG AA asks 4.5 to 1 of text.
#[test]
fn text_stands_out_in_both_schemes() {
    let schemes: Vec<BTreeMap<&str, [f64; 3]>> = STYLE
        .split(":root {")
        .skip(1)
        .filter_map(|block| block.split_once('}'))
        .map(|(block, _)| block.split(';').filter_map(colour).collect())
        .filter(|colours: &BTreeMap<_, _>| !colours.is_empty())
        .collect();
    assert_eq!(schemes.len(), 2, "a light and a dark scheme");
    for colours in schemes {
        let mut pairs = vec![("ink", "paper"), ("ink", "card"), ("muted", "paper"), ("muted", "card")];
        pairs.extend([("muted", "unknown-soft"), ("ink", "unknown-soft")]);
        for state in ["pass", "fail", "skip", "unknown"] {
            let name =
                |suffix: &str| *colours.keys().find(|key| **key == format!("{state}-{suffix}")).unwrap();
            pairs.extend([
                (state, "paper"),
                (state, "card"),
                (state, name("soft")),
                ("on-band", name("band")),
            ]);
            pairs.extend([("ink", name("soft")), ("muted", name("soft"))]);
            // Lines of a diff.
            pairs.push((state, "unknown-soft"));
        }
        for (text, ground) in pairs {
            let contrast = contrast(colours[text], colours[ground]);
            assert!(contrast >= 4.5, "{text} on {ground}: {contrast:.2}");
        }
    }
}

/// `--name: #rrggbb`
fn colour(declaration: &str) -> Option<(&str, [f64; 3])> {
    let (name, value) = declaration.trim().strip_prefix("--")?.split_once(": #")?;
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&value[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    Some((name, [0, 2, 4].map(channel)))
}

fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let luminance = |[red, green, blue]: [f64; 3]| 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    (one / other).max(other / one)
}

#[test]
fn a_practice_is_called_by_its_title() {
    let mut inventory = Inventory { language: Language::Portuguese, ..shared::inventory() };
    let title = text!(en: "A queue", pt: "Uma fila");
    let practice = Practice { name: "rabbitmq".to_owned(), title, ..Practice::default() };
    inventory.clusters[0].hosts[1].roles.push(Arc::new(practice));
    let page = text(&markup(&samples::page(&inventory, &shared::verified_practices())));
    for expected in ["web · Uma fila", "Uma fila: o que a prática diz de si"] {
        assert!(page.contains(expected), "{page}");
    }
}
