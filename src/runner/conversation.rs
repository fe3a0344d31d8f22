//! The one door to a host: runs a program over a session, keeps what it says besides answers, compares the clocks, holds
//! it to its limit of time, and stops it gracefully after Ctrl-C.

use std::convert::Infallible;
use std::time::{Duration, Instant, SystemTime};

use tokio_util::sync::CancellationToken;

use crate::model::{Failure, FailureKind, Host, Text, text};
use crate::remote::{self, Credentials, Heard, Nonce, Program, Reader};
use crate::transport::{Exit, Feed, Input, Output, Session, turned_away};

use super::host_log::HostLog;
use super::{LOG_TAIL, Runner, interrupted};

/// What comes before anything of ours is waited for so long: the login shell and its start files.
const ARRIVE_LIMIT: Duration = Duration::from_secs(15);
/// What keeps a program from its first word is waited for so long: a sudo that looks up names needs some of it.
const BEGIN_LIMIT: Duration = Duration::from_secs(45);
/// A program that changes something is told so often that this run is there.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);
/// Our programs say next to nothing on stderr.
const ERROR_LIMIT: usize = 16 * 1024 * 1024;

/// One conversation with a host: over which session and within which bounds, and what comes of it besides the answer.
pub(super) struct Conversation<'a> {
    session: &'a Session,
    limit: Option<Duration>,
    arrive_limit: Duration,
    begin_limit: Duration,
    /// Tells the program to finish the step under way and to start nothing new.
    pub stop: CancellationToken,
    /// Leaves the program to itself.
    leave: CancellationToken,
    log: &'a mut HostLog,
    /// From asking to the host's first words; `None` where there were none.
    pub latency: Option<Duration>,
}

/// Why there is no answer.
pub(super) enum Broken {
    /// The connection is gone; why.
    Lost(Text),
    TimedOut(Duration),
    Failed(Failure),
}

impl Runner {
    /// How root is gained on a host.
    pub fn credentials<'a>(&'a self, host: &'a Host) -> Credentials<'a> {
        Credentials { method: host.r#become.method, password: self.secrets.r#become(host) }
    }

    /// A conversation that Ctrl-C ends.
    pub(super) fn conversation<'a>(
        &self,
        session: &'a Session,
        limit: Option<Duration>,
        log: &'a mut HostLog,
    ) -> Conversation<'a> {
        let (stop, leave) = (self.interrupt.graceful.clone(), self.interrupt.immediate.clone());
        Conversation { stop, leave, ..Conversation::new(session, limit, log) }
    }
}

impl<'a> Conversation<'a> {
    /// A conversation that only its limit ends early.
    pub fn new(session: &'a Session, limit: Option<Duration>, log: &'a mut HostLog) -> Self {
        let (stop, leave) = (CancellationToken::new(), CancellationToken::new());
        let [arrive_limit, begin_limit] =
            [ARRIVE_LIMIT, BEGIN_LIMIT].map(|limit| limit.max(session.patience()));
        Self { session, limit, arrive_limit, begin_limit, stop, leave, log, latency: None }
    }

    /// Runs a program that tells nothing before its end.
    pub async fn ask<R: Reader<Event = Infallible>>(
        &mut self,
        program: Program<'_, R>,
    ) -> Result<R::Answer, Broken> {
        self.follow(program, |never, _| match never {}).await
    }

    /// Runs a program to its end, and hands on what it tells meanwhile, with its input for what it asks for.
    pub async fn follow<R: Reader>(
        &mut self,
        program: Program<'_, R>,
        hear: impl FnMut(R::Event, &Input) -> Result<(), Failure>,
    ) -> Result<R::Answer, Broken> {
        let mut greeting = HostLog::default();
        let end = self.talk(program, hear, &mut greeting).await;
        if end.is_err() {
            greeting.tail(LOG_TAIL).iter().for_each(|line| self.log.push(line.english()));
        }
        end
    }

