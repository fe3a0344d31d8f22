//! `drill`: what a failover showed, from the timeline of its requests.
//!
//! Owns who answered a request, the figures of a timeline and their judgement. The thresholds are those of our own
//! haproxy.cfg; a user's template may have others, and is judged by whether it fails over at all.

use std::time::Duration;

use crate::model::{Drill, DrillMode, HostId, Marks, Measured, Sample, Text, Timeline, text};

use super::answer::Answer;
use super::expectation::BalancerExpectation;
use super::page::{KnownPages, PageOwner};
use super::target::Target;
use super::verdict::Verdict;

/// `inter` × `fall` of haproxy.cfg: HAProxy notices at the latest after two checks.
const NOTICES_LOSS: Duration = Duration::from_secs(2 * 2);
/// `downinter` × `rise` of haproxy.cfg.
const NOTICES_RETURN: Duration = Duration::from_secs(2);
/// For the way to the host, a busy machine and the pauses between looks.
const MARGIN: Duration = Duration::from_secs(2);
/// More than one lost request in so many is no service.
const TOLERATED: usize = 10;

/// Who answered a request, by its place among the servers; or why nobody did.
pub fn answered(balancer: &BalancerExpectation, known: &KnownPages, answer: &Answer) -> Result<usize, Text> {
    let Answer::Reply(reply) = answer else { return Err(answer.describe(known)) };
    let named = |name: &str| balancer.servers.iter().position(|server| server.name == name);
    let shown = || match known.identify(&reply.body) {
        // Hosts with the same page cannot be told apart by it.
        PageOwner::Hosts(hosts) if hosts.len() == 1 => {
            balancer.servers.iter().position(|server| hosts.contains(&server.host))
        }
        _ => None,
    };
    match reply.served_by.as_deref().and_then(named) {
        Some(server) if reply.status < 500 => Ok(server),
        None if reply.status == 200 => shown().ok_or_else(|| answer.describe(known)),
        _ => Err(answer.describe(known)),
    }
}

/// Whether requests are answered at all, before anything is taken out; else why there is no drill.
pub fn judge_before(samples: &[Sample]) -> Result<(), Verdict> {
    let lost = samples.iter().filter_map(|sample| sample.answer.as_ref().err());
    if !is_too_much(lost.clone().count(), samples.len()) && !samples.is_empty() {
        return Ok(());
    }
    let first = lost.clone().next();
    let first = first.map(|words| text!(en: ", first with: {words}", pt: ", a primeira com: {words}", words));
    let (first, lost, all) = (first.unwrap_or_default(), lost.count(), samples.len());
    let seen = text!(
        en: "{lost} of {all} requests failed before anything was taken out{first}",
        pt: "{lost} de {all} requisições falharam antes de qualquer servidor sair{first}",
        first,
    );
    let next = text!(
        en: "`provision verify` says what is wrong; mend that first",
        pt: "`provision verify` diz o que está errado; corrija isso antes",
    );
    Err(Verdict::skip(seen, Some(next)))
}

pub fn measure(drill: &Drill, timeline: &Timeline) -> Measured {
    let Timeline { samples, marks, .. } = timeline;
    let answers = |within: &dyn Fn(&Sample) -> bool| {
        let mut answers = vec![0; drill.servers.len()];
        for sample in samples.iter().filter(|sample| within(sample)) {
            if let Some(count) = sample.answer.as_ref().ok().and_then(|server| answers.get_mut(*server)) {
                *count += 1;
            }
        }
        answers
    };
    let lost = |within: &dyn Fn(&Sample) -> bool| {
        samples.iter().filter(|sample| sample.answer.is_err() && within(sample)).count()
    };
    let out = out_at(drill, timeline);
    let while_out = |sample: &Sample| {
        out.zip(marks.returning).is_some_and(|(out, end)| (out..end).contains(&sample.sent))
            // Its last answer is where that time begins, and what came after its return is not of that time.
            && drill.victim().is_none_or(|victim| sample.answer != Ok(victim))
    };
    let since = |moment: Option<Duration>, mark: Option<Duration>| Some(moment?.saturating_sub(mark?));
    Measured {
        requests: samples.len(),
        lost: lost(&|_| true),
        first_loss: samples.iter().find_map(|sample| sample.answer.clone().err()),
        longest_gap: longest_gap(samples),
        outage: since(marks.returning, marks.leaving),
        out_after: since(out, marks.leaving),
        back_after: since(back_at(drill, timeline), marks.returned),
        answers: answers(&|_| true),
        answers_while_out: answers(&while_out),
        lost_while_out: lost(&while_out),
    }
}

