//! Failover drills: one for each cluster, under steady requests through its balancer.
//!
//! Owns the order of a drill, its limits of time, and that a cluster has one at a time. That the victim comes back is the
//! host's own doing: its program brings it back when it is told to, when the link dies and when its time is up, and a
//! timer stands behind the program.

mod alone;
mod observer;
mod outage;
mod outcome;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::try_join;
use tokio::sync::OnceCell;

use crate::event::{Level, Stage};
use crate::model::{
    Balance, CheckKind, CheckStatus, Drill, DrillEnd, DrillMode, DrillOutcome, Failure, FailureKind, Host,
    HostStatus, Service, Text, Timeline, text,
};
use crate::probes::{
    BalancerExpectation, Causes, Ground, HostExpectation, KnownPages, Site, Target, Verdict, drill, stats,
};
use crate::remote::ProbeRequest;
use crate::transport::Session;

use super::host_log::HostLog;
use super::verify::ask;
use super::{Runner, not_begun, status_of};
use observer::Observer;
use outcome::Stop;

/// Requests before anything is taken out.
const BEFORE: Duration = Duration::from_secs(3);
/// Requests after everything is back.
const AFTER: Duration = Duration::from_secs(3);
/// How long HAProxy is given to notice, each way; slow checks of a user's template included.
const NOTICE_LIMIT: Duration = Duration::from_secs(20);

#[derive(Debug, Clone, Copy)]
pub struct DrillSettings<'a> {
    /// The pages of all web hosts of the inventory, which tell who answered.
    pub pages: &'a KnownPages,
    /// Requests a second.
    pub rate: u16,
    /// How long the victim stays out once HAProxy has noticed.
    pub hold: Duration,
    /// When the host itself brings it back at the latest.
    pub restore_after: Duration,
}

pub struct DrillSubject<'a> {
    pub drill: Drill,
    pub balancer: &'a Host,
    /// What the balancer should do.
    pub balance: Balance,
    /// What is to be looked at on the balancer's host.
    pub expectation: HostExpectation,
    /// The web host that is taken out.
    pub victim: &'a Host,
    /// The service that serves the victim's page.
    pub service: &'a Service,
}

impl<'a> DrillSubject<'a> {
    /// The host whose program takes the victim out.
    fn actor(&self) -> &'a Host {
        match self.drill.mode {
            DrillMode::Stop => self.victim,
            DrillMode::Maintenance => self.balancer,
        }
    }
}

/// The connections of a drill: one, where both hosts are the same.
struct Sessions {
    balancer: Arc<Session>,
    actor: Arc<Session>,
}

