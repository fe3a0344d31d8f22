//! What practices say of themselves: somebody takes connections, a page comes, a command ends well.

use std::time::Duration;

use crate::model::{Failure, HostText, PracticeProbe, Question, Text, Trial, clean_line, shell_word, text};

use super::answer::Answer;
use super::between::proxied;
use super::http::forbidden;
use super::site::Site;
use super::target::Target;
use super::verdict::Verdict;

/// Longest page that is read.
pub const SIZE_LIMIT: usize = 1024 * 1024;

/// Lines of a command's output that are quoted, and the longest of them.
const MOST_LINES: usize = 12;
const LINE_LIMIT: usize = 300;
/// In the middle of a sentence, words of others are no longer than this.
const QUOTE_LIMIT: usize = 100;
/// A longer command is not told to be run by hand.
const COMMAND_LIMIT: usize = 200;

/// A probe, and where it asks if it asks for a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PracticeExpectation {
    pub probe: PracticeProbe,
    pub site: Option<Site>,
}

/// The page that is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    pub path: &'a str,
    pub status: u16,
    pub contains: Option<&'a str>,
}

/// The command that should end well.
#[derive(Debug, Clone, Copy)]
pub struct Command<'a> {
    pub run: &'a str,
    pub contains: Option<&'a str>,
    pub limit: Duration,
    pub as_root: bool,
}

/// Where somebody was asked for at last, and what came of it.
#[derive(Debug, Clone)]
pub struct Reached {
    pub site: Site,
    pub answer: Answer,
    /// Whether loopback was asked, because nobody listens where others reach the host.
    pub is_inside: bool,
}

/// Whose probe is judged, with what is known of its host.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    pub host: &'a Target,
    pub services: &'a [String],
    /// Whether a file that its services read is another one than is wanted.
    pub differs: bool,
}

impl PracticeExpectation {
    pub fn new(probe: PracticeProbe, site: impl Fn(u16) -> Site) -> Self {
        let site = match probe.question {
            Question::Tcp { port } | Question::Http { port, .. } => Some(site(port)),
            Question::Command { .. } => None,
        };
        Self { probe, site }
    }

    /// The command that it runs, where it runs one.
    pub fn command(&self) -> Option<Command<'_>> {
        match &self.probe.question {
            Question::Command { run, contains, limit, as_root } => {
                Some(Command { run, contains: contains.as_deref(), limit: *limit, as_root: *as_root })
            }
            Question::Tcp { .. } | Question::Http { .. } => None,
        }
    }

    /// The page that it asks for, where it asks for one.
    pub fn page(&self) -> Option<Page<'_>> {
        match &self.probe.question {
            Question::Http { path, status, contains, .. } => {
                Some(Page { path, status: *status, contains: contains.as_deref() })
            }
            Question::Tcp { .. } | Question::Command { .. } => None,
        }
    }
}

impl Reached {
    /// What was seen, in words for the start of a sentence.
    pub fn describe(&self) -> Text {
        let (address, port) = (self.site.address(), self.site.port);
        let at = text!(en: "at {address}, port {port}", pt: "em {address}, porta {port}");
        Text::join(&[self.answer.describe_plainly(SIZE_LIMIT), at], " ")
    }
}

/// Judges what came of a connection, or of a request for a page.
pub fn judge(subject: Subject<'_>, page: Option<Page<'_>>, reached: &Reached) -> Verdict {
    let port = reached.site.port;
    let Some(page) = page else {
        let expected = text!(en: "a connection to port {port}", pt: "uma conexão com a porta {port}");
        return match (&reached.answer, reached.is_inside) {
            (Answer::Taken, false) => Verdict::pass(
                text!(en: "port {port} takes connections", pt: "a porta {port} aceita conexões"),
            ),
            (Answer::Taken, true) => Verdict::pass(text!(
                en: "port {port} takes connections, but only of the host itself",
                pt: "a porta {port} aceita conexões, mas só da própria máquina",
            )),
            _ => unanswered(subject, reached, expected),
        };
    };
    let expected = page.describe(&url(&reached.site, page.path));
    let Answer::Reply(reply) = &reached.answer else { return unanswered(subject, reached, expected) };
    if reply.status != page.status {
        return Verdict::fail(
            reached.answer.describe_plainly(SIZE_LIMIT),
            expected,
            mend(subject, reached, page),
        );
    }
    let is_there = page.contains.is_none_or(|wanted| String::from_utf8_lossy(&reply.body).contains(wanted));
    if is_there {
        return Verdict::pass(expected);
    }
    let (status, wanted) = (page.status, page.quoted());
    let seen = text!(en: "HTTP {status} without {wanted}", pt: "HTTP {status} sem {wanted}");
    Verdict::fail(seen, expected, mend(subject, reached, page))
}

