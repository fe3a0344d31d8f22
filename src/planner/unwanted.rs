//! What a host's journal has that the inventory no longer wants: taken back before what takes its place.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    Action, Change, Concern, Facts, Failure, FailureKind, FindingKind, HostText, Operation, Remains,
    Remembered, RememberedKind, Resource, ResourceId, Service, Situation, Step, Text, text,
};

use super::{Owner, undo};

/// So many names are told.
const TOLD: usize = 10;

/// What is taken back, and what is told of the rest.
#[derive(Debug, Default)]
pub(super) struct Unwanted {
    pub(super) steps: Vec<Step>,
    pub(super) warnings: Vec<Concern>,
    pub(super) refusal: Option<Failure>,
    /// What stands in the way as no stranger does: it goes first, or is told by itself.
    pub(super) leaving: Vec<HostText>,
}

impl Unwanted {
    /// Whether a package or a service of this name goes.
    pub(super) fn takes(&self, name: &HostText) -> bool {
        self.leaving.contains(name)
    }
}

/// What of the journal is to be taken back in a situation.
pub(super) fn unwanted(
    wanted: &[Resource],
    facts: &Facts,
    owner: &Owner<'_>,
    situation: &Situation,
) -> Unwanted {
    let names = Names::of(wanted);
    let below = |path: &str, other: &str| other.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
    // What holds something that stays, stays too.
    let holds_wanted = |entry: &Remembered| {
        entry.kind == RememberedKind::Directory && names.paths.iter().any(|path| below(&entry.name, path))
    };
    let (mut ours, mut theirs): (Vec<_>, Vec<_>) = facts
        .remembered
        .iter()
        .filter(|entry| !names.want(entry) && !holds_wanted(entry))
        .partition(|entry| owner.is_ours(entry, situation));
    ours.retain(|entry| {
        entry.kind != RememberedKind::Directory || !theirs.iter().any(|other| below(&entry.name, &other.name))
    });
    undo::sort(&mut ours);
    undo::sort(&mut theirs);

    let mut unwanted = Unwanted { warnings: left(&theirs, owner, situation), ..Unwanted::default() };
    let blocking = blocking(&ours, wanted, facts);
    if situation.keeps_unwanted {
        unwanted.refusal = blocking.first().map(|(port, name, service)| in_the_way(*port, name, service));
        unwanted.leaving = blocking.iter().map(|(_, name, _)| (*name).into()).collect();
        return unwanted;
    }
    let is_service = |entry: &&&Remembered| entry.kind == RememberedKind::Service;
    let a_service_goes = ours.iter().any(|entry| is_service(&entry));
    if situation.in_use && a_service_goes && blocking.is_empty() {
        return unwanted;
    }
    let told = blocking.iter().map(|(port, name, service)| goes_first(*port, name, service));
    unwanted.warnings.extend(told);
    unwanted.leaving = ours.iter().filter(is_service).map(|entry| entry.name.as_str().into()).collect();
    let roots: Vec<_> = ours.iter().filter(|entry| entry.kind == RememberedKind::Package).collect();
    if !roots.is_empty() {
        unwanted.leaving.extend(roots.iter().map(|entry| HostText::from(entry.name.as_str())));
        unwanted.leaving.extend(facts.unneeded.leaving.iter().cloned());
        let foreign = &facts.unneeded.foreign;
        unwanted.refusal = (!foreign.is_empty()).then(|| takes_foreign(&roots, foreign));
        unwanted.steps.extend(foreign.iter().map(|package| foreign_step(&roots, package)));
    }
    let mut along = Some(along(&roots, facts));
    unwanted.steps.extend(ours.iter().map(|entry| {
        if entry.kind == RememberedKind::Package {
            return package_step(entry, a_service_goes, facts, &mut along);
        }
        let notify = entry.notify.as_ref().filter(|service| names.services.contains(service.as_str()));
        let operation = Operation::Undo { key: entry.key.clone(), notify: notify.cloned() };
        no_longer(undo::step(entry, operation))
    }));
    unwanted
}

/// What resources are called in a journal.
#[derive(Default)]
struct Names<'a> {
    paths: BTreeSet<&'a str>,
    services: BTreeSet<&'a str>,
    packages: BTreeSet<&'a str>,
    commands: BTreeSet<String>,
}

impl<'a> Names<'a> {
    fn of(wanted: &'a [Resource]) -> Self {
        let mut names = Self::default();
        for resource in wanted {
            match resource {
                Resource::Package(package) => names.packages.insert(&package.name),
                Resource::Directory(directory) => names.paths.insert(&directory.path),
                Resource::File(file) => names.paths.insert(&file.path),
                Resource::Link(link) => names.paths.insert(&link.path),
                Resource::Service(service) => names.services.insert(&service.name),
                Resource::Command(command) => {
                    names.commands.insert(format!("{}/{}", command.role, command.name))
                }
                Resource::Port(_) => false,
            };
        }
        names
    }

