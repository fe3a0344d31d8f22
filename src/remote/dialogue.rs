//! One program's conversation: began, answered, ended. Alike for all programs; a [`Reader`] knows one of them.

use std::time::SystemTime;

use crate::model::{Failure, FailureKind, clock, text};

use super::decoder::{Decoder, Item, flood};
use super::failure;
use super::invocation::Nonce;
use super::packed::more;

/// One program gives at most so many answers: so many things can a host make us remember.
const ANSWERS_LIMIT: usize = 20_000;

/// A line for a program's input, said again and again: a link that died may leave its input open for hours.
pub const SIGN_OF_LIFE: &str = "here\n";

/// Understands the answers of one program.
pub trait Reader {
    /// What is told while the program runs.
    type Event;
    /// What it comes to in the end.
    type Answer;

    /// Whether the program passes on a command's output, which is no answer and no log.
    const PASSES_OUTPUT: bool = false;

    /// Whether the program looks whether this side is still there: see [`SIGN_OF_LIFE`].
    const HEEDS_SIGNS: bool = false;

    /// Files that a program asks for where it needs them.
    const MORE: &'static [&'static str] = &[];

    /// Takes an answer: a word, and the rest of the line.
    fn answer(&mut self, word: &str, rest: &str) -> Result<Option<Self::Event>, Failure>;

    /// Takes a command's output.
    fn output(&mut self, _bytes: Vec<u8>) -> Option<Self::Event> {
        None
    }

    /// Takes the seconds by which the host's clock is ahead of ours, where the program reads it.
    fn clock_skew(&mut self, _seconds: i64) {}

    /// What all of it comes to, once the program said that it ended.
    fn finish(self, end: End) -> Result<Self::Answer, Failure>;

    /// What is told of a program that never said that it ended.
    fn cut_off(&self) -> Failure {
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

    /// What is told of a program that never said anything.
    fn never_began(&self, door: Door) -> Failure {
        Failure {
            kind: if door == Door::Open { FailureKind::Protocol } else { FailureKind::Unsupported },
            message: text!(
                en: "the login worked, but no program ran on the host",
                pt: "o login funcionou, mas nenhum programa rodou na máquina",
            ),
            hint: Some(match door {
                Door::Closed => text!(
                    en: "the user's login shell is `nologin`: give it a shell, or name another `ssh.user`",
                    pt: "o shell de login do usuário é `nologin`: dê-lhe um shell, ou use outro `ssh.user`",
                ),
                Door::Expired => text!(
                    en: "the user's password has expired: log in by hand with `ssh` and set a new one, or as root there \
                         `passwd USER`, or `chage -d -1 -M -1 USER` where it is not to expire",
                    pt: "a senha do usuário expirou: entre à mão com `ssh` e defina uma nova, ou, como root, lá, \
                         `passwd USER`, ou `chage -d -1 -M -1 USER` se não deve expirar",
                ),
                Door::Open => text!(
                    en: "run `ssh HOST sh -c true` by hand and look at what it prints: something of the host's runs in the \
                         program's place or ends the session. As root there, look for `ForceCommand` and \
                         `ChrootDirectory` (`sshd -T -C user=USER`), for PAM's word in `journalctl -u ssh`, at the login \
                         shell's start files, and at sudo's rules for `sh`",
                    pt: "rode `ssh HOST sh -c true` à mão e veja o que aparece: algo da máquina roda no lugar do programa, \
                         ou encerra a sessão. Como root, lá, procure `ForceCommand` e `ChrootDirectory` \
                         (`sshd -T -C user=USER`), o que o PAM diz em `journalctl -u ssh`, os arquivos de início do shell \
                         de login e as regras do sudo para `sh`",
                ),
            }),
        }
    }
}

/// What is known of why a login came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Door {
    #[default]
    Open,
    /// The login shell lets nobody in.
    Closed,
    /// The password is too old.
    Expired,
}

/// How a program said that it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It did all that it was asked.
    Complete,
    /// One of its steps failed; that was answered before. Later ones were not run.
    Failed,
    /// Another run was there since the host was looked at. Nothing was done.
    Stale,
    /// Its stdin was closed, and it stopped after the step under way. Later ones were not run.
    Interrupted,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard<E> {
    Event(E),
    /// A line that is no answer; not cleaned.
    Log(String),
}

#[derive(Debug)]
pub struct Dialogue<R> {
    decoder: Decoder,
    reader: R,
    asked: SystemTime,
    answers: usize,
    /// The login shell let us in.
    arrived: bool,
    began: bool,
    door: Door,
    /// The program asked for more of itself.
    wants_more: bool,
    got_more: bool,
    refusal: Option<Failure>,
    end: Option<End>,
}

impl<R: Reader> Dialogue<R> {
    /// A conversation that is begun `asked`, in which answers carry this nonce.
    pub fn new(nonce: &Nonce, reader: R, asked: SystemTime) -> Self {
        let decoder = Decoder::new(nonce, R::PASSES_OUTPUT);
        Self {
            decoder,
            reader,
            asked,
            answers: 0,
            arrived: false,
            began: false,
            door: Door::default(),
            wants_more: false,
            got_more: false,
            refusal: None,
            end: None,
        }
    }

    /// Takes the next bytes of stdout, which came `now`.
    pub fn feed(&mut self, bytes: &[u8], now: SystemTime) -> Result<Vec<Heard<R::Event>>, Failure> {
        let items = self.decoder.feed(bytes)?;
        items.into_iter().filter_map(|item| self.take(item, now).transpose()).collect()
    }