impl Runner {
    /// Drills every cluster, at most `forks` at once. Results in the order given.
    pub async fn drill(
        &self,
        subjects: &[DrillSubject<'_>],
        settings: DrillSettings<'_>,
    ) -> Vec<DrillOutcome> {
        let references: Vec<_> = subjects.iter().collect();
        let drilling = self.each(&references, async |subject, slot| {
            slot.take_fork().await;
            self.drill_cluster(subject, settings).await
        });
        let results = self.stage(Stage::Drill, subjects.len(), drilling).await;
        let ended = subjects.iter().zip(results);
        ended.map(|(subject, result)| result.unwrap_or_else(|| outcome::not_begun(subject))).collect()
    }

    async fn drill_cluster(&self, subject: &DrillSubject<'_>, settings: DrillSettings<'_>) -> DrillOutcome {
        let end = |outcome: &DrillOutcome| match &outcome.end {
            DrillEnd::Judged { .. } => (HostStatus::Ok, 0, None),
            DrillEnd::Broken { failure, .. } => (status_of(failure), 0, Some(failure.clone())),
        };
        self.on_host(&subject.drill.host, Box::pin(self.drill_steps(subject, settings)), end).await
    }

    /// A drill from the first connection to the verdict.
    async fn drill_steps(&self, subject: &DrillSubject<'_>, settings: DrillSettings<'_>) -> DrillOutcome {
        let sessions = match self.sessions(subject).await {
            Ok(sessions) => sessions,
            Err(stop) => return outcome::stopped(subject, stop, Timeline::default(), &HostLog::default()),
        };
        let (target, balancer) = see(subject, &sessions.balancer).await;
        let observer =
            Observer::new(&sessions.balancer, &target, &balancer, settings.pages, &subject.victim.name);
        let mut log = HostLog::default();
        let drilling = Box::pin(async {
            fit(subject, &observer).await.map_err(Stop::Unfit)?;
            tokio::select! {
                ended = self.conduct(subject, &sessions, &observer, settings, &mut log) => ended,
                never = observer.watch(settings.rate, |doing| self.progress(subject.victim, doing)) => match never {},
            }
        });
        let ended = self.alone(subject, &sessions.balancer, settings.restore_after, drilling).await;
        let timeline = observer.into_timeline();
        sessions.close().await;
        if let Err(stop) = ended {
            return outcome::stopped(subject, stop, timeline, &log);
        }
        let measured = drill::measure(&subject.drill, &timeline);
        let verdict = drill::judge(&subject.drill, &target, &balancer, &measured, NOTICE_LIMIT);
        outcome::judged(subject, verdict, timeline, Some(measured))
    }

    async fn sessions(&self, subject: &DrillSubject<'_>) -> Result<Sessions, Stop> {
        self.progress(subject.victim, text!(en: "connecting", pt: "conectando"));
        let connect = async |host: &Host| match self.open_session(host).await {
            Ok(session) => Ok(Arc::new(session)),
            Err(failure) => Err(Stop::failed(host, failure)),
        };
        let (balancer, actor) = (subject.balancer, subject.actor());
        if balancer.id == actor.id {
            let session = Box::pin(connect(balancer)).await?;
            return Ok(Sessions { balancer: Arc::clone(&session), actor: session });
        }
        let (balancer, actor) = try_join(Box::pin(connect(balancer)), Box::pin(connect(actor))).await?;
        Ok(Sessions { balancer, actor })
    }

    /// The order of a drill: requests alone, out, held, back, requests alone.
    async fn conduct(
        &self,
        subject: &DrillSubject<'_>,
        sessions: &Sessions,
        observer: &Observer<'_>,
        settings: DrillSettings<'_>,
        log: &mut HostLog,
    ) -> Result<(), Stop> {
        let drill = &subject.drill;
        let victim = subject.victim;
        observer.enter(text!(en: "before", pt: "antes"));
        tokio::select! {
            () = tokio::time::sleep(BEFORE) => {}
            () = self.interrupt.graceful.cancelled() => return Err(Stop::failed(victim, not_begun())),
        }
        drill::judge_before(&observer.timeline().samples).map_err(Stop::Unfit)?;
        // Whoever had just died when the first look was taken is known to be dead by now.
        fit(subject, observer).await.map_err(Stop::Unfit)?;

        let stop = self.interrupt.graceful.child_token();
        let outage = self.outage(subject, &sessions.actor, observer, settings.restore_after, &stop, log);
        tokio::pin!(outage);
        let staying_out = async {
            tokio::select! {
                () = self.stay_out(subject, observer, settings.hold) => {}
                // Nobody is left to look on.
                () = observer.cut_off() => {}
            }
        };
        let ended = tokio::select! {
            ended = &mut outage => ended,
            () = staying_out => {
                // The order counts from here. The host says so too, and the link takes its time.
                observer.mark(|marks| &mut marks.returning);
                stop.cancel();
                outage.await
            }
        };
        ended.map_err(|failure| Stop::failed(subject.actor(), failure))?;
        self.check_interrupt(victim)?;

        let seeing_it_back = async {
            let back = observer.until(NOTICE_LIMIT, |timeline| drill::back_at(drill, timeline)).await;
            self.note_passed(
                victim,
                &text!(en: "back in rotation", pt: "de volta ao rodízio"),
                back,
                observer.timeline().marks.returned,
            );
            observer.enter(text!(en: "after", pt: "depois"));
            tokio::time::sleep(AFTER).await;
        };
        tokio::select! {
            () = seeing_it_back => {}
            () = observer.cut_off() => {}
            () = self.interrupt.graceful.cancelled() => {}
        }
        self.check_interrupt(victim)?;
        if observer.is_cut_off() {
            return Err(Stop::failed(subject.balancer, lost()));
        }
        Ok(())
    }

    /// Returns when the victim may come back.
    async fn stay_out(&self, subject: &DrillSubject<'_>, observer: &Observer<'_>, hold: Duration) {
        // The program has limits of its own, and ends this by its end.
        observer.until(Duration::MAX, |timeline| timeline.marks.left).await;
        let out = observer.until(NOTICE_LIMIT, |timeline| drill::out_at(&subject.drill, timeline)).await;
        if out.is_some() {
            self.note_passed(
                subject.victim,
                &text!(en: "out of rotation", pt: "fora do rodízio"),
                out,
                observer.timeline().marks.leaving,
            );
            observer.enter(text!(en: "out of rotation", pt: "fora do rodízio"));
            tokio::time::sleep(hold).await;
        }
    }

    /// Tells how long something took, where it came about.
    fn note_passed(&self, victim: &Host, what: &Text, at: Option<Duration>, since: Option<Duration>) {
        if let (Some(at), Some(since)) = (at, since) {
            let after = at.saturating_sub(since).as_secs_f64();
            let after = Text::number(&format!("{after:.1}"));
            let message = text!(en: "{what} after {after} s", pt: "{what} após {after} s", what, after);
            self.note(victim, Level::Info, message);
        }
    }

    fn check_interrupt(&self, victim: &Host) -> Result<(), Stop> {
        if !self.interrupt.is_stopping() {
            return Ok(());
        }
        Err(Stop::failed(
            victim,
            Failure {
                kind: FailureKind::Interrupted,
                message: text!(
                    en: "the drill was stopped by Ctrl-C, and its web host was brought back",
                    pt: "o exercício foi interrompido com Ctrl-C, e o servidor web voltou",
                ),
                hint: None,
            },
        ))
    }
}

/// The balancer as it sees itself, so that it is asked where its users ask.
async fn see(subject: &DrillSubject<'_>, session: &Session) -> (Target, BalancerExpectation) {
    let DrillSubject { balancer, balance, expectation, .. } = subject;
    let seen = OnceCell::new();
    let request = ProbeRequest {
        names: expectation.names(),
        paths: expectation.paths(),
        started: expectation.started(),
        ..ProbeRequest::default()
    };
    // One that says nothing of itself is asked on loopback.
    let _ = ask::host(session, &request, |standpoint| drop(seen.set(standpoint))).await;
    let standpoint = seen.into_inner().unwrap_or_default();
    let is_intact = expectation.is_intact(CheckKind::BALANCE, &standpoint);
    let target = expectation.host.on(Ground::seen_from(false, &standpoint));
    let balancer = BalancerExpectation::new(balance.clone(), |port| Site::own(balancer, port, true));
    (target, balancer.seen_from(&standpoint, is_intact, expectation.started_otherwise(&standpoint)))
}

impl Sessions {
    async fn close(self) {
        for session in [self.balancer, self.actor] {
            if let Some(session) = Arc::into_inner(session) {
                session.close().await;
            }
        }
    }
}

/// Whether the cluster can lose a web host; else why there is no drill.
async fn fit(subject: &DrillSubject<'_>, observer: &Observer<'_>) -> Result<(), Verdict> {
    if subject.drill.servers.len() < 2 {
        return Err(Verdict::skip(
            text!(
                en: "the cluster has one web host, and a failover needs two",
                pt: "o cluster tem um só servidor web, e um exercício de queda precisa de dois",
            ),
            Some(text!(
                en: "nothing was stopped; add a web host to the inventory, and apply",
                pt: "nada foi parado; acrescente um servidor web ao inventário e aplique",
            )),
        ));
    }
    let statistics = observer.statistics().await;
    let Observer { target, balancer, pages, .. } = observer;
    let verdict = stats::judge(target, balancer, pages, &Causes::default(), &statistics).verdict;
    if verdict.passed() {
        return Ok(());
    }
    let detail = verdict.detail;
    let reason = if verdict.status == CheckStatus::Fail {
        text!(
            en: "nothing was stopped, since not all is well: {detail}",
            pt: "nada foi parado, pois nem tudo está bem: {detail}",
            detail,
        )
    } else {
        text!(
            en: "nothing was stopped, since nobody could see what comes of it: {detail}",
            pt: "nada foi parado, pois não daria para ver o que acontece: {detail}",
            detail,
        )
    };
    Err(Verdict::skip(reason, verdict.hint))
}

/// Nobody could look on, and the victim is back.
fn lost() -> Failure {
    Failure {
        kind: FailureKind::Lost,
        message: text!(
            en: "nothing was heard from the balancer any more, and the web host was brought back",
            pt: "o balanceador não respondeu mais nada, e o servidor web voltou a funcionar",
        ),
        hint: Some(text!(
            en: "check the host and the network, then drill again",
            pt: "verifique a máquina e a rede e rode drill de novo",
        )),
    }
}
