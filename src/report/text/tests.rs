use std::path::PathBuf;

use super::*;
use crate::model::{
    CheckKind, CheckStatus, FailureKind, HostStatus, Inventory, PreflightOutcome, RunOutcome, Severity, Text,
    Work, text,
};
use crate::report::{Look, Style, samples, words};

fn options() -> TextOptions {
    TextOptions { look: samples::LOOK, program: "provision".to_owned(), limit: None, log: None }
}

fn verbose() -> TextOptions {
    TextOptions { look: Look { verbose: 1, ..samples::LOOK }, ..options() }
}

fn plan_text(outcome: &RunOutcome, inventory: &Inventory, options: &TextOptions) -> String {
    samples::text(Work::Plan, outcome, inventory, options)
}

fn apply_text(outcome: &RunOutcome, inventory: &Inventory, options: &TextOptions) -> String {
    samples::text(Work::Apply, outcome, inventory, options)
}

fn verify_text(outcome: &RunOutcome, inventory: &Inventory, options: &TextOptions) -> String {
    samples::text(Work::Verify, outcome, inventory, options)
}

fn reset_text(outcome: &RunOutcome, inventory: &Inventory, options: &TextOptions) -> String {
    samples::text(Work::Reset, outcome, inventory, options)
}

#[test]
fn a_plan_groups_alike_hosts() {
    insta::assert_snapshot!(plan_text(&samples::planned(), &samples::inventory(), &options()));
}

#[test]
fn a_verbose_plan_shows_every_text() {
    insta::assert_snapshot!(plan_text(&samples::planned(), &samples::inventory(), &verbose()));
}

#[test]
fn a_plan_names_hosts_that_it_could_not_look_at() {
    let options = TextOptions { limit: Some("web*,!web09".to_owned()), ..options() };
    insta::assert_snapshot!(plan_text(&samples::planned_with_troubles(), &samples::inventory(), &options));
}

