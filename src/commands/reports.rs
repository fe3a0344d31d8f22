//! `--report FILE`: names are checked before a run, and files written at its end.

use std::path::PathBuf;

use crate::error::{Error, ExitCode, Result};
use crate::report::{self, Offer, ReportFormat};

/// The reports that a run is to write.
#[derive(Default)]
pub struct Reports(Vec<(PathBuf, ReportFormat)>);

impl Reports {
    /// What was asked for; nobody waits for a run whose report cannot be written.
    pub fn new(paths: &[PathBuf], offer: Offer) -> Result<Self> {
        let formats = paths.iter().map(|path| Ok((path.clone(), report::report_format(path, offer)?)));
        Ok(Self(formats.collect::<Result<_>>()?))
    }

    /// Writes them all. One that cannot be written is told, keeps no other from being written, and is what a run that
    /// went well ends with.
    pub fn write(
        &self,
        code: ExitCode,
        text: impl Fn(ReportFormat) -> Result<String>,
        mut tell: impl FnMut(&Error),
    ) -> ExitCode {
        let mut ended = code;
        for (path, format) in &self.0 {
            if let Err(error) = text(*format).and_then(|text| report::write_text(path, &text)) {
                tell(&error);
                if code == ExitCode::Success {
                    ended = error.kind.code();
                }
            }
        }
        ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Text;

    #[test]
    fn one_that_cannot_be_written_keeps_no_other_from_it() {
        let folder = tempfile::tempdir().unwrap();
        let [page, table, document] = ["a.html", "b.csv", "c.json"].map(|name| folder.path().join(name));
        // A folder has come to stand there since the name was checked.
        std::fs::create_dir(&page).unwrap();
        let reports = Reports(vec![
            (page.clone(), ReportFormat::Html),
            (table.clone(), ReportFormat::Csv),
            (document.clone(), ReportFormat::Json),
        ]);
        let text = |format| match format {
            ReportFormat::Csv => Err(Error::internal(Text::verbatim("no table"))),
            _ => Ok("text".to_owned()),
        };
        for (code, ended) in
            [(ExitCode::Success, ExitCode::Usage), (ExitCode::Unreachable, ExitCode::Unreachable)]
        {
            let mut told = Vec::new();
            assert_eq!(
                reports.write(code, text, |error| told.push(error.message.english().to_owned())),
                ended
            );
            let [unwritten, unmade] = told.as_slice() else { panic!("{told:?}") };
            assert!(unwritten.contains("a.html could not be written") && unmade == "no table", "{told:?}");
            assert!(page.is_dir() && !table.exists());
            assert_eq!(std::fs::read_to_string(&document).unwrap(), "text");
        }
    }
}
