//! Programs of sh as templates: each value becomes one quoted word, at a place where that is what sh reads.
//!
//! There is no way around that: nothing but words, choices and loops may be written, so that no text with a value in it
//! is ever taken for one that is quoted already.

use std::io::{self, Write};
use std::path::Path;

use tera::{Error, TeraResult, Value};

use super::pieces::{Piece, pieces};
use super::shell::{self, BEGIN, END};
use super::sources::Sources;
use crate::model::{TemplateError, Text, shell_word, text};

/// Filters whose results would go unquoted.
pub const RAW_FILTERS: [&str; 2] = ["safe", "escape"];

const STATEMENTS: [&str; 10] =
    ["if", "elif", "else", "endif", "for", "endfor", "set", "break", "continue", "raw"];

/// What sh reads as more than a word where it stands first, or in front of `>`.
const RESERVED: [&str; 20] = [
    "!", "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in",
    "select", "then", "time", "until", "while", "[[", "]]",
];

/// What a value may not hold: it ends a line, or no command line has it.
pub fn is_refused(sign: char) -> bool {
    matches!(sign, '\n' | '\0' | BEGIN | END)
}

/// Takes the place of HTML escaping.
pub fn quote(text: &str, output: &mut dyn Write) -> io::Result<()> {
    if text.contains(is_refused) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "line break in a value"));
    }
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    if !text.is_empty() && (is_number || RESERVED.contains(&text)) {
        return write!(output, "{BEGIN}'{text}'{END}");
    }
    write!(output, "{BEGIN}{}{END}", shell_word(text))
}

pub fn no_raw_form() -> TeraResult<Value> {
    let message =
        text!(en: "values have no raw form in a command", pt: "valores não têm forma crua em um comando");
    let hint = text!(
        en: "remove the filter: each value is one quoted word",
        pt: "tire o filtro: cada valor é uma palavra entre aspas",
    );
    Err(Error::message(format!("{}\n{}", message.packed(), hint.packed())))
}

