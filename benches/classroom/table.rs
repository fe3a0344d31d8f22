//! What was measured as Markdown, as sentences for the READMEs, and run by run.

use crate::measure::{FIGURES, Measured};
use crate::summary::Scene;
use crate::tool::{Tool, Work};

/// Seconds and ratios of all tools, then what each used, for each scene.
pub fn markdown(scenes: &[Scene<'_>]) -> String {
    let mut text = String::new();
    for scene in scenes {
        text += &format!("### {}\n\n", title(scene));
        text += &row(["median seconds"].into_iter().chain(Tool::ALL.map(Tool::name)));
        text += &row(std::iter::repeat_n("---", Tool::ALL.len() + 1));
        for work in Work::ALL.into_iter().filter(|work| !scene.tools(*work).is_empty()) {
            let cells = Tool::ALL.map(|tool| seconds(scene, tool, work));
            text += &row([work.name()].into_iter().chain(cells.iter().map(String::as_str)));
        }
        text += "\n";
        text += &row(["work", "tool"].into_iter().chain(FIGURES));
        text += &row(std::iter::repeat_n("---", FIGURES.len() + 2));
        for (work, tool) in Work::ALL.into_iter().flat_map(|work| Tool::ALL.map(|tool| (work, tool))) {
            let Some(medians) = scene.medians(tool, work) else { continue };
            let cells = medians.map(figure);
            text += &row([work.name(), tool.name()].into_iter().chain(cells.iter().map(String::as_str)));
        }
        text += "\n";
    }
    text
}

pub fn title(scene: &Scene<'_>) -> String {
    match scene.delay {
        0 => format!("{} hosts, on this machine", scene.hosts),
        delay => format!("{} hosts, {delay} ms away (round trip)", scene.hosts),
    }
}

/// Three ratios, for the first screen of the READMEs.
pub fn sentences(scenes: &[Scene<'_>]) -> String {
    let Some(scene) = scenes.first() else { return String::new() };
    let ratio = |tool, work| scene.ratio(tool, Tool::Provision, work).map_or_else(|| "?".to_owned(), figure);
    let hosts = scene.hosts;
    let [ansible, mitogen, pyinfra] =
        [Tool::Ansible, Tool::Mitogen, Tool::Pyinfra].map(|tool| ratio(tool, Work::Again));
    format!(
        "On {hosts} hosts that need no change, Ansible takes {ansible} times as long, with Mitogen {mitogen} times, \
         pyinfra {pyinfra} times.\n\
         Em {hosts} hosts que não precisam de mudança, o Ansible leva {ansible} vezes esse tempo, com Mitogen {mitogen} \
         vezes, o pyinfra {pyinfra} vezes.\n"
    )
}

/// Every run that counts.
pub fn runs(measured: &[Measured]) -> String {
    let mut text = format!("hosts,delay,round,work,tool,{}\n", FIGURES.join(",").replace(", ", " "));
    for Measured { place, tool, work, figures } in measured {
        let figures = figures.map(|value| format!("{value:.4}")).join(",");
        text += &format!("{},{},{},{work},{tool},{figures}\n", place.hosts, place.delay, place.round);
    }
    text
}

fn seconds(scene: &Scene<'_>, tool: Tool, work: Work) -> String {
    let Some([seconds, ..]) = scene.medians(tool, work) else { return String::new() };
    match scene.ratio(tool, Tool::Provision, work) {
        Some(ratio) if tool != Tool::Provision => format!("{} (×{})", figure(seconds), figure(ratio)),
        _ => figure(seconds),
    }
}

/// A number with as many digits as say something.
fn figure(value: f64) -> String {
    match value {
        ..10.0 => format!("{value:.2}"),
        ..100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

fn row<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
}
