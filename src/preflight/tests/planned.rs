//! What a plan says of a host is found before class.

use super::*;

fn plan(steps: Vec<Step>, warnings: Vec<Concern>, refusal: Option<Failure>) -> HostPlan {
    HostPlan { steps, warnings, refusal }
}

fn concern(kind: FindingKind, seen: &str, stops: bool) -> Concern {
    Concern { kind, seen: Text::verbatim(seen), next: Text::verbatim("what to do"), stops }
}

/// What is found on a web host that is otherwise well, with its weight.
fn found(
    plan: Result<HostPlan, Failure>,
    change: impl Fn(&mut Examination),
) -> Vec<(Severity, FindingKind, String)> {
    found_on(1, plan, change)
}

/// The same on a host by its place.
fn found_on(
    place: usize,
    plan: Result<HostPlan, Failure>,
    change: impl Fn(&mut Examination),
) -> Vec<(Severity, FindingKind, String)> {
    let inventory = inventory();
    let cluster = &inventory.clusters[0];
    let host = &cluster.hosts[place];
    let wanted = samples::wanted(cluster).into_iter().collect::<HashMap<_, _>>();
    let mut examination = well(cluster, host);
    change(&mut examination);
    let examined = Examined {
        cluster,
        host,
        wanted: &wanted[&host.id],
        result: Ok(examination),
        plan: Some(plan),
        said: Vec::new(),
    };
    let findings = judge(&inventory, &[examined]);
    findings.into_iter().map(|one| (one.severity, one.kind, one.seen.english().to_owned())).collect()
}

#[test]
fn whatever_stops_an_apply_is_fatal() {
    use FindingKind::{File, Packages, Port, Service};
    let obstacle = failure(FailureKind::File, "index.html is a directory");
    assert_eq!(
        found(Err(obstacle), |_| {}),
        [(Severity::Fatal, File, "index.html is a directory".to_owned())]
    );
    let refusal = failure(FailureKind::Packages, "installing apache2 would remove campus-web");
    let refused = found(Ok(plan(Vec::new(), Vec::new(), Some(refusal))), |_| {});
    assert_eq!(refused[0].0, Severity::Fatal);
    for kind in [Packages, Service, Port] {
        let [seen] = &found(Ok(plan(Vec::new(), vec![concern(kind, "so it is", true)], None)), |_| {})[..]
        else {
            panic!("{kind:?}")
        };
        assert_eq!(*seen, (Severity::Fatal, kind, "so it is".to_owned()));
    }
    let [warned] = &found(Ok(plan(Vec::new(), vec![concern(Packages, "so it is", false)], None)), |_| {})[..]
    else {
        panic!("one warning is one finding")
    };
    assert_eq!(warned.0, Severity::Warning);
    // Of two masked services, both are told.
    let masked = ["a is masked", "b is masked"].map(|seen| concern(Service, seen, true));
    assert_eq!(found(Ok(plan(Vec::new(), masked.into(), None)), |_| {}).len(), 2);
}

#[test]
fn what_is_told_already_is_not_told_again() {
    let held = plan(Vec::new(), vec![concern(FindingKind::Port, "port 80 is held by nginx", true)], None);
    let found = found(Ok(held), |examination| {
        examination.facts.port_owners = BTreeMap::from([(80, "nginx".into())]);
    });
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn what_is_going_is_no_stranger_on_its_port() {
    let undo = |service: &str| {
        Change {
            resource: ResourceId::new(format!("service:{service}")),
            action: Action::Delete,
            reason: Text::default(),
            before: None,
            after: None,
            diff: None,
            foreign: false,
        }
        .by(Operation::Undo { key: "00ff".to_owned(), notify: None })
    };
    let goes = |port: u16| concern(FindingKind::Unwanted, &format!("port {port} is held by haproxy"), false);
    let going = plan(vec![undo("haproxy")], vec![goes(80), goes(8404)], None);
    let holds = |owner: &'static str| {
        move |examination: &mut Examination| {
            examination.facts.port_owners = BTreeMap::from([(80, owner.into())]);
        }
    };
    let told = found(Ok(going.clone()), holds("haproxy"));
    let both = ["port 80 is held by haproxy", "port 8404 is held by haproxy"];
    assert_eq!(told.iter().map(|(.., seen)| seen.as_str()).collect::<Vec<_>>(), both);
    assert!(told.iter().all(|(severity, ..)| *severity == Severity::Warning));
    // Another one there is a stranger all the same.
    let told = found(Ok(going), holds("nginx"));
    assert_eq!((told.len(), told[0].0, told[0].1), (3, Severity::Fatal, FindingKind::Port), "{told:?}");
}