/// When the victim was out of rotation: HAProxy says so, and no request that was sent later came to it.
///
/// Over a slow link much is under way at any moment. A look that was sent before `leaving` may be answered after HAProxy
/// took the order, and nothing new follows it: what holds from then on counts. A request that was sent before
/// `returning` may be served after it, and says nothing of the time before.
pub fn out_at(drill: &Drill, timeline: &Timeline) -> Option<Duration> {
    let Marks { leaving, returning, .. } = timeline.marks;
    let (leaving, end) = (leaving?, returning.unwrap_or(Duration::MAX));
    let next = timeline.rotation.iter().skip(1).map(|(at, _)| *at).chain([Duration::MAX]);
    let told = timeline
        .rotation
        .iter()
        .zip(next)
        .filter(|((at, is_in), next)| !is_in && *at < end && *next > leaving)
        .map(|((at, _), _)| leaving.max(*at))
        .last()?;
    let last = of_victim(drill, timeline)
        .filter(|sample| sample.sent >= leaving && sample.sent + sample.took < end)
        .map(|sample| sample.sent)
        .max();
    Some(last.map_or(told, |last| last.max(told)))
}

/// When the victim was back: HAProxy says so, and it answered, where it had answered before it was taken out.
pub fn back_at(drill: &Drill, timeline: &Timeline) -> Option<Duration> {
    let Marks { leaving, returning, returned, .. } = timeline.marks;
    let (leaving, returning) = (leaving?, returning?);
    // A victim that HAProxy never missed is back as soon as it runs; so is one whose return was seen by a look that was
    // sent before it.
    let told = match timeline.rotation.iter().rev().find(|(at, _)| *at < returning) {
        Some((_, false)) => timeline.rotation.iter().find(|(at, is_in)| *is_in && *at >= returning)?.0,
        _ => returned?,
    };
    let first = of_victim(drill, timeline)
        .filter(|sample| sample.sent >= returning)
        .map(|sample| sample.sent + sample.took)
        .min();
    if of_victim(drill, timeline).any(|sample| sample.sent < leaving) {
        Some(first?.max(told))
    } else {
        Some(told)
    }
}

/// How long HAProxy has to notice that a server is out, by our haproxy.cfg.
pub fn notice(mode: DrillMode) -> Duration {
    match mode {
        DrillMode::Stop => NOTICES_LOSS + MARGIN,
        // It is told, and looks at nothing.
        DrillMode::Maintenance => MARGIN,
    }
}

/// Judges the figures. `waited` is how long HAProxy was given to notice.
pub fn judge(
    drill: &Drill,
    balancer: &Target,
    expectation: &BalancerExpectation,
    measured: &Measured,
    waited: Duration,
) -> Verdict {
    let Measured { lost_while_out, answers_while_out, .. } = measured;
    let host = &drill.host;
    let limits = match drill.mode {
        DrillMode::Stop if expectation.own_template => (waited, waited),
        DrillMode::Stop => (notice(drill.mode), NOTICES_RETURN + MARGIN),
        DrillMode::Maintenance => (notice(drill.mode), MARGIN),
    };
    let within = |limit: Duration, law: &str| {
        let seconds = limit.as_secs();
        match drill.mode {
            DrillMode::Stop if !expectation.own_template => text!(
                en: "within {seconds} s ({law} and a margin)",
                pt: "em até {seconds} s ({law} e uma margem)",
            ),
            _ => text!(en: "within {seconds} s", pt: "em até {seconds} s"),
        }
    };
    let (verify, checks) = (balancer.command("verify"), look_at_checks(balancer, expectation));
    let (out_within, back_within) = (within(limits.0, "inter × fall"), within(limits.1, "downinter × rise"));
    let out_expected =
        text!(en: "out of rotation {out_within}", pt: "fora do rodízio {out_within}", out_within);
    let back_expected =
        text!(en: "back in rotation {back_within}", pt: "de volta ao rodízio {back_within}", back_within);
    let asked = answers_while_out.iter().sum::<usize>() + lost_while_out;
    match (measured.out_after, measured.back_after) {
        (None, _) => {
            let cut_short = measured.outage.filter(|outage| *outage < limits.0);
            let (seen, next) = stayed_in(host, cut_short, &checks);
            Verdict::fail(seen, out_expected, next)
        }
        (Some(_), _) if is_too_much(*lost_while_out, asked) => {
            let loss = measured.first_loss.as_ref().map(|words| words.map(|words| format!(" ({words})")));
            let loss = loss.unwrap_or_default();
            let seen = text!(
                en: "{lost_while_out} of {asked} requests were lost while {host} was out{loss}",
                pt: "{lost_while_out} de {asked} requisições se perderam enquanto {host} estava fora{loss}",
                loss,
            );
            let expected =
                text!(en: "the others to answer them all", pt: "que os outros respondessem a todas");
            let next = text!(
                en: "the others could not carry its load: look at their `http` and `service` with `provision verify`",
                pt: "os outros não deram conta da carga dele: veja o `http` e o `service` deles com `provision verify`",
            );
            Verdict::fail(seen, expected, next)
        }
        (Some(out), _) if out > limits.0 => {
            let seconds = seconds(out);
            let seen = text!(
                en: "{host} was out of rotation after {seconds} s",
                pt: "{host} só saiu do rodízio depois de {seconds} s",
                seconds,
            );
            let next = text!(
                en: "the checks in haproxy.cfg may be slower than ours: {checks}",
                pt: "as verificações em haproxy.cfg podem ser mais lentas que as nossas: {checks}",
                checks,
            );
            Verdict::fail(seen, out_expected, next)
        }
        (Some(_), None) => Verdict::fail(
            text!(
                en: "{host} runs again, but gets no requests",
                pt: "{host} está rodando de novo, mas não recebe requisições",
            ),
            back_expected,
            text!(
                en: "{verify} says what HAProxy thinks of it",
                pt: "{verify} diz em que estado o HAProxy o vê",
            ),
        ),
        (Some(_), Some(back)) if back > limits.1 => {
            let seconds = seconds(back);
            let seen = text!(
                en: "{host} was back in rotation after {seconds} s",
                pt: "{host} só voltou ao rodízio depois de {seconds} s",
                seconds,
            );
            let next = text!(
                en: "a slow start of its web server, or slower checks in haproxy.cfg: {checks}",
                pt: "o servidor web demorou a iniciar, ou as verificações em haproxy.cfg são mais lentas: {checks}",
                checks,
            );
            Verdict::fail(seen, back_expected, next)
        }
        _ if asked == 0 => Verdict::pass(text!(
            en: "HAProxy left {host} out and took it back; no request fell into that time",
            pt: "o HAProxy tirou {host} do rodízio e o pôs de volta; nenhuma requisição caiu nesse intervalo",
        )),
        _ => Verdict::pass(text!(
            en: "the others answered while {host} was out, and it came back",
            pt: "os outros responderam enquanto {host} estava fora, e ele voltou",
        )),
    }
}

