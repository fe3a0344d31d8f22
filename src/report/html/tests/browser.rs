//! The page in headless Chromium, opened from a file as a student would.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::chromium::Chromium;
use super::samples;
use crate::model::{Language, PreflightOutcome};
use crate::report::samples as shared;
use crate::report::samples::drills::passed;

const WIDTHS: [u32; 2] = [360, 1400];

/// A folder with a page.
fn write(folder: &Path, name: &str, page: &str) -> PathBuf {
    let path = folder.join(format!("{name}.html"));
    std::fs::write(&path, page).unwrap();
    path
}

#[test]
fn every_page_fits_and_is_silent_at_every_width_and_in_both_schemes() {
    let folder = tempfile::tempdir().unwrap();
    let (class, crowd, small) = (samples::class(30, 3), samples::class(1, 60), shared::inventory());
    let (hostile, attack) = samples::hostile();
    let fit = PreflightOutcome { findings: Vec::new(), ..samples::unfit(&small) };
    let drilled: Vec<_> = (1..=30).map(|number| passed(&format!("team{number:02}"), 3)).collect();
    let cases = [
        ("class", samples::page(&class, &samples::verified_with_trouble(&class)), 30, 30),
        ("crowd", samples::page(&crowd, &samples::verified(&crowd)), 61, 1),
        ("troubles", samples::page(&small, &shared::applied_with_troubles()), 4, 1),
        ("plan", samples::page(&small, &shared::planned()), 0, 1),
        ("hostile", samples::page(&hostile, &attack), 2, 2),
        ("doctor", samples::doctor(&class, &samples::unfit(&class)), 30, 0),
        ("unfit", samples::doctor(&shared::classroom(), &shared::preflight()), 30, 0),
        ("fit", samples::doctor(&small, &fit), 0, 0),
        ("hostile-doctor", samples::hostile_doctor(), 2, 0),
        ("drill", samples::drill(&samples::drills_of_every_end(), Language::Portuguese), 5, 3),
        ("drills", samples::drill(&drilled, Language::English), 30, 30),
        ("hostile-drill", samples::hostile_drill(), 5, 3),
    ];
    let mut chromium = Chromium::start();
    for (name, page, rows, drawings) in cases {
        let path = write(folder.path(), name, &page);
        let mut backgrounds = Vec::new();
        for width in WIDTHS {
            for scheme in ["light", "dark"] {
                chromium.open(&path, width, scheme);
                // Whatever is folded must fit, too.
                chromium
                    .evaluate("for (const part of document.querySelectorAll('details')) part.open = true");
                let place = format!("{name} at {width} in {scheme}");
                assert_eq!(chromium.evaluate("document.documentElement.scrollWidth"), width, "{place}");
                assert_eq!(chromium.evaluate(OUTSIDE), json!([]), "{place}");
                // Names of any length need not fit into a table.
                if !name.starts_with("hostile") {
                    assert_eq!(chromium.evaluate(CUT), json!([]), "{place}");
                }
                assert_eq!(
                    chromium.evaluate("document.querySelectorAll('.matrix tbody tr').length"),
                    rows,
                    "{place}"
                );
                assert_eq!(chromium.evaluate(DRAWN), drawings, "{place}");
                backgrounds.push(chromium.evaluate("getComputedStyle(document.body).backgroundColor"));
                let complaints = chromium.complaints();
                assert!(complaints.is_empty(), "{place}: {complaints:?}");
                assert_eq!(chromium.requests(), [format!("file://{}", path.display())], "{place}");
            }
        }
        assert_eq!(backgrounds[0], backgrounds[2]);
        assert_ne!(backgrounds[0], backgrounds[1], "{name} looks alike in light and dark");
    }
}

/// Elements that stick out of the window, but for those in a part that can be moved sideways.
const OUTSIDE: &str = "[...document.querySelectorAll('body *')]
    .filter((part) => !part.closest('.scroll') || part.matches('.scroll'))
    .filter((part) => part.getBoundingClientRect().right > innerWidth + 0.5)
    .map((part) => part.outerHTML.slice(0, 200))";

/// Tables that have to be moved sideways to be seen whole, and words of theirs that are broken.
const CUT: &str = "[...document.querySelectorAll('.scroll')]
    .filter((part) => part.scrollWidth > part.clientWidth)
    .map((part) => `${part.scrollWidth} > ${part.clientWidth}`)
    .concat([...document.querySelectorAll('.matrix td, .matrix tbody th b')]
        .filter((part) => part.scrollWidth > part.clientWidth + 1).map((part) => part.outerHTML))";

