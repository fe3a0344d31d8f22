//! What a watch shows, fed by hand.

use std::sync::{Arc, Mutex};

use super::*;
use crate::model::{CheckKind, Language, Text};
use crate::report::samples::{self, named};
use crate::report::style::Style;

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Buffer {
    fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap()
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

const INTERVAL: Duration = Duration::from_secs(5);

/// A watch that writes lines, and what it wrote.
fn lines(inventory: &Inventory, look: Look, clusters: usize) -> (Watch<'_>, Buffer) {
    let buffer = Buffer::default();
    (Watch::on(View::Lines(Box::new(buffer.clone())), inventory, look, INTERVAL, clusters), buffer)
}

/// The checks of each cluster, which come in rounds of their own.
fn by_cluster(checks: &[Check]) -> impl Iterator<Item = (&str, &[Check])> {
    let cluster = |check: &Check| {
        check.host.as_str().split_once('/').map_or("default", |(cluster, _)| cluster).to_owned()
    };
    let of_one = checks.chunk_by(move |one, next| cluster(one) == cluster(next));
    of_one.map(|checks| {
        (checks[0].host.as_str().split_once('/').map_or("default", |(cluster, _)| cluster), checks)
    })
}

fn all_rounds(watch: &mut Watch<'_>, checks: &[Check], now: &str) {
    for (cluster, checks) in by_cluster(checks) {
        watch.round(cluster, checks, now);
    }
}

fn awaited(cluster: &str, hosts: &[(&str, &'static str)], seconds: u64) -> Vec<Awaited> {
    let awaited = |(name, kind): &(&str, &'static str)| Awaited {
        host: HostId::new(cluster, name),
        kind: CheckKind::new(kind, 99),
        elapsed: Duration::from_secs(seconds),
    };
    hosts.iter().map(awaited).collect()
}

#[test]
fn without_a_terminal_each_change_is_a_line() {
    let inventory = samples::inventory();
    for language in [Language::English, Language::Portuguese] {
        let style = Style { language, ..samples::LOOK.style };
        let (mut watch, buffer) = lines(&inventory, Look { style, ..samples::LOOK }, 1);
        let (bad, good) = (samples::verified().checks, samples::applied().checks);
        watch.round("default", &bad, "20:31:05");
        watch.round("default", &bad, "20:31:10");
        watch.round("default", &good, "20:31:15");
        watch.waiting(awaited("default", &[("web01", "ssh"), ("web02", "ssh"), ("lb01", "balance")], 12));
        watch.reading_logs();
        watch.finish();
        insta::assert_snapshot!(buffer.take());
    }
}

#[test]
fn another_cause_of_a_failure_is_a_change_and_another_count_is_none() {
    let inventory = samples::inventory();
    let (mut watch, buffer) = lines(&inventory, samples::LOOK, 1);
    let of_balancer = |detail: &str| {
        [samples::check(CheckKind::STATS, &samples::host_id("lb01"), CheckStatus::Fail, detail)]
    };
    let details = [
        "web02 is DOWN for 4 s; expected 3 of 3 servers UP",
        "web02 is DOWN for 9 s; expected 3 of 3 servers UP",
        "web03 is DOWN for 2 s; expected 3 of 3 servers UP",
    ];
    for detail in details {
        watch.round("default", &of_balancer(detail), "20:31:05");
    }
    insta::assert_snapshot!(buffer.take(), @r"
    20:31:05 0 of 1 probe pass (every 5s; Ctrl-C ends)
    20:31:05 ✗ lb01 stats: web02 is DOWN for 4 s; expected 3 of 3 servers UP
    20:31:05 ✗ lb01 stats: web03 is DOWN for 2 s; expected 3 of 3 servers UP
    ");
    // A host that is out of reach for another reason says so once.
    for detail in ["the connection was lost", "no answer on port 22"] {
        let host = samples::host_id("web01");
        let skipped = format!("not asked: {detail}");
        let checks = [
            samples::check(CheckKind::SSH, &host, CheckStatus::Fail, detail),
            samples::check(CheckKind::HTTP, &host, CheckStatus::Skip, &skipped),
        ];
        watch.round("default", &checks, "20:31:10");
    }
    insta::assert_snapshot!(buffer.take(), @r"
    20:31:10 ✗ web01 ssh: the connection was lost
    20:31:10 – web01 http: not asked: the connection was lost
    20:31:10 ✗ web01 ssh: no answer on port 22
    ");
}

#[test]
fn each_cluster_has_rounds_of_its_own() {
    let inventory = samples::classroom();
    let (mut watch, buffer) = lines(&inventory, samples::LOOK, 30);
    let checks = samples::class_applied().checks;
    let clusters: Vec<_> = by_cluster(&checks).collect();
    // The seventh is slow: the others go on, and what is wrong there is told meanwhile.
    let (slow, others): (Vec<_>, Vec<_>) = clusters.iter().partition(|(cluster, _)| *cluster == "team07");
    for (now, rounds) in [("20:31:05", &others), ("20:31:11", &others), ("20:31:20", &slow)] {
        for (cluster, checks) in rounds {
            watch.round(cluster, checks, now);
        }
        watch.waiting(awaited("team07", &[("lb", "balance")], 9));
    }
    insta::assert_snapshot!(buffer.take());

    let screen = Screen::new(Box::new(buffer.clone()), || (12, 80));
    let mut watch = Watch::on(View::Screen(screen), &inventory, samples::LOOK, INTERVAL, 30);
    for (cluster, checks) in &others {
        watch.round(cluster, checks, "20:31:05");
    }
    let drawn = watch.frame(12, 80).join("\n");
    assert!(drawn.contains(" pass (29 of 30 clusters, every 5s; Ctrl-C ends)"), "{drawn}");
    // In the order of the inventory, whichever came first.
    let order = watch.checks().into_iter().map(|check| check.host);
    assert!(
        order.eq(checks
            .iter()
            .map(|check| check.host.clone())
            .filter(|host| !host.as_str().contains("team07")))
    );
}

#[test]
fn on_a_terminal_it_is_drawn_in_place_and_fits() {
    let (buffer, inventory) = (Buffer::default(), samples::classroom());
    let screen = Screen::new(Box::new(buffer.clone()), || (14, 80));
    let mut watch = Watch::on(View::Screen(screen), &inventory, samples::LOOK, INTERVAL, 30);
    let mut checks = samples::class_applied().checks;
    all_rounds(&mut watch, &checks, "20:31:05");
    insta::assert_snapshot!(watch.frame(14, 80).join("\n"));
    buffer.take();
    all_rounds(&mut watch, &checks, "20:31:10");
    // Nothing but the time.
    let redrawn = buffer.take();
    assert!(redrawn.contains("20:31:10") && !redrawn.contains("team07"), "{redrawn:?}");
    for check in &mut checks {
        check.status = CheckStatus::Fail;
    }
    all_rounds(&mut watch, &checks, "20:31:15");
    assert!(watch.frame(14, 80).len() < 14, "{:?}", watch.frame(14, 80));
    assert!(!buffer.take().contains('\u{7}'), "it beeps");
}

#[test]
fn notes_stand_among_the_changes() {
    let inventory = samples::inventory();
    let note = |level, message: &str| Event::Note {
        host: Some(samples::host_id("web01")),
        level,
        message: Text::verbatim(message),
    };
    let notes = [note(Level::Detail, "connected by russh"), note(Level::Warning, "odd\u{1b}[2J")];
    let checks = samples::applied().checks;
    let told = |look: Look| {
        let (mut watch, buffer) = lines(&inventory, look, 1);
        for event in &notes {
            watch.note(event, "20:31:05");
        }
        watch.round("default", &checks, "20:31:06");
        buffer.take().lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let head = "20:31:06 13 of 13 probes pass (every 5s; Ctrl-C ends)";
    let [detail, warning] = ["20:31:05 web01: connected by russh", "20:31:05 warning: web01: odd"];
    assert_eq!(told(samples::LOOK), [warning, head]);
    assert_eq!(told(Look { verbose: 1, ..samples::LOOK }), [detail, warning, head]);
    assert_eq!(told(Look { quiet: true, ..samples::LOOK }), [warning]);

    let screen = Screen::new(Box::new(Buffer::default()), || (14, 80));
    let mut watch =
        Watch::on(View::Screen(screen), &inventory, Look { verbose: 1, ..samples::LOOK }, INTERVAL, 1);
    watch.round("default", &checks, "20:31:04");
    for event in &notes {
        watch.note(event, "20:31:05");
    }
    assert_eq!(watch.frame(14, 80).split_off(8), [warning, detail]);
}

#[test]
fn long_names_fit_terminals_of_every_width() {
    let inventory = named::class_of(named::numbered);
    let checks = named::renamed(samples::class_applied(), named::numbered).checks;
    for (columns, drawn) in [80, 40].map(|columns| {
        let screen = Screen::new(Box::new(Buffer::default()), move || (16, columns));
        let mut watch = Watch::on(View::Screen(screen), &inventory, samples::LOOK, INTERVAL, 30);
        all_rounds(&mut watch, &checks, "20:31:05");
        (columns, watch.frame(16, usize::from(columns)).join("\n"))
    }) {
        let is_within = |line: &str| words::width(line) <= usize::from(columns);
        assert!(drawn.lines().all(is_within) && drawn.lines().count() < 16, "{drawn}");
        insta::assert_snapshot!(format!("long_names_in_{columns}_columns"), drawn);
    }
}

#[test]
fn what_a_long_round_waits_for_is_told() {
    let inventory = samples::inventory();
    let (lines, drawings) = (Buffer::default(), Buffer::default());
    let screen = Screen::new(Box::new(drawings.clone()), || (24, 80));
    let hosts: Vec<_> = ["web01", "web02", "web03", "web04", "web05"]
        .map(|name| (name, "ssh"))
        .into_iter()
        .chain([("lb01", "balance")])
        .collect();
    let mut checks = samples::applied().checks;
    for (name, _) in &hosts[3..] {
        checks.push(samples::check(
            CheckKind::SOCKET,
            &samples::host_id(name),
            CheckStatus::Pass,
            "it speaks",
        ));
    }
    for view in [View::Lines(Box::new(lines.clone())), View::Screen(screen)] {
        let mut watch = Watch::on(view, &inventory, samples::LOOK, INTERVAL, 1);
        watch.waiting(awaited("default", &hosts[..1], 4));
        watch.round("default", &checks, "20:31:05");
        drawings.take();
        for seconds in 1..=5 {
            watch.waiting(awaited("default", &hosts, seconds));
        }
        watch.round("default", &checks, "20:31:20");
        watch.waiting(awaited("default", &hosts[5..], 9));
        watch.reading_logs();
        watch.reading_logs();
        watch.finish();
    }
    insta::assert_snapshot!(lines.take());
    // Only the line that changes is written, and it is empty at the end.
    let drawn = anstream::adapter::strip_str(&drawings.take()).to_string();
    let drawn: Vec<_> = drawn.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    insta::assert_snapshot!(drawn.join("\n"));
}

#[test]
fn after_a_resize_all_is_drawn_anew() {
    let (buffer, inventory) = (Buffer::default(), samples::inventory());
    let size = Arc::new(Mutex::new((50, 200)));
    let screen = Screen::new(Box::new(buffer.clone()), {
        let size = Arc::clone(&size);
        move || *size.lock().unwrap()
    });
    let mut watch = Watch::on(View::Screen(screen), &inventory, samples::LOOK, INTERVAL, 1);
    let checks = samples::verified().checks;
    watch.round("default", &checks, "20:31:05");
    for smaller in [(50, 80), (24, 80)] {
        *size.lock().unwrap() = smaller;
        buffer.take();
        watch.round("default", &checks, "20:31:10");
        let drawn = buffer.take();
        assert!(drawn.contains("\u{1b}[J") && drawn.contains("balance"), "{smaller:?}: {drawn:?}");
    }
}