/// What to do where HAProxy's checks may be others than ours.
fn look_at_checks(balancer: &Target, expectation: &BalancerExpectation) -> Text {
    if expectation.own_template {
        text!(
            en: "your template says how often HAProxy looks",
            pt: "o seu modelo diz com que frequência o HAProxy verifica",
        )
    } else {
        expectation.restore(balancer)
    }
}

/// What was seen of a host that HAProxy never left out, and what to do. `cut_short` is the time that HAProxy had, where
/// the host itself ended it.
fn stayed_in(host: &HostId, cut_short: Option<Duration>, checks: &Text) -> (Text, Text) {
    let Some(seconds) = cut_short.map(seconds) else {
        return (
            text!(en: "{host} was not taken out of rotation", pt: "{host} não saiu do rodízio"),
            text!(
                en: "does its server line say `check`? {checks}",
                pt: "a linha `server` dele tem `check`? {checks}",
                checks,
            ),
        );
    };
    (
        text!(
            en: "the host's own limit brought {host} back after {seconds} s, before HAProxy had noticed",
            pt: "o limite da própria máquina trouxe {host} de volta depois de {seconds} s, antes de o HAProxy perceber",
            seconds,
        ),
        text!(
            en: "drill again with a longer --restore-after",
            pt: "repita o exercício com um --restore-after maior",
        ),
    )
}

/// As exact as it is of use.
fn seconds(duration: Duration) -> Text {
    Text::number(&format!("{:.1}", duration.as_secs_f64()))
}

fn of_victim<'a>(drill: &Drill, timeline: &'a Timeline) -> impl Iterator<Item = &'a Sample> {
    let victim = drill.victim();
    timeline
        .samples
        .iter()
        .filter(move |sample| victim.is_some() && sample.answer.as_ref().ok() == victim.as_ref())
}

/// The longest time without a sound answer, from the first request to the last.
fn longest_gap(samples: &[Sample]) -> Duration {
    let end = |sample: &Sample| sample.sent + sample.took;
    let mut moments: Vec<_> = samples.iter().filter(|sample| sample.answer.is_ok()).map(end).collect();
    moments.extend(samples.first().map(|sample| sample.sent));
    moments.extend(samples.iter().map(end).max());
    moments.sort();
    moments
        .iter()
        .zip(moments.iter().skip(1))
        .map(|(one, next)| next.saturating_sub(*one))
        .max()
        .unwrap_or_default()
}

fn is_too_much(lost: usize, requests: usize) -> bool {
    lost * TOLERATED > requests
}

#[cfg(test)]
mod tests;
