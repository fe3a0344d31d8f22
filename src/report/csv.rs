//! CSV: one row for each cluster, for spreadsheets and gradebooks. docs/reports.md says what its columns hold.

use std::collections::BTreeSet;

use ::csv::Writer;

use super::view::{ClusterView, View};
use super::vocabulary::Words;
use crate::error::{Error, Result};
use crate::model::{CheckKind, CheckStatus, Cluster, HostStatus, Value, clean, kinds, text};
use crate::probes::PROBES;

/// The table of a run, with a header.
pub fn csv_table(view: &View<'_>) -> Result<String> {
    table(view).map_err(|cause| {
        Error::internal(
            text!(en: "the CSV report could not be made", pt: "não foi possível fazer o relatório CSV"),
        )
        .because(cause)
    })
}

fn table(view: &View<'_>) -> Result<String, ::csv::Error> {
    let mut bytes = Vec::new();
    let mut writer = Writer::from_writer(&mut bytes);
    let all = PROBES.iter().map(|probe| probe.kind);
    let columns: BTreeSet<_> = all.chain(kinds(&view.outcome.checks)).collect();
    let mut header = vec!["cluster", "student", "email", "score", "feedback"];
    header.extend(["hosts", "unreachable", "failed", "changes"]);
    header.extend(columns.iter().map(|kind| kind.as_str()));
    writer.write_record(header)?;
    for cluster in &view.clusters {
        writer.write_record(row(view, cluster, &columns).iter().map(|field| inert(field)))?;
    }
    writer.flush()?;
    drop(writer);
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn row(view: &View<'_>, cluster: &ClusterView<'_>, columns: &BTreeSet<CheckKind>) -> Vec<String> {
    let changes = view.outcome.changes_on(cluster.worked());
    let count = |wanted| cluster.hosts.iter().filter(|host| host.status == wanted).count();
    let score = view.inventory.grading.score(cluster.checks());
    let name = &cluster.cluster.name;
    let mut row = vec![
        name.clone(),
        variable(cluster.cluster, "student").unwrap_or_else(|| name.clone()),
        variable(cluster.cluster, "email").unwrap_or_default(),
        score.map_or(String::new(), |score| format!("{score:.2}")),
        feedback(cluster, Words(view.inventory.language)),
    ];
    let numbers = [cluster.hosts.len(), count(HostStatus::Unreachable), count(HostStatus::Failed), changes];
    row.extend(numbers.map(|number: usize| number.to_string()));
    row.extend(columns.iter().map(|kind| {
        let verdicts =
            cluster.checks().filter(|check| check.kind.column() == *kind).map(|check| check.status);
        verdicts.max().map_or("", |status| status.into_str()).to_owned()
    }));
    row
}

/// One of a cluster's `vars`: its hosts have them all.
fn variable(cluster: &Cluster, name: &str) -> Option<String> {
    cluster.hosts.iter().find_map(|host| match host.vars.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

/// What a student reads beside the score.
fn feedback(cluster: &ClusterView<'_>, words: Words) -> String {
    let with_status = |status| cluster.checks().filter(move |check| check.status == status);
    let all = cluster.checks().count();
    let summary = (all > 0).then(|| words.passed_of(with_status(CheckStatus::Pass).count(), all));
    let failures = cluster.hosts.iter().filter_map(|host| {
        host.failure().map(|failure| format!("{}: {}", host.host.id, words.say(&failure.message)))
    });
    let failed_checks = cluster.hosts.iter().flat_map(|host| host.judged(CheckStatus::Fail));
    let failed_checks = failed_checks
        .map(|check| format!("{} {}: {}", check.host, check.kind.as_str(), words.say(&check.detail)));
    let not_judged = cluster.hosts.iter().filter_map(|host| {
        let skipped = host.checks.iter().filter(|check| check.status == CheckStatus::Skip);
        let kinds: Vec<_> = skipped.map(|check| check.kind.as_str()).collect();
        (!kinds.is_empty()).then(|| {
            format!("{} {}: {}", host.host.id, kinds.join(", "), words.choose("not judged", "não avaliado"))
        })
    });
    let sentences = summary.into_iter().chain(failures).chain(failed_checks).chain(not_judged);
    sentences.collect::<Vec<_>>().join("; ")
}

/// Keeps a spreadsheet from taking text for a formula, and a gradebook from taking it for markup. Moodle reads rows with
/// PHP's `fgetcsv`, for which a backslash before a quote keeps the field open (php.net/fgetcsv, `escape`).
fn inert(field: &str) -> String {
    let lines: Vec<_> = field.split('\r').map(clean).collect();
    let field = lines.join("\r");
    let acts = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    let lead = if field.starts_with(acts) { "'" } else { "" };
    let look_alike = |character| match character {
        '\\' => '∖',
        '<' => '‹',
        '>' => '›',
        other => other,
    };
    lead.chars().chain(field.chars().map(look_alike)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Grading, Inventory, Language, RunOutcome};
    use crate::report::samples;

    fn csv(outcome: &RunOutcome, inventory: &Inventory) -> String {
        csv_table(&View::new(outcome, inventory)).unwrap()
    }

    #[test]
    fn each_cluster_is_a_row() {
        insta::assert_snapshot!(csv(&samples::applied_with_troubles(), &samples::inventory()));
        insta::assert_snapshot!(csv(&samples::planned(), &samples::inventory()));
    }

    #[test]
    fn a_class_has_students_scores_and_feedback_in_its_language() {
        let mut inventory = samples::classroom();
        inventory.language = Language::Portuguese;
        inventory.grading = Grading { maximum: 10.0, weights: [(CheckKind::HTTP, 3.0)].into() };
        for (cluster, student) in
            inventory.clusters.iter_mut().zip([Value::from("ana.lima"), 20_260_002.into()])
        {
            for host in &mut cluster.hosts {
                host.vars.insert("student".to_owned(), student.clone());
                host.vars.insert("email".to_owned(), Value::from("aluno@edu.example"));
            }
        }
        let table = csv(&samples::class_applied(), &inventory);
        let rows: Vec<&str> = table.lines().collect();
        assert_eq!(rows.len(), 31);
        insta::assert_snapshot!([rows[0], rows[1], rows[2], rows[7], rows[12], rows[21]].join("\n"));
    }

    #[test]
    fn a_verify_counts_hosts_out_of_reach() {
        let mut inventory = samples::classroom();
        for language in [Language::English, Language::Portuguese] {
            inventory.language = language;
            let table = csv(&samples::class_verified_with_silence(), &inventory);
            let rows: Vec<&str> = table.lines().take(4).collect();
            insta::assert_snapshot!(rows.join("\n"));
        }
    }

    #[test]
    fn no_field_is_a_formula() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1"] {
            assert_eq!(inert(formula), format!("'{formula}"));
        }
        assert_eq!(inert("web01"), "web01");
        assert_eq!(inert("“<img src=x>\\\", 100"), "“‹img src=x›∖\", 100");
        assert_eq!(inert("87.50"), "87.50");
        assert_eq!(inert("An\u{202e}a\u{200b}\u{feff}"), "Ana");
    }

    #[test]
    fn what_a_host_said_stays_in_one_field() {
        let mut inventory = samples::inventory();
        inventory.clusters[0].hosts[0].vars.insert("student".to_owned(), Value::from("=cmd|' /C calc'!A0"));
        let table = csv(&samples::hostile(), &inventory);
        let mut reader = ::csv::Reader::from_reader(table.as_bytes());
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert!(rows.iter().all(|row| row.len() == 15), "{table}");
        assert_eq!(&rows[0][1], "'=cmd|' /C calc'!A0");
    }
}
