//! Questions, one after the other, and what is typed.

use std::io::{BufRead, Write};

use crate::document::complaint::Complaint;
use crate::error::{Error, Result};
use crate::model::{Language, Text, text};

/// Somebody who can be asked, or nobody: then every question has its default.
pub struct Dialogue<'a> {
    pub language: Language,
    streams: Option<(&'a mut dyn BufRead, &'a mut dyn Write)>,
}

impl<'a> Dialogue<'a> {
    pub fn with(language: Language, input: &'a mut dyn BufRead, output: &'a mut dyn Write) -> Self {
        Self { language, streams: Some((input, output)) }
    }

    pub fn with_nobody(language: Language) -> Self {
        Self { language, streams: None }
    }

    /// The answer to a question, asked until it can be read. `default` is what an empty line means, and how it is shown.
    pub fn ask<T>(
        &mut self,
        question: &Text,
        default: (&str, &str),
        read: impl Fn(&str) -> Result<T, Complaint>,
    ) -> Result<T> {
        let (meaning, shown) = default;
        loop {
            let line = if self.is_asked() {
                self.say(&format!("{} [{shown}]: ", question.words(self.language)));
                self.line()?
            } else {
                String::new()
            };
            let answer = if line.trim().is_empty() { meaning } else { line.trim() };
            match read(answer) {
                Ok(answer) => return Ok(answer),
                Err(complaint) => self.refuse(complaint)?,
            }
        }
    }

    /// The same of a question to which yes or no is said.
    pub fn confirm(&mut self, question: &Text, default: bool) -> Result<bool> {
        let (meaning, shown) = match (default, self.language) {
            (true, Language::English) => ("y", "Y/n"),
            (false, Language::English) => ("n", "y/N"),
            (true, Language::Portuguese) => ("s", "S/n"),
            (false, Language::Portuguese) => ("n", "s/N"),
        };
        self.ask(question, (meaning, shown), |answer| match answer.to_lowercase().as_str() {
            "y" | "yes" | "s" | "sim" => Ok(true),
            "n" | "no" | "não" | "nao" => Ok(false),
            _ => Err(Complaint::new(
                text!(en: "this is neither yes nor no", pt: "isto não é nem sim nem não"),
                text!(en: "write `y` or `n`", pt: "escreva `s` ou `n`"),
            )),
        })
    }

    /// The same of several lines, up to an empty one.
    pub fn paste<T>(&mut self, question: &Text, read: impl Fn(&str) -> Result<T, Complaint>) -> Result<T> {
        loop {
            self.say(&format!("{}\n", question.words(self.language)));
            let mut lines = String::new();
            loop {
                self.say("> ");
                let line = self.line()?;
                if line.trim().is_empty() && !lines.is_empty() {
                    break;
                }
                lines.push_str(&line);
            }
            match read(&lines) {
                Ok(answer) => return Ok(answer),
                Err(complaint) => self.refuse(complaint)?,
            }
        }
    }

    pub fn is_asked(&self) -> bool {
        self.streams.is_some()
    }

    fn refuse(&mut self, complaint: Complaint) -> Result<()> {
        let Complaint { message, hint } = complaint;
        if !self.is_asked() {
            return Err(Error::usage(message).hint(hint));
        }
        let [message, hint] = [message, hint].map(|text| text.words(self.language).to_owned());
        self.say(&format!("✗ {message}\n  → {hint}\n"));
        Ok(())
    }

    fn say(&mut self, words: &str) {
        if let Some((_, output)) = &mut self.streams {
            // Without a terminal to read it on, the answer will not come either.
            let _ = output.write_all(words.as_bytes()).and_then(|()| output.flush());
        }
    }

    fn line(&mut self) -> Result<String> {
        let mut line = Vec::new();
        let read = match &mut self.streams {
            Some((input, _)) => input.read_until(b'\n', &mut line),
            None => Ok(0),
        };
        match read {
            Ok(0) => {
                self.say("\n");
                Err(Error::usage(text!(
                    en: "the answers ended before the questions: nothing is written",
                    pt: "as respostas acabaram antes das perguntas: nada foi escrito",
                ))
                .hint(text!(
                    en: "`--yes` asks nothing; see `provision init --help` for the answers as flags",
                    pt: "`--yes` não pergunta nada; `provision init --help` mostra as respostas como opções",
                )))
            }
            Ok(_) => Ok(String::from_utf8_lossy(&line).into_owned()),
            Err(cause) => Err(Error::machine(text!(
                en: "the answer cannot be read: nothing is written",
                pt: "não foi possível ler a resposta: nada foi escrito",
            ))
            .because(cause)),
        }
    }
}
