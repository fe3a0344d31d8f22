//! The way to packages, and what stands in apt's way.

use super::finding;
use crate::model::{
    Examination, Finding, FindingKind, Host, HostText, MirrorWay, PackageSource, Removal, Severity,
    SilentMirror, Text, believed_certificate, text,
};

/// Longest words of apt about a mirror.
const WORDS_LENGTH: usize = 300;
/// Longest words about who holds apt.
const HOLDER_LENGTH: usize = 200;
/// Longest words of apt about its sources.
const SOURCES_LENGTH: usize = 300;
/// So many patterns of what dpkg leaves out are told.
const PATTERNS_TOLD: usize = 3;

/// Whether what is missing can be installed, and names are resolved.
pub(super) fn judge(host: &Host, examination: &Examination, installs: bool) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    if installs {
        findings.extend(way(host, examination));
    }
    if let Some(holder) = &examination.apt_holder {
        let holder = holder.line(HOLDER_LENGTH);
        let mut words = holder.split(' ');
        let pid = words.next().unwrap_or("?");
        let name =
            words.next().map_or_else(|| text!(en: "another program", pt: "outro programa"), Text::verbatim);
        findings.push(finding(
            &host.id,
            Severity::Warning,
            FindingKind::Apt,
            text!(en: "{name} holds apt", pt: "{name} está ocupando o apt", name),
            until_done(),
            text!(
                en: "wait for process {pid} there; `provision apply` waits by itself for ten minutes",
                pt: "espere o processo {pid} terminar lá; `provision apply` espera sozinho por dez minutos",
            ),
        ));
    }
    if examination.cloud_init {
        findings.push(finding(
            &host.id,
            Severity::Warning,
            FindingKind::Apt,
            text!(en: "cloud-init still sets the host up", pt: "o cloud-init ainda prepara a máquina"),
            until_done(),
            text!(
                en: "wait some minutes; `provision apply` waits by itself for five",
                pt: "espere alguns minutos; `provision apply` espera sozinho por cinco",
            ),
        ));
    }
    // Those of a change of releases the plan tells.
    if !examination.facts.removals.is_empty() && examination.facts.other_release.is_none() {
        let (seen, mend) = Removal::refusal(&examination.facts.removals);
        let means = text!(
            en: "`provision apply` removes no package of others, and refuses",
            pt: "`provision apply` não remove pacotes de outros, e se recusa",
        );
        findings.push(finding(&host.id, Severity::Fatal, FindingKind::Packages, seen, means, mend));
    }
    if !examination.excluded.is_empty() {
        findings.push(excluding(host, &examination.excluded));
    }
    if let Some(broken) = &examination.facts.dpkg_interrupted {
        let broken = broken.name();
        findings.push(finding(
            &host.id,
            Severity::Note,
            FindingKind::Apt,
            text!(
                en: "an installation was interrupted here: {broken}",
                pt: "uma instalação foi interrompida aqui: {broken}",
                broken,
            ),
            text!(
                en: "dpkg has to be repaired before anything is installed",
                pt: "o dpkg precisa ser reparado antes de qualquer instalação",
            ),
            text!(
                en: "nothing: `provision apply` repairs it first",
                pt: "nada a fazer: `provision apply` o repara primeiro",
            ),
        ));
    }
    if !examination.resolves_itself {
        findings.push(finding(
            &host.id,
            Severity::Note,
            FindingKind::Names,
            text!(en: "it cannot resolve its own name", pt: "a máquina não resolve o próprio nome"),
            text!(
                en: "sudo may wait for a name server each time it is used",
                pt: "o sudo pode esperar por um servidor de nomes a cada uso",
            ),
            text!(
                en: "add its name to /etc/hosts on the host, beside 127.0.1.1",
                pt: "acrescente o nome dela em /etc/hosts, na máquina, ao lado de 127.0.1.1",
            ),
        ));
    }
    findings
}

