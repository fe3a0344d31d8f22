//! Base images: one folder for each release, made once by mmdebstrap, below every host's own files.
//!
//! An image is what a cloud's image is, no more: systemd, sshd and sudo, without package lists, keys or machine id.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use base16ct::lower::encode_string;
use sha2::{Digest, Sha256};
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

use crate::error::Result;
use crate::lab::Tell;
use crate::lab::bootstrap::{MASKED_UNITS, PACKAGES, apt_settings, kept_settings, mmdebstrap, sources_of};
use crate::lab::images::{DRAFT, images};
use crate::lab::program::run;
use crate::lab::record::{Folder, cannot, existing, lock, make_folder, names, remove_tree, write_file};
use crate::lab::sources::{Source, as_file, as_lines};
use crate::model::text;

/// Part of an image's name; raise it when the way images are made changes.
const RECIPE: &str = "2";

/// Hexadecimal digits that tell images of one release apart.
const NAME_DIGITS: usize = 12;

/// The base image of a release, made now if there is none.
pub(in crate::lab) async fn ensure(
    state: &Path,
    release: &str,
    cancel: &CancellationToken,
    tell: Tell<'_>,
) -> Result<PathBuf> {
    let sources = sources_of(release)?;
    let settings = apt_settings(cancel).await;
    let folder = images(state);
    make_folder(&folder, 0o755)?;
    let image = folder.join(format!("{release}-{}", digest(release, &sources, &settings)));
    if image.is_dir() {
        return Ok(image);
    }
    let what = text!(
        en: "another process that builds the base image of {release}",
        pt: "outro processo que monta a imagem base de {release}",
    );
    let _lock = lock(&folder, &what, cancel, tell).await?;
    if image.is_dir() {
        return Ok(image);
    }
    tell(text!(
        en: "building the base image of {release} (once)",
        pt: "montando a imagem base de {release} (uma vez só)",
    ));
    let started = Instant::now();
    // Under the lock nobody else builds here: what lies about was left by a build that was killed.
    let draft = folder.join(release).with_extension(DRAFT);
    remove_tree(&draft).await?;
    make_folder(&draft, 0o755)?;
    let built = async {
        debootstrap(&draft, release, &sources, &settings, cancel).await?;
        finish(&draft, release, &sources, &settings)
    };
    if let Err(error) = built.await {
        remove_tree(&draft).await?;
        return Err(error);
    }
    fs::rename(&draft, &image).map_err(|error| cannot("write", &image, error))?;
    remove_outdated(state, release, &image).await?;
    let seconds = started.elapsed().as_secs();
    tell(text!(
        en: "base image of {release} built in {seconds} s",
        pt: "imagem base de {release} montada em {seconds} s",
    ));
    Ok(image)
}

/// Removes images of a release that came from other sources or another recipe, unless hosts stand on them.
async fn remove_outdated(state: &Path, release: &str, newest: &Path) -> Result<()> {
    let mut in_use = vec![newest.to_owned()];
    for name in names(state)? {
        match Folder::new(state, &name).read() {
            Ok(record) => in_use.extend(record.into_iter().flat_map(|record| record.images.into_values())),
            // What a damaged record names is not known: everything is kept.
            Err(_) => return Ok(()),
        }
    }
    for entry in fs::read_dir(images(state)).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let of_release = name.to_str().is_some_and(|name| name.starts_with(&format!("{release}-")));
        if of_release && !in_use.contains(&entry.path()) {
            remove_tree(&entry.path()).await?;
        }
    }
    Ok(())
}

/// Tells images of different making apart.
fn digest(release: &str, sources: &[Source], settings: &[String]) -> String {
    let mut hash = Sha256::new();
    let lines = as_lines(sources, false);
    let parts = [RECIPE, PACKAGES, release].into_iter();
    let parts = parts.chain(MASKED_UNITS).chain(lines.iter().chain(settings).map(String::as_str));
    for part in parts {
        hash.update(part);
        hash.update([0]);
    }
    let mut name = encode_string(&hash.finalize());
    name.truncate(NAME_DIGITS);
    name
}

