//! From what a practice says to what its probes ask.

use std::collections::BTreeMap;
use std::time::Duration;

use super::definition::items;
use super::raw;
use super::value;
use super::voice::Voice;
use crate::document::tree::NodeId;
use crate::model::{PracticeProbe, Question, text};

const DEFAULT_LIMIT: Duration = Duration::from_secs(20);
const LONGEST_LIMIT: Duration = Duration::from_secs(5 * 60);

impl Voice<'_> {
    pub fn probes(&self) -> Vec<PracticeProbe> {
        let recorder = &self.definition.recorder;
        let services = self.service_names();
        let mut probes = Vec::new();
        let mut seen: BTreeMap<String, NodeId> = BTreeMap::new();
        for (at, raw) in items(&self.definition.raw.probes) {
            self.required(at, "name", &raw.name);
            let kinds = [raw.tcp.at, raw.http.at, raw.command.at].into_iter().flatten().count();
            if kinds != 1 {
                let message = text!(en: "a probe asks in one way", pt: "um teste pergunta de um só jeito");
                recorder.add(
                    at,
                    message,
                    text!(
                        en: "give it one of `tcp: {{ port: .. }}`, `http: {{ .. }}` and `command: {{ .. }}`",
                        pt: "dê a ele um entre `tcp: {{ port: .. }}`, `http: {{ .. }}` e `command: {{ .. }}`",
                    ),
                );
            }
            let question = self.question(raw);
            let Some(name) = self.value(&raw.name, value::name) else { continue };
            let first = *seen.entry(name.clone()).or_insert(at);
            if first != at {
                recorder.add_related(
                    at,
                    first,
                    text!(en: "two probes are named `{name}`", pt: "dois testes se chamam `{name}`"),
                    text!(en: "give each its own name", pt: "dê a cada um o seu nome"),
                );
            }
            let practice = self.definition.name.clone();
            let services = services.clone();
            probes.extend(question.map(|question| PracticeProbe { practice, name, services, question }));
        }
        probes
    }

    fn question(&self, raw: &raw::Probe) -> Option<Question> {
        let tcp = raw.tcp.at.zip(raw.tcp.value.as_ref()).and_then(|(at, tcp)| self.tcp(at, tcp));
        let http = raw.http.at.zip(raw.http.value.as_ref()).and_then(|(at, http)| self.http(at, http));
        let command = raw.command.at.zip(raw.command.value.as_ref()).and_then(|(at, ask)| self.ask(at, ask));
        tcp.or(http).or(command)
    }

    fn tcp(&self, at: NodeId, raw: &raw::Tcp) -> Option<Question> {
        self.required(at, "port", &raw.port);
        Some(Question::Tcp { port: self.value(&raw.port, value::port)? })
    }

    fn http(&self, at: NodeId, raw: &raw::Http) -> Option<Question> {
        self.required(at, "port", &raw.port);
        let path = self.value(&raw.path, value::page);
        let status = self.value(&raw.status, value::status);
        let contains = self.value(&raw.contains, value::sought);
        Some(Question::Http {
            port: self.value(&raw.port, value::port)?,
            path: path.unwrap_or_else(|| "/".to_owned()),
            status: status.unwrap_or(200),
            contains,
        })
    }

    fn ask(&self, at: NodeId, raw: &raw::Ask) -> Option<Question> {
        self.required(at, "run", &raw.run);
        let contains = self.value(&raw.contains, value::sought);
        let limit = self.value(&raw.timeout, |text| value::limit(text, LONGEST_LIMIT));
        Some(Question::Command {
            run: self.command(&raw.run)?,
            contains,
            limit: limit.unwrap_or(DEFAULT_LIMIT),
            as_root: raw.root.value.unwrap_or_default(),
        })
    }
}
