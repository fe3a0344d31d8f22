//! Settings that every host has, whatever it is for.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::files::Files;
use super::inherited::{nearest, value};
use super::raw;
use crate::document::reader::Field;
use crate::document::recorder::Recorder;
use crate::model::connection::DEFAULT_CONNECT_TIMEOUT;
use crate::model::{Become, Connection, Grading, Packages, SecretSource, Value, text};
use crate::practice::Library;
use crate::probes::PROBES;

/// What may be set on the inventory, a cluster and a host.
#[derive(Clone, Copy)]
pub struct Level<'a> {
    pub ssh: &'a Field<raw::Ssh>,
    pub r#become: &'a Field<raw::Become>,
    pub vars: &'a Field<raw::Vars>,
    pub packages: &'a Field<raw::Packages>,
}

impl raw::Inventory {
    pub fn level(&self) -> Level<'_> {
        Level { ssh: &self.ssh, r#become: &self.r#become, vars: &self.vars, packages: &self.packages }
    }
}

/// `grading`, which stands on the inventory alone.
pub fn grading(field: &Field<raw::Grading>, library: &Library, recorder: &Recorder) -> Grading {
    let mut grading = Grading::default();
    let Some(raw) = &field.value else { return grading };
    if let Some(maximum) = raw.maximum.value {
        grading.maximum = maximum.0;
    }
    let Field { at: Some(at), value: Some(weights) } = &raw.weights else { return grading };
    let probes = PROBES.iter().map(|probe| probe.kind.as_str());
    let known: Vec<&str> = probes.chain(library.names()).collect();
    grading.weights = weights.by_kind(&known, recorder);
    if grading.weights.len() == known.len() && grading.weights.values().all(|weight| *weight == 0.0) {
        recorder.add(
            *at,
            text!(
                en: "every weight is 0, so that nothing counts",
                pt: "todos os pesos são 0, de modo que nada conta",
            ),
            text!(en: "leave at least one probe its weight", pt: "deixe o peso de pelo menos um teste"),
        );
    }
    grading
}

impl Files<'_> {
    /// `ssh`, nearest level first.
    pub fn connection(&self, levels: &[Level<'_>], address: String) -> Connection {
        let ssh: Vec<_> = levels.iter().map(|level| level.ssh).collect();
        Connection {
            address,
            user: value(&ssh, |ssh| &ssh.user).map(|user| user.0),
            port: value(&ssh, |ssh| &ssh.port).map(|port| port.0),
            identity: self.identity(nearest(&ssh, |ssh| &ssh.identity)),
            jump: value(&ssh, |ssh| &ssh.jump).map(|jump| jump.0),
            transport: value(&ssh, |ssh| &ssh.transport).unwrap_or_default(),
            host_keys: value(&ssh, |ssh| &ssh.host_keys),
            connect_timeout: value(&ssh, |ssh| &ssh.connect_timeout)
                .map_or(DEFAULT_CONNECT_TIMEOUT, |timeout| timeout.0),
            password: self.secret(nearest(&ssh, |ssh| &ssh.password)),
        }
    }

    /// `become`, nearest level first.
    pub fn r#become(&self, levels: &[Level<'_>]) -> Become {
        let r#become: Vec<_> = levels.iter().map(|level| level.r#become).collect();
        Become {
            method: value(&r#become, |r#become| &r#become.method).unwrap_or_default(),
            password: self.secret(nearest(&r#become, |r#become| &r#become.password)),
        }
    }

    fn identity(&self, field: Option<&Field<String>>) -> Option<PathBuf> {
        let (at, path) = self.path(field)?;
        if path.extension().is_some_and(|extension| extension == "pub") {
            self.recorder.add(
                at,
                text!(en: "this is the public half of a key", pt: "esta é a metade pública de uma chave"),
                text!(en: "name the private key, without `.pub`", pt: "indique a chave privada, sem `.pub`"),
            );
        } else {
            self.is_there(at, &path, || {
                let hint = text!(
                    en: "check the path; a key downloaded from AWS ends in .pem",
                    pt: "confira o caminho; uma chave baixada da AWS termina em .pem",
                );
                (text!(en: "key file", pt: "o arquivo de chave"), hint)
            });
        }
        Some(path)
    }

    fn secret(&self, field: Option<&Field<SecretSource>>) -> Option<SecretSource> {
        let field = field?;
        let at = field.at?;
        Some(match field.value.clone()? {
            SecretSource::File(path) => {
                let written = path.to_str().map(str::to_owned);
                let (_, path) = self.path(Some(&Field { at: Some(at), value: written }))?;
                self.is_there(at, &path, || {
                    let hint = text!(
                        en: "check the path; it is relative to the inventory",
                        pt: "confira o caminho; ele é relativo ao inventário",
                    );
                    (text!(en: "file of the password", pt: "o arquivo da senha"), hint)
                });
                SecretSource::File(path)
            }
            other => other,
        })
    }
}

/// `vars`, nearest level first.
pub fn vars(levels: &[Level<'_>]) -> BTreeMap<String, Value> {
    let mut vars = BTreeMap::new();
    for (name, field) in levels.iter().rev().filter_map(|level| level.vars.value.as_ref()).flatten() {
        if let Some(value) = &field.value {
            vars.insert(name.clone(), value.clone());
        }
    }
    vars
}

/// `packages`, nearest level first.
pub fn packages(levels: &[Level<'_>]) -> Packages {
    fn texts<T: Clone>(list: Vec<Field<T>>, text: impl Fn(T) -> String) -> Vec<String> {
        list.into_iter().filter_map(|item| item.value).map(text).collect()
    }
    let packages: Vec<_> = levels.iter().map(|level| level.packages).collect();
    Packages {
        via: value(&packages, |packages| &packages.via).unwrap_or_default(),
        extra: texts(value(&packages, |packages| &packages.extra).unwrap_or_default(), |name| name.0),
        mirrors_allowed: texts(
            value(&packages, |packages| &packages.mirrors_allowed).unwrap_or_default(),
            |mirror| mirror.0,
        ),
    }
}