/// Where no answer came that can be compared.
fn unanswered(subject: Subject<'_>, reached: &Reached, expected: Text) -> Verdict {
    let host = subject.host;
    let (site, port, address) = (&reached.site, reached.site.port, reached.site.address());
    let next = match &reached.answer {
        answer if answer.is_no_reply() && site.is_outside() => site.caveat(host),
        Answer::Forbidden => return forbidden(host),
        Answer::Lost(_) | Answer::NoWay(_) => {
            let verify = host.command("verify");
            text!(en: "{verify} asks again", pt: "{verify} testa de novo")
        }
        _ if subject.differs => restore(host),
        Answer::TooLarge => text!(
            en: "let the probe's `path` name a smaller page",
            pt: "use em `path`, na sonda, uma página menor",
        ),
        Answer::Invalid(_) => text!(
            en: "`sudo ss -ltnp` on the host shows who listens on port {port}: it should speak HTTP, or the probe in practice.yaml be `tcp`",
            pt: "na máquina, `sudo ss -ltnp` mostra quem escuta na porta {port}: deveria falar HTTP, ou a sonda em practice.yaml ser `tcp`",
        ),
        Answer::TimedOut => text!(
            en: "`sudo ss -ltnp` on the host shows who listens on port {port}, and `sudo nft list ruleset` whether a firewall keeps it",
            pt: "na máquina, `sudo ss -ltnp` mostra quem escuta na porta {port}, e `sudo nft list ruleset` se um firewall a barra",
        ),
        _ => text!(
            en: "`ss -ltnp` on the host shows at which addresses somebody listens on port {port}: {address} must be among them",
            pt: "na máquina, `ss -ltnp` mostra em quais endereços alguém escuta na porta {port}: {address} precisa estar entre eles",
        ),
    };
    about(Verdict::fail(reached.describe(), expected, next), subject)
}

/// What to do about another page than is wanted.
fn mend(subject: Subject<'_>, reached: &Reached, page: Page<'_>) -> Text {
    if let Some(via) = reached.answer.via() {
        return proxied(subject.host, &reached.site, via);
    }
    if subject.differs {
        return restore(subject.host);
    }
    let address = url(&reached.site, page.path);
    let curl = shell_word(&address);
    text!(
        en: "`curl -i {curl}` on the host shows the whole answer: mend what serves it, or the probe in practice.yaml",
        pt: "na máquina, `curl -i {curl}` mostra a resposta inteira: corrija quem a serve, ou a sonda em practice.yaml",
    )
}

/// What to do about files that are not as they should be.
fn restore(host: &Target) -> Text {
    host.mended_by_apply(|plan, apply| {
        text!(
            en: "{plan} shows which files differ; {apply} puts them right",
            pt: "{plan} mostra quais arquivos diferem; {apply} os corrige",
        )
    })
}

/// With the logs of its services, which may explain a failure.
fn about(verdict: Verdict, subject: Subject<'_>) -> Verdict {
    subject.services.iter().fold(verdict, |verdict, service| verdict.about(service))
}

