//! Probes of practices, one of which failed.

use super::{check, host_id, inventory, passing_checks, seconds};
use crate::model::{CheckKind, CheckStatus, RunOutcome, Text, Work};

pub fn verified_practices() -> RunOutcome {
    let mut checks = passing_checks(&inventory());
    let of = |practice, probe, host, status, detail| {
        check(CheckKind::of_practice_probe(practice, probe), &host_id(host), status, detail)
    };
    let mut failed = of(
        "rabbitmq",
        "status of its node",
        "web01",
        CheckStatus::Fail,
        "exit status 69, “Error: unable to connect”; expected exit status 0 and “Listeners” in what it prints",
    );
    failed.log_tail =
        ["attempted to contact: [rabbit@web01]", "Error: unable to connect"].map(Text::verbatim).into();
    checks.extend([
        of("rabbitmq", "amqp", "web01", CheckStatus::Pass, "port 5672 takes connections"),
        failed,
        of("rabbitmq", "amqp", "web02", CheckStatus::Pass, "port 5672 takes connections"),
        of("rabbitmq", "status of its node", "web02", CheckStatus::Pass, "exit status 0"),
        of("kafka", "ping", "web02", CheckStatus::Skip, "not judged: kafka-server is not active"),
    ]);
    RunOutcome { work: Work::Verify, checks, duration: seconds(3.9), ..RunOutcome::default() }
}
