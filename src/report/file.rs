//! `--report FILE`: the ending chooses the format, and a file appears whole or not at all.

use std::io::Write;
use std::path::Path;

use tempfile::NamedTempFile;

use super::{Report, csv, html, json, junit};
use crate::error::{Error, Result};
use crate::model::text;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportFormat {
    /// `.json`: the document of `-o json`.
    Json,
    /// `.xml`: `JUnit`, as CI systems read it.
    Junit,
    /// `.csv`: one row for each cluster.
    Csv,
    /// `.html`: one page that needs nothing else.
    Html,
}

/// The reports that a verb offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// All formats.
    All,
    /// A page and a document.
    OfVerb(&'static str),
}

/// The format that a path asks for, where something can be written. To be called before a run, so that no run is lost
/// to a typing error.
pub fn report_format(path: &Path, offer: Offer) -> Result<ReportFormat> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    let format = match ending.as_str() {
        "json" => ReportFormat::Json,
        "xml" => ReportFormat::Junit,
        "csv" => ReportFormat::Csv,
        "html" | "htm" => ReportFormat::Html,
        _ => {
            return Err(Error::usage(text!(
                en: "`--report {path}` has no known ending",
                pt: "`--report {path}` não tem uma terminação conhecida", path = path.display()
            ))
            .hint(text!(
                en: "end the name in .html, .xml (JUnit), .csv or .json",
                pt: "termine o nome em .html, .xml (JUnit), .csv ou .json",
            )));
        }
    };
    if let (Offer::OfVerb(verb), ReportFormat::Junit | ReportFormat::Csv) = (offer, format) {
        return Err(Error::usage(text!(
            en: "`{verb}` has no report of the kind of {path}",
            pt: "`{verb}` não tem relatório do tipo de {path}", path = path.display()
        ))
        .hint(text!(
            en: "end the name in .html or .json; `verify` writes the other kinds, too",
            pt: "termine o nome em .html ou .json; `verify` escreve também os outros tipos",
        )));
    }
    let folder = folder(path);
    if !folder.is_dir() {
        return Err(Error::usage(text!(
            en: "the folder of `--report {path}` does not exist",
            pt: "a pasta de `--report {path}` não existe", path = path.display()
        ))
        .hint(text!(
            en: "make it first: mkdir -p {folder}",
            pt: "crie-a antes: mkdir -p {folder}", folder = folder.display()
        )));
    }
    if path.is_dir() {
        return Err(Error::usage(text!(
            en: "`--report {path}` is a folder",
            pt: "`--report {path}` é uma pasta", path = path.display()
        ))
        .hint(text!(en: "name a file in it", pt: "indique um arquivo dentro dela")));
    }
    beside(path).map_err(|cause| {
        Error::file(text!(
            en: "nothing can be written to the folder of `--report {path}`",
            pt: "não é possível escrever na pasta de `--report {path}`", path = path.display()
        ))
        .because(cause)
        .hint(text!(
            en: "name a file in a folder that you may write to",
            pt: "indique um arquivo em uma pasta onde você possa escrever",
        ))
    })?;
    Ok(format)
}

/// A run as text of a format.
pub fn report_text(format: ReportFormat, report: &Report<'_>) -> Result<String> {
    match format {
        ReportFormat::Json => Ok(json::document(report)),
        ReportFormat::Junit => junit::junit_document(report),
        ReportFormat::Csv => csv::csv_table(report.work()?),
        ReportFormat::Html => html::html_page(report),
    }
}

/// Writes a report in the place of what stood there.
pub fn write_text(path: &Path, text: &str) -> Result<()> {
    replace(path, text).map_err(|cause| {
        Error::file(text!(
            en: "the report {path} could not be written",
            pt: "não foi possível escrever o relatório {path}", path = path.display()
        ))
        .because(cause)
        .hint(text!(
            en: "name a file in a folder that you may write to; the run itself is not affected",
            pt: "indique um arquivo em uma pasta onde você possa escrever; a execução em si não é afetada",
        ))
    })
}

fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = beside(path)?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}

/// A file in the folder of a report, which is gone unless it takes the report's name.
fn beside(path: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    // Readable by others as far as the umask allows, as any file that a program makes.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.prefix(".provision-report").tempfile_in(folder(path))
}

/// The folder that a file is in.
pub fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Work;
    use crate::report::samples;

    #[test]
    fn the_ending_chooses_the_format() {
        for (name, format) in [
            ("a.json", ReportFormat::Json),
            ("a.XML", ReportFormat::Junit),
            ("a.b.csv", ReportFormat::Csv),
            ("a.html", ReportFormat::Html),
        ] {
            assert_eq!(report_format(Path::new(name), Offer::All).unwrap(), format);
        }
    }

    #[test]
    fn an_unknown_ending_or_folder_is_refused() {
        let words = |path: &str| {
            let error = report_format(Path::new(path), Offer::All).unwrap_err();
            error.sample()
        };
        insta::assert_snapshot!(
            [words("report.pdf"), words("report"), words("no/such/folder/a.csv"), words("/proc/a.csv")].join("\n"),
            @r"
        `--report report.pdf` has no known ending / end the name in .html, .xml (JUnit), .csv or .json
        `--report report` has no known ending / end the name in .html, .xml (JUnit), .csv or .json
        the folder of `--report no/such/folder/a.csv` does not exist / make it first: mkdir -p no/such/folder
        nothing can be written to the folder of `--report /proc/a.csv` / name a file in a folder that you may write to
        "
        );
    }

    #[test]
    fn a_command_with_reports_of_its_own_names_them() {
        for (name, format) in [("a.html", ReportFormat::Html), ("a.json", ReportFormat::Json)] {
            assert_eq!(report_format(Path::new(name), Offer::OfVerb("doctor")).unwrap(), format);
        }
        for name in ["a.xml", "a.csv"] {
            let error = report_format(Path::new(name), Offer::OfVerb("doctor")).unwrap_err();
            assert_eq!(error.message.english(), format!("`doctor` has no report of the kind of {name}"));
            assert_eq!(
                error.hints[0].english(),
                "end the name in .html or .json; `verify` writes the other kinds, too"
            );
        }
    }

    #[test]
    fn every_format_is_written_whole() {
        let folder = tempfile::tempdir().unwrap();
        let outcome = samples::of(Work::Apply, &samples::applied_with_troubles());
        let inventory = samples::inventory();
        for name in ["a.json", "a.xml", "a.csv", "a.html"] {
            let path = folder.path().join(name);
            std::fs::write(&path, "what stood there before").unwrap();
            let format = report_format(&path, Offer::All).unwrap();
            let text = report_text(format, &samples::report(&outcome, &inventory)).unwrap();
            write_text(&path, &text).unwrap();
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(text.contains("web02") && text.ends_with('\n'), "{name}: {text}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4);
    }
}