/// Judges what came of a command.
pub fn judge_command(subject: Subject<'_>, command: Command<'_>, trial: &Trial) -> Verdict {
    let lines = trial.printed.last_lines(MOST_LINES, LINE_LIMIT);
    let said = match lines.last() {
        Some(line) => {
            let line = line.map(|line| clean_line(line, QUOTE_LIMIT));
            text!(en: ", its last line “{line}”", pt: ", última linha “{line}”", line)
        }
        None => text!(en: ", and nothing printed", pt: ", sem imprimir nada"),
    };
    let seen = match (trial.status, command.contains) {
        (Some(0), Some(wanted)) if !trial.printed.contains(wanted) => {
            let wanted = quoted(wanted);
            text!(en: "exit status 0 without {wanted}", pt: "status de saída 0 sem {wanted}")
        }
        (Some(0), _) => return Verdict::pass(command.wanted()),
        (Some(status @ 129..=192), _) => {
            let signal = status - 128;
            text!(en: "ended by signal {signal}", pt: "encerrado pelo sinal {signal}")
        }
        (Some(status), _) => text!(en: "exit status {status}", pt: "status de saída {status}"),
        (None, _) => {
            let limit = humantime::format_duration(command.limit);
            text!(en: "no end within {limit}", pt: "não terminou em {limit}")
        }
    };
    let seen = Text::join(&[seen, said], "");
    let next = if subject.differs { restore(subject.host) } else { by_hand(subject.host, command) };
    Verdict::fail(seen, command.wanted(), next).with_words(&lines)
}

/// How to see more of what a command does.
fn by_hand(host: &Target, command: Command<'_>) -> Text {
    let is_short = !command.run.contains(char::is_control) && command.run.chars().count() <= COMMAND_LIMIT;
    let exec = host.command("exec").trim_matches('`').to_owned();
    let options = if command.as_root { " --become" } else { "" };
    let words = if is_short { shell_word(command.run).to_string() } else { "…".to_owned() };
    text!(
        en: "`{exec}{options} -- {words}` runs it by hand: mend what it tells, or the probe in practice.yaml",
        pt: "`{exec}{options} -- {words}` o roda à mão: corrija o que ele diz, ou a sonda em practice.yaml",
    )
}

/// While services of the practice do not run: that is told by `service`.
pub fn without_services(host: &Target, stopped: &[&str]) -> Verdict {
    let names = stopped.join(", ");
    let reason = text!(
        en: "not judged, because {names} is not active on {host}",
        pt: "não avaliado, porque {names} não está rodando em {host}",
    );
    Verdict::skip(reason, None)
}

/// Where a command is for root, and root is not gained.
pub fn without_root(failure: &Failure) -> Verdict {
    let message = &failure.message;
    let reason =
        text!(en: "not judged without root: {message}", pt: "não avaliado sem root: {message}", message);
    Verdict::skip(reason, failure.hint.clone())
}

/// Where the program that runs commands came to no end.
pub fn unheard(failure: &Failure, command: Command<'_>) -> Verdict {
    let next = failure.hint.clone().unwrap_or_else(|| text!(en: "verify again", pt: "verifique de novo"));
    Verdict::fail(failure.message.clone(), command.wanted(), next)
}

/// Where what a command prints cannot be kept.
pub fn without_room(folder: &HostText, command: Command<'_>) -> Verdict {
    let folder = folder.name();
    let seen = text!(
        en: "no room in {folder} for what it prints",
        pt: "sem espaço em {folder} para o que ele imprime", folder
    );
    let next = text!(
        en: "{folder} must be there on the host, with room (`df -h {folder}`); `TMPDIR` of the login names another",
        pt: "{folder} precisa existir na máquina, com espaço (`df -h {folder}`); a variável `TMPDIR` do login escolhe outra",
        folder,
    );
    Verdict::fail(seen, command.wanted(), next)
}

fn url(site: &Site, path: &str) -> String {
    format!("http://{}{path}", site.authority())
}

fn quoted(words: &str) -> String {
    format!("“{}”", clean_line(words, QUOTE_LIMIT))
}

impl Page<'_> {
    fn quoted(&self) -> String {
        quoted(self.contains.unwrap_or_default())
    }

    fn describe(&self, url: &str) -> Text {
        let (status, wanted) = (self.status, self.quoted());
        match self.contains {
            None => text!(en: "HTTP {status} at {url}", pt: "HTTP {status} em {url}"),
            Some(_) => {
                text!(en: "HTTP {status} with {wanted} at {url}", pt: "HTTP {status} com {wanted} em {url}")
            }
        }
    }
}

impl Command<'_> {
    fn wanted(&self) -> Text {
        match self.contains.map(quoted) {
            None => text!(en: "exit status 0", pt: "status de saída 0"),
            Some(wanted) => text!(
                en: "exit status 0 and {wanted} in what it prints",
                pt: "status de saída 0 e {wanted} no que imprime",
            ),
        }
    }
}

#[cfg(test)]
mod tests;