    fn want(&self, entry: &Remembered) -> bool {
        let name = entry.name.as_str();
        match entry.kind {
            RememberedKind::File | RememberedKind::Link | RememberedKind::Directory => {
                self.paths.contains(name)
            }
            RememberedKind::Command => self.commands.contains(name),
            RememberedKind::Service => self.services.contains(name),
            RememberedKind::Package => self.packages.contains(name),
        }
    }
}

fn no_longer(mut step: Step) -> Step {
    let why = text!(en: "no longer in the inventory", pt: "não está mais no inventário");
    step.change.reason = Text::join(&[why, step.change.reason], "; ");
    step
}

/// A package that was asked for. What goes with some of them is told with the first.
fn package_step(entry: &Remembered, a_service_goes: bool, facts: &Facts, along: &mut Option<Text>) -> Step {
    let remains = match facts.remains.get(&entry.name).copied().unwrap_or_default() {
        // It may well be the one that wrote something.
        Remains::Unsaid if a_service_goes => Remains::Data,
        said => said,
    };
    let operation = Operation::RemovePackage { name: entry.name.clone(), remains };
    let mut step = no_longer(undo::step(entry, operation));
    if facts.unneeded.needed.iter().any(|needed| *needed == entry.name.as_str()) {
        step.change.action = Action::Update;
        step.change.after = Some(text!(en: "needed by others", pt: "necessário para outros"));
        let stays = text!(
            en: "what is still wanted needs it, so it stays",
            pt: "o que ainda está no inventário precisa dele, então fica",
        );
        step.change.reason = Text::join(&[step.change.reason, stays], "; ");
        return step;
    }
    let data = text!(en: "what it wrote stays", pt: "o que ele gravou fica");
    let told = [(remains == Remains::Data).then_some(data), along.take()];
    let told = told.into_iter().flatten().filter(|told| !told.english().is_empty());
    let reasons: Vec<_> = std::iter::once(step.change.reason).chain(told).collect();
    step.change.reason = Text::join(&reasons, "; ");
    step
}

/// What came with packages alone.
fn along(roots: &[&&Remembered], facts: &Facts) -> Text {
    let is_root = |name: &HostText| roots.iter().any(|root| *name == root.name.as_str());
    let names: Vec<_> =
        facts.unneeded.leaving.iter().filter(|name| !is_root(name)).map(HostText::name).collect();
    if names.is_empty() {
        return Text::default();
    }
    let names = Text::list(&names, TOLD);
    text!(
        en: "with it goes what came with it alone: {names}",
        pt: "com ele sai o que só veio com ele: {names}", names
    )
}

