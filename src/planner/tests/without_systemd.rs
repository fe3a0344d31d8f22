//! Services on hosts where systemd does not run.

use super::*;

#[test]
fn a_unit_of_ours_takes_systemd() {
    let service = || Resource::Service(Service { name: "rpc".to_owned(), ..Service::default() });
    let unit = Resource::File(File::of_text("/etc/systemd/system/rpc.service", "[Service]"));
    let told = |wanted: &[Resource], facts: &Facts| plan(wanted, facts).unwrap().warnings.len();
    let with_systemd = Facts { systemd: true, ..Facts::default() };
    assert_eq!(told(&[unit.clone(), service()], &Facts::default()), 1);
    assert_eq!(told(&[unit.clone(), service()], &with_systemd), 0);
    assert_eq!(told(&[service()], &Facts::default()), 0, "its package may bring an init script");
    let has_script = ServiceFact { exists: true, active: true, enabled: true, ..ServiceFact::default() };
    let facts = Facts { services: [("rpc".to_owned(), has_script)].into(), ..Facts::default() };
    assert_eq!(told(&[unit, service()], &facts), 0);
}
