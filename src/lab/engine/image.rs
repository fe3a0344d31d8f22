//! The images of hosts, built here: a plain Debian or Ubuntu of a registry, with what a host needs. Where no registry
//! can be reached, the plain one is made by mmdebstrap.

use std::path::Path;

use base16ct::lower::encode_string;
use sha2::{Digest, Sha256};
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

use super::{Engine, command, words};
use crate::error::Result;
use crate::lab::Tell;
use crate::lab::bootstrap::{MASKED_UNITS, PACKAGES, apt_settings, kept_settings, mmdebstrap, sources_of};
use crate::lab::images::{DRAFT, images};
use crate::lab::program::pipe;
use crate::lab::record::{cannot, lock, make_folder, write_file};
use crate::lab::releases::Release;
use crate::model::text;

const PREPARE: &str = include_str!("prepare.sh");
/// Where the build finds what it copies.
const PLACE: &str = "/usr/local/lib/provision-lab";
/// Characters of a system's name that its image's tag has; a tag has 128 at most.
const MOST_OF_A_TAG: usize = 100;
/// Hexadecimal digits that tell images of one system apart.
const NAME_DIGITS: usize = 12;

impl Engine {
    /// Name of the image for hosts of `system`, a release or an image of a registry. It is built now if there is none.
    pub async fn ensure_image(
        self,
        state: &Path,
        system: &str,
        cancel: &CancellationToken,
        tell: Tell<'_>,
    ) -> Result<String> {
        let image = name(system);
        if self.has_image(&image, cancel).await {
            return Ok(image);
        }
        let folder = images(state);
        make_folder(&folder, 0o755)?;
        let what = text!(
            en: "another process that builds the image of {system}",
            pt: "outro processo que monta a imagem de {system}",
        );
        let _lock = lock(&folder, &what, cancel, tell).await?;
        let settings = apt_settings(cancel).await;
        let base = self.base(system, &settings, cancel, tell).await?;
        tell(text!(
            en: "building the image of {system} (once)",
            pt: "montando a imagem de {system} (uma vez só)",
        ));
        let context = tempfile::Builder::new()
            .suffix(&format!(".{DRAFT}"))
            .tempdir_in(&folder)
            .map_err(|error| cannot("write", &folder, error))?;
        for (name, text) in recipe(&base, &kept_settings(&settings)) {
            write_file(&context.path().join(name), text.as_bytes(), 0o644)?;
        }
        self.run(&words::build(&image, context.path()), "", cancel).await?;
        Ok(image)
    }

    /// The plain image of a system: from the registry, else made here.
    async fn base(
        self,
        system: &str,
        settings: &[String],
        cancel: &CancellationToken,
        tell: Tell<'_>,
    ) -> Result<String> {
        let release = Release::named(system);
        let base = release.map_or_else(|| system.to_owned(), Release::registry_image);
        let imported = format!("localhost/provision-base:{system}");
        if self.has_image(&base, cancel).await {
            return Ok(base);
        }
        if release.is_some() && self.has_image(&imported, cancel).await {
            return Ok(imported);
        }
        tell(text!(en: "pulling {base}", pt: "baixando {base}"));
        let Err(refused) = self.run(&words::words(["pull", "--quiet", &base]), "", cancel).await else {
            return Ok(base);
        };
        if cancel.is_cancelled() {
            return Err(refused);
        }
        if release.is_none() {
            return Err(refused.hint(text!(
                en: "is its name complete, as docker.io/library/ubuntu:24.04 is? `{program} pull {base}` tells more",
                pt: "o nome está completo, como docker.io/library/ubuntu:24.04? `{program} pull {base}` diz mais", program = self.program
            )));
        }
        if which::which("mmdebstrap").is_err() {
            return Err(refused.hint(text!(
                en: "without a registry the base is made of a Debian mirror: `apt-get install mmdebstrap`, then try again",
                pt: "sem um registro de imagens, a base é feita de um espelho do Debian: `apt-get install mmdebstrap`, e tente de novo",
            )));
        }
        tell(text!(
            en: "{base} can't be pulled: mmdebstrap makes the base of {system}",
            pt: "não foi possível baixar {base}: o mmdebstrap faz a base de {system}",
        ));
        self.import(&imported, system, settings, cancel).await?;
        Ok(imported)
    }

    async fn import(
        self,
        image: &str,
        release: &str,
        settings: &[String],
        cancel: &CancellationToken,
    ) -> Result<()> {
        let is_root = rustix::process::geteuid().is_root();
        let words = mmdebstrap(release, "-", &sources_of(release)?, settings, is_root);
        let mut source = Command::new(&words[0]);
        source.args(&words[1..]);
        let imported = pipe(source, command(self.program, &words::import(image)), cancel).await;
        if imported.is_err() {
            // Half an archive may have become an image.
            let remove = words::words(["image", "rm", "--force", image]);
            self.run(&remove, "", &CancellationToken::new()).await.ok();
        }
        imported.map(drop).map_err(|error| {
            error
                .hint(text!(
                    en: "does `apt-get update` work on this machine, and does its mirror hold {release}?",
                    pt: "`apt-get update` funciona neste computador, e o espelho dele tem {release}?",
                ))
                .hint(text!(
                    en: "a user who is not root also needs a range in /etc/subuid",
                    pt: "um usuário que não é root também precisa de uma faixa em /etc/subuid",
                ))
        })
    }

    /// Removes the images that no host is made of.
    pub async fn prune(self, cancel: &CancellationToken) -> Result<()> {
        self.run(&words::prune_images(), "", cancel).await.map(drop)
    }

    async fn has_image(self, name: &str, cancel: &CancellationToken) -> bool {
        self.run(&words::words(["image", "inspect", "--format", "{{.Id}}", name]), "", cancel).await.is_ok()
    }
}

/// The name tells images of different making apart.
fn name(system: &str) -> String {
    let mut hash = Sha256::new().chain_update(system);
    for (_, text) in recipe(system, "") {
        hash.update(text);
    }
    let digest = encode_string(&hash.finalize());
    let tag: String =
        system.chars().take(MOST_OF_A_TAG).map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("localhost/provision-lab:{tag}-{}", &digest[..NAME_DIGITS])
}

/// The files of a build, by name.
fn recipe(base: &str, apt: &str) -> [(&'static str, String); 5] {
    let steps = format!(
        "FROM {base}\n\
         COPY prepare.sh packages units apt.conf {PLACE}/\n\
         RUN sh {PLACE}/prepare.sh\n\
         STOPSIGNAL SIGRTMIN+3\n\
         CMD [\"/sbin/init\"]\n"
    );
    [
        ("Dockerfile", steps),
        ("prepare.sh", PREPARE.to_owned()),
        ("packages", PACKAGES.replace(',', "\n") + "\n"),
        ("units", MASKED_UNITS.join("\n") + "\n"),
        ("apt.conf", apt.to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_built_of_a_plain_system() {
        let recipe = recipe("docker.io/library/debian:12", "");
        insta::assert_snapshot!(recipe[0].1);
        assert!(recipe[2].1.lines().any(|package| package == "openssh-server"));
    }

    #[test]
    fn names_of_images_are_those_of_any_engine() {
        let name = name("docker.io/library/ubuntu:24.04");
        assert!(name.starts_with("localhost/provision-lab:docker-io-library-ubuntu-24-04-"), "{name}");
        assert_ne!(name, super::name("noble"));
        let tag = super::name(&"a".repeat(200)).rsplit(':').next().unwrap().len();
        assert!(tag <= 128, "{tag}");
    }
}
