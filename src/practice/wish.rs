//! From what a practice says to what a host should have.

use std::collections::BTreeMap;
use std::time::Duration;

use super::definition::{Origin, items};
use super::raw;
use super::value;
use super::voice::Voice;
use crate::document::complaint::Complaint;
use crate::document::package::PackageName;
use crate::document::reader::Field;
use crate::document::suggestion::{self, shown};
use crate::document::tree::NodeId;
use crate::model::{
    Attributes, Command, Directory, File, Guard, Link, OnChange, Package, Port, Remains, Resource, Script,
    Service, TemplateKind, Text, Turn, Validator, text,
};

const DEFAULT_LIMIT: Duration = Duration::from_secs(5 * 60);
const LONGEST_LIMIT: Duration = Duration::from_secs(60 * 60);
/// What stands for the new file's path in its check.
const CANDIDATE: &str = "{file}";
/// Permission bits of a file where none are named.
const MODE: u32 = 0o644;

/// What a host should have, each with its place.
#[derive(Default)]
pub struct Wishes {
    pub resources: Vec<(NodeId, Resource)>,
    pub ports: Vec<Port>,
}

impl Voice<'_> {
    pub fn wishes(&self) -> Wishes {
        let raw = &self.definition.raw;
        let mut wishes = Wishes::default();
        let remains =
            if raw.data.value.iter().flatten().next().is_some() { Remains::Data } else { Remains::Nothing };
        for field in raw.packages.value.iter().flatten() {
            let package = self.value(field, |text| PackageName::try_from(text.to_owned()));
            wishes.add(field.at, package.map(|name| Resource::Package(Package { name: name.0, remains })));
        }
        for (at, directory) in items(&raw.directories) {
            wishes.add(Some(at), self.directory(at, directory));
        }
        let services = self.service_names();
        for (at, file) in items(&raw.files) {
            wishes.add(Some(at), self.file(at, file, &services));
        }
        for (at, link) in items(&raw.links) {
            wishes.add(Some(at), self.link(at, link, &services));
        }
        for (at, command) in items(&raw.commands) {
            wishes.add(Some(at), self.command_of(at, command).map(Resource::Command));
        }
        for (at, service) in items(&raw.services) {
            let Some(service) = self.service(at, service) else { continue };
            let what = format!("{} ({})", service.name, self.definition.place(at));
            let port = |port: &u16| Port { number: *port, what: what.clone().into(), setting: "services" };
            wishes.ports.extend(service.ports.iter().map(port));
            wishes.add(Some(at), Some(Resource::Service(service)));
        }
        for folder in raw.data.value.iter().flatten() {
            self.value(folder, value::path);
        }
        self.refuse_twins(&wishes);
        wishes
    }

    /// A key that has to be there.
    pub fn required<T>(&self, at: NodeId, key: &str, field: &Field<T>) {
        if field.at.is_none() {
            let message = text!(en: "`{key}` is missing here", pt: "falta `{key}` aqui");
            let hint = text!(en: "add `{key}:`", pt: "acrescente `{key}:`");
            self.definition.recorder.add(at, message, hint);
        }
    }

    /// Whether exactly one of two keys is there.
    fn one_of(&self, at: NodeId, keys: [(&str, bool); 2], hint: Text) -> bool {
        let [(first, has_first), (second, has_second)] = keys;
        let message = match (has_first, has_second) {
            (true, true) => text!(
                en: "there are both `{first}` and `{second}` here",
                pt: "aqui há `{first}` e também `{second}`",
            ),
            (false, false) => text!(
                en: "there is neither `{first}` nor `{second}` here",
                pt: "aqui não há nem `{first}` nem `{second}`",
            ),
            _ => return true,
        };
        self.definition.recorder.add(at, message, hint);
        false
    }

    fn attributes(
        &self,
        mode: &Field<raw::Mode>,
        owner: &Field<String>,
        group: &Field<String>,
    ) -> Attributes {
        Attributes {
            mode: self.value(mode, value::mode),
            owner: self.value(owner, value::account),
            group: self.value(group, value::account),
        }
    }

    fn directory(&self, at: NodeId, raw: &raw::Directory) -> Option<Resource> {
        self.required(at, "path", &raw.path);
        let wanted = self.attributes(&raw.mode, &raw.owner, &raw.group);
        let path = self.value(&raw.path, value::path)?;
        Some(Resource::Directory(Directory { path, wanted }))
    }

    fn file(&self, at: NodeId, raw: &raw::File, services: &[String]) -> Option<Resource> {
        self.required(at, "path", &raw.path);
        let keys = [("template", raw.template.at.is_some()), ("source", raw.source.at.is_some())];
        let hint = text!(
            en: "give it one: `template: x.conf.tera`, or `source: x` for a file that goes out as it is",
            pt: "dê um a ele: `template: x.conf.tera`, ou `source: x` para um arquivo que vai como está",
        );
        let has_content = self.one_of(at, keys, hint);
        let wanted = self.attributes(&raw.mode, &raw.owner, &raw.group);
        let validator = self.command(&raw.validate).map(Validator::Shell);
        if let Some(at) = raw.validate.at
            && raw.validate.value.as_ref().is_some_and(|command| !command.contains(CANDIDATE))
        {
            let hint = text!(
                en: "write where the path of the new file belongs: `nginx -t -c {{file}}`",
                pt: "escreva onde entra o caminho do arquivo novo: `nginx -t -c {{file}}`",
            );
            self.definition.recorder.add(
                at,
                text!(en: "this check does not name `{{file}}`", pt: "esta verificação não cita `{{file}}`"),
                hint,
            );
        }
        if let (Some(Validator::Shell(check)), Some(at), Some(written)) =
            (&validator, raw.validate.at, &raw.validate.value)
            && check.matches(CANDIDATE).count() != written.matches(CANDIDATE).count()
        {
            let hint = text!(
                en: "write another value: this one would be taken for the file's path",
                pt: "escreva outro valor: este seria tomado pelo caminho do arquivo",
            );
            self.definition.recorder.add(
                at,
                text!(
                    en: "a value with `{{file}}` may not enter this check",
                    pt: "um valor com `{{file}}` não pode entrar nesta verificação",
                ),
                hint,
            );
        }
        let notify = self.notify(&raw.notify, services);
        let path = self.value(&raw.path, value::path);
        if !has_content {
            return None;
        }
        let content = match raw.source.at {
            Some(_) => self.value(&raw.source, |name| self.definition.folder.source(name))?,
            None => self.template(&raw.template)?.into_bytes().into(),
        };
        let mode = wanted.mode.unwrap_or(MODE);
        Some(Resource::File(File { path: path?, content, mode, wanted, validator, notify, turn: Turn::Own }))
    }

    fn template(&self, field: &Field<String>) -> Option<String> {
        let path = self.value(field, |name| self.definition.folder.file(name))?;
        let mut text = self.render(field.at?, TemplateKind::Configuration, Origin::File(path))?;
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        Some(text)
    }

    fn link(&self, at: NodeId, raw: &raw::Link, services: &[String]) -> Option<Resource> {
        self.required(at, "path", &raw.path);
        self.required(at, "target", &raw.target);
        let notify = self.notify(&raw.notify, services);
        let target = self.value(&raw.target, value::target);
        Some(Resource::Link(Link { path: self.value(&raw.path, value::path)?, target: target?, notify }))
    }

    /// The service of this practice that a file names.
    fn notify(&self, field: &Field<String>, services: &[String]) -> Option<String> {
        self.value(field, |name| {
            let known: Vec<&str> = services.iter().map(String::as_str).collect();
            services.iter().find(|service| *service == name).cloned().ok_or_else(|| {
                let hint = match suggestion::nearest(name, known.iter().copied()) {
                    Some(near) => text!(en: "did you mean `{near}`?", pt: "seria `{near}`?"),
                    None => text!(
                        en: "add it: `services: [{{ name: {name} }}]`",
                        pt: "acrescente-o: `services: [{{ name: {name} }}]`", name = shown(name)
                    ),
                };
                Complaint::new(
                    text!(
                        en: "this practice has no service `{name}`",
                        pt: "esta prática não tem o serviço `{name}`", name = shown(name)
                    ),
                    hint,
                )
            })
        })
    }

    fn command_of(&self, at: NodeId, raw: &raw::Command) -> Option<Command> {
        self.required(at, "name", &raw.name);
        let ways = [("run", raw.run.at.is_some()), ("script", raw.script.at.is_some())];
        let has_way = self.one_of(
            at,
            ways,
            text!(
                en: "write `run: ..` for sh, or `script: FILE`",
                pt: "escreva `run: ..` para o sh, ou `script: ARQUIVO`",
            ),
        );
        let guards = [("unless", raw.unless.at.is_some()), ("creates", raw.creates.at.is_some())];
        let hint = text!(
            en: "say by what it is seen that it need not run: `unless: test -e /opt/x`, a command that then ends well, or `creates: /opt/x`",
            pt: "diga por que se vê que ele não precisa rodar: `unless: test -e /opt/x`, um comando que então termina bem, ou `creates: /opt/x`",
        );
        let has_guard = self.one_of(at, guards, hint);
        let name = self.value(&raw.name, value::name);
        let run = match raw.script.at {
            Some(_) => self.script(&raw.script).map(Script::Program),
            None => self.command(&raw.run).map(Script::Shell),
        };
        let guard = match raw.creates.at {
            Some(_) => self.value(&raw.creates, value::path).map(Guard::Creates),
            None => self.command(&raw.unless).map(Guard::Unless),
        };
        let undo = self.command(&raw.undo);
        let limit = self.value(&raw.timeout, |text| value::limit(text, LONGEST_LIMIT));
        let after = self.value(&raw.after, |text| {
            let text = if text == "services" { "service" } else { text };
            value::choice(text, &[("files", false), ("service", true)])
        });
        if !has_way || !has_guard {
            return None;
        }
        Some(Command {
            role: self.definition.name.clone(),
            name: name?,
            run: run?,
            guard: guard?,
            undo,
            limit: limit.unwrap_or(DEFAULT_LIMIT),
            after_services: after.unwrap_or_default(),
        })
    }

    fn script(&self, field: &Field<String>) -> Option<String> {
        let path = self.value(field, |name| self.definition.folder.file(name))?;
        self.program(field.at?, path)
    }

    pub fn service_names(&self) -> Vec<String> {
        let services = items(&self.definition.raw.services);
        services.filter_map(|(_, service)| self.value(&service.name, value::service)).collect()
    }

    fn service(&self, at: NodeId, raw: &raw::Service) -> Option<Service> {
        self.required(at, "name", &raw.name);
        let ports = raw.ports.value.iter().flatten();
        let ports = ports.filter_map(|field| self.value(field, value::port)).collect();
        let on_change = self.value(&raw.on_change, |text| {
            let known = [("reload", OnChange::Reload), ("restart", OnChange::Restart)];
            value::choice(text, &known)
        });
        Some(Service {
            name: self.value(&raw.name, value::service)?,
            ports,
            on_change: on_change.unwrap_or_default(),
            ..Service::default()
        })
    }

    /// Two entries for one thing.
    fn refuse_twins(&self, wishes: &Wishes) {
        let mut seen: BTreeMap<String, NodeId> = BTreeMap::new();
        for (at, resource) in &wishes.resources {
            let id = resource.claim();
            let first = *seen.entry(id.clone()).or_insert(*at);
            if first != *at {
                let message = text!(
                    en: "this practice has {id} twice",
                    pt: "esta prática tem {id} duas vezes", id = shown(&id)
                );
                self.definition.recorder.add_related(
                    *at,
                    first,
                    message,
                    text!(en: "keep one of the two", pt: "fique com uma das duas"),
                );
            }
        }
        for (at, resource) in wishes.resources.iter().filter(|(_, resource)| resource.has_nothing_below()) {
            let folder = format!("{}/", resource.claim());
            for (_, below) in seen.iter().filter(|(claim, _)| claim.starts_with(&folder)) {
                let message = text!(
                    en: "this practice has something below {claim}",
                    pt: "esta prática tem algo abaixo de {claim}", claim = shown(&resource.claim())
                );
                self.definition.recorder.add_related(
                    *below,
                    *at,
                    message,
                    text!(
                        en: "only a folder has something below it",
                        pt: "só uma pasta tem algo abaixo dela",
                    ),
                );
            }
        }
    }
}

impl Wishes {
    fn add(&mut self, at: Option<NodeId>, resource: Option<Resource>) {
        self.resources.extend(at.zip(resource));
    }
}