/// What it leaves out is missed by the scripts of packages, again and again.
fn excluding(host: &Host, patterns: &[HostText]) -> Finding {
    let patterns = Text::list(&patterns.iter().map(HostText::name).collect::<Vec<_>>(), PATTERNS_TOLD);
    finding(
        &host.id,
        Severity::Warning,
        FindingKind::Packages,
        text!(
            en: "its dpkg leaves files out of packages: {patterns}",
            pt: "o dpkg da máquina deixa arquivos de fora dos pacotes: {patterns}",
            patterns,
        ),
        text!(
            en: "what is installed may fail to be configured, or to start",
            pt: "o que for instalado pode não ser configurado, ou não iniciar",
        ),
        text!(
            en: "take `path-exclude` of these out of /etc/dpkg/dpkg.cfg and /etc/dpkg/dpkg.cfg.d on the host; what is \
                 installed already gets them back by `sudo apt-get install --reinstall`",
            pt: "tire o `path-exclude` deles de /etc/dpkg/dpkg.cfg e /etc/dpkg/dpkg.cfg.d na máquina; o que já está \
                 instalado os recebe de volta com `sudo apt-get install --reinstall`",
        ),
    )
}

fn until_done() -> Text {
    text!(
        en: "nothing can be installed until it is done",
        pt: "nada pode ser instalado até que ele termine",
    )
}

/// How what is missing will come, where that deserves a word.
fn way(host: &Host, examination: &Examination) -> Vec<Finding> {
    let via = host.packages.via;
    let own_way_fails = examination.facts.mirror_reachable == Some(false);
    let mut findings = Vec::new();
    // What comes through the laptop comes by the host's sources all the same.
    if own_way_fails {
        findings.push(match &examination.silent_mirror {
            Some(SilentMirror { name, way: MirrorWay::Without(release) }) => {
                without_release(host, name, release)
            }
            Some(SilentMirror { way: MirrorWay::Unreadable(words), .. }) => unreadable(host, words),
            Some(mirror) => silent(host, mirror),
            None => without_mirror(host),
        });
    }
    findings.extend(examination.distrusted.iter().map(|(is_main, words)| distrusted(host, *is_main, words)));
    let through_laptop = via == PackageSource::Laptop || via == PackageSource::Auto && own_way_fails;
    if through_laptop && examination.forwards == Some(false) {
        findings.push(finding(
            &host.id,
            Severity::Note,
            FindingKind::Packages,
            text!(
                en: "its sshd forbids port forwarding",
                pt: "o sshd da máquina proíbe o redirecionamento de portas",
            ),
            text!(
                en: "its packages are uploaded to it instead",
                pt: "os pacotes são enviados a ela, em vez disso",
            ),
            text!(
                en: "nothing; `AllowTcpForwarding yes` in its sshd_config would let apt ask for them itself",
                pt: "nada a fazer; com `AllowTcpForwarding yes` no sshd_config, o próprio apt poderia pedi-los",
            ),
        ));
    }
    findings
}

/// What comes through the laptop is checked just as well.
fn distrusted(host: &Host, is_main: bool, words: &HostText) -> Finding {
    let words = words.line(WORDS_LENGTH);
    let means = if is_main {
        not_installed()
    } else {
        text!(
            en: "what only that mirror has cannot be installed",
            pt: "o que só esse espelho tem não pode ser instalado",
        )
    };
    finding(
        &host.id,
        if is_main { Severity::Fatal } else { Severity::Warning },
        FindingKind::Packages,
        text!(
            en: "its apt does not believe a mirror: {words}",
            pt: "o apt da máquina não acredita em um espelho: {words}",
        ),
        means,
        text!(
            en: "name another mirror, or set the clock or install the key that it asks for; `sudo apt-get update` on the host must end without this",
            pt: "indique outro espelho, ou acerte o relógio ou instale a chave que ele pede; `sudo apt-get update` na máquina precisa terminar sem isso",
        ),
    )
}

