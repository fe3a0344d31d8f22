//! The folder of base images, and of what they are made from.

use std::fs;
use std::path::{Path, PathBuf};

use super::record::remove_tree;
use crate::error::Result;

/// Ending of an image that is not finished.
pub(super) const DRAFT: &str = "draft";

pub(super) fn images(state: &Path) -> PathBuf {
    state.join("images")
}

/// Removes what killed builds left, unless somebody builds at this moment.
pub(super) async fn remove_drafts(state: &Path) -> Result<()> {
    let folder = images(state);
    let Ok(lock) = fs::File::open(&folder) else { return Ok(()) };
    if lock.try_lock().is_err() {
        return Ok(());
    }
    for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
        if entry.path().extension().is_some_and(|ending| ending == DRAFT) {
            remove_tree(&entry.path()).await?;
        }
    }
    Ok(())
}
