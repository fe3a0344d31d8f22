//! Distribution, version and service manager.

use super::finding;
use crate::model::{Facts, Finding, FindingKind, HostId, Severity, Text, text};

/// Whether the host runs a system that the tool knows.
pub(super) fn judge(host: &HostId, facts: &Facts) -> Vec<Finding> {
    let about = |severity, seen: Text, means: Text| {
        let mend = text!(
            en: "use a Debian 12, Debian 13 or Ubuntu LTS image for this VM",
            pt: "use uma imagem Debian 12, Debian 13 ou Ubuntu LTS para esta VM",
        );
        finding(host, severity, FindingKind::System, seen, means, mend)
    };
    if facts.architecture.is_empty() {
        let seen = text!(
            en: "this host has no dpkg, so it is no Debian or Ubuntu",
            pt: "esta máquina não tem dpkg, portanto não é Debian nem Ubuntu",
        );
        let means = text!(en: "nothing can be installed on it", pt: "nada pode ser instalado nela");
        return vec![about(Severity::Fatal, seen, means)];
    }
    let untested = text!(
        en: "it may work, but nobody tests it",
        pt: "talvez funcione, mas ninguém testa",
    );
    let name = if facts.os_name.is_empty() {
        text!(en: "its system", pt: "o sistema dela")
    } else {
        facts.os_name.name()
    };
    let system = match (facts.os_id.raw(), release(facts.os_version.raw())) {
        ("debian", None) => Some(about(
            Severity::Note,
            text!(en: "{name} is not released yet", pt: "{name} ainda não foi lançado", name),
            untested,
        )),
        ("debian", Some((12.., _))) => None,
        ("ubuntu", Some((major @ 22.., 4))) if major % 2 == 0 => None,
        ("ubuntu", Some((22.., _))) => Some(about(
            Severity::Warning,
            text!(en: "{name} is no LTS release", pt: "{name} não é uma versão LTS", name),
            text!(
                en: "its packages leave the mirrors months after its release, and nobody tests it",
                pt: "os pacotes dele saem dos espelhos meses depois do lançamento, e ninguém o testa",
            ),
        )),
        ("debian" | "ubuntu", _) => Some(about(
            Severity::Warning,
            text!(
                en: "{name} is older than what the tool knows",
                pt: "{name} é mais antigo do que a ferramenta conhece",
                name,
            ),
            untested,
        )),
        _ => Some(about(
            Severity::Warning,
            text!(
                en: "{name} is neither Debian nor Ubuntu",
                pt: "{name} não é Debian nem Ubuntu",
                name,
            ),
            untested,
        )),
    };
    let services = (!facts.systemd).then(|| {
        finding(
            host,
            Severity::Note,
            FindingKind::System,
            text!(en: "systemd does not run here", pt: "o systemd não roda aqui"),
            text!(
                en: "services are started by `service`; they may not come back after a restart",
                pt: "os serviços são iniciados por `service`; talvez não voltem depois de reiniciar",
            ),
            text!(
                en: "nothing needs mending where that is meant, as in a container",
                pt: "nada a corrigir, se for essa a intenção, como em um contêiner",
            ),
        )
    });
    system.into_iter().chain(services).collect()
}

/// `12` and `24.04` as numbers.
fn release(version: &str) -> Option<(u32, u32)> {
    let (major, minor) = version.split_once('.').unwrap_or((version, "0"));
    Some((major.parse().ok()?, minor.parse().ok()?))
}