/// Drawings that are large enough to be seen and have a balancer, web hosts and lines or a frame; and charts with
/// lanes, bars that are seen and moments.
const DRAWN: &str = "[...document.querySelectorAll('svg.drawing, .chart > svg')]
    .filter((svg) => svg.getBoundingClientRect().width > 200)
    .filter((svg) => svg.matches('.drawing')
        ? svg.querySelectorAll('.node').length > 3 && svg.querySelector('.edge') && svg.querySelector('.frame')
        : svg.querySelectorAll('.lane').length > 2 && svg.querySelectorAll('.moment').length > 1
            && svg.querySelector('path').getBoundingClientRect().width > 100)
    .length";

#[test]
fn markup_of_a_host_is_text_and_nothing_foreign_acts() {
    let folder = tempfile::tempdir().unwrap();
    let (inventory, outcome) = samples::hostile();
    let mut chromium = Chromium::start();
    for page in [samples::page(&inventory, &outcome), samples::hostile_doctor(), samples::hostile_drill()] {
        nothing_foreign_acts(&mut chromium, &write(folder.path(), "hostile", &page));
    }
}

fn nothing_foreign_acts(chromium: &mut Chromium, path: &Path) {
    chromium.open(path, 1400, "light");
    assert_eq!(chromium.evaluate("document.querySelectorAll('script').length"), 1);
    assert_eq!(
        chromium.evaluate("document.querySelectorAll('img, b b, iframe, object, base, form').length"),
        0
    );
    let acting = "[...document.querySelectorAll('*')].flatMap((part) => part.getAttributeNames())
        .filter((name) => name.startsWith('on') || name === 'style' || name === 'src').length";
    assert_eq!(chromium.evaluate(acting), 0);
    let name = chromium.evaluate("document.querySelector('.eyebrow').textContent");
    assert_eq!(name, samples::ATTACK);
    assert!(chromium.complaints().is_empty());

    // If it were markup after all, the policy would stop it.
    let inject = "(() => {
        window.stopped = [];
        addEventListener('securitypolicyviolation', (event) => stopped.push(event.effectiveDirective));
        document.body.insertAdjacentHTML('beforeend', `<img src=x onerror=owned=1><p style=\"color: red\">x</p>`);
        const script = document.createElement('script');
        script.textContent = 'window.owned = 1';
        document.body.append(script);
    })()";
    chromium.evaluate(inject);
    let settled =
        "new Promise((done) => setTimeout(() => done([window.owned ?? null, stopped.sort()]), 300))";
    let answer = chromium.call(
        "Runtime.evaluate",
        &json!({ "expression": settled, "awaitPromise": true, "returnByValue": true }),
    );
    let [owned, stopped] = [0, 1].map(|index| answer["result"]["value"][index].clone());
    assert_eq!(owned, Value::Null);
    for directive in ["img-src", "script-src-attr", "script-src-elem", "style-src-attr"] {
        assert!(stopped.as_array().unwrap().iter().any(|seen| seen == directive), "{directive}: {stopped}");
    }
}

#[test]
fn search_and_filter_show_what_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let class = samples::class(30, 3);
    let path = write(folder.path(), "class", &samples::page(&class, &samples::verified_with_trouble(&class)));
    let mut chromium = Chromium::start();
    chromium.open(&path, 1400, "light");
    chromium.evaluate("window.field = document.getElementById('search')");
    let search = |text: &str| format!("field.value = '{text}', field.dispatchEvent(new Event('input'))");
    chromium.evaluate(&search("EQUIPE07"));
    let names = "[...document.querySelectorAll('.cluster:not([hidden]) h3')].map((part) => part.textContent)";
    assert_eq!(chromium.evaluate(names), json!(["equipe07"]));
    assert_eq!(chromium.evaluate("document.getElementById('shown').value"), "1 de 30 na lista");
    chromium.evaluate(&search("status 403"));
    assert_eq!(chromium.evaluate(names), json!(["equipe01"]));
    chromium.evaluate(&search("nobody"));
    assert_eq!(chromium.evaluate(names), json!([]));
    chromium.evaluate(&search(""));
    chromium.evaluate("document.querySelector('[data-show=trouble]').click()");
    assert_eq!(chromium.evaluate(names), json!(["equipe01"]));
    assert_eq!(chromium.evaluate("document.querySelectorAll('.matrix tbody tr:not([hidden])').length"), 1);
    chromium.evaluate("document.querySelector('[data-show=all]').click()");
    assert_eq!(chromium.evaluate("document.querySelectorAll('.cluster:not([hidden])').length"), 30);

    let unfolded = "document.querySelectorAll('details.host[open]').length";
    assert_eq!(chromium.evaluate(unfolded), 2, "what failed is unfolded");
    chromium.evaluate("document.getElementById('unfold').click()");
    assert_eq!(chromium.evaluate(unfolded), 120);
    assert!(chromium.complaints().is_empty());
}