    /// The same. Lines beside a command's output are a greeting, which nobody needs where the command runs.
    async fn talk<R: Reader>(
        &mut self,
        program: Program<'_, R>,
        mut hear: impl FnMut(R::Event, &Input) -> Result<(), Failure>,
        greeting: &mut HostLog,
    ) -> Result<R::Answer, Broken> {
        // No host can foresee it.
        let nonce = Nonce::new(rand::random());
        let (invocation, mut dialogue) = program.begin(&nonce, SystemTime::now())?;
        let asked = Instant::now();
        let mut execution = self.session.exec(invocation.command, Feed::new(invocation.pieces())).await?;
        let input = execution.input();
        let expiry = expiry(self.limit);
        tokio::pin!(expiry);
        let arriving = tokio::time::sleep(self.arrive_limit);
        let beginning = tokio::time::sleep(self.begin_limit);
        tokio::pin!(arriving, beginning);
        let mut errors = Vec::new();
        let mut error_bytes = 0;
        let mut stopping = false;
        let mut signs = tokio::time::interval(SIGN_OF_LIFE);
        let exit = loop {
            let output = tokio::select! {
                output = execution.next() => output,
                limit = &mut expiry => {
                    return Err(dialogue.hindrance().map_or(Broken::TimedOut(limit), Broken::Failed));
                }
                _ = signs.tick(), if R::HEEDS_SIGNS && dialogue.has_begun() => {
                    input.offer(remote::SIGN_OF_LIFE);
                    continue;
                }
                () = &mut arriving, if !dialogue.has_arrived() => match dialogue.hindrance() {
                    Some(hindrance) => return Err(hindrance.into()),
                    None => continue,
                },
                () = &mut beginning, if !dialogue.has_begun() => match dialogue.hindrance() {
                    Some(hindrance) => return Err(hindrance.into()),
                    None => continue,
                },
                () = self.leave.cancelled() => return Err(Broken::Failed(interrupted())),
                // A closed input tells the program to finish the step under way and start nothing new.
                () = self.stop.cancelled(), if !stopping => {
                    stopping = true;
                    execution.close_input();
                    continue;
                }
            };
            match output {
                Some(Output::Stdout(chunk)) => {
                    self.latency.get_or_insert_with(|| asked.elapsed());
                    for heard in dialogue.feed(&chunk, SystemTime::now())? {
                        match heard {
                            Heard::Event(event) => hear(event, &input)?,
                            Heard::Log(line) if R::PASSES_OUTPUT => greeting.push(&line),
                            Heard::Log(line) => self.log.push(&line),
                        }
                    }
                    if let Some(more) = dialogue.more() {
                        input.offer(more);
                    }
                }
                Some(Output::Stderr(chunk)) => {
                    error_bytes += chunk.len();
                    // A command of the user may say as much as it likes.
                    if error_bytes > ERROR_LIMIT && !R::PASSES_OUTPUT {
                        return Err(flood().into());
                    }
                    if !dialogue.has_arrived() {
                        dialogue.overhear(&String::from_utf8_lossy(&chunk));
                    }
                    log_lines(&mut errors, &chunk, self.log);
                }
                Some(Output::Exit(exit)) => break exit,
                None => {
                    break Exit::Lost(text!(en: "the connection was closed", pt: "a conexão foi fechada"));
                }
            }
        };
        log_lines(&mut errors, b"\n", self.log);
        match exit {
            Exit::Lost(reason) if !dialogue.has_arrived() => Err(turned_away(&reason).into()),
            Exit::Lost(reason) => Err(Broken::Lost(reason)),
            Exit::Code(_) | Exit::Signal(_) => Ok(dialogue.finish(SystemTime::now())?),
        }
    }
}

impl From<Failure> for Broken {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Broken> for Failure {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Lost(reason) => Self {
                kind: FailureKind::Lost,
                message: text!(
                    en: "the connection was lost while a program was running: {reason}",
                    pt: "a conexão caiu enquanto um programa rodava: {reason}",
                    reason,
                ),
                hint: Some(text!(
                    en: "the host ends its step and starts nothing new; run the same command again",
                    pt: "a máquina termina o passo e não começa outro; rode o mesmo comando de novo",
                )),
            },
            Broken::TimedOut(limit) => timed_out(limit),
            Broken::Failed(failure) => failure,
        }
    }
}

/// Returns the limit once it is over.
async fn expiry(limit: Option<Duration>) -> Duration {
    match limit {
        Some(limit) => tokio::time::sleep(limit).await,
        None => std::future::pending().await,
    }
    limit.unwrap_or_default()
}

