//! Which driver makes a new lab: the one that is asked for, else the first that this machine and user have.

use tokio_util::sync::CancellationToken;

use super::Tell;
use super::driver::Driver;
use super::engine::{Engine, Program};
#[cfg(target_os = "linux")]
use super::nspawn;
use super::shape::DriverKind;
use crate::error::{Error, Result};
use crate::model::{Text, text};

/// In the order of preference.
const DRIVERS: [DriverKind; 3] = [DriverKind::Nspawn, DriverKind::Podman, DriverKind::Docker];

/// The driver for a new lab, of an image or of a release. What is not asked for is said, with the reason.
pub(super) async fn choose(
    asked: Option<DriverKind>,
    has_image: bool,
    cancel: &CancellationToken,
    tell: Tell<'_>,
) -> Result<Driver> {
    let mut refusals = Vec::new();
    for kind in DRIVERS {
        if asked.is_some_and(|asked| asked != kind) {
            continue;
        }
        let found = match without_images(kind) {
            Some(refusal) if has_image && asked.is_none() => Err(refusal),
            _ => find(kind, cancel).await,
        };
        match found {
            Ok(driver) => {
                if asked.is_none() {
                    tell(reason(kind, &refusals));
                }
                return Ok(driver);
            }
            Err(refusal) => refusals.push(refusal),
        }
    }
    Err(none(asked, &refusals))
}

/// All that could have made something here: asked where no record tells.
pub(super) async fn present(cancel: &CancellationToken) -> Vec<Driver> {
    let mut drivers = Vec::new();
    for kind in DRIVERS {
        drivers.extend(find(kind, cancel).await);
    }
    drivers
}

/// Why a driver makes no hosts of an image.
pub(super) fn without_images(kind: DriverKind) -> Option<Text> {
    (kind == DriverKind::Nspawn).then(|| {
        text!(
            en: "systemd-nspawn makes hosts of package sources, not of an image",
            pt: "o systemd-nspawn faz máquinas de fontes de pacotes, não de uma imagem",
        )
    })
}

async fn find(kind: DriverKind, cancel: &CancellationToken) -> Result<Driver, Text> {
    let engine = |program| async move { Engine::find(program, cancel).await.map(Driver::Engine) };
    match kind {
        #[cfg(target_os = "linux")]
        DriverKind::Nspawn => nspawn::refusal().map_or(Ok(Driver::Nspawn), Err),
        #[cfg(not(target_os = "linux"))]
        DriverKind::Nspawn => {
            Err(text!(en: "systemd-nspawn runs on Linux only", pt: "o systemd-nspawn só roda em Linux"))
        }
        DriverKind::Podman => engine(Program::Podman).await,
        DriverKind::Docker => engine(Program::Docker).await,
    }
}

/// Why this driver was taken: those before it can't be.
fn reason(chosen: DriverKind, refusals: &[Text]) -> Text {
    if refusals.is_empty() {
        return text!(
            en: "{chosen} runs the hosts: this is Linux, and root asks",
            pt: "o {chosen} executa as máquinas: aqui é Linux, e quem pede é o root",
        );
    }
    let refusals = list(refusals);
    text!(en: "{chosen} runs the hosts: {refusals}", pt: "o {chosen} executa as máquinas: {refusals}", refusals)
}

fn none(asked: Option<DriverKind>, refusals: &[Text]) -> Error {
    let refusals = list(refusals);
    let what = match asked {
        Some(asked) => text!(
            en: "{asked} can't make practice hosts here: {refusals}",
            pt: "o {asked} não consegue fazer máquinas de treino aqui: {refusals}", refusals
        ),
        None => text!(
            en: "nothing here can make practice hosts: {refusals}",
            pt: "nada aqui consegue fazer máquinas de treino: {refusals}", refusals
        ),
    };
    let hint = match asked {
        None | Some(DriverKind::Podman) => text!(
            en: "install podman (`sudo apt-get install podman`): it takes no root",
            pt: "instale o podman (`sudo apt-get install podman`): ele não precisa de root",
        ),
        Some(DriverKind::Nspawn) => text!(
            en: "run it again with sudo, or with `--driver podman`",
            pt: "execute de novo com sudo, ou com `--driver podman`",
        ),
        Some(DriverKind::Docker) => text!(
            en: "start docker, or try `--driver podman`",
            pt: "inicie o docker, ou tente `--driver podman`",
        ),
    };
    Error::machine(what).hint(hint).hint(text!(
        en: "or list virtual machines of your own in an inventory (`provision init`) and `provision apply` it",
        pt: "ou liste num inventário as suas máquinas virtuais (`provision init`) e faça `provision apply`",
    ))
}

fn list(refusals: &[Text]) -> Text {
    let words =
        |language| refusals.iter().map(|refusal| refusal.words(language)).collect::<Vec<_>>().join("; ");
    Text::new(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusals() -> Vec<Text> {
        ["systemd-nspawn takes root", "podman is not installed", "docker is not installed"]
            .map(Text::verbatim)
            .into()
    }

    #[test]
    fn the_reason_is_what_keeps_the_others_out() {
        let all = refusals();
        for (chosen, count, expected) in [
            (DriverKind::Nspawn, 0, "systemd-nspawn runs the hosts: this is Linux, and root asks"),
            (DriverKind::Podman, 1, "podman runs the hosts: systemd-nspawn takes root"),
            (
                DriverKind::Docker,
                2,
                "docker runs the hosts: systemd-nspawn takes root; podman is not installed",
            ),
        ] {
            assert_eq!(reason(chosen, &all[..count]).english(), expected);
        }
    }

    #[test]
    fn a_machine_without_any_says_what_each_lacks() {
        let error = none(None, &refusals());
        assert!(error.message.english().ends_with("; docker is not installed"), "{error:?}");
        let error = none(Some(DriverKind::Docker), &refusals()[2..]);
        assert_eq!(error.message.english(), "docker can't make practice hosts here: docker is not installed");
    }
}
