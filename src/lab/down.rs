//! Takes labs down and leaves nothing of them: processes, namespaces, cables, routes, control groups, files.
//!
//! Everything is found by what is recorded and by what is there, so it works just as well on what a killed `up`
//! left, and a second time.

use std::fs;
use std::path::Path;

use tokio_util::sync::CancellationToken;

use super::choice::present;
use super::driver::Driver;
use super::record::{Folder, Record, labs, lock, names, remove_tree};
use super::shape::check_name;
use super::{Tell, images, limits};
use crate::error::{Error, Result};
use crate::model::{Text, sha256, text};

/// Takes a lab down. `false`: there was nothing of it.
pub async fn down(state: &Path, name: &str, cancel: &CancellationToken, tell: Tell<'_>) -> Result<bool> {
    check_name(name)?;
    let folder = Folder::new(state, name);
    let what = text!(
        en: "another process that works on lab {name}",
        pt: "outro processo que trabalha no lab {name}",
    );
    let lock = lock(folder.path(), &what, cancel, tell).await?;
    // A damaged record is no reason to keep what can be found without it.
    let record = folder.read().unwrap_or_default();
    if lock.is_none() && !is_left(&folder).await? {
        return Ok(false);
    }
    let hosts = record.as_ref().map_or(0, |record| record.hosts.len());
    dismantle(&folder, name, record.as_ref(), tell).await?;
    let hosts = counted(hosts);
    tell(text!(en: "removed lab {name} ({hosts})", pt: "lab {name} removido ({hosts})", hosts));
    limits::restore(state, tell);
    images::remove_drafts(state).await?;
    // Goes only when no other lab is in it.
    fs::remove_dir(labs(state)).ok();
    Ok(true)
}

/// Takes all labs down and returns how many there were.
pub async fn down_all(state: &Path, cancel: &CancellationToken, tell: Tell<'_>) -> Result<usize> {
    let mut count = 0;
    for name in names(state)? {
        count += usize::from(down(state, &name, cancel, tell).await?);
    }
    Ok(count)
}

/// Removes the base images; refused while labs stand on them.
pub async fn prune(state: &Path, cancel: &CancellationToken, tell: Tell<'_>) -> Result<()> {
    let labs = names(state)?;
    if !labs.is_empty() {
        return Err(Error::usage(text!(
            en: "the base images are in use by lab {labs}",
            pt: "as imagens base estão em uso pelo lab {labs}", labs = labs.join(", ")
        ))
        .hint(text!(
            en: "take all labs down first: provision lab down --all",
            pt: "desmonte antes todos os labs: provision lab down --all",
        )));
    }
    let images = images::images(state);
    let what =
        text!(en: "another process that builds a base image", pt: "outro processo que monta uma imagem base");
    let _lock = lock(&images, &what, cancel, tell).await?;
    for driver in present(cancel).await {
        driver.prune(cancel).await?;
    }
    remove_tree(&images).await
}

/// Removes a lab. What its folder and its record do not tell is found by its name.
pub(super) async fn dismantle(
    folder: &Folder,
    lab: &str,
    record: Option<&Record>,
    tell: Tell<'_>,
) -> Result<()> {
    let drivers = match record {
        Some(record) => vec![Driver::of(record)?],
        None => present(&CancellationToken::new()).await,
    };
    for driver in drivers {
        driver.check_user()?;
        driver.remove(folder, lab, record).await?;
    }
    if let Some((path, record)) = record.and_then(|record| Some((record.options.inventory.as_ref()?, record)))
    {
        match fs::read(path) {
            Ok(content) if record.inventory_digest == Some(sha256(&content)) => {
                fs::remove_file(path).map_err(|error| super::record::cannot("remove", path, error))?;
            }
            Ok(_) if record.inventory_digest.is_some() => {
                tell(inventory_kept(path));
            }
            _ => {}
        }
    }
    remove_tree(folder.path()).await
}

pub(super) fn counted(hosts: usize) -> Text {
    match hosts {
        1 => text!(en: "1 host", pt: "1 máquina"),
        hosts => text!(en: "{hosts} hosts", pt: "{hosts} máquinas"),
    }
}

pub(super) fn inventory_kept(path: &Path) -> Text {
    text!(
        en: "kept {path}, which was changed since the lab wrote it",
        pt: "{path} fica, pois mudou desde que o lab o escreveu", path = path.display()
    )
}

/// Whether something of a lab is there although its folder is not.
async fn is_left(folder: &Folder) -> Result<bool> {
    for driver in present(&CancellationToken::new()).await {
        if driver.is_left(folder).await? {
            return Ok(true);
        }
    }
    Ok(false)
}