async fn debootstrap(
    target: &Path,
    release: &str,
    sources: &[Source],
    settings: &[String],
    cancel: &CancellationToken,
) -> Result<()> {
    let words = mmdebstrap(release, &target.to_string_lossy(), sources, settings, true);
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]);
    run(command, "", cancel).await.map(drop).map_err(|error| {
        if cancel.is_cancelled() {
            return error;
        }
        error
            .hint(text!(
                en: "does `apt-get update` work on this machine, and does its mirror hold {release}?",
                pt: "`apt-get update` funciona neste computador, e o espelho dele tem {release}?",
            ))
            .hint(text!(
                en: "the base image is built once; try again when the mirror answers",
                pt: "a imagem base é montada uma vez só; tente de novo quando o espelho responder",
            ))
    })
}

/// Takes away what makes copies of a system alike, and what only slows a container down.
fn finish(image: &Path, release: &str, sources: &[Source], settings: &[String]) -> Result<()> {
    for file in files_in(&image.join("etc/ssh")) {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("ssh_host_") {
            remove_file(&file)?;
        }
    }
    for folder in ["var/lib/apt/lists", "var/cache/apt", "var/log/apt"] {
        files_in(&image.join(folder)).iter().try_for_each(|file| remove_file(file))?;
    }
    for file in [
        "etc/apt/apt.conf.d/99mmdebstrap",
        "etc/dpkg/dpkg.cfg.d/99mmdebstrap",
        "etc/apt/sources.list",
        "etc/hostname",
        "etc/resolv.conf",
    ] {
        remove_file(&image.join(file))?;
    }
    files_in(&image.join("etc/apt/sources.list.d")).iter().try_for_each(|file| remove_file(file))?;
    write_file(&image.join("etc/machine-id"), b"", 0o444)?;

    let (place, text) = as_file(sources, release);
    write_file(&image.join(place), text.as_bytes(), 0o644)?;
    let kept = kept_settings(settings);
    if !kept.is_empty() {
        write_file(&image.join("etc/apt/apt.conf.d/90lab"), kept.as_bytes(), 0o644)?;
    }
    // What systemd's own defaults say, which a minimal image lacks: everybody may ping.
    write_file(
        &image.join("etc/sysctl.d/50-ping.conf"),
        b"net.ipv4.ping_group_range = 0 2147483647\n",
        0o644,
    )?;
    for unit in MASKED_UNITS {
        let link = image.join("etc/systemd/system").join(unit);
        remove_file(&link)?;
        symlink("/dev/null", &link).map_err(|error| cannot("write", &link, error))?;
    }
    // Tells systemd that /usr is no newer than these, so that no boot rebuilds caches.
    for stamp in ["etc/.updated", "var/.updated"] {
        let path = image.join(stamp);
        write_file(&path, b"", 0o644)?;
        let usr = fs::metadata(image.join("usr")).and_then(|metadata| metadata.modified());
        fs::File::options()
            .write(true)
            .open(&path)
            .and_then(|file| file.set_modified(usr.unwrap_or_else(|_| SystemTime::now())))
            .map_err(|error| cannot("write", &path, error))?;
    }
    Ok(())
}

/// The plain files and links of a folder.
fn files_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_symlink() || !path.is_dir())
        .collect()
}

fn remove_file(path: &Path) -> Result<()> {
    existing(fs::remove_file(path), "remove", path).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_of_other_sources_have_another_name() {
        let source = |uri: &str| {
            vec![Source { uri: uri.to_owned(), suites: vec![], components: vec![], signed_by: None }]
        };
        let sources = |uri| {
            let mut sources = source(uri);
            sources[0].suites.push("bookworm".to_owned());
            digest("bookworm", &sources, &[])
        };
        assert_ne!(sources("http://a.example"), sources("http://b.example"));
        assert_eq!(sources("http://a.example").len(), 12);
    }
}
