//! Configuration of others: whether a service would start with its files as they are, and what was deleted of them.

use super::{MOST_NAMES, finding};
use crate::model::{
    Examination, FailingService, Failure, Finding, FindingKind, HostId, HostPlan, HostText, Operation,
    Resource, Severity, Step, Text, started_by, text,
};

/// So many characters of what a service says of its files are told.
const WORDS_LENGTH: usize = 300;
/// And in so many the files are looked for that it names.
const SEARCHED_LENGTH: usize = 4_000;

/// What keeps services from taking new files, or from starting again with the ones they have.
pub(super) fn judge(
    host: &HostId,
    wanted: &[Resource],
    examination: &Examination,
    plan: &Result<HostPlan, Failure>,
) -> Vec<Finding> {
    let steps = plan.as_ref().map(|plan| plan.steps.as_slice()).unwrap_or_default();
    let stripped = examination.stripped.iter().map(|(package, file)| stripped(host, package, file, steps));
    let rejected = examination.rejected.iter();
    let rejected = rejected.filter_map(|(service, words)| rejected_by(host, service, words, steps));
    let otherwise = started_by(wanted).filter_map(|(service, path)| {
        let mut started = examination.started.iter().filter(|(of, files)| *of == *service && *files != *path);
        Some(started_otherwise(host, service, path, &started.next()?.1, examination.facts.systemd))
    });
    // What it says of its files tells more.
    let is_told =
        |service: &FailingService| examination.rejected.iter().any(|(name, _)| *name == service.name);
    let failing = examination.failing.iter().filter(|service| !is_told(service));
    let failing = failing.filter_map(|service| failing_by(host, service, steps));
    stripped.chain(rejected).chain(otherwise).chain(failing).collect()
}

/// A service that reads other files than ours: what an apply writes does not count.
fn started_otherwise(host: &HostId, name: &str, path: &str, files: &HostText, systemd: bool) -> Finding {
    let files = files.line(WORDS_LENGTH);
    let mend = if systemd {
        text!(
            en: "take that out of /etc/default/{name}, or of the file that `systemctl cat {name}` names; then `sudo systemctl restart {name}`",
            pt: "tire isso de /etc/default/{name}, ou do arquivo que `systemctl cat {name}` mostra; depois, `sudo systemctl restart {name}`",
        )
    } else {
        text!(
            en: "take that out of /etc/default/{name} where it is there, or it was started by hand; then `sudo kill $(pidof {name}); sleep 1; sudo service {name} start`",
            pt: "tire isso de /etc/default/{name}, se estiver lá, ou foi iniciado à mão; depois, `sudo kill $(pidof {name}); sleep 1; sudo service {name} start`",
        )
    };
    finding(
        host,
        Severity::Fatal,
        FindingKind::Service,
        text!(
            en: "{name} was started with {files} instead of {path} alone",
            pt: "{name} foi iniciado com {files}, e não só com {path}",
        ),
        text!(
            en: "what `provision apply` writes there is not all that counts, or does not count at all",
            pt: "o que `provision apply` escreve ali não é tudo o que vale, ou não vale nada",
        ),
        mend,
    )
}