fn silent(host: &Host, SilentMirror { name, way }: &SilentMirror) -> Finding {
    let name = name.name();
    let (kind, seen) = match way {
        MirrorWay::Proxy(proxy) => (FindingKind::Packages, {
            let proxy = proxy.name();
            text!(
                en: "its apt does not reach its package mirror {name} through the proxy {proxy}",
                pt: "o apt da máquina não alcança o espelho de pacotes {name} pelo proxy {proxy}",
                name,
                proxy,
            )
        }),
        MirrorWay::Unknown => (
            FindingKind::Names,
            text!(
                en: "it cannot resolve the name of its package mirror {name}",
                pt: "a máquina não resolve o nome do espelho de pacotes {name}",
                name,
            ),
        ),
        MirrorWay::Untrusted(words) => (FindingKind::Packages, {
            let words = words.line(WORDS_LENGTH);
            text!(
                en: "its apt does not believe the certificate of its package mirror {name}: {words}",
                pt: "o apt da máquina não acredita no certificado do espelho de pacotes {name}: {words}",
                name,
            )
        }),
        MirrorWay::Known | MirrorWay::Without(_) | MirrorWay::Unreadable(_) => (
            FindingKind::Packages,
            text!(
                en: "it does not reach its package mirror {name}",
                pt: "a máquina não alcança o espelho de pacotes {name}",
                name,
            ),
        ),
    };
    if host.packages.via != PackageSource::Host {
        let means = text!(
            en: "its packages come through this computer",
            pt: "os pacotes dela vêm por este computador",
        );
        let mend = text!(
            en: "nothing; `provision packages fetch` downloads them before class",
            pt: "nada a fazer; `provision packages fetch` os baixa antes da aula",
        );
        return finding(&host.id, Severity::Note, kind, seen, means, mend);
    }
    let mend = match way {
        MirrorWay::Proxy(_) => text!(
            en: "correct or remove that proxy in /etc/apt/apt.conf.d on the host, or let this computer serve: \
                 `packages: {{ via: laptop }}`",
            pt: "corrija ou remova esse proxy de /etc/apt/apt.conf.d na máquina, ou deixe este computador servir os \
                 pacotes: `packages: {{ via: laptop }}`",
        ),
        MirrorWay::Untrusted(_) => believed_certificate(),
        _ => text!(
            en: "mend its network, or let this computer serve: `packages: {{ via: laptop }}`",
            pt: "corrija a rede dela, ou deixe este computador servir os pacotes: `packages: {{ via: laptop }}`",
        ),
    };
    finding(&host.id, Severity::Fatal, kind, seen, not_installed(), mend)
}

/// Nobody has it then, whichever way is asked.
fn without_release(host: &Host, name: &HostText, release: &HostText) -> Finding {
    let (name, release) = (name.name(), release.name());
    finding(
        &host.id,
        Severity::Fatal,
        FindingKind::Packages,
        text!(
            en: "its package mirror {name} has no release {release} (404)",
            pt: "o espelho de pacotes {name} não tem a versão {release} (404)",
            name,
            release,
        ),
        not_installed(),
        text!(
            en: "it is out of support, or its name is wrong: name one that the mirror has in /etc/apt/sources.list, or \
                 use a newer image; old ones are at archive.debian.org and old-releases.ubuntu.com",
            pt: "ela está fora de suporte, ou o nome está errado: indique em /etc/apt/sources.list uma que o espelho \
                 tenha, ou use uma imagem mais nova; as antigas estão em archive.debian.org e old-releases.ubuntu.com",
        ),
    )
}

fn unreadable(host: &Host, words: &HostText) -> Finding {
    let words = words.line(SOURCES_LENGTH);
    finding(
        &host.id,
        Severity::Fatal,
        FindingKind::Packages,
        text!(
            en: "its apt cannot read its sources: {words}",
            pt: "o apt da máquina não consegue ler as suas fontes: {words}",
        ),
        not_installed(),
        text!(
            en: "correct that file on the host; `sudo apt-get update` there shows whether apt reads it",
            pt: "corrija esse arquivo na máquina; lá, `sudo apt-get update` mostra se o apt o lê",
        ),
    )
}

/// Nobody knows then what the laptop should serve.
fn without_mirror(host: &Host) -> Finding {
    finding(
        &host.id,
        Severity::Fatal,
        FindingKind::Packages,
        text!(
            en: "its package sources name no mirror",
            pt: "as fontes de pacotes da máquina não indicam nenhum espelho",
        ),
        not_installed(),
        text!(
            en: "name a mirror in /etc/apt/sources.list on the host; a CD or DVD is none",
            pt: "indique um espelho em /etc/apt/sources.list na máquina; um CD ou DVD não serve",
        ),
    )
}

fn not_installed() -> Text {
    text!(
        en: "packages that the class needs cannot be installed",
        pt: "não dá para instalar os pacotes de que a aula precisa",
    )
}
