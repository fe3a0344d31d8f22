//! `service`: the services of a host's roles run now and start at boot.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{CheckKind, HostText, Probe, Service, ServiceFact, Text, Whose, text};

use super::target::Target;
use super::verdict::Verdict;

pub const PROBE: Probe = Probe {
    kind: CheckKind::SERVICE,
    of: Whose::WithServices,
    needs: &[CheckKind::SSH],
    needs_of_others: &[],
    asks_pages: false,
    proof: || {
        text!(
            en: "its services are running, and will be after a restart",
            pt: "os serviços dela estão rodando, e estarão depois de reiniciar",
        )
    },
    description: "The services of its roles are active and enabled.",
};

/// Judges services; `port_owners` tells who holds ports of those that do not run.
pub fn judge(
    host: &Target,
    expected: &[Service],
    observed: &BTreeMap<String, ServiceFact>,
    port_owners: &BTreeMap<u16, HostText>,
) -> Verdict {
    let absent = ServiceFact::default();
    let mut faults = Vec::new();
    let mut next = Vec::new();
    let mut faulty = Vec::new();
    for service in expected {
        let name = &service.name;
        let fact = observed.get(name).unwrap_or(&absent);
        if let Some((fault, mend)) = fault(host, service, fact, port_owners) {
            faults.push(fault);
            if !next.contains(&mend) {
                next.push(mend);
            }
            faulty.push(name.as_str());
        }
    }
    if faults.is_empty() {
        let names: Vec<_> = expected.iter().map(|service| service.name.as_str()).collect();
        let names = names.join(", ");
        return Verdict::pass(text!(en: "{names} active and enabled", pt: "rodando e habilitado: {names}"));
    }
    let as_it_should_be = text!(en: "active and enabled", pt: "rodando e habilitado");
    let verdict = Verdict::fail(Text::join(&faults, ", "), as_it_should_be, Text::join(&next, "; "));
    faulty.into_iter().fold(verdict, Verdict::about)
}

/// The services that do not run, so that nobody answers in their place.
pub fn stopped(expected: &[Service], observed: &BTreeMap<String, ServiceFact>) -> BTreeSet<String> {
    let names = expected.iter().map(|service| &service.name);
    names.filter(|name| observed.get(*name).is_none_or(|fact| !fact.active)).cloned().collect()
}

/// What is wrong, and what to do.
fn fault(
    host: &Target,
    service: &Service,
    fact: &ServiceFact,
    port_owners: &BTreeMap<u16, HostText>,
) -> Option<(Text, Text)> {
    let name = &service.name;
    if !fact.exists {
        return Some((
            text!(en: "{name} is not installed", pt: "{name} não está instalado"),
            host.mended_by_apply(|_, apply| text!(en: "{apply} installs it", pt: "{apply} o instala")),
        ));
    }
    let starts = host.mended_by_apply(|_, apply| text!(en: "{apply} starts it", pt: "{apply} o inicia"));
    if fact.masked {
        Some((
            text!(en: "{name} is masked", pt: "{name} está mascarado (masked)"),
            text!(
                en: "`systemctl unmask {name}` on the host; then {starts}",
                pt: "rode `systemctl unmask {name}` na máquina; depois, {starts}",
                starts,
            ),
        ))
    } else if !fact.active {
        let taken = service.ports.iter().find_map(|port| Some((port, port_owners.get(port)?)));
        let next = match taken {
            Some((_, owner)) if owner == name => text!(
                en: "{name} was started outside of its service: `sudo kill $(pidof {name})` on the host ends that; then {starts}",
                pt: "{name} foi iniciado fora do serviço: `sudo kill $(pidof {name})`, na máquina, o encerra; depois, {starts}",
                starts,
            ),
            Some((port, owner)) => held(*port, owner, &starts),
            None if fact.state.line(STATE_LENGTH).starts_with("failed") => {
                let status = host.status_of(name);
                text!(
                    en: "{status} on the host says why; once that is mended, {starts}",
                    pt: "na máquina, {status} diz por quê; depois de corrigir isso, {starts}",
                    starts,
                )
            }
            None => {
                let status = host.status_of(name);
                text!(
                    en: "{status} on the host says why; {starts}",
                    pt: "na máquina, {status} diz por quê; {starts}",
                    starts,
                )
            }
        };
        Some((not_running(name, &fact.state.line(STATE_LENGTH)), next))
    } else if !fact.enabled {
        Some((
            text!(
                en: "{name} runs but does not start at boot",
                pt: "{name} está rodando, mas não inicia com a máquina",
            ),
            host.mended_by_apply(|_, apply| text!(en: "{apply} enables it", pt: "{apply} o habilita")),
        ))
    } else {
        None
    }
}

