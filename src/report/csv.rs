//! CSV: one row for each cluster, for spreadsheets and gradebooks.

use ::csv::Writer;

use super::groups::worst;
use super::printable;
use crate::error::{Error, Result};
use crate::model::{CheckKind, CheckStatus, Cluster, HostId, HostStatus, Inventory, RunOutcome};

/// The table of a run, with a header.
///
/// `score` is the share of probes that passed, from 0 to 100; a probe that could not be judged counts as not passed.
/// It is empty where no probe ran.
pub fn csv_table(outcome: &RunOutcome, inventory: &Inventory) -> Result<String> {
    let outcome = printable::printable(outcome);
    table(&outcome, inventory).map_err(|cause| Error::new("the CSV report could not be made").because(cause))
}

fn table(outcome: &RunOutcome, inventory: &Inventory) -> Result<String, ::csv::Error> {
    let mut bytes = Vec::new();
    let mut writer = Writer::from_writer(&mut bytes);
    let mut header = vec!["cluster", "hosts", "unreachable", "failed", "changes"];
    header.extend(CheckKind::ALL.map(CheckKind::as_str));
    header.extend(["score", "problems"]);
    writer.write_record(header)?;
    for cluster in &inventory.clusters {
        let row = row(cluster, outcome);
        if row.hosts > 0 {
            writer.write_record(row.fields().iter().map(|field| inert(field)))?;
        }
    }
    writer.flush()?;
    drop(writer);
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

struct Row<'a> {
    cluster: &'a str,
    hosts: usize,
    unreachable: usize,
    failed: usize,
    changes: usize,
    checks: [&'static str; 6],
    score: String,
    problems: String,
}

fn row<'a>(cluster: &'a Cluster, outcome: &RunOutcome) -> Row<'a> {
    let member = |id: &HostId| cluster.hosts.iter().any(|host| host.id == *id);
    let hosts: Vec<_> = outcome.hosts.iter().filter(|host| member(&host.host)).collect();
    let checks: Vec<_> = outcome.checks.iter().filter(|check| member(&check.host)).collect();
    let spoken_of = cluster.hosts.iter().filter(|host| {
        hosts.iter().any(|state| state.host == host.id) || checks.iter().any(|check| check.host == host.id)
    });
    let count = |status| hosts.iter().filter(|host| host.status == status).count();
    let verdict = |kind| {
        let verdicts = checks.iter().filter(|check| check.kind == kind).map(|check| check.status);
        worst(verdicts).map_or("", CheckStatus::as_str)
    };
    let passed = checks.iter().filter(|check| check.status == CheckStatus::Pass).count();
    let failures = hosts.iter().filter_map(|host| {
        host.failure.as_ref().map(|failure| format!("{}: {}", host.host, failure.message))
    });
    let failed_checks = checks
        .iter()
        .filter(|check| check.status == CheckStatus::Fail)
        .map(|check| format!("{} {}: {}", check.host, check.kind.as_str(), check.detail));
    Row {
        cluster: &cluster.name,
        hosts: spoken_of.count(),
        unreachable: count(HostStatus::Unreachable),
        failed: count(HostStatus::Failed),
        changes: hosts.iter().map(|host| host.changes.len()).sum(),
        checks: CheckKind::ALL.map(verdict),
        score: (passed * 1_000)
            .checked_div(checks.len())
            .map_or(String::new(), |score| format!("{}.{}", score / 10, score % 10)),
        problems: failures.chain(failed_checks).collect::<Vec<_>>().join("; "),
    }
}

impl Row<'_> {
    fn fields(&self) -> Vec<String> {
        let Self { cluster, hosts, unreachable, failed, changes, checks, score, problems } = self;
        let mut fields = vec![(*cluster).to_owned()];
        fields.extend([hosts, unreachable, failed, changes].map(usize::to_string));
        fields.extend(checks.map(str::to_owned));
        fields.extend([score.clone(), problems.clone()]);
        fields
    }
}

/// Keeps a spreadsheet from taking text for a formula.
fn inert(field: &str) -> String {
    if field.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{field}") } else { field.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn each_cluster_is_a_row() {
        insta::assert_snapshot!(csv_table(&samples::applied_with_troubles(), &samples::inventory()).unwrap());
        insta::assert_snapshot!(csv_table(&samples::planned(), &samples::inventory()).unwrap());
    }

    #[test]
    fn no_field_is_a_formula() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"] {
            assert_eq!(inert(formula), format!("'{formula}"));
        }
        assert_eq!(inert("web01"), "web01");
    }

    #[test]
    fn what_a_host_said_stays_in_one_field() {
        let table = csv_table(&samples::hostile(), &samples::inventory()).unwrap();
        let mut reader = ::csv::Reader::from_reader(table.as_bytes());
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert!(rows.iter().all(|row| row.len() == 13), "{table}");
    }
}
