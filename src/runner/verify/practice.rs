//! What practices say of themselves: ports and pages through the host's session, or from this machine, and commands.

use std::time::Duration;

use futures_util::future::{join_all, join3};

use crate::model::{CheckKind, CheckStatus, FailureKind, Trial};
use crate::probes::practice::{self, Reached};
use crate::probes::{Answer, Cause, PracticeExpectation, Site, Target, Verdict, ssh};
use crate::remote::{RunAs, TrialRequest, Trials};
use crate::transport::Session;

use super::ask::{self, Tried, Way};
use super::retry::{Attempt, Window, until_settled};
use super::{Asked, Round, Subject};

/// A command that was asked, and how long all its tries took.
struct Command<'a> {
    practice: &'a PracticeExpectation,
    wanted: practice::Command<'a>,
    took: Duration,
}

impl Round<'_> {
    /// Asks all that the practices of a host say of themselves.
    pub(super) async fn practices(&self, asked: &Asked<'_>) {
        let practices = &asked.expectation.practices;
        if practices.is_empty() {
            return;
        }
        let sites = practices.iter().filter_map(|practice| Some((practice, practice.site.as_ref()?)));
        let sites = join_all(sites.map(|(practice, site)| self.site(asked, practice, site)));
        join3(sites, self.commands(asked, false), self.commands(asked, true)).await;
    }

    /// A connection to a port, or a page.
    async fn site(&self, asked: &Asked<'_>, practice: &PracticeExpectation, site: &Site) {
        let Some(way) = asked.way().await else { return };
        let site = site.seen_from(&asked.standpoint().await);
        let mut reached = Reached { site: site.clone(), answer: Answer::Closed, is_inside: false };
        let judge = |reached: &Reached| {
            let host = asked.target();
            practice::judge(subject(asked, &host, practice), practice.page(), reached)
        };
        let (mut verdict, duration) = until_settled(&Window::new(asked.retry), self.gate, async || {
            reached = reach(way, practice, &site).await;
            let is_final = reached.answer.is_final() || reached.answer.is_no_reply() && asked.is_off();
            Attempt { verdict: judge(&reached), is_final }
        })
        .await;
        if verdict.failed() {
            asked.looked_at().await;
            verdict = judge(&reached);
        }
        if verdict.failed() && self.explains(CheckKind::SSH, asked, "", &site, &reached.answer).await {
            verdict = Verdict::explained(reached.describe(), [&Cause::new(CheckKind::SSH, asked.id())]);
        }
        self.settle_practice(asked, practice, verdict, duration).await;
    }

    /// All commands for root, or all for the login, in one execution, and again those that failed.
    async fn commands(&self, asked: &Asked<'_>, as_root: bool) {
        let commands = asked.expectation.practices.iter().filter_map(|practice| {
            let wanted = practice.command().filter(|command| command.as_root == as_root)?;
            Some(Command { practice, wanted, took: Duration::ZERO })
        });
        let mut open: Vec<_> = commands.collect();
        let Ok(session) = asked.session().await else { return };
        let window = Window::new(asked.retry);
        while !open.is_empty() {
            let permit = self.gate.acquire().await;
            let tried = tried(asked, session, &open, as_root).await;
            drop(permit);
            let attempts = self.attempts(asked, open, tried).await;
            let (settled, failing): (Vec<_>, Vec<_>) =
                attempts.into_iter().partition(|(_, attempt)| attempt.is_settled());
            self.settle_commands(asked, settled).await;
            if !failing.is_empty() && !window.wait().await {
                return self.settle_commands(asked, failing).await;
            }
            open = failing.into_iter().map(|(command, _)| command).collect();
        }
    }

    /// What one try says to each command.
    async fn attempts<'a>(
        &self,
        asked: &Asked<'_>,
        commands: Vec<Command<'a>>,
        Tried { trials, said }: Tried,
    ) -> Vec<(Command<'a>, Attempt)> {
        match trials {
            Ok(Trials::Ended(trials)) => {
                let host = asked.target();
                let attempt = |(mut command, trial): (Command<'a>, Trial)| {
                    command.took += trial.took;
                    let subject = subject(asked, &host, command.practice);
                    let verdict = practice::judge_command(subject, command.wanted, &trial);
                    (command, Attempt { verdict, is_final: false })
                };
                commands.into_iter().zip(trials).map(attempt).collect()
            }
            Ok(Trials::NoRoom(folder)) => {
                finally(commands, |command| practice::without_room(&folder, command))
            }
            Err(failure) if failure.kind == FailureKind::Become => {
                finally(commands, |_| practice::without_root(&failure))
            }
            Err(failure) if self.verdicts.settled(asked, CheckKind::SSH).await == CheckStatus::Fail => {
                finally(commands, |_| ssh::not_asked(&failure))
            }
            Err(failure) => {
                finally(commands, |command| practice::unheard(&failure, command).with_words(&said))
            }
        }
    }

    async fn settle_commands(&self, asked: &Asked<'_>, attempts: Vec<(Command<'_>, Attempt)>) {
        for (Command { practice, took, .. }, Attempt { verdict, .. }) in attempts {
            self.settle_practice(asked, practice, verdict, took).await;
        }
    }

    /// Settles a probe, unless a service of its practice does not run: that is told by another one.
    async fn settle_practice(
        &self,
        asked: &Asked<'_>,
        practice: &PracticeExpectation,
        verdict: Verdict,
        duration: Duration,
    ) {
        let services = &practice.probe.services;
        let expected = &asked.expectation.services;
        let mut stopped = Vec::new();
        if services.iter().any(|service| expected.iter().any(|expected| expected.name == *service)) {
            self.verdicts.settled(asked, CheckKind::SERVICE).await;
            let is_stopped = |service: &&str| self.verdicts.is_stopped(asked.id(), service);
            stopped.extend(services.iter().map(String::as_str).filter(is_stopped));
        }
        let verdict =
            if stopped.is_empty() { verdict } else { practice::without_services(&asked.target(), &stopped) };
        self.verdicts.settle(asked, practice.probe.kind(), verdict, duration);
    }
}

