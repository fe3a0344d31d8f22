//! The language of the terminal: as it is asked for, else the locale's.

use std::ffi::OsString;

use clap::ValueEnum;

use crate::model::Language;

/// The variable of `--language`.
pub const VARIABLE: &str = "PROVISION_LANGUAGE";

/// `--language`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LanguageTag {
    /// English
    En,
    /// Portuguese of Brazil
    #[value(name = "pt-BR", alias = "pt")]
    PtBr,
}

impl From<LanguageTag> for Language {
    fn from(tag: LanguageTag) -> Self {
        match tag {
            LanguageTag::En => Self::English,
            LanguageTag::PtBr => Self::Portuguese,
        }
    }
}

/// The language that is asked for, else that of messages in the locale.
pub fn resolve(asked: Option<LanguageTag>, variable: impl Fn(&str) -> Option<String>) -> Language {
    let of_locale = || {
        let locale = locale("LC_MESSAGES", variable);
        if locale.is_some_and(|locale| locale.starts_with("pt")) {
            Language::Portuguese
        } else {
            Language::English
        }
    };
    asked.map_or_else(of_locale, Language::from)
}

/// POSIX: `LC_ALL`, else the variable of a category, else `LANG`; the first that is set and not empty decides.
pub fn locale(category: &str, variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    ["LC_ALL", category, "LANG"].into_iter().filter_map(variable).find(|value| !value.is_empty())
}

/// The language that the command line and the environment ask for, before either is read as a whole: help has it,
/// too.
pub fn asked(arguments: &[OsString], variable: impl Fn(&str) -> Option<String>) -> Option<LanguageTag> {
    let words = || arguments.iter().map_while(|word| word.to_str()).take_while(|word| *word != "--");
    let joined = words().filter_map(|word| word.strip_prefix("--language="));
    let apart = words().zip(words().skip(1)).filter(|(flag, _)| *flag == "--language").map(|(_, tag)| tag);
    let tag = joined.chain(apart).next().map(str::to_owned).or_else(|| variable(VARIABLE))?;
    LanguageTag::from_str(&tag, false).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &'static [(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        move |name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn the_flag_then_the_first_locale_variable_that_is_set_decides() {
        let tag = |asked, pairs| resolve(asked, of(pairs)).tag();
        assert_eq!(tag(None, &[("LANG", "pt_BR.UTF-8")]), "pt-BR");
        assert_eq!(tag(None, &[("LC_ALL", "C"), ("LANG", "pt_BR.UTF-8")]), "en");
        assert_eq!(tag(None, &[("LC_ALL", ""), ("LC_MESSAGES", "pt"), ("LANG", "en_US.utf8")]), "pt-BR");
        assert_eq!(tag(None, &[("LC_CTYPE", "pt_BR.UTF-8")]), "en");
        assert_eq!(tag(None, &[]), "en");
        assert_eq!(tag(Some(LanguageTag::En), &[("LANG", "pt_BR.UTF-8")]), "en");
        assert_eq!(tag(Some(LanguageTag::PtBr), &[("LC_ALL", "C")]), "pt-BR");
    }

    #[test]
    fn help_is_asked_for_in_a_language_too() {
        let asked = |line: &str, pairs| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            asked(&words, of(pairs))
        };
        assert_eq!(asked("provision plan --language pt-BR --help", &[]), Some(LanguageTag::PtBr));
        assert_eq!(asked("provision --language=pt help plan", &[]), Some(LanguageTag::PtBr));
        assert_eq!(asked("provision --help", &[(VARIABLE, "pt-BR")]), Some(LanguageTag::PtBr));
        assert_eq!(asked("provision --language en --help", &[(VARIABLE, "pt-BR")]), Some(LanguageTag::En));
        assert_eq!(asked("provision exec -- x --language pt-BR", &[]), None);
        assert_eq!(asked("provision --language fr", &[]), None);
        assert_eq!(asked("provision --language", &[]), None);
    }
}
