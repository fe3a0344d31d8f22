//! HTML: one page that needs nothing else, to project, to print and to hand in.
//!
//! [`page`] decides what is shown, the template lays it out and escapes all of it. A Content-Security-Policy names the
//! page's own style and script by their hashes, so that nothing else in it could act.

mod cluster;
mod drawing;
mod host;
mod matrix;
mod page;
mod seen;
#[cfg(test)]
mod tests;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};
use tera::{Context, Tera};

use super::{Report, printable};
use crate::error::{Error, Result};
use page::Page;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
const TEMPLATES: [(&str, &str); 3] = [
    ("page.html.tera", include_str!("page.html.tera")),
    ("cluster.html.tera", include_str!("cluster.html.tera")),
    ("drawing.svg.tera", include_str!("drawing.svg.tera")),
];

/// The page of a run.
pub fn html_page(report: &Report<'_>) -> Result<String> {
    let outcome = printable::printable(report.outcome);
    let page = Page::new(&Report { outcome: &outcome, ..*report });
    render(&page).map_err(|cause| Error::new("the HTML report could not be made").because(cause))
}

fn render(page: &Page) -> Result<String, tera::Error> {
    let mut tera = Tera::new();
    // Every value is escaped, in whatever template it stands.
    tera.autoescape_on([""]);
    tera.add_raw_templates(TEMPLATES)?;
    let mut context = Context::new();
    context.insert("page", page);
    context.insert("policy", &policy());
    context.insert("style", STYLE);
    context.insert("script", SCRIPT);
    tera.render("page.html.tera", &context)
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
