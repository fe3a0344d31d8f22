//! A playbook for Ansible, with all that belongs to it.

mod contents;
mod handlers;
mod inventory;
mod playbook;
mod readme;
mod role;
mod steps;
mod yaml;

use role::Role;

use super::remarks::Remarks;
use super::{Export, ExportedFile, Subject, ssh};
const CONFIGURATION: &str = include_str!("../../../templates/export/ansible.cfg");

/// `site.yml` with its roles, `inventory.yaml`, `ansible.cfg` and a README.
pub fn ansible(subject: &Subject<'_>) -> Export {
    let mut remarks = Remarks::of_setup(subject);
    for setup in &subject.hosts {
        for remark in ssh::left_out(&setup.host.connection).chain(inventory::passwords(setup.host)) {
            remarks.add(&setup.host.id, remark);
        }
    }
    let remarks = remarks.finish();
    let roles = Role::all(subject);
    let mut files = vec![
        ExportedFile::new("README.md", readme::readme(subject, &remarks)),
        ExportedFile::new("ansible.cfg", CONFIGURATION),
        ExportedFile::new("inventory.yaml", inventory::inventory(subject, &roles)),
        ExportedFile::new("site.yml", playbook::playbook(&roles)),
    ];
    files.extend(roles.iter().flat_map(Role::files));
    Export { files, remarks }
}
