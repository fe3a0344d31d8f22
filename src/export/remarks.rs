//! What did not go out, told once for all hosts that it is true of.

use indexmap::{IndexMap, IndexSet};

use super::names::plain_alias;
use super::secrets::{private_files, secret_texts, secret_values};
use super::{Setup, Subject};
use crate::model::{Expectation, HostId, PackageSource, Resource, Text, text};

/// So many hosts of a remark are named.
const NAMED: usize = 4;

#[derive(Debug, Default)]
pub struct Remarks<'a>(IndexMap<Text, IndexSet<&'a HostId>>);

impl<'a> Remarks<'a> {
    /// Those that hold for every engine that sets hosts up.
    pub fn of_setup(subject: &Subject<'a>) -> Self {
        let mut remarks = Self::default();
        remarks.add_renamed(subject);
        for setup in &subject.hosts {
            let id = &setup.host.id;
            if setup.host.packages.via == PackageSource::Laptop {
                remarks.add(
                    id,
                    text!(
                        en: "`packages.via: laptop` is not exported: the host needs a way of its own to package mirrors",
                        pt: "`packages.via: laptop` não é exportado: a máquina precisa de um caminho próprio até os \
                             espelhos de pacotes",
                    ),
                );
            }
            for remark in undos(setup).chain(probes(setup)).chain(secrets(setup)) {
                remarks.add(id, remark);
            }
        }
        remarks
    }

    /// Of hosts whose names others have.
    pub fn add_renamed(&mut self, subject: &Subject<'a>) {
        for Setup { host, alias, .. } in &subject.hosts {
            if *alias != plain_alias(host) {
                self.add(
                    &host.id,
                    text!(en: "it is exported as `{alias}`", pt: "é exportado como `{alias}`"),
                );
            }
        }
    }

    pub fn add(&mut self, host: &'a HostId, remark: Text) {
        self.0.entry(remark).or_default().insert(host);
    }

    pub fn finish(self) -> Vec<Text> {
        let told = |(remark, hosts): (Text, IndexSet<&HostId>)| {
            let hosts: Vec<_> = hosts.into_iter().map(|host| Text::verbatim(host.as_str())).collect();
            let hosts = Text::list(&hosts, NAMED);
            text!(en: "{hosts}: {remark}", pt: "{hosts}: {remark}", hosts, remark)
        };
        self.0.into_iter().map(told).collect()
    }
}

fn undos(setup: &Setup<'_>) -> impl Iterator<Item = Text> {
    setup.resources.iter().filter_map(|resource| match resource {
        Resource::Command(command) if command.undo.is_some() => {
            let (role, name) = (&command.role, &command.name);
            Some(text!(
                en: "`undo` of the command `{name}` of {role} is not exported: nothing takes it back there",
                pt: "`undo` do comando `{name}` de {role} não é exportado: lá nada o desfaz",
            ))
        }
        _ => None,
    })
}

fn secrets(setup: &Setup<'_>) -> impl Iterator<Item = Text> {
    let files = private_files(setup).map(|file| {
        let path = &file.path;
        text!(
            en: "{path} is not for everybody, and what stands in it is exported: keep these files to yourself",
            pt: "{path} não é para todos, e o que está nele é exportado: guarde estes arquivos só para você",
        )
    });
    let values = secret_values(setup).into_iter().map(|name| {
        text!(
            en: "`{name}` looks like a secret, and is exported with what uses it: keep these files to yourself",
            pt: "`{name}` parece um segredo, e é exportado com o que o usa: guarde estes arquivos só para você",
        )
    });
    let texts = secret_texts(setup).map(|resource| match resource {
        Resource::Command(command) => {
            let (role, name) = (&command.role, &command.name);
            text!(
                en: "the command `{name}` of {role} looks as if a secret stood in it, and is exported: keep these files \
                     to yourself",
                pt: "o comando `{name}` de {role} parece trazer um segredo, e é exportado: guarde estes arquivos só para \
                     você",
            )
        }
        other => {
            let path = other.claim();
            text!(
                en: "{path} looks as if a secret stood in it, and is exported: keep these files to yourself",
                pt: "{path} parece trazer um segredo, e é exportado: guarde estes arquivos só para você",
            )
        }
    });
    files.chain(values).chain(texts)
}

fn probes(setup: &Setup<'_>) -> impl Iterator<Item = Text> {
    setup.host.expectations(setup.cluster).into_iter().filter_map(|expectation| match expectation {
        Expectation::Practice(probe) => {
            let name = probe.practice;
            Some(text!(
                en: "the probes of {name} are not exported: `provision verify` asks them",
                pt: "os testes de {name} não são exportados: `provision verify` os faz",
            ))
        }
        _ => None,
    })
}
