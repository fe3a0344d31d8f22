//! The page, as text and in a real browser.

mod browser;
mod chromium;
mod doctor;
mod drill;
mod page;
mod samples;

use super::{SCRIPT, STYLE, policy};

/// A page without its style and script, which have files of their own.
pub fn markup(page: &str) -> String {
    page.replace(STYLE, "").replace(SCRIPT, "").replace(&policy().replace('\'', "&#39;"), "POLICY")
}

/// Markup without its tags, code in backticks.
pub fn text(markup: &str) -> String {
    let parts = markup.split("<code>").enumerate();
    let markup = parts
        .map(|(place, part)| if place == 0 { part.to_owned() } else { part.replacen("</code>", "`", 1) });
    let markup = markup.collect::<Vec<_>>().join("`");
    let texts = markup.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text.trim());
    texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" | ")
}

/// The verdict of a page and the line below it.
pub fn head(page: &str) -> String {
    let (_, band) = page.split_once("<header class=\"verdict ").unwrap();
    let (band, rest) = band.split_once("</header>").unwrap();
    let (run, _) = rest.split_once("</p>").unwrap();
    text(&format!("<{band} {run}"))
}
