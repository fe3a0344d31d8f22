//! Settings that name files.

use std::path::{Path, PathBuf};

use super::surroundings::Surroundings;
use crate::document::complaint::Complaint;
use crate::document::reader::Field;
use crate::document::recorder::Recorder;
use crate::document::tree::NodeId;
use crate::model::{Text, text};

/// Where files are looked for, and where faults go.
pub struct Files<'a> {
    pub recorder: &'a Recorder,
    pub surroundings: &'a Surroundings<'a>,
    /// The folder of the inventory.
    pub base: &'a Path,
}

impl Files<'_> {
    /// A template of the user's; its place only where the file is there.
    pub fn template(&self, field: Option<&Field<String>>) -> (Option<PathBuf>, Option<NodeId>) {
        let Some((at, path)) = self.path(field) else { return (None, None) };
        let there = self.is_there(at, &path, || {
            let hint = text!(
                en: "check the path; it is relative to the inventory",
                pt: "confira o caminho; ele é relativo ao inventário",
            );
            (text!(en: "template", pt: "o template"), hint)
        });
        (Some(path), there.then_some(at))
    }

    pub fn path(&self, field: Option<&Field<String>>) -> Option<(NodeId, PathBuf)> {
        let field = field?;
        let at = field.at?;
        match self.surroundings.path(self.base, field.value.as_ref()?) {
            Ok(path) => Some((at, path)),
            Err(Complaint { message, hint }) => {
                self.recorder.add(at, message, hint);
                None
            }
        }
    }

    /// Whether there is such a file; else that is a fault, told with what it is and with a hint.
    pub fn is_there(&self, at: NodeId, path: &Path, words: impl FnOnce() -> (Text, Text)) -> bool {
        let there = (self.surroundings.is_file)(path);
        if !there {
            let (what, hint) = words();
            self.recorder.add(
                at,
                text!(
                    en: "the {what} {path} does not exist",
                    pt: "não existe {what} {path}", what, path = path.display()
                ),
                hint,
            );
        }
        there
    }
}
