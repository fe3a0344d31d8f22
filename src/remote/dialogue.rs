//! One program's conversation: began, answered, ended. Shared by the readers of all framed programs.

use std::collections::VecDeque;

use crate::model::{Failure, FailureKind, text};

use super::decoder::{Decoder, Line};
use super::failure;
use super::invocation::Nonce;

/// So many log lines are kept for people to see.
const LOG_LINES: usize = 200;

/// What a reader gets of a conversation; `begin`, `refused` and `end` are kept here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    /// A word, and the rest of the line.
    Answer(String, String),
    /// Anything that is no answer.
    Log(String),
}

/// How a program said that it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It did all that it was asked.
    Complete,
    /// One of its steps failed; that was answered before.
    Failed,
    /// Its stdin was closed, and it stopped after the step under way.
    Interrupted,
}

#[derive(Debug)]
pub(super) struct Dialogue {
    decoder: Decoder,
    began: bool,
    refusal: Option<Failure>,
    end: Option<End>,
    log: VecDeque<String>,
}

impl Dialogue {
    pub(super) fn new(nonce: &Nonce) -> Self {
        Self { decoder: Decoder::new(nonce), began: false, refusal: None, end: None, log: VecDeque::new() }
    }

    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Item>, Failure> {
        let lines = self.decoder.feed(bytes)?;
        Ok(lines.into_iter().filter_map(|line| self.take(line)).collect())
    }

    /// The end of the log, oldest first.
    pub(super) fn log(&self) -> impl Iterator<Item = &str> {
        self.log.iter().map(String::as_str)
    }

    /// Judges the conversation once the output is over.
    pub(super) fn conclude(&mut self) -> Result<End, Failure> {
        if let Some(line) = self.decoder.finish() {
            self.take(line);
        }
        if let Some(refusal) = self.refusal.take() {
            return Err(refusal);
        }
        self.end.ok_or_else(|| if self.began { cut_off() } else { self.never_began() })
    }

    fn take(&mut self, line: Line) -> Option<Item> {
        let answer = match line {
            Line::Answer(answer) => answer,
            Line::Log(text) => {
                if self.log.len() == LOG_LINES {
                    self.log.pop_front();
                }
                self.log.push_back(text.clone());
                return Some(Item::Log(text));
            }
        };
        let (word, rest) = answer.split_once(' ').unwrap_or((&answer, ""));
        match word {
            "begin" => self.began = true,
            "refused" => self.refusal = Some(failure::refusal(rest)),
            "end" => {
                self.end = match rest {
                    "ok" => Some(End::Complete),
                    "failed" => Some(End::Failed),
                    "interrupted" => Some(End::Interrupted),
                    _ => None,
                };
            }
            _ => return Some(Item::Answer(word.to_owned(), rest.to_owned())),
        }
        None
    }

    fn never_began(&self) -> Failure {
        let unavailable = self.log().any(|line| line.contains("account is currently not available"));
        Failure {
            kind: if unavailable { FailureKind::Unsupported } else { FailureKind::Protocol },
            message: text!(
                en: "the login worked, but no program ran on the host",
                pt: "o login funcionou, mas nenhum programa rodou na máquina",
            ),
            hint: Some(if unavailable {
                text!(
                    en: "the user's login shell is `nologin`: give it a shell, or name another `ssh.user`",
                    pt: "o shell de login do usuário é `nologin`: dê-lhe um shell, ou use outro `ssh.user`",
                )
            } else {
                text!(
                    en: "run `ssh HOST sh -c true` by hand and look at what it prints; if it asks for something or \
                         ends early, mend the login shell's start files, or sudo's rules for `sh`",
                    pt: "rode `ssh HOST sh -c true` à mão e veja o que aparece; se algo for perguntado ou terminar \
                         antes da hora, corrija os arquivos de início do shell de login, ou as regras do sudo para `sh`",
                )
            }),
        }
    }
}

pub(super) fn cut_off() -> Failure {
    Failure {
        kind: FailureKind::Lost,
        message: text!(
            en: "the connection ended before the host was done",
            pt: "a conexão terminou antes que a máquina acabasse",
        ),
        hint: Some(text!(
            en: "run the same command again: it goes on where this run stopped",
            pt: "rode o mesmo comando de novo: ele continua de onde esta execução parou",
        )),
    }
}
