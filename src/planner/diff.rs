//! Unified diffs of text files.

use similar::TextDiff;

use crate::model::clean;

/// A file that is longer is not worth reading as a diff.
const LONGEST: usize = 512 * 1024;

/// The unified diff, cleaned, from what stands on the host to what is wanted; `None` where either is no text, or too long.
pub(super) fn unified(path: &str, before: Option<&[u8]>, after: &[u8]) -> Option<String> {
    let old = std::str::from_utf8(before.unwrap_or_default()).ok()?;
    let new = std::str::from_utf8(after).ok()?;
    if old.len() > LONGEST || new.len() > LONGEST || old.contains('\0') || new.contains('\0') {
        return None;
    }
    let old_name = if before.is_some() { path } else { "/dev/null" };
    let diff = TextDiff::from_lines(old, new).unified_diff().header(old_name, path).to_string();
    Some(clean(&diff).into_owned())
}
