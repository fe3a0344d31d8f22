//! The details of a host: what was seen, how to mend it, the log, and what was changed.

use std::time::Duration;

use serde::Serialize;

use super::probed::Probed;
use super::seen::{State, state};
use crate::model::{Action, Change, ChangeResult, Check, CheckKind, Failure, Host, HostStatus, Text};
use crate::report::view::HostView;
use crate::report::vocabulary::Words;
use crate::report::words;

const WORTH_TELLING: Duration = Duration::from_millis(500);

#[derive(Debug, Serialize)]
pub struct HostPart {
    /// Its name within the cluster.
    name: String,
    id: String,
    /// Its place on the page.
    pub anchor: String,
    pub state: State,
    probed: Probed,
    /// How it is, or what was done.
    word: String,
    roles: Vec<String>,
    address: String,
    /// Unfolded from the start, because there is something to read.
    is_open: bool,
    warnings: Vec<String>,
    failure: Option<String>,
    failure_hint: Option<String>,
    log: String,
    checks: Vec<CheckPart>,
    changes: Vec<ChangePart>,
    changes_title: String,
    /// What the search looks at.
    pub search: String,
}

#[derive(Debug, Serialize)]
struct CheckPart {
    state: State,
    kind: &'static str,
    detail: String,
    hint: Option<String>,
    log: String,
    /// Where it took long enough to be of interest.
    duration: Option<String>,
}

#[derive(Debug, Serialize)]
struct ChangePart {
    /// `create`, `update`, `delete`, `run`: how it looks.
    class: &'static str,
    sign: &'static str,
    action: &'static str,
    resource: String,
    reason: String,
    /// `0700 → 0755`
    states: Option<String>,
    result: &'static str,
    state: State,
    diff: Vec<String>,
}

impl HostPart {
    /// What a run says of a host; `number` is its place on the page.
    pub fn new(view: &HostView<'_>, number: usize, kinds: &[CheckKind], words: Words) -> Self {
        let (host, outcome) = (view.host, view.worked);
        let state = state(view, |_| true);
        let failure = outcome.and_then(|outcome| outcome.failure.as_ref());
        let checks = view.checks.iter().map(|check| CheckPart::new(check, failure, words));
        let checks: Vec<CheckPart> = checks.collect();
        let changes: Vec<ChangePart> = outcome
            .iter()
            .flat_map(|outcome| &outcome.changes)
            .map(|(change, result)| ChangePart::new(change, result.as_ref().map(|(result, _)| result), words))
            .collect();
        let word = match view.status {
            status @ (HostStatus::Failed | HostStatus::Unreachable) => words.host_status(status).to_owned(),
            _ if state == State::Unknown && !changes.is_empty() => words.change_noun().count(changes.len()),
            status if state == State::Unknown => words.host_status(status).to_owned(),
            _ => state.word(words).to_owned(),
        };
        let failure_hint = failure.and_then(|failure| failure.hint.as_ref()).map(|hint| words.say(hint));
        let failure = failure.map(|failure| words.say(&failure.message));
        let seen_amiss =
            checks.iter().filter(|check| check.state != State::Pass).map(|check| check.detail.as_str());
        let failed = failure.as_deref();
        let search: Vec<&str> = [host.id.as_str(), &host.connection.address, &host.private_address, &word]
            .into_iter()
            .chain(seen_amiss)
            .chain(failed)
            .collect();
        Self {
            name: host.name.clone(),
            id: host.id.to_string(),
            anchor: format!("host-{number}"),
            state,
            probed: Probed::new(&view.checks.iter().copied(), kinds),
            roles: host.roles.iter().map(|role| words.say(&role.title())).collect(),
            address: addresses(host),
            is_open: state >= State::Skip,
            warnings: outcome
                .iter()
                .flat_map(|outcome| &outcome.warnings)
                .map(|warning| words.say(warning))
                .collect(),
            log: outcome.map(|outcome| words.say(&Text::join(&outcome.log_tail, "\n"))).unwrap_or_default(),
            changes_title: words.change_noun().count(changes.len()),
            search: search.join(" "),
            word,
            failure,
            failure_hint,
            checks,
            changes,
        }
    }
}

/// As the laptop reaches it, and as its cluster does where that differs.
fn addresses(host: &Host) -> String {
    let address = &host.connection.address;
    if host.private_address == *address {
        address.clone()
    } else {
        format!("{address} · {}", host.private_address)
    }
}

impl CheckPart {
    fn new(check: &Check, failure: Option<&Failure>, words: Words) -> Self {
        Self {
            state: check.status.into(),
            kind: check.kind.as_str(),
            detail: words.say(&check.detail),
            // Once is enough.
            hint: check
                .hint
                .as_ref()
                .filter(|hint| failure.and_then(|failure| failure.hint.as_ref()) != Some(hint))
                .map(|hint| words.say(hint)),
            log: words.say(&Text::join(&check.log_tail, "\n")),
            duration: (check.duration >= WORTH_TELLING).then(|| words.time(&words::duration(check.duration))),
        }
    }
}

impl ChangePart {
    fn new(change: &Change, result: Option<&ChangeResult>, words: Words) -> Self {
        let diff = change.diff.iter().flat_map(|diff| diff.english().lines()).map(str::to_owned);
        let state = |text: &Option<Text>| text.as_ref().map(|text| words.say(text));
        let states = match (state(&change.before), state(&change.after)) {
            (None, None) => None,
            (Some(before), None) => Some(before),
            (None, Some(after)) => Some(format!("→ {after}")),
            (Some(before), Some(after)) => Some(format!("{before} → {after}")),
        };
        Self {
            class: change.action.into_str(),
            sign: match change.action {
                Action::Create => "+",
                Action::Update => "~",
                Action::Delete => "−",
                Action::Run => "!",
            },
            action: words.action(change.action),
            resource: change.resource.to_string(),
            reason: words.say(&change.reason),
            // A diff says it better.
            states: states.filter(|_| change.diff.is_none()),
            result: result.map_or(words.choose("planned", "planejado"), |result| words.change_result(result)),
            state: match result {
                None => State::Unknown,
                Some(ChangeResult::Done) => State::Pass,
                Some(ChangeResult::NotRun | ChangeResult::Left) => State::Skip,
                Some(ChangeResult::Failed | ChangeResult::RolledBack) => State::Fail,
            },
            diff: diff.collect(),
        }
    }
}
