//! Commands by which practices are probed: the answers of `trial.sh` → what came of each.

use std::convert::Infallible;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::model::{Failure, HostText, Trial};

use super::data::Data;
use super::dialogue::{End, Reader, garbled};
use super::invocation::RunAs;
use super::program::Program;

const PARTS: &[&str] = &[
    include_str!("programs/common.sh"),
    include_str!("programs/session.sh"),
    include_str!("programs/clock.sh"),
    include_str!("programs/trial.sh"),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrialRequest<'a> {
    /// Text for sh.
    pub run: &'a str,
    /// In whole seconds, of which there is one at least.
    pub limit: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trials {
    /// In the order of the requests.
    Ended(Vec<Trial>),
    /// The folder that has no room for what a command prints.
    NoRoom(HostText),
}

/// The program that runs the commands, one behind the other. It runs as root, or as whoever logged in.
pub fn trials<'a>(requests: &[TrialRequest<'_>], run_as: RunAs<'a>) -> Program<'a, TrialReader> {
    let mut data = Data::default();
    for TrialRequest { run, limit } in requests {
        data.line(format!("{} {}", limit.as_secs().max(1), STANDARD.encode(run)));
    }
    data.end();
    let reader = TrialReader { ended: vec![None; requests.len()], no_room: None };
    Program { run_as, parts: PARTS, data, reader }
}

#[derive(Debug)]
pub struct TrialReader {
    ended: Vec<Option<Trial>>,
    no_room: Option<HostText>,
}

impl TrialReader {
    /// `INDEX STATUS HUNDREDTHS PRINTED`, the status only where a command came to its end by itself.
    fn trial(&mut self, has_status: bool, rest: &str) -> Option<()> {
        let mut words = rest.split(' ');
        let place = self.ended.get_mut(words.next()?.parse::<usize>().ok()?)?;
        let status = if has_status { Some(words.next()?.parse().ok()?) } else { None };
        let took = Duration::from_millis(words.next()?.parse::<u64>().ok()?.checked_mul(10)?);
        let printed = STANDARD.decode(words.next()?).ok()?;
        let printed = String::from_utf8_lossy(&printed).into_owned().into();
        *place = Some(Trial { status, printed, took });
        Some(())
    }
}

impl Reader for TrialReader {
    type Event = Infallible;
    type Answer = Trials;

    fn answer(&mut self, word: &str, rest: &str) -> Result<Option<Infallible>, Failure> {
        match word {
            "no-room" => self.no_room = Some(rest.into()),
            "ran" | "late" => self.trial(word == "ran", rest).ok_or_else(|| garbled(word))?,
            _ => {}
        }
        Ok(None)
    }

    fn finish(self, _: End) -> Result<Trials, Failure> {
        match self.no_room {
            Some(folder) => Ok(Trials::NoRoom(folder)),
            None => {
                self.ended.into_iter().collect::<Option<_>>().map(Trials::Ended).ok_or_else(|| garbled("ran"))
            }
        }
    }
}
