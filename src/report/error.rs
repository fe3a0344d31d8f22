//! The words of an error that ends a run: `error: …`, its causes, and after a blank line what to do next.

use super::style::{Style, Tone};
use super::vocabulary::{Words, say};
use crate::error::Error;

/// Renders an error for standard error, with a final newline.
pub fn render_error(error: &Error, style: Style) -> String {
    let words = Words(style.language);
    // The faults of an inventory have headings of their own.
    let (lead, mut said) = match &error.block {
        Some(block) => (String::new(), block.render(style.language, style.colour)),
        None => (style.paint(Tone::Bad, words.choose("error", "erro")) + ": ", words.say(&error.message)),
    };
    let mut text = format!("{lead}{}\n", said.trim_end());
    for cause in error.causes.iter().map(|cause| words.say(cause).trim_end().replace('\n', "\n    ")) {
        // Many errors already end in the words of their source.
        if !cause.is_empty() && !said.ends_with(&cause) {
            text.push_str(&say!(words, en: "  caused by: {cause}\n", pt: "  porque: {cause}\n"));
            said = cause;
        }
    }
    let lead = style.paint(Tone::Accent, words.choose("hint", "dica"));
    for (place, hint) in error.hints.iter().enumerate() {
        let gap = if place == 0 { "\n" } else { "" };
        let hint = words.say(hint).trim_end().replace('\n', "\n      ");
        text.push_str(&format!("{gap}{lead}: {hint}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Block;
    use crate::model::{Language, Text};

    const STYLE: Style = Style { colour: false, unicode: true, language: Language::English };

    fn rendered(error: &Error) -> String {
        render_error(error, STYLE)
    }

    #[test]
    fn kind_causes_and_hints_stand_apart() {
        let source = std::io::Error::new(std::io::ErrorKind::PermissionDenied, "permission denied");
        let cause = anyhow::Error::new(source).context("cannot read key.pem");
        let error = Error::file(Text::verbatim("the private key of lb01 is of no use"))
            .because(cause)
            .hint(Text::verbatim("chmod 600 key.pem"))
            .hint(Text::verbatim("or name another key\nunder `ssh.identity`"));
        insta::assert_snapshot!(rendered(&error), @r"
        error: the private key of lb01 is of no use
          caused by: cannot read key.pem
          caused by: permission denied

        hint: chmod 600 key.pem
        hint: or name another key
              under `ssh.identity`
        ");
    }

    #[test]
    fn a_cause_already_in_the_message_is_not_said_twice() {
        let error =
            Error::usage(Text::verbatim("no inventory: not found")).because(anyhow::anyhow!("not found"));
        assert_eq!(rendered(&error), "error: no inventory: not found\n");
    }

    #[derive(Debug)]
    struct Faults;

    impl Block for Faults {
        fn render(&self, language: Language, colour: bool) -> String {
            format!("{} {colour}: unknown role `webb`\n --> a.yaml:3:4\n", language.tag())
        }
    }

    #[test]
    fn faults_keep_their_own_headings() {
        let style = Style { language: Language::Portuguese, ..STYLE };
        let told = render_error(&Error::faults(Faults), style);
        assert_eq!(told, "pt-BR false: unknown role `webb`\n --> a.yaml:3:4\n");
    }

    #[test]
    fn a_cause_cannot_drive_the_terminal() {
        let error =
            Error::usage(Text::verbatim("no")).because(anyhow::anyhow!("\u{1b}]0;owned\u{7}x\u{1b}[2J"));
        assert_eq!(rendered(&error), "error: no\n  caused by: x\n");
    }

    #[test]
    fn colour_marks_only_the_leads() {
        assert_eq!(
            render_error(
                &Error::usage(Text::verbatim("no")).hint(Text::verbatim("yes")),
                Style { colour: true, ..STYLE }
            ),
            "\u{1b}[31merror\u{1b}[0m: no\n\n\u{1b}[36mhint\u{1b}[0m: yes\n"
        );
    }
}