/// What to do where another program has taken its port.
fn held(port: u16, owner: &HostText, starts: &Text) -> Text {
    let owner = if owner.is_empty() || *owner == "?" {
        text!(en: "another program", pt: "outro programa")
    } else {
        owner.name()
    };
    text!(
        en: "{owner} holds port {port}: `sudo ss -ltnp` on the host shows it; stop that, and then {starts}",
        pt: "{owner} ocupa a porta {port}: `sudo ss -ltnp`, na máquina, o mostra; pare-o, e depois {starts}",
        owner,
        starts,
    )
}

/// Longest state that is told.
const STATE_LENGTH: usize = 100;

/// A service and the state that it is in, in systemd's words where there is one.
fn not_running(name: &str, state: &str) -> Text {
    let words = match state.split_once('/') {
        Some((state, detail)) if state == detail => state.to_owned(),
        Some((state, detail)) => format!("{state} ({detail})"),
        None => state.to_owned(),
    };
    match state.split('/').next().unwrap_or_default() {
        "" => text!(en: "{name} is not running", pt: "{name} não está rodando"),
        "stopped" => text!(en: "{name} is stopped", pt: "{name} está parado"),
        "inactive" => text!(en: "{name} is {words}", pt: "{name} está parado: {words}"),
        "failed" => text!(en: "{name} is {words}", pt: "{name} parou com erro: {words}"),
        "activating" => text!(en: "{name} is {words}", pt: "{name} ainda está iniciando: {words}"),
        _ => text!(en: "{name} is {words}", pt: "{name} não está rodando: {words}"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::model::HostId;

    fn fact(is: &[&str], state: &str) -> ServiceFact {
        ServiceFact {
            exists: true,
            active: is.contains(&"active"),
            enabled: is.contains(&"enabled"),
            masked: is.contains(&"masked"),
            state: state.into(),
            main_pid: 0,
        }
    }

    #[test]
    fn every_state_has_its_verdict() {
        let host = Target::new(&HostId::new("ana", "web01"), Path::new("inventory.yaml"));
        let verdicts: Vec<_> = [
            fact(&["active", "enabled"], "active/running"),
            fact(&["active"], "active/running"),
            fact(&["enabled"], "failed/failed"),
            fact(&["enabled"], "inactive/dead"),
            fact(&["enabled"], "activating/auto-restart"),
            fact(&["enabled"], "deactivating/stop-sigterm"),
            fact(&["enabled"], "stopped"),
            fact(&["enabled"], ""),
            fact(&["masked"], "inactive/dead"),
            ServiceFact::default(),
        ]
        .into_iter()
        .map(|fact| {
            let observed = BTreeMap::from([("apache2".to_owned(), fact)]);
            let expected = [Service { name: "apache2".to_owned(), ..Service::default() }];
            let stopped = if stopped(&expected, &observed).is_empty() { "" } else { " (stopped)" };
            judge(&host, &expected, &observed, &BTreeMap::new()).sample(stopped)
        })
        .collect();
        insta::assert_snapshot!(verdicts.join("\n"));
    }

    /// Then the service does not run, and what holds its port is no other program.
    #[test]
    fn one_that_was_started_by_hand_is_named_as_that() {
        let host = Target::new(&HostId::new("ana", "web01"), Path::new("inventory.yaml"));
        let expected = [Service { name: "apache2".to_owned(), ports: vec![80], ..Service::default() }];
        let observed = BTreeMap::from([("apache2".to_owned(), fact(&["enabled"], "stopped"))]);
        let hint = |owner: &str| {
            let owners = BTreeMap::from([(80, owner.into())]);
            judge(&host, &expected, &observed, &owners).hint.unwrap().english().to_owned()
        };
        let own = hint("apache2");
        assert!(own.contains("outside of its service: `sudo kill $(pidof apache2)`"), "{own}");
        assert!(hint("nginx").starts_with("nginx holds port 80"));
        assert!(hint("").starts_with("another program holds port 80"));
    }
}