#[test]
fn a_service_that_does_not_accept_its_files_stops_what_changes_them() {
    let file = |path: &str, notify: &str| {
        let notify = Some(notify.to_owned());
        written(&crate::model::File { notify, ..crate::model::File::of_text(path, "") })
    };
    let broken = "Syntax error on line 1 of /etc/apache2/conf-enabled/team.conf: Invalid command";
    let severities = |steps: Vec<Step>, words: &str| {
        let found = found(Ok(plan(steps, Vec::new(), None)), |examination| {
            examination.rejected.push(("apache2".into(), words.into()));
        });
        found.into_iter().map(|(severity, ..)| severity).collect::<Vec<_>>()
    };
    let ports = "/etc/apache2/ports.conf";
    assert_eq!(severities(Vec::new(), broken), [Severity::Warning]);
    assert_eq!(severities(vec![file(ports, "apache2")], broken), [Severity::Fatal]);
    assert_eq!(severities(vec![file("/opt/socket/x", "other")], broken), [Severity::Warning]);
    // What the plan puts right is no finding.
    assert!(severities(vec![file(ports, "apache2")], &format!("line 1 of {ports}: Foo")).is_empty());
    let stripped = |steps| {
        let found = found(Ok(plan(steps, Vec::new(), None)), |examination| {
            examination.stripped.push(("haproxy".into(), "/etc/haproxy/errors/400.http".into()));
        });
        found[0].0
    };
    assert_eq!(stripped(Vec::new()), Severity::Warning);
    assert_eq!(stripped(vec![file("/etc/haproxy/haproxy.cfg", "haproxy")]), Severity::Fatal);
    let failing = |steps: Vec<Step>, drop_ins: &[&'static str]| {
        let found = found(Ok(plan(steps, Vec::new(), None)), |examination| {
            let drop_ins = drop_ins.iter().map(|path| (*path).into()).collect();
            let (name, why) = ("apache2".into(), "exit-code".into());
            examination.failing.push(crate::model::FailingService { name, why, drop_ins });
        });
        found.into_iter().map(|(severity, ..)| severity).collect::<Vec<_>>()
    };
    let drop_in = ["/etc/systemd/system/apache2.service.d/own.conf"];
    assert_eq!(failing(Vec::new(), &[]), [Severity::Warning]);
    assert_eq!(failing(vec![file(ports, "apache2")], &drop_in), [Severity::Warning]);
    assert!(failing(vec![file(ports, "apache2")], &[]).is_empty(), "its files may be all that it lacks");
}

#[test]
fn a_service_that_was_started_with_other_files_does_not_read_ours() {
    let told = |files: &str| {
        let found = found_on(0, Ok(plan(Vec::new(), Vec::new(), None)), |examination| {
            examination.started = vec![("haproxy".into(), files.into()), ("other".into(), "/etc/x".into())];
        });
        found.into_iter().map(|(severity, _, seen)| (severity, seen)).collect::<Vec<_>>()
    };
    assert_eq!(told("/etc/haproxy/haproxy.cfg"), []);
    for files in ["/etc/haproxy/my.cfg", "/etc/haproxy/haproxy.cfg /etc/haproxy/conf.d"] {
        let seen = format!("haproxy was started with {files} instead of /etc/haproxy/haproxy.cfg alone");
        assert_eq!(told(files), [(Severity::Fatal, seen)]);
    }
}

/// One that listens at 127.0.0.1 alone by a file that an apply puts right has no firewall before it.
#[test]
fn what_an_apply_puts_right_is_no_fault_between_hosts() {
    let inventory = inventory();
    let cluster = &inventory.clusters[0];
    let wanted = samples::wanted(cluster).into_iter().collect::<HashMap<_, _>>();
    let refused = |changed: &str| {
        let examined: Vec<_> = cluster
            .hosts
            .iter()
            .map(|host| {
                let mut examination = well(cluster, host);
                let mut steps = Vec::new();
                if host.name == "lb" {
                    examination.peers[0] = Reach::Refused;
                } else if host.name == "web01" {
                    examination.facts.port_owners.insert(80, "apache2".into());
                    steps.extend(wanted[&host.id].iter().filter_map(|resource| match resource {
                        Resource::File(file) if file.path == changed => Some(written(file)),
                        _ => None,
                    }));
                }
                let plan = Some(Ok(plan(steps, Vec::new(), None)));
                Examined {
                    cluster,
                    host,
                    wanted: &wanted[&host.id],
                    result: Ok(examination),
                    plan,
                    said: Vec::new(),
                }
            })
            .collect();
        let kinds = judge(&inventory, &examined).into_iter().map(|finding| finding.kind);
        kinds.filter(|kind| *kind == FindingKind::Peer).count()
    };
    assert_eq!([refused(""), refused("/etc/apache2/ports.conf")], [1, 0]);
}

fn written(file: &crate::model::File) -> Step {
    Change {
        resource: ResourceId::new(format!("file:{}", file.path)),
        action: Action::Update,
        reason: Text::default(),
        before: None,
        after: None,
        diff: None,
        foreign: false,
    }
    .by(Operation::WriteFile(file.clone()))
}
