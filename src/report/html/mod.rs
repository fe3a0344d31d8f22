//! HTML: pages that need nothing else, to project, to print and to hand in.
//!
//! [`page`], [`doctor`] and [`drill`] decide what is shown, the templates lay it out and escape all of it. A
//! Content-Security-Policy names the page's own style and script by their hashes, so that nothing else in it could act.

mod cluster;
mod doctor;
mod drawing;
mod drill;
mod head;
mod host;
mod page;
mod probed;
mod seen;
mod sentence;
#[cfg(test)]
mod tests;
mod timeline;

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;
use sha2::{Digest, Sha256};
use tera::{Context, Kwargs, State, Tera};

use super::vocabulary::Words;
use super::{Report, Told};
use crate::error::{Error, Result};
use crate::model::{Language, text};
use doctor::DoctorPage;
use drill::DrillPage;
use page::Page;
use seen::State as Seen;
use sentence::sentence;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
const TEMPLATES: [(&str, &str); 8] = [
    ("frame.html.tera", include_str!("frame.html.tera")),
    ("tools.html.tera", include_str!("tools.html.tera")),
    ("page.html.tera", include_str!("page.html.tera")),
    ("cluster.html.tera", include_str!("cluster.html.tera")),
    ("drawing.svg.tera", include_str!("drawing.svg.tera")),
    ("doctor.html.tera", include_str!("doctor/page.html.tera")),
    ("drill.html.tera", include_str!("drill/page.html.tera")),
    ("chart.html.tera", include_str!("drill/chart.html.tera")),
];

pub fn html_page(report: &Report<'_>) -> Result<String> {
    let language = report.inventory.language;
    match &report.told {
        Told::Work(view) => render("page.html.tera", language, &Page::new(report, view)),
        Told::Preflight(outcome) => render("doctor.html.tera", language, &DoctorPage::new(report, outcome)),
        Told::Drills(outcome) => render("drill.html.tera", language, &DrillPage::new(report, outcome)),
        Told::Commands(_) => Err(report.is_not_offered()),
    }
}

fn render(template: &str, language: Language, page: &impl Serialize) -> Result<String> {
    let mut context = Context::new();
    context.insert("page", page);
    let words = Words(language);
    context.insert("marks", &BTreeMap::from(Seen::ALL.map(|state| (state, state.mark()))));
    context.insert("words", &BTreeMap::from(Seen::ALL.map(|state| (state, state.word(words)))));
    context.insert("policy", &policy());
    context.insert("style", STYLE);
    context.insert("script", SCRIPT);
    templates(language).and_then(|tera| tera.render(template, &context)).map_err(|cause| {
        Error::internal(
            text!(en: "the HTML report could not be made", pt: "não foi possível fazer o relatório HTML"),
        )
        .because(cause)
    })
}

fn templates(language: Language) -> Result<Tera, tera::Error> {
    let mut tera = Tera::new();
    // Every value is escaped, in whatever template it stands.
    tera.autoescape_on([""]);
    tera.register_filter("sentence", sentence);
    // Beside each other in the templates, as in `text!`.
    tera.register_function("text", move |words: Kwargs, _: &State<'_>| {
        words.must_get::<String>(match language {
            Language::English => "en",
            Language::Portuguese => "pt",
        })
    });
    tera.add_raw_templates(TEMPLATES)?;
    Ok(tera)
}

/// What the page may do: apply its style, run its script, and nothing else.
fn policy() -> String {
    let hash = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}
