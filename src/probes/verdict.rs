//! A verdict: pass, fail or skip, with what was seen, what was expected and what to do next.

use std::collections::BTreeSet;
use std::time::Duration;

#[cfg(test)]
use crate::model::Language;
use crate::model::{Check, CheckKind, CheckStatus, HostId, Text, clean_line, text};

use super::cause::{Cause, Setback};

/// Longest line of what was seen, what was expected and a hint, in characters. Each has its own limit: however much
/// was seen, it is told what was expected, and why it was not judged.
const LINE_LIMIT: usize = 400;

/// Most lines of a hint.
const HINT_LINES: usize = 8;
const DEEPEST_INDENT: usize = 8;
/// More causes than this are only counted.
const MOST_CAUSES: usize = 3;

/// What a probe concluded. Its text is clean and bounded, wherever the words in it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub status: CheckStatus,
    /// What was seen, and for a failure what was expected.
    pub detail: Text,
    pub hint: Option<Text>,
    /// How many requests each host answered, where that was counted.
    pub shares: Vec<(HostId, usize)>,
    /// Services whose logs may explain a failure.
    pub services: Vec<String>,
    /// What the host said instead of answers.
    pub said: Vec<Text>,
}

#[expect(clippy::needless_pass_by_value, reason = "sentences are made in place and handed over")]
impl Verdict {
    pub fn pass(seen: Text) -> Self {
        Self::new(CheckStatus::Pass, bounded(&seen), None)
    }

    pub fn fail(seen: Text, expected: Text, next: Text) -> Self {
        let (seen, expected) = (bounded(&seen), bounded(&expected));
        let detail =
            text!(en: "{seen}; expected {expected}", pt: "{seen}; esperado: {expected}", seen, expected);
        Self::new(CheckStatus::Fail, detail, Some(next))
    }

    pub fn skip(reason: Text, next: Option<Text>) -> Self {
        Self::new(CheckStatus::Skip, bounded(&reason), next)
    }

    /// It is not as it should be, and that the run failed there explains why.
    pub fn explained_by_setback(self, setback: &Setback) -> Self {
        let seen = self.detail;
        let reason = match setback {
            Setback::Change(change) => text!(
                en: "{seen}, because the change of {change} failed",
                pt: "{seen}, por causa da falha da mudança de {change}",
                seen,
            ),
            Setback::Failure(message) => {
                let message = bounded(message);
                text!(
                    en: "{seen}, because apply failed there: {message}",
                    pt: "{seen}, porque o apply falhou nela: {message}",
                    seen,
                    message,
                )
            }
        };
        Self::new(CheckStatus::Skip, reason, None)
    }

    /// It is not as it should be, and failed probes explain why.
    pub fn explained<'a>(seen: Text, causes: impl IntoIterator<Item = &'a Cause>) -> Self {
        let causes: BTreeSet<_> = causes.into_iter().collect();
        let causes: Vec<_> = causes.into_iter().map(Cause::describe).collect();
        let causes = Text::list(&causes, MOST_CAUSES);
        let (seen, causes) = (bounded(&seen), bounded(&causes));
        let reason = text!(
            en: "{seen}, because {causes} failed",
            pt: "{seen}, por causa da falha de {causes}",
            seen,
            causes,
        );
        Self::new(CheckStatus::Skip, reason, None)
    }

    /// The same with who answered how often.
    pub fn with_shares(self, shares: Vec<(HostId, usize)>) -> Self {
        Self { shares, ..self }
    }

    /// The same about a service, whose log may explain a failure.
    pub fn about(mut self, service: &str) -> Self {
        self.services.push(service.to_owned());
        self
    }

    /// The same with what the host said instead of answers.
    pub fn with_words(self, said: &[Text]) -> Self {
        Self { said: said.to_vec(), ..self }
    }

    fn new(status: CheckStatus, detail: Text, hint: Option<Text>) -> Self {
        Self {
            status,
            detail,
            hint: hint.map(|words| words.map(clean_lines)),
            shares: Vec::new(),
            services: Vec::new(),
            said: Vec::new(),
        }
    }

    pub fn passed(&self) -> bool {
        self.status == CheckStatus::Pass
    }

    pub fn failed(&self) -> bool {
        self.status == CheckStatus::Fail
    }

    /// The verdict as a check of a host.
    pub fn into_check(self, kind: CheckKind, host: HostId, duration: Duration) -> Check {
        Check {
            kind,
            host,
            status: self.status,
            detail: self.detail,
            hint: self.hint,
            shares: self.shares,
            services: self.services,
            log_tail: self.said,
            duration,
        }
    }
}

/// One clean line, of a length that can be read.
fn bounded(words: &Text) -> Text {
    words.map(|words| clean_line(words, LINE_LIMIT))
}

/// Text of a few lines, such as a command to run below the sentence that asks for it.
fn clean_lines(text: &str) -> String {
    let lines = text.lines().take(HINT_LINES).map(|line| {
        let indent = line.chars().take_while(|sign| *sign == ' ').count().min(DEEPEST_INDENT);
        format!("{}{}", " ".repeat(indent), clean_line(line, LINE_LIMIT))
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
impl Verdict {
    /// The verdict in both languages, with a mark behind what was seen.
    pub fn sample(&self, mark: &str) -> String {
        let words = |language, mark| {
            let hint = self.hint.as_ref().map(|hint| format!("\n    -> {}", hint.words(language)));
            format!("{}{mark}{}", self.detail.words(language), hint.unwrap_or_default())
        };
        let (english, portuguese) = (words(Language::English, mark), words(Language::Portuguese, ""));
        format!("{}: {english}\n  pt: {portuguese}", self.status.into_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_verdict_is_clean_and_bounded() {
        let text = |words: &str| Text::verbatim(words);
        let verdict = Verdict::fail(
            text("\u{1b}[31ma\nb\u{202e}"),
            Text::verbatim("x".repeat(900)),
            text("do\u{7} this"),
        );
        assert!(verdict.detail.english().starts_with("a b; expected xxx"));
        assert_eq!(verdict.detail.english().chars().count(), LINE_LIMIT + "a b; expected ".len());
        let long = || Text::verbatim("x".repeat(900));
        let told = Verdict::fail(long(), text("rest"), text("wait")).detail;
        assert!(told.english().ends_with("; expected rest"), "{}", told.english());
        let cause = Cause::new(CheckKind::HTTP, &HostId::new("ana", "web01"));
        let told = Verdict::explained(long(), [&cause]).detail;
        assert!(told.english().ends_with(", because http of ana/web01 failed"), "{}", told.english());
        let told = verdict.clone().explained_by_setback(&Setback::Failure(long()));
        assert_eq!(
            told.detail.english().chars().count(),
            LINE_LIMIT * 2 + "a b; expected , because apply failed there: ".len()
        );
        assert_eq!(verdict.hint.as_ref().map(Text::english), Some("do this"));
        assert!(!verdict.passed());
        let hint = Verdict::skip(text("no"), Some(text("run:\n  ssh\u{7} web01\n"))).hint;
        assert_eq!(hint.as_ref().map(Text::english), Some("run:\n  ssh web01"));
    }
}