#[test]
fn a_plan_without_changes_says_so() {
    let mut outcome = samples::converged();
    outcome.checks.clear();
    insta::assert_snapshot!(plan_text(&outcome, &samples::inventory(), &options()), @r"
    No changes: 4 hosts are as the inventory wants.
    Next: provision verify inventory.yaml
    ");
    outcome.hosts.truncate(1);
    insta::assert_snapshot!(plan_text(&outcome, &samples::inventory(), &options()), @r"
    No changes: 1 host is as the inventory wants.
    Next: provision verify inventory.yaml
    ");
}

#[test]
fn a_long_diff_is_cut() {
    let mut outcome = samples::planned();
    let lines: Vec<String> = (0..100).map(|number| format!("+line {number}")).collect();
    let lines = lines.join("\n");
    outcome.hosts[1].changes[2].0.diff =
        Some(Text::verbatim(format!("--- a\n+++ b\n@@ -1 +1,100 @@\n{lines}")));
    outcome.hosts.remove(2);
    let text = plan_text(&outcome, &samples::inventory(), &options());
    assert!(text.contains("… 85 lines more (-v shows all)") && !text.contains("line 99"), "{text}");
    let text = plan_text(&outcome, &samples::inventory(), &verbose());
    assert!(text.contains("line 99"), "{text}");
}

#[test]
fn an_apply_that_went_well_is_short() {
    insta::assert_snapshot!(apply_text(&samples::applied(), &samples::inventory(), &options()));
    insta::assert_snapshot!(apply_text(&samples::converged(), &samples::inventory(), &options()));
}

#[test]
fn an_apply_without_probes_says_what_comes_next() {
    let outcome = RunOutcome { checks: Vec::new(), ..samples::applied() };
    insta::assert_snapshot!(apply_text(&outcome, &samples::inventory(), &options()));
}

#[test]
fn an_apply_with_troubles_begins_with_them() {
    let options =
        TextOptions { log: Some(PathBuf::from("/home/ana/.local/state/provision/run.log")), ..options() };
    insta::assert_snapshot!(apply_text(&samples::applied_with_troubles(), &samples::inventory(), &options));
}

#[test]
fn an_interrupted_apply_says_what_is_done_and_what_is_not() {
    insta::assert_snapshot!(apply_text(&samples::interrupted(), &samples::inventory(), &options()));
}

#[test]
fn a_class_is_a_row_for_each_cluster() {
    let text = apply_text(&samples::class_applied(), &samples::classroom(), &options());
    assert!(text.lines().all(|line| words::width(line) <= 80), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn a_class_that_is_well_is_one_row_and_every_row_under_v() {
    let mut outcome = samples::class_applied();
    outcome.hosts.clear();
    for check in &mut outcome.checks {
        check.status = CheckStatus::Pass;
    }
    insta::assert_snapshot!(verify_text(&outcome, &samples::classroom(), &options()));
    let rows = verify_text(&outcome, &samples::classroom(), &verbose())
        .lines()
        .filter(|line| line.starts_with("team"))
        .count();
    assert_eq!(rows, 30);
}

/// Nothing in the class is reached but one host.
fn class_out_of_reach() -> RunOutcome {
    let mut outcome = samples::class_applied();
    for host in outcome.hosts.iter_mut().filter(|host| host.host.as_str() != "team07/lb") {
        host.changes.clear();
        host.status = HostStatus::Unreachable;
        host.failure = Some(samples::silent());
    }
    for check in outcome.checks.iter_mut().filter(|check| check.host.as_str() != "team07/lb") {
        let is_ssh = check.kind == CheckKind::SSH;
        check.status = if is_ssh { CheckStatus::Fail } else { CheckStatus::Skip };
    }
    outcome
}

#[test]
fn clusters_in_the_same_trouble_share_a_row_and_no_row_breaks() {
    let text = apply_text(&class_out_of_reach(), &samples::classroom(), &options());
    assert!(text.lines().all(|line| words::width(line) <= 80), "{text}");
    insta::assert_snapshot!(text);
    let outcome = RunOutcome { hosts: Vec::new(), ..class_out_of_reach() };
    let rows = verify_text(&outcome, &samples::classroom(), &verbose());
    assert_eq!(rows.lines().filter(|line| line.starts_with("team")).count(), 30, "{rows}");
}

#[test]
fn the_log_of_a_failed_probe_is_shown_in_short_and_under_v_in_whole() {
    let mut outcome = samples::verified();
    let failed = outcome.checks.iter_mut().find(|check| check.status == CheckStatus::Fail).unwrap();
    failed.services = vec!["apache2".to_owned()];
    failed.log_tail = (1..=9).map(|number| Text::verbatim(format!("line {number} of the log"))).collect();
    insta::assert_snapshot!(verify_text(&outcome, &samples::inventory(), &options()));
    insta::assert_snapshot!(verify_text(&outcome, &samples::inventory(), &verbose()));
}

#[test]
fn sixty_silent_hosts_are_one_paragraph() {
    let inventory = samples::classroom();
    let mut outcome = samples::class_applied();
    outcome.checks.clear();
    for host in outcome.hosts.iter_mut().skip(30) {
        host.changes.clear();
        host.status = HostStatus::Unreachable;
        host.failure = Some(samples::silent());
    }
    insta::assert_snapshot!(plan_text(&outcome, &inventory, &options()));
}

#[test]
fn a_verify_shows_probes_alone() {
    insta::assert_snapshot!(verify_text(&samples::verified(), &samples::inventory(), &options()));
    let well = RunOutcome { hosts: Vec::new(), ..samples::applied() };
    insta::assert_snapshot!(verify_text(&well, &samples::inventory(), &options()));
    insta::assert_snapshot!(verify_text(&RunOutcome::default(), &samples::inventory(), &options()), @"No probe ran.");
}

#[test]
fn a_reset_lists_what_it_undid() {
    let dry_run = samples::text(Work::PlanReset, &samples::planned(), &samples::inventory(), &options());
    assert!(
        dry_run
            .ends_with("Reset: 12 changes to undo on 3 of 4 hosts.\nNext: provision reset inventory.yaml\n")
    );
    insta::assert_snapshot!(reset_text(&samples::applied(), &samples::inventory(), &options()));
}

#[test]
fn a_preflight_tells_alike_findings_once_and_the_worst_first() {
    let text = doctor_text(&samples::preflight(), &samples::classroom(), &options());
    assert!(text.lines().all(|line| words::width(line) <= 80), "{text}");
    insta::assert_snapshot!(text);
    let text = doctor_text(&samples::preflight(), &samples::classroom(), &verbose());
    assert!(text.contains("haproxy.cfg.bkp") && text.contains("team30/lb: it does not reach"), "{text}");
}

#[test]
fn a_class_that_is_fit_is_one_paragraph() {
    let words = |outcome: &PreflightOutcome| doctor_text(outcome, &samples::inventory(), &options());
    let hosts = samples::inventory().hosts().map(|host| host.id.clone()).collect();
    let mut outcome = PreflightOutcome { hosts, findings: Vec::new(), ..samples::preflight() };
    insta::assert_snapshot!(words(&outcome), @r"
    Ready for class: 4 hosts examined in 2.3 s, nothing stands in the way.
    Next: provision apply inventory.yaml
    ");
    outcome.findings = samples::preflight().findings;
    outcome.findings.retain(|finding| finding.severity == Severity::Note);
    insta::assert_snapshot!(words(&outcome), @r"
    Ready for class: 4 hosts examined in 2.3 s, nothing stands in the way.
    1 note more (-v shows all)
    Next: provision apply inventory.yaml
    ");
    outcome.converged = true;
    assert!(words(&outcome).ends_with("Next: provision verify inventory.yaml\n"));
    outcome.interrupted = true;
    insta::assert_snapshot!(words(&outcome), @r"
    Interrupted after 2.3 s: not all of 4 hosts were examined.
    Next: provision doctor inventory.yaml
    ");
}

#[test]
fn without_unicode_texts_are_ascii() {
    let options = TextOptions {
        look: Look { style: Style { unicode: false, ..samples::LOOK.style }, ..samples::LOOK },
        ..options()
    };
    let inventory = samples::inventory();
    let outcome = samples::applied_with_troubles();
    for text in [
        plan_text(&samples::planned(), &inventory, &options),
        apply_text(&outcome, &inventory, &options),
        verify_text(&outcome, &inventory, &options),
        doctor_text(&samples::preflight(), &inventory, &options),
    ] {
        assert!(text.is_ascii(), "{text}");
    }
    insta::assert_snapshot!(apply_text(&outcome, &inventory, &options));
}

#[test]
fn colour_adds_nothing_but_colour() {
    let inventory = samples::inventory();
    let coloured = TextOptions {
        look: Look { style: Style { colour: true, ..samples::LOOK.style }, ..samples::LOOK },
        ..options()
    };
    for (plain, coloured) in [
        (
            plan_text(&samples::planned(), &inventory, &options()),
            plan_text(&samples::planned(), &inventory, &coloured),
        ),
        (
            apply_text(&samples::applied_with_troubles(), &inventory, &options()),
            apply_text(&samples::applied_with_troubles(), &inventory, &coloured),
        ),
    ] {
        assert_ne!(plain, coloured);
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
    }
}

#[test]
fn what_a_host_sent_cannot_drive_the_terminal() {
    let outcome = samples::hostile();
    let inventory = samples::inventory();
    let mut preflight = samples::preflight();
    for finding in &mut preflight.findings {
        finding.seen = finding.seen.map(|seen| format!("{seen}\u{1b}]0;title\u{7}\u{202e}\r"));
        finding.mend = finding.mend.map(|mend| format!("{mend}\u{1b}[2J"));
    }
    for text in [
        doctor_text(&preflight, &inventory, &verbose()),
        plan_text(&outcome, &inventory, &verbose()),
        apply_text(&outcome, &inventory, &verbose()),
        verify_text(&outcome, &inventory, &verbose()),
        reset_text(&outcome, &inventory, &verbose()),
    ] {
        let acts = |character: char| character.is_control() && character != '\n' || character == '\u{202e}';
        assert!(!text.chars().any(acts), "{text:?}");
    }
}

#[test]
fn a_skipped_probe_is_not_counted_as_passed() {
    let mut outcome = samples::applied();
    outcome.checks[0].status = CheckStatus::Skip;
    let text = verify_text(&outcome, &samples::inventory(), &options());
    assert!(text.contains("12 of 13 probes passed, 1 not judged"), "{text}");
}

#[test]
fn one_cause_with_hints_of_their_own_is_one_paragraph() {
    let mut outcome = samples::converged();
    outcome.checks.clear();
    for (number, host) in outcome.hosts.iter_mut().enumerate() {
        let hint = format!("run:\n  ssh-keygen -R 10.0.0.{number}");
        host.status = HostStatus::Unreachable;
        host.failure = Some(samples::failure(FailureKind::HostKey, "the host key has changed", &hint));
    }
    insta::assert_snapshot!(plan_text(&outcome, &samples::inventory(), &options()));
    assert_eq!(plan_text(&outcome, &samples::inventory(), &verbose()).matches("ssh-keygen").count(), 4);
}

#[test]
fn a_timeline_fits_the_terminal_and_names_who_was_slow() {
    let inventory = samples::inventory();
    for width in [80, 200] {
        let options = TextOptions { look: Look { width, ..samples::LOOK }, ..options() };
        let text = apply_text(&samples::timed(), &inventory, &options);
        let (_, timeline) = text.split_once("\n\n").unwrap();
        assert!(timeline.lines().all(|line| line.chars().count() <= width), "{timeline}");
        insta::assert_snapshot!(timeline);
    }
}

#[test]
fn under_v_a_timeline_says_what_each_host_was_busy_with() {
    let text = apply_text(&samples::timed(), &samples::inventory(), &verbose());
    assert!(text.contains("web03: connect 0.1 s, log in 0.1 s, look 0.1 s, package:apache2 34 s,"), "{text}");
}

#[test]
fn of_many_hosts_those_that_took_longest_are_shown() {
    let mut outcome = samples::timed();
    let last = outcome.timings.pop().unwrap();
    outcome.timings =
        (0..5).flat_map(|_| outcome.timings.clone()).flat_map(|one| [one.clone(), one]).collect();
    outcome.timings.push(last);
    let text = apply_text(&outcome, &samples::inventory(), &options());
    assert!(text.contains("\nweb03 ") && text.contains("… and 11 hosts more (-v shows all)"), "{text}");
}

#[test]
fn a_command_is_shown_by_its_first_line_and_whole_under_v() {
    use crate::model::{Action, Change, ResourceId};
    let mut outcome = samples::planned();
    outcome.hosts.truncate(1);
    let line = "rabbitmq-plugins enable --offline rabbitmq_management rabbitmq_shovel rabbitmq_federation";
    let change = Change {
        resource: ResourceId::new("command:rabbitmq/management page"),
        action: Action::Run,
        reason: text!(
            en: "its guard is open: `unless` does not hold",
            pt: "a guarda está aberta: `unless` não vale",
        ),
        before: None,
        after: Some(Text::verbatim(line)),
        diff: Some(Text::verbatim(format!(
            "--- /dev/null\n+++ command\n@@ -0,0 +1,2 @@\n+{line}\n+second\n"
        ))),
        foreign: false,
    };
    outcome.hosts[0].changes = vec![(change, None)];
    let shown = |options| plan_text(&outcome, &samples::inventory(), &options);
    insta::assert_snapshot!(shown(options()));
    insta::assert_snapshot!(shown(verbose()));
}