/// `None` where the plan writes files for it, which may be all that it lacks.
fn failing_by(host: &HostId, service: &FailingService, steps: &[Step]) -> Option<Finding> {
    let FailingService { name, why, drop_ins } = service;
    let is_helped = |step: &Step| match &step.operation {
        Operation::WriteFile(file) => file.notify.as_ref().is_some_and(|notified| *name == **notified),
        _ => false,
    };
    if drop_ins.is_empty() && steps.iter().any(is_helped) {
        return None;
    }
    let (named, word, why) = (name.name(), name.word(), why.name());
    let seen = if service.why == *"condition" {
        text!(
            en: "{named} does not start: a condition of its unit is not met",
            pt: "{named} não inicia: uma condição da sua unit não é cumprida",
            named,
        )
    } else {
        text!(en: "{named} fails to start ({why})", pt: "{named} não consegue iniciar ({why})", named, why)
    };
    let mend = if drop_ins.is_empty() {
        text!(
            en: "on the host, `sudo journalctl -u {word} -n 50` tells why; `systemctl cat {word}` and /etc/default/{word} show how it is started",
            pt: "na máquina, `sudo journalctl -u {word} -n 50` diz por quê; `systemctl cat {word}` e /etc/default/{word} mostram como é iniciado",
            word,
        )
    } else {
        let files: Vec<_> = drop_ins.iter().map(HostText::name).collect();
        let files = Text::list(&files, MOST_NAMES);
        text!(
            en: "on the host, look at {files}, which changes how it starts; `sudo journalctl -u {word} -n 50` tells more; mend or remove it, then `sudo systemctl daemon-reload`",
            pt: "na máquina, veja {files}, que muda como ele inicia; `sudo journalctl -u {word} -n 50` diz mais; corrija ou remova isso, e depois `sudo systemctl daemon-reload`",
            files,
            word,
        )
    };
    let means = text!(
        en: "where that is not mended, `provision apply` fails when it starts it",
        pt: "se isso não for corrigido, `provision apply` falha ao iniciá-lo",
    );
    Some(finding(host, Severity::Warning, FindingKind::Service, seen, means, mend))
}

fn stripped(host: &HostId, package: &HostText, file: &HostText, steps: &[Step]) -> Finding {
    let (package, word, file) = (package.name(), package.word(), file.name());
    finding(
        host,
        if steps.is_empty() { Severity::Warning } else { Severity::Fatal },
        FindingKind::Service,
        text!(
            en: "{package} is installed, but the folder of its file {file} is gone",
            pt: "{package} está instalado, mas a pasta do seu arquivo {file} sumiu",
            package,
            file,
        ),
        text!(
            en: "it cannot start without its configuration, and apt does not bring that back by itself",
            pt: "ele não inicia sem a sua configuração, e o apt não a traz de volta por conta própria",
        ),
        text!(
            en: "on the host: `sudo apt-get install --reinstall -o Dpkg::Options::=--force-confmiss {word}`",
            pt: "na máquina: `sudo apt-get install --reinstall -o Dpkg::Options::=--force-confmiss {word}`",
            word,
        ),
    )
}

/// `None` where what is wrong is in a file that the plan puts right.
fn rejected_by(host: &HostId, service: &HostText, words: &HostText, steps: &[Step]) -> Option<Finding> {
    let said = words.line(SEARCHED_LENGTH);
    let is_replaced = |step: &Step| match &step.operation {
        Operation::WriteFile(file) => said.contains(file.path.as_str()),
        Operation::MakeLink(link) => said.contains(link.path.as_str()),
        _ => false,
    };
    if steps.iter().any(is_replaced) {
        return None;
    }
    let notifies = |notify: &Option<String>| notify.as_ref().is_some_and(|notified| *service == **notified);
    let is_of_it = |step: &Step| match &step.operation {
        Operation::WriteFile(file) | Operation::SetAttributes(file) => notifies(&file.notify),
        Operation::MakeLink(link) => notifies(&link.notify),
        Operation::SettleService { service: settled, .. } => *service == *settled.name,
        _ => false,
    };
    let (name, said) = (service.name(), words.line(WORDS_LENGTH));
    let (severity, means) = if steps.iter().any(is_of_it) {
        let means = text!(
            en: "{name} takes no new configuration and does not start, so `provision apply` fails",
            pt: "{name} não aceita configuração nova e não inicia, e por isso `provision apply` falha",
            name,
        );
        (Severity::Fatal, means)
    } else {
        let means = text!(
            en: "{name} runs with what it read before; it does not start again after a restart of the host",
            pt: "{name} roda com o que leu antes; não inicia de novo depois que a máquina reiniciar",
            name,
        );
        (Severity::Warning, means)
    };
    Some(finding(
        host,
        severity,
        FindingKind::Service,
        text!(
            en: "{name} does not accept its files as they are: {said}",
            pt: "{name} não aceita os seus arquivos como estão: {said}",
            name,
        ),
        means,
        text!(
            en: "mend or remove on the host what it names there",
            pt: "corrija ou remova na máquina o que ele aponta ali",
        ),
    ))
}