#[test]
fn findings_are_found_host_by_host() {
    let folder = tempfile::tempdir().unwrap();
    let class = samples::class(30, 3);
    let path = write(folder.path(), "doctor", &samples::doctor(&class, &samples::unfit(&class)));
    let mut chromium = Chromium::start();
    chromium.open(&path, 1400, "light");
    let causes = "[...document.querySelectorAll('.troubles > li')].filter((part) => part.checkVisibility())
        .map((part) => part.id)";
    assert_eq!(chromium.evaluate(causes), json!(["finding-1", "finding-2", "finding-3"]));
    let hosts = "[...document.querySelectorAll('.seen-there li b')].filter((part) => part.checkVisibility())
        .map((part) => part.textContent)";
    assert_eq!(chromium.evaluate(hosts), json!([]), "thirty hosts are folded");
    let search = "(text) => {
        const field = document.getElementById('search');
        field.value = text;
        field.dispatchEvent(new Event('input'));
    }";
    chromium.evaluate(&format!("({search})('equipe07')"));
    assert_eq!(chromium.evaluate(hosts), json!(["equipe07/lb"]), "and unfolded where one is looked for");
    assert_eq!(chromium.evaluate(causes), json!(["finding-1", "finding-2"]));
    assert_eq!(chromium.evaluate("document.getElementById('shown').value"), "1 de 30 na lista");
    chromium.evaluate(&format!("({search})('haproxy.cfg.bkp')"));
    assert_eq!(chromium.evaluate(causes), json!(["finding-3"]));
    let headings =
        "[...document.querySelectorAll('.severity h2')].filter((part) => part.checkVisibility()).length";
    assert_eq!(chromium.evaluate(headings), 1, "a heading with nothing below it is gone");
    chromium.evaluate(&format!("({search})('')"));
    chromium.evaluate("document.querySelector('[data-show=trouble]').click()");
    assert_eq!(chromium.evaluate(causes), json!(["finding-1", "finding-2"]));
    assert!(chromium.complaints().is_empty());
}

#[test]
fn paper_is_white_and_holds_no_controls() {
    let folder = tempfile::tempdir().unwrap();
    let class = samples::class(3, 3);
    let mut chromium = Chromium::start();
    for page in [
        samples::page(&class, &samples::verified_with_trouble(&class)),
        samples::doctor(&class, &samples::unfit(&class)),
        samples::drill(&samples::drills_of_every_end(), Language::Portuguese),
    ] {
        chromium.open(&write(folder.path(), "page", &page), 720, "dark");
        let dark = json!([{ "name": "prefers-color-scheme", "value": "dark" }]);
        chromium.call("Emulation.setEmulatedMedia", &json!({ "media": "print", "features": dark }));
        let ink = chromium.evaluate("getComputedStyle(document.body).color");
        assert_eq!(ink, "rgb(27, 31, 35)");
        assert_eq!(chromium.evaluate("document.getElementById('tools').checkVisibility()"), false);
        assert_eq!(chromium.evaluate("document.documentElement.scrollWidth"), 720);
        let paper = chromium.call("Page.printToPDF", &json!({}));
        assert!(paper["data"].as_str().unwrap().starts_with("JVBERi0"), "the start of a PDF file, in base64");
        chromium.call("Emulation.setEmulatedMedia", &json!({ "media": "" }));
    }
}

#[test]
fn paper_is_not_wasted() {
    let folder = tempfile::tempdir().unwrap();
    let mut chromium = Chromium::start();
    let (class, crowd) = (samples::class(30, 3), samples::class(1, 60));
    for (name, page, most) in [
        // Three clusters on a page.
        ("class", samples::page(&class, &samples::verified(&class)), 12),
        ("crowd", samples::page(&crowd, &samples::verified(&crowd)), 5),
    ] {
        chromium.open(&write(folder.path(), name, &page), 720, "light");
        let paper = chromium.call("Page.printToPDF", &json!({}));
        let paper = STANDARD.decode(paper["data"].as_str().unwrap()).unwrap();
        let pages = String::from_utf8_lossy(&paper).matches("/Type /Page\n").count();
        assert!((2..=most).contains(&pages), "{name}: {pages} pages");
    }
}

#[test]
fn without_javascript_only_the_search_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let class = samples::class(2, 3);
    let path = write(folder.path(), "class", &samples::page(&class, &samples::verified(&class)));
    let mut chromium = Chromium::start();
    chromium.call("Emulation.setScriptExecutionDisabled", &json!({ "value": true }));
    chromium.open(&path, 360, "light");
    let root = chromium.call("DOM.getDocument", &json!({}))["root"]["nodeId"].clone();
    let mut is_shown = |selector: &str| {
        let found = chromium.call("DOM.querySelector", &json!({ "nodeId": root, "selector": selector }));
        chromium.attempt("DOM.getBoxModel", &json!({ "nodeId": found["nodeId"] })).is_ok()
    };
    assert!(!is_shown("#tools"));
    for selector in ["h1", ".matrix", ".drawing", "details.host > summary"] {
        assert!(is_shown(selector), "{selector}");
    }
}