/// Services that go and hold a port of one that is wanted: the port, who holds it, who wants it.
fn blocking<'a, 'w>(
    ours: &[&'a Remembered],
    wanted: &'w [Resource],
    facts: &Facts,
) -> Vec<(u16, &'a str, &'w Service)> {
    let mut blocking = Vec::new();
    for entry in ours.iter().filter(|entry| entry.kind == RememberedKind::Service) {
        for resource in wanted {
            let Resource::Service(service) = resource else { continue };
            let is_held =
                |port: &&u16| facts.port_owners.get(port).is_some_and(|owner| *owner == entry.name.as_str());
            blocking
                .extend(service.ports.iter().find(is_held).map(|port| (*port, entry.name.as_str(), service)));
        }
    }
    blocking
}

fn held(port: u16, name: &str) -> Text {
    text!(
        en: "port {port} is held by {name}, which is no longer in the inventory",
        pt: "a porta {port} está ocupada por {name}, que não está mais no inventário",
    )
}

fn goes_first(port: u16, name: &str, service: &Service) -> Concern {
    let wants = &service.name;
    Concern {
        kind: FindingKind::Unwanted,
        seen: held(port, name),
        next: text!(
            en: "{wants} can start once it is deleted, which takes consent or `--prune`",
            pt: "{wants} só inicia depois que ele for removido, o que pede confirmação ou `--prune`",
        ),
        stops: false,
    }
}

fn in_the_way(port: u16, name: &str, service: &Service) -> Failure {
    let (wants, held) = (&service.name, held(port, name));
    Failure {
        kind: FailureKind::Service,
        message: text!(
            en: "{wants} cannot have its port: {held}; nothing was changed",
            pt: "{wants} não pode ter a sua porta: {held}; nada foi alterado",
            held,
        ),
        hint: Some(text!(
            en: "`provision apply --prune` deletes what is no longer in the inventory; `provision plan` shows it",
            pt: "`provision apply --prune` remove o que não está mais no inventário; `provision plan` mostra o que é",
        )),
    }
}

fn names_of(roots: &[&&Remembered]) -> String {
    roots.iter().map(|root| root.name.as_str()).collect::<Vec<_>>().join(" ")
}

fn foreign_step(roots: &[&&Remembered], package: &HostText) -> Step {
    let roots = names_of(roots);
    let package = package.name();
    Change {
        resource: ResourceId::new(format!("package:{}", package.english())),
        action: Action::Delete,
        reason: text!(
            en: "not ours: it needs {roots}, which is no longer in the inventory, so apply refuses",
            pt: "não é nosso: precisa de {roots}, que não está mais no inventário, e por isso o apply se recusa",
        ),
        before: Some(text!(en: "installed", pt: "instalado")),
        after: None,
        diff: None,
        foreign: true,
    }
    .by(Operation::RemoveForeign)
}

fn takes_foreign(roots: &[&&Remembered], foreign: &[HostText]) -> Failure {
    let roots = names_of(roots);
    let names: Vec<_> = foreign.iter().map(HostText::name).collect();
    let names = Text::list(&names, TOLD);
    let words: Vec<_> = foreign.iter().take(TOLD).map(HostText::word).collect();
    let words = Text::join(&words, " ");
    Failure {
        kind: FailureKind::Packages,
        message: text!(
            en: "deleting {roots} would remove {names}, which is not ours",
            pt: "remover {roots} removeria {names}, que não é nosso",
            names,
        ),
        hint: Some(text!(
            en: "nothing was changed. Apply again after `sudo apt-get remove {words}` on the host; or keep {roots} by \
                 `packages.extra` of the inventory",
            pt: "nada foi alterado. Aplique de novo depois de `sudo apt-get remove {words}` na máquina; ou mantenha \
                 {roots} com `packages.extra` no inventário",
            words,
        )),
    }
}

/// What is told of what is not taken back, since others asked for it.
fn left(theirs: &[&Remembered], owner: &Owner<'_>, situation: &Situation) -> Vec<Concern> {
    if let Some(others) = situation.others.as_ref().filter(|others| !others.twins.is_empty()) {
        if theirs.is_empty() {
            return Vec::new();
        }
        let twins: Vec<_> = others.twins.iter().map(|host| Text::verbatim(host.as_str())).collect();
        let twins = Text::list(&twins, TOLD);
        return vec![one_machine(&twins)];
    }
    let mut of_makers: BTreeMap<(bool, String), Vec<Text>> = BTreeMap::new();
    for entry in theirs {
        let Some(maker) = &entry.maker else { continue };
        let is_own = maker.inventory == owner.maker.inventory;
        let name = if is_own { &maker.host } else { &maker.name };
        let names = of_makers.entry((is_own, name.name().english().to_owned())).or_default();
        names.push(Text::verbatim(undo::id(entry).as_str()));
    }
    of_makers
        .into_iter()
        .map(|((is_own, name), things)| {
            if is_own {
                return one_machine(&Text::verbatim(name));
            }
            let things = Text::list(&things, TOLD);
            let (seen, next) = if name == owner.maker.name.name().english() {
                (
                    text!(
                        en: "made by another {name}, in another folder or on another computer: {things}",
                        pt: "feito por outro {name}, em outra pasta ou em outro computador: {things}",
                        things,
                    ),
                    text!(
                        en: "left as it is; was the file moved, apply or reset from where it was takes it away",
                        pt: "fica como está; se o arquivo mudou de lugar, apply ou reset de onde ele estava remove isso",
                    ),
                )
            } else {
                (
                    text!(
                        en: "made by {name}, which is another inventory: {things}",
                        pt: "feito por {name}, que é outro inventário: {things}",
                        things,
                    ),
                    text!(en: "left as it is", pt: "fica como está"),
                )
            };
            Concern { kind: FindingKind::Unwanted, seen, next, stops: false }
        })
        .collect()
}

fn one_machine(others: &Text) -> Concern {
    Concern {
        kind: FindingKind::SameMachine,
        seen: text!(
            en: "the machine may be that of {others}, too",
            pt: "a máquina pode ser também a de {others}",
            others,
        ),
        next: text!(
            en: "so nothing is deleted there; give each entry of the inventory a machine of its own, and apply without \
                 `--limit`",
            pt: "por isso nada é removido nela; dê a cada entrada do inventário a sua própria máquina e aplique sem \
                 `--limit`",
        ),
        stops: false,
    }
}