/// Moves whole lines from chunks of bytes to the log; a line without end is cut.
fn log_lines(pending: &mut Vec<u8>, chunk: &[u8], log: &mut HostLog) {
    const LONGEST: usize = 8 * 1024;
    let mut rest = chunk;
    while !rest.is_empty() {
        let room = (LONGEST - pending.len()).min(rest.len());
        let newline = rest[..room].iter().position(|byte| *byte == b'\n');
        let (line, after) = rest.split_at(newline.unwrap_or(room));
        pending.extend_from_slice(line);
        rest = if newline.is_some() { &after[1..] } else { after };
        if newline.is_none() && pending.len() < LONGEST {
            continue;
        }
        if !pending.is_empty() {
            log.push(&String::from_utf8_lossy(pending));
        }
        pending.clear();
    }
}

fn flood() -> Failure {
    Failure {
        kind: FailureKind::Protocol,
        message: text!(
            en: "the host sent more than 16 MiB of error output",
            pt: "a máquina enviou mais de 16 MiB de saída de erros",
        ),
        hint: Some(text!(
            en: "its last lines are in the log; look at what runs on the host at login",
            pt: "as últimas linhas estão no log; veja o que roda na máquina durante o login",
        )),
    }
}

fn timed_out(limit: Duration) -> Failure {
    let limit = humantime::format_duration(limit);
    Failure {
        kind: FailureKind::Timeout,
        message: text!(en: "no end within {limit}", pt: "não terminou em {limit}"),
        hint: Some(text!(
            en: "look at the host's load and disk, then run the same command again",
            pt: "veja a carga e o disco da máquina e rode o mesmo comando de novo",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TransportChoice;
    use crate::remote::{self, RunAs};
    use crate::transport::tests::client::Client;
    use crate::transport::tests::sshd::Sshd;

    /// Why a command does not begin where sshd runs this instead, within a moment.
    async fn hindered(forced: &str) -> String {
        let (sshd, client) = (Sshd::start(&format!("ForceCommand {forced}")), Client::new());
        let session = client.connect(&sshd, TransportChoice::Russh).await;
        let mut log = HostLog::default();
        let mut conversation = Conversation::new(&session, Some(Duration::from_secs(30)), &mut log);
        conversation.arrive_limit = Duration::from_millis(500);
        conversation.begin_limit = Duration::from_millis(1500);
        let command = ["true".to_owned()];
        let end = conversation.follow(remote::exec(&command, RunAs::Login), |_, _| Ok(())).await;
        let failure = Failure::from(end.err().unwrap());
        failure.message.english().to_owned()
    }

    #[tokio::test]
    async fn what_reads_our_program_or_waits_is_told_at_once() {
        for start_file in ["sleep 60", "cat >/dev/null", "echo Hello; while read -r _; do :; done"] {
            let told = hindered(start_file).await;
            assert_eq!(told, "a start file of the login shell reads standard input or waits");
        }
        let sudo = r#"while read -r line; do case $line in ????????????????????????????????) echo "$line here"; esac; done"#;
        assert_eq!(hindered(sudo).await, "sudo does not come to an end");
    }

    #[tokio::test]
    async fn what_takes_the_place_of_our_program_is_told() {
        let open = "run `ssh HOST sh -c true` by hand";
        let expired = "the user's password has expired";
        for (instead, hint) in [
            ("echo welcome", open),
            ("sh -c 'echo WARNING: Your password has expired. >&2; exit 1'", expired),
        ] {
            let (sshd, client) = (Sshd::start(&format!("ForceCommand {instead}")), Client::new());
            let session = client.connect(&sshd, TransportChoice::Russh).await;
            let mut log = HostLog::default();
            let mut conversation = Conversation::new(&session, Some(Duration::from_secs(30)), &mut log);
            let command = ["true".to_owned()];
            let end = conversation.follow(remote::exec(&command, RunAs::Login), |_, _| Ok(())).await;
            let failure = Failure::from(end.err().unwrap());
            assert_eq!(failure.message.english(), "the login worked, but no program ran on the host");
            assert!(failure.hint.unwrap().english().starts_with(hint), "{instead}");
        }
    }

    #[test]
    fn error_output_becomes_whole_lines_and_is_bounded() {
        let mut log = HostLog::default();
        let mut pending = Vec::new();
        log_lines(&mut pending, b"one\ntw", &mut log);
        log_lines(&mut pending, b"o\n\nthree", &mut log);
        log_lines(&mut pending, b"\n", &mut log);
        assert_eq!(log.tail(10), ["one", "two", "three"].map(Text::verbatim));
        log_lines(&mut pending, &[b'x'; 16_000], &mut log);
        assert!(pending.len() <= 8 * 1024);
    }
}
