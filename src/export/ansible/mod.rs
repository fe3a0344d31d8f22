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
use super::secrets::has_secrets;
use super::{Export, ExportedFile, Subject, ssh};
use crate::model::{Resource, Text, text};

const CONFIGURATION: &str = include_str!("../../../templates/export/ansible.cfg");

/// `site.yml` with its roles, `inventory.yaml`, `ansible.cfg` and a README.
pub fn ansible(subject: &Subject<'_>) -> Export {
    let mut remarks = Remarks::of_setup(subject);
    for setup in &subject.hosts {
        for remark in ssh::left_out(&setup.host.connection).chain(inventory::passwords(setup.host)) {
            remarks.add(&setup.host.id, remark);
        }
    }
    let mut subject = subject.clone();
    for setup in &mut subject.hosts {
        for (_, resources) in &mut setup.roles {
            for resource in resources.extract_if(.., |resource| holds_variable(resource)) {
                remarks.add(&setup.host.id, changed_path(&resource));
            }
        }
    }
    let subject = &subject;
    let remarks = remarks.finish();
    let roles = Role::all(subject);
    let mut files = vec![
        ExportedFile::new("README.md", readme::readme(subject, &remarks)),
        ExportedFile::new("ansible.cfg", CONFIGURATION),
        ExportedFile::new("inventory.yaml", inventory::inventory(subject, &roles)),
        ExportedFile::new("site.yml", playbook::playbook(&roles)),
    ];
    files.extend(roles.iter().flat_map(Role::files));
    // Values enter files and tasks of any name.
    if subject.hosts.iter().any(has_secrets) {
        files = files.into_iter().map(|file| file.private_where(true)).collect();
    }
    Export { files, remarks }
}

/// Whether Ansible would put something of the host's in place of a part of a path, which it takes no sign against: the
/// value of a variable, or a home.
fn holds_variable(resource: &Resource) -> bool {
    if matches!(resource, Resource::Link(link) if link.target.starts_with('~')) {
        return true;
    }
    let paths: &[&String] = match resource {
        Resource::Directory(directory) => &[&directory.path],
        Resource::File(file) => &[&file.path],
        Resource::Link(link) => &[&link.path, &link.target],
        _ => &[],
    };
    let begins = |sign: char| sign == '{' || sign == '_' || sign.is_ascii_alphanumeric();
    paths.iter().any(|path| path.split('$').skip(1).any(|behind| behind.starts_with(begins)))
}

fn changed_path(resource: &Resource) -> Text {
    let path = resource.claim();
    text!(
        en: "{path} is not exported: Ansible would put a variable or a home in place of a part of it",
        pt: "{path} não é exportado: o Ansible poria uma variável ou uma pasta pessoal no lugar de uma parte dele",
    )
}