    /// Takes what is said beside answers.
    pub fn overhear(&mut self, words: &str) {
        if words.contains("account is currently not available") {
            self.door = Door::Closed;
        } else if words.contains("password has expired") || words.contains("Password change required") {
            self.door = Door::Expired;
        }
    }

    /// Whether anything of ours runs on the host yet.
    pub fn has_arrived(&self) -> bool {
        self.arrived || self.has_begun()
    }

    /// Whether the program said anything yet.
    pub fn has_begun(&self) -> bool {
        self.began || self.refusal.is_some()
    }

    /// What the program asked for, to be sent to it. A host that asks again gets nothing.
    pub fn more(&mut self) -> Option<String> {
        let is_due = std::mem::take(&mut self.wants_more) && !std::mem::replace(&mut self.got_more, true);
        is_due.then(|| more(R::MORE))
    }

    /// What keeps a program from beginning; `None` where it has begun.
    pub fn hindrance(&self) -> Option<Failure> {
        (!self.has_begun()).then(|| if self.arrived { root_is_awaited() } else { held_at_login() })
    }

    /// Judges the conversation once stdout is over.
    pub fn finish(mut self, now: SystemTime) -> Result<R::Answer, Failure> {
        if let Some(item) = self.decoder.finish() {
            self.take(item, now)?;
        }
        match (self.refusal, self.end) {
            (Some(refusal), _) => Err(refusal),
            (None, Some(end)) => self.reader.finish(end),
            (None, None) if self.began => Err(self.reader.cut_off()),
            (None, None) => Err(self.reader.never_began(self.door)),
        }
    }

    fn take(&mut self, item: Item, now: SystemTime) -> Result<Option<Heard<R::Event>>, Failure> {
        let event = match item {
            Item::Answer(word, rest) => {
                self.answers += 1;
                if self.answers > ANSWERS_LIMIT {
                    return Err(flood(text!(
                        en: "the host sent more than {ANSWERS_LIMIT} answers",
                        pt: "a máquina enviou mais de {ANSWERS_LIMIT} respostas",
                    )));
                }
                self.note(&word, &rest, now)?;
                self.reader.answer(&word, &rest)?
            }
            Item::Output(bytes) => self.reader.output(bytes),
            Item::Log(line) => {
                self.overhear(&line);
                return Ok(Some(Heard::Log(line)));
            }
        };
        Ok(event.map(Heard::Event))
    }

    /// What answers of all programs tell.
    fn note(&mut self, word: &str, rest: &str, now: SystemTime) -> Result<(), Failure> {
        match word {
            "here" => self.arrived = true,
            "begin" => self.began = true,
            "more" => self.wants_more = true,
            "refused" => self.refusal = Some(failure::refusal(rest)),
            "clock" => {
                let host = rest.parse().map_err(|_| garbled(word))?;
                self.reader.clock_skew(clock::skew(host, self.asked, now));
            }
            "exit" => self.end = Some(End::Complete),
            "end" => {
                self.end = match rest {
                    "ok" => Some(End::Complete),
                    "failed" => Some(End::Failed),
                    "interrupted" => Some(End::Interrupted),
                    "stale" => Some(End::Stale),
                    _ => None,
                };
            }
            _ => {}
        }
        Ok(())
    }
}

/// Nothing of ours runs, although the login shell was started.
fn held_at_login() -> Failure {
    Failure {
        kind: FailureKind::Timeout,
        message: text!(
            en: "a start file of the login shell reads standard input or waits",
            pt: "um arquivo de início do shell de login lê a entrada padrão ou fica esperando",
        ),
        hint: Some(text!(
            en: "look at ~/.bashrc, ~/.zshenv, ~/.cshrc or ~/.config/fish/config.fish of the login user, and at \
                 /etc/bash.bashrc: what reads or waits there belongs behind a check for a terminal (`[ -t 0 ] || return`)",
            pt: "veja ~/.bashrc, ~/.zshenv, ~/.cshrc ou ~/.config/fish/config.fish do usuário de login, e \
                 /etc/bash.bashrc: o que lê ou espera ali só deve rodar com um terminal (`[ -t 0 ] || return`)",
        )),
    }
}

/// Ours runs as the login, and not yet as root.
fn root_is_awaited() -> Failure {
    Failure {
        kind: FailureKind::Timeout,
        message: text!(en: "sudo does not come to an end", pt: "o sudo não chega ao fim"),
        hint: Some(text!(
            en: "it may wait for a name server or a login service (LDAP, SSSD): run `sudo true` by hand on the host, and \
                 see that its own name is in /etc/hosts",
            pt: "ele pode estar esperando um servidor de nomes ou um serviço de login (LDAP, SSSD): rode `sudo true` à \
                 mão na máquina, e veja se o nome dela está em /etc/hosts",
        )),
    }
}

/// What is told of answers that cannot be understood.
pub(super) fn garbled(word: &str) -> Failure {
    Failure {
        kind: FailureKind::Protocol,
        message: text!(
            en: "the host's answers about `{word}` make no sense",
            pt: "as respostas da máquina sobre `{word}` não fazem sentido",
        ),
        hint: Some(text!(
            en: "something changed on the host while it was looked at, or its tools are not GNU's: run the command \
                 again, and look at the log if it stays",
            pt: "algo mudou na máquina enquanto era examinada, ou as ferramentas dela não são as do GNU: rode o \
                 comando de novo e, se continuar, veja o log",
        )),
    }
}