/// What is refused whatever the values are.
pub fn check(sources: &Sources) -> Result<(), TemplateError> {
    for (name, text) in sources.texts() {
        let fault = |at: usize, message: Text, hint: Text| {
            Err(TemplateError::new(sources.path_of(&name), message).at_offset(text, at).with_hint(hint))
        };
        if let Some(at) = text.find([BEGIN, END]) {
            return fault(
                at,
                text!(
                    en: "a control character has no place in a command",
                    pt: "um caractere de controle não tem lugar em um comando",
                ),
                text!(en: "remove it", pt: "tire-o"),
            );
        }
        if let Some(at) = text.find("${#").filter(|_| !text.contains("raw")) {
            let hint = text!(
                en: "write `{{% raw %}}${{#..}}{{% endraw %}}`",
                pt: "escreva `{{% raw %}}${{#..}}{{% endraw %}}`",
            );
            return fault(
                at + 1,
                text!(
                    en: "`{{#` begins a comment of the template",
                    pt: "`{{#` começa um comentário do template",
                ),
                hint,
            );
        }
        for (at, opening) in text.match_indices("{%") {
            let inside = text[at + opening.len()..].trim_start_matches('-').trim_start();
            let end = inside.find(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_');
            let (word, rest) = inside.split_at(end.unwrap_or(inside.len()));
            let is_known = STATEMENTS.contains(&word) || word == "endraw";
            if !is_known || (word == "set" && !assigns(rest)) {
                let hint = text!(
                    en: "write text, `{{{{ value }}}}`, and `{{% if .. %}}`, `{{% for .. %}}` or `{{% set name = .. %}}`",
                    pt: "escreva texto, `{{{{ valor }}}}`, e `{{% if .. %}}`, `{{% for .. %}}` ou `{{% set nome = .. %}}`",
                );
                return fault(
                    at,
                    text!(
                        en: "`{{% {word} %}}` has no place in a command",
                        pt: "`{{% {word} %}}` não tem lugar em um comando",
                    ),
                    hint,
                );
            }
        }
        if let Some((at, why)) = shell::misplaced(&outline(text)) {
            return fault(at, why.message(), why.hint());
        }
    }
    Ok(())
}

/// Whether `set` gives a name an expression, and no text.
fn assigns(rest: &str) -> bool {
    let name = rest.trim_start();
    let behind = name.trim_start_matches(|sign: char| sign.is_alphanumeric() || sign == '_').trim_start();
    behind.starts_with('=') && !behind.starts_with("==")
}

/// A template as sh would see it, each part as long as it is written.
fn outline(text: &str) -> String {
    let mut outline = String::with_capacity(text.len());
    let mut at = 0;
    for (place, piece) in pieces(text) {
        outline.push_str(&text[at..place.start]);
        at = place.end;
        match piece {
            Piece::Statement("raw") => outline.push_str(&text[place]),
            Piece::Statement(_) | Piece::Comment => outline.push_str(&" ".repeat(place.len())),
            Piece::Value => {
                outline.push(BEGIN);
                outline.push_str(&"v".repeat(place.len().saturating_sub(2)));
                outline.push(END);
            }
        }
    }
    outline.push_str(&text[at..]);
    outline
}

/// A rendered program, once its values are seen to stand where they may.
pub fn finish(text: &str, path: &Path) -> Result<String, TemplateError> {
    if let Some((at, why)) = shell::misplaced(text) {
        let line = text[..at].rsplit('\n').next().unwrap_or_default().replace([BEGIN, END], "");
        let (why_not, line) = (why.message(), line.trim_start());
        let message = text!(en: "{why_not}, behind `{line}`", pt: "{why_not}, depois de `{line}`", why_not);
        return Err(TemplateError::new(path, message).with_hint(why.hint()));
    }
    Ok(text.replace([BEGIN, END], ""))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use serde_json::json;

    use super::*;
    use crate::model::samples::HOSTILE;
    use crate::model::{TemplateKind, Variables};
    use crate::template::{Layer, Scope};

    fn rendered(text: &str, value: &str) -> Result<String, TemplateError> {
        let mut variables = Variables::default();
        variables.insert("v", value);
        variables.insert("vars", json!({ "list": [value, value], "map": { value: value } }));
        Layer::of_text(TemplateKind::Command, Path::new("practice.yaml"), text)?
            .render_own(&Scope::new(&variables))
    }

    /// Those that may enter a command.
    fn words() -> impl Iterator<Item = &'static str> {
        HOSTILE.into_iter().filter(|value| !value.contains(is_refused))
    }

    fn run(shell: &[&str], program: &str) -> Vec<u8> {
        let output = Command::new(shell[0]).args(&shell[1..]).arg("-c").arg(program).output().unwrap();
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    #[test]
    fn a_value_is_one_word_wherever_it_may_stand() {
        let shells: Vec<Vec<&str>> = [vec!["dash"], vec!["busybox", "sh"], vec!["bash"]]
            .into_iter()
            .filter(|shell| which::which(shell[0]).is_ok())
            .collect();
        assert!(!shells.is_empty());
        for value in words() {
            for (template, times) in [
                ("printf '%s\\n' {{ v }}", 1),
                ("printf '%s\\n' {{ v }} \"$(printf %s {{ v }})\"", 2),
                ("name={{ v }}; printf '%s\\n' \"$name\"", 1),
                ("x() { printf '%s\\n' \"$@\"; }\nx {% for item in vars.list %}{{ item }} {% endfor %}", 2),
                ("case {{ v }} in x) ;; esac; (printf '%s\\n' {{ v }})", 1),
                ("{% set w = v ~ '' %}printf '%s\\n' {{ w }} # it's {{ v }}", 1),
                ("printf '%s\\n' {{ v | trim(pat='') }}{{ '' }}", 1),
                ("{% if v == 'x' %}echo{% else %}printf '%s\\n'{% endif %} {{ v }}", 1),
            ] {
                let program =
                    rendered(template, value).unwrap_or_else(|error| panic!("{template}: {error:?}"));
                for shell in &shells {
                    let expected = format!("{value}\n").repeat(times);
                    let found = run(shell, &program);
                    assert_eq!(String::from_utf8_lossy(&found), expected, "{shell:?}: {program}");
                }
            }
        }
    }

    #[test]
    fn lists_and_maps_are_one_word_too() {
        for value in words() {
            for template in
                ["printf '%s' {{ vars.list }}", "printf '%s' {{ vars.map }}", "printf '%s' {{ vars }}"]
            {
                let program = rendered(template, value).unwrap();
                assert_eq!(shlex::split(&program).map(|words| words.len()), Some(3), "{program}");
            }
        }
    }

    #[test]
    fn lines_and_nothing_enter_no_command() {
        let refused = HOSTILE.into_iter().filter(|value| value.contains(is_refused));
        for value in refused.chain(["a\u{1}b", "\u{2}"]) {
            let refusal = rendered("echo {{ v }}", value).unwrap_err();
            assert!(refusal.message.english().contains("`v`"), "{refusal:?}");
        }
    }

    #[test]
    fn there_is_no_raw_form() {
        let ways = [
            "echo {{ v | safe }}",
            "echo {{ v | escape | trim(pat=\"'\") }}",
            "{% set w %}{{ v }}{% endset %}echo {{ w | trim(pat=\"'\") }}",
            "{% set w | trim(pat='=') %}{{ v }}{% endset %}echo {{ w }}",
            "{%- filter upper -%}{{ v }}{% endfilter %}",
            "{% include 'x' %}",
            "{% extends 'x' %}",
            "{% block a %}{{ v }}{% endblock %}",
            "{% component x(a) %}{{ a }}{% endcomponent %}{{ <x a=v /> }}",
            "{% <x> %}{{ v }}{% </x> %}",
            "{% macro x(a) %}{{ a }}{% endmacro %}",
            "{%\n import 'x' as x %}",
            "echo '{{ v }}'",
            "echo \"{{ v }}\"",
            "echo \\{{ v }}",
            "echo ${{ v }}",
            "echo `echo {{ v }}`",
            "cat <<E\n{{ v }}\nE",
            "{% if v %}echo '{% endif %}{{ v }}'",
            "{% set q = \"'\" %}echo \u{1}{{ v }}",
            "echo ${#x} {{ v }} #}",
        ];
        let told = ways.map(|way| {
            let error = rendered(way, "$(reboot)").expect_err(way);
            format!("{way}\n  {}\n  {}", error.told().sample(), error.hint.unwrap_or_default().sample())
        });
        insta::assert_snapshot!(told.join("\n"));
    }
}
