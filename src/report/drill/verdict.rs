//! How a drill ended, whether it was judged or broke off.

use crate::model::{CheckStatus, DrillEnd, Text};
use crate::report::vocabulary::Words;

pub struct Verdict<'a> {
    pub status: CheckStatus,
    pub detail: String,
    pub hint: Option<&'a Text>,
    pub log: &'a [Text],
}

impl<'a> Verdict<'a> {
    pub fn of(end: &'a DrillEnd, words: Words) -> Self {
        match end {
            DrillEnd::Judged { status, detail, hint } => {
                Self { status: *status, detail: words.say(detail), hint: hint.as_ref(), log: &[] }
            }
            DrillEnd::Broken { host, failure, log_tail } => Self {
                status: CheckStatus::Fail,
                detail: format!("{host}: {}", words.say(&failure.message)),
                hint: failure.hint.as_ref(),
                log: log_tail,
            },
        }
    }
}
