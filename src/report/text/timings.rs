//! Where the time went: a bar for each host, then what each was busy with.

use std::time::Duration;

use super::page::Page;
use crate::model::{HostTiming, Phase, RunOutcome, Slowest};
use crate::report::style::{Style, Tone};
use crate::report::vocabulary::{Words, say};
use crate::report::{names, words};

/// Hosts that have a bar without `-v`: those that took longest.
const MOST_BARS: usize = 20;
/// Columns of a name.
const MOST_FOR_A_NAME: usize = 24;
const LEAST_FOR_A_BAR: usize = 10;
/// What took less than this is not worth a word.
const LEAST: Duration = Duration::from_millis(50);

/// Adds nothing where nobody asked for it.
pub fn write(page: &mut Page<'_>, outcome: &RunOutcome) {
    let mut timings: Vec<&HostTiming> = outcome.timings.iter().collect();
    let Some(end) = timings.iter().map(|timing| timing.end()).max() else { return };
    // In the order of the inventory where all are shown.
    if timings.len() > MOST_BARS && !page.shows_all() {
        timings.sort_by_key(|timing| std::cmp::Reverse(timing.busy()));
        timings.truncate(MOST_BARS);
    }
    page.gap();
    let words = page.words;
    let whole = words.duration(end);
    let title = say!(words, en: "Where {whole} went", pt: "Para onde foram {whole}");
    page.line(&page.style.paint(Tone::Strong, title));
    let ids: Vec<&str> = timings.iter().map(|timing| timing.host.as_str()).collect();
    let times: Vec<String> = timings.iter().map(|timing| words.duration(timing.busy())).collect();
    let room = page.options.look.width.saturating_sub(widest(&times) + 2);
    let names = names::shorten(&ids, MOST_FOR_A_NAME.min(room.saturating_sub(LEAST_FOR_A_BAR)), page.style);
    let longest = widest(&names);
    let columns = room.saturating_sub(longest).max(LEAST_FOR_A_BAR);
    for ((timing, name), time) in timings.iter().zip(names).zip(times) {
        let bar = bar(timing, end, columns, page.style);
        let name = words::pad(&name, longest, page.style);
        page.line(&format!("{name} {bar} {}", page.style.paint(Tone::Faint, time)));
    }
    if timings.len() < outcome.timings.len() {
        let left = words.hosts(outcome.timings.len() - timings.len());
        page.line(&page.and_more(left));
    }
    let style = page.style;
    let legend = Glyph::ALL.map(|glyph| format!("{} {}", glyph.sign(style), glyph.name(words))).join("  ");
    let legend = say!(
        words,
        en: "{legend}; the times leave out what was waited for",
        pt: "{legend}; os tempos não contam a espera",
    );
    page.hang("", Tone::Faint, &legend);
    if page.shows_all() {
        for timing in timings {
            page.hang(&format!("{}: ", timing.host), Tone::Strong, &phases(timing, words));
        }
    }
    if let Some(slowest) = Slowest::among(&outcome.timings) {
        page.hang("", Tone::Caution, &sentence(&slowest, words));
    }
}

fn widest(texts: &[String]) -> usize {
    texts.iter().map(|text| words::width(text)).max().unwrap_or(0)
}

/// What a host spent most of each part of the time with.
fn bar(timing: &HostTiming, end: Duration, columns: usize, style: Style) -> String {
    let parts = u32::try_from(columns).unwrap_or(u32::MAX);
    let slot = |part: u32| {
        let (from, to) = (end * part / parts, end * (part + 1) / parts);
        let within = |glyph: Glyph| {
            let of_it = timing.spans.iter().filter(|span| Glyph::of(&span.phase) == glyph);
            of_it.map(|span| span.to.min(to).saturating_sub(span.from.max(from))).sum::<Duration>()
        };
        let most = Glyph::ALL.into_iter().max_by_key(|glyph| within(*glyph));
        most.filter(|glyph| !within(*glyph).is_zero()).map_or(" ", |glyph| glyph.sign(style))
    };
    (0..parts).map(slot).collect()
}

/// `connect 0.2 s, look 0.1 s, package:apache2 10 s, …`
fn phases(timing: &HostTiming, words: Words) -> String {
    let worth = timing.phases().into_iter().filter(|phase| timing.took(phase) >= LEAST);
    let told = worth.map(|phase| format!("{} {}", name(phase, words), words.duration(timing.took(phase))));
    told.collect::<Vec<_>>().join(", ")
}

fn sentence(slowest: &Slowest<'_>, words: Words) -> String {
    let Slowest { host, busy, median, phase, took, usual } = slowest;
    let [busy, median, took, usual] = [busy, median, took, usual].map(|time| words.duration(*time));
    let what = name(phase, words);
    say!(
        words,
        en: "Slowest: {host} took {busy}, half of the hosts {median} at most; {what} took {took} there, {usual} elsewhere.",
        pt: "A mais lenta: {host} levou {busy}, metade das máquinas no máximo {median}; {what} levou {took} ali e {usual} nas outras.",
    )
}

/// What is worked on or asked; else what is done.
fn name(phase: &Phase, words: Words) -> &str {
    phase.subject().unwrap_or_else(|| match phase {
        Phase::Plan => words.choose("plan", "plano"),
        phase => Glyph::of(phase).name(words),
    })
}

/// What bars tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Glyph {
    Connect,
    Login,
    Look,
    Change,
    Probe,
    Wait,
}

impl Glyph {
    const ALL: [Self; 6] = [Self::Connect, Self::Login, Self::Look, Self::Change, Self::Probe, Self::Wait];

    fn of(phase: &Phase) -> Self {
        match phase {
            Phase::Connect => Self::Connect,
            Phase::Login => Self::Login,
            Phase::Look | Phase::Plan => Self::Look,
            Phase::Change(_) => Self::Change,
            Phase::Probe(_) => Self::Probe,
            Phase::Wait => Self::Wait,
        }
    }

    fn name(self, words: Words) -> &'static str {
        let (english, portuguese) = match self {
            Self::Connect => ("connect", "conexão"),
            Self::Login => ("log in", "login"),
            Self::Look => ("look", "inspeção"),
            Self::Change => ("change", "mudança"),
            Self::Probe => ("probe", "teste"),
            Self::Wait => ("wait for others", "espera pelas outras"),
        };
        words.choose(english, portuguese)
    }

    fn sign(self, style: Style) -> &'static str {
        let (unicode, ascii) = match self {
            Self::Connect => ("░", "c"),
            Self::Login => ("▒", "i"),
            Self::Look => ("▓", "l"),
            Self::Change => ("█", "#"),
            Self::Probe => ("▞", "p"),
            Self::Wait => ("·", "."),
        };
        if style.unicode { unicode } else { ascii }
    }
}
