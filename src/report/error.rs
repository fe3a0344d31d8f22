//! The words of an error that ends a run: `error: …`, its causes, and after a blank line what to do next.

use super::style::{Style, Tone};
use crate::error::{Error, ErrorKind};
use crate::model::clean;

/// Renders an error for standard error, with a final newline.
pub fn render_error(error: &Error, colour: bool) -> String {
    let style = Style { colour, unicode: true };
    let mut said = error.message.trim_end().to_owned();
    // The faults of an inventory have headings of their own.
    let lead = match error.kind {
        ErrorKind::Faults => String::new(),
        _ => style.paint(Tone::Bad, "error") + ": ",
    };
    let mut text = format!("{lead}{said}\n");
    for cause in error.cause.iter().flat_map(|cause| cause.chain()) {
        let cause = clean(&cause.to_string()).trim_end().replace('\n', "\n    ");
        // Many errors already end in the words of their source.
        if !cause.is_empty() && !said.ends_with(&cause) {
            text.push_str(&format!("  caused by: {cause}\n"));
            said = cause;
        }
    }
    let lead = style.paint(Tone::Accent, "hint");
    for (place, hint) in error.hints.iter().enumerate() {
        let gap = if place == 0 { "\n" } else { "" };
        let hint = hint.trim_end().replace('\n', "\n      ");
        text.push_str(&format!("{gap}{lead}: {hint}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(error: &Error) -> String {
        render_error(error, false)
    }

    #[test]
    fn kind_causes_and_hints_stand_apart() {
        let source = std::io::Error::new(std::io::ErrorKind::PermissionDenied, "permission denied");
        let cause = anyhow::Error::new(source).context("cannot read key.pem");
        let error = Error::file("the private key of lb01 is of no use")
            .because(cause)
            .hint("chmod 600 key.pem")
            .hint("or name another key\nunder `ssh.identity`");
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
        let error = Error::usage("no inventory: not found").because(anyhow::anyhow!("not found"));
        assert_eq!(rendered(&error), "error: no inventory: not found\n");
    }

    #[test]
    fn faults_keep_their_own_headings() {
        let error = Error::new(
            ErrorKind::Faults,
            "\u{1b}[1;31merror\u{1b}[0m: unknown role `webb`\n --> a.yaml:3:4\n",
        );
        assert_eq!(rendered(&error), "\u{1b}[1;31merror\u{1b}[0m: unknown role `webb`\n --> a.yaml:3:4\n");
    }

    #[test]
    fn a_cause_cannot_drive_the_terminal() {
        let error = Error::usage("no").because(anyhow::anyhow!("\u{1b}]0;owned\u{7}x\u{1b}[2J"));
        assert_eq!(rendered(&error), "error: no\n  caused by: x\n");
    }

    #[test]
    fn colour_marks_only_the_leads() {
        assert_eq!(
            render_error(&Error::usage("no").hint("yes"), true),
            "\u{1b}[31merror\u{1b}[0m: no\n\n\u{1b}[36mhint\u{1b}[0m: yes\n"
        );
    }
}