/// Asks where others reach the host, and on loopback where nobody listens there.
async fn reach(way: Way<'_>, practice: &PracticeExpectation, site: &Site) -> Reached {
    let ask = async |site: Site, is_inside| {
        let answer = match practice.page() {
            Some(page) => ask::page(way, &site, page.path, practice::SIZE_LIMIT).await,
            None => ask::connection(way, &site).await,
        };
        Reached { site, answer, is_inside }
    };
    let reached = ask(site.clone(), false).await;
    if !reached.answer.is_refusal() || site.is_outside() || site.is_loopback() {
        return reached;
    }
    let inside = ask(Site::inside(site.port), true).await;
    if inside.answer.is_no_reply() { reached } else { inside }
}

/// Runs commands, unless they are for root and root was refused before.
async fn tried(asked: &Asked<'_>, session: &Session, commands: &[Command<'_>], as_root: bool) -> Tried {
    let Subject { credentials, root_refusal, .. } = asked.subject;
    if let Some(failure) = root_refusal.get().filter(|_| as_root) {
        return Tried { trials: Err(failure.clone()), said: Vec::new() };
    }
    let wanted = commands.iter().map(|command| command.wanted);
    let requests: Vec<_> =
        wanted.map(|command| TrialRequest { run: command.run, limit: command.limit }).collect();
    let run_as = if as_root { RunAs::Root(*credentials) } else { RunAs::Login };
    let tried = ask::commands(session, &requests, run_as).await;
    if let Err(failure) = &tried.trials
        && failure.kind == FailureKind::Become
    {
        // Nobody else sets it.
        let _ = root_refusal.set(failure.clone());
    }
    tried
}

/// The same end for all commands, whatever time is left.
fn finally<'a>(
    commands: Vec<Command<'a>>,
    judge: impl Fn(practice::Command<'a>) -> Verdict,
) -> Vec<(Command<'a>, Attempt)> {
    let attempt = |command: Command<'a>| {
        let verdict = judge(command.wanted);
        (command, Attempt { verdict, is_final: true })
    };
    commands.into_iter().map(attempt).collect()
}

fn subject<'a>(
    asked: &Asked<'_>,
    host: &'a Target,
    practice: &'a PracticeExpectation,
) -> practice::Subject<'a> {
    let services = &practice.probe.services;
    let standpoint = asked.standpoint.get();
    let differs = standpoint.is_some_and(|standpoint| asked.expectation.differs(services, standpoint));
    practice::Subject { host, services, differs }
}
