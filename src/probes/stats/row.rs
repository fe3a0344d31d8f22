//! One line of HAProxy's statistics, and its words.

use serde::Deserialize;

use crate::model::{Text, clean_line, text};

/// Names of servers and the like are longer only where somebody plays.
pub const LONGEST_NAME: usize = 60;

/// One line of the page. Columns come and go between versions of HAProxy; these have been there since 1.7.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct Row {
    #[serde(rename = "# pxname")]
    pub proxy: String,
    #[serde(rename = "svname")]
    pub server: String,
    pub status: String,
    pub weight: String,
    /// 1 where a server is a backup, asked only while no other one is left.
    pub bck: String,
    pub scur: String,
    /// How often the server was chosen.
    pub lbtot: String,
    pub check_status: String,
    pub check_code: String,
    pub last_chk: String,
    /// Only where the page shows legends.
    pub addr: String,
    /// Only in a backend's row, and only where the page shows legends.
    pub algo: String,
}

impl Row {
    /// The algorithm of a backend, where the page tells it. HAProxy has a name for each but `random`.
    pub fn algorithm(&self) -> Option<&str> {
        match self.algo.as_str() {
            "" => None,
            "unknown" => Some("random"),
            name => Some(name),
        }
    }

    /// Whether it gets requests.
    pub fn is_in_rotation(&self) -> bool {
        !["DOWN", "MAINT", "DRAIN"].iter().any(|out| self.status.starts_with(out))
    }

    /// `web02 is DOWN (L4CON: connect refused or host unreachable, "Connection refused")`
    pub fn describe(&self) -> Text {
        let (name, status) = (clean_line(&self.server, LONGEST_NAME), clean_line(&self.status, 30));
        if status == "no check" {
            return text!(
                en: "{name} is no check (not checked: `check` is missing)",
                pt: "{name} não é verificado (no check: falta `check`)",
            );
        }
        let code = self.check_status.trim_start_matches(['*', ' ']);
        let mut parts = Vec::new();
        if let Some(meaning) = meaning(code) {
            parts.push(text!(en: "{code}: {meaning}", pt: "{code}: {meaning}", meaning));
        } else if !code.is_empty() {
            parts.push(Text::verbatim(clean_line(code, 20)));
        }
        if code.starts_with("L7") && !self.check_code.is_empty() {
            parts.push(Text::verbatim(format!("HTTP {}", clean_line(&self.check_code, 10))));
        }
        let words = clean_line(&self.last_chk, 80);
        if !words.is_empty() {
            parts.push(Text::verbatim(format!("“{words}”")));
        }
        let reason = Text::join(&parts, ", ");
        let reason = if parts.is_empty() { reason } else { reason.map(|reason| format!(" ({reason})")) };
        text!(en: "{name} is {status}{reason}", pt: "{name} está {status}{reason}", reason)
    }
}

/// Reads the page; `None` where it is none.
pub fn parse(body: &[u8]) -> Option<Vec<Row>> {
    let text = String::from_utf8_lossy(body);
    if !text.starts_with("# pxname,") {
        return None;
    }
    csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.as_bytes())
        .deserialize()
        .collect::<Result<_, _>>()
        .ok()
}

/// What HAProxy's code for the result of a check means.
fn meaning(code: &str) -> Option<Text> {
    Some(match code {
        "UNK" => text!(en: "not known yet", pt: "ainda não se sabe"),
        "INI" => text!(en: "not checked yet", pt: "ainda não verificado"),
        "SOCKERR" => text!(en: "no socket for the check", pt: "sem socket para a verificação"),
        "L4OK" => text!(en: "connected", pt: "conectou"),
        "L4TOUT" => text!(en: "no answer to connect in time", pt: "a conexão não foi aceita no prazo"),
        "L4CON" => text!(
            en: "connect refused or host unreachable",
            pt: "conexão recusada ou máquina inacessível",
        ),
        "L6TOUT" | "L6RSP" => text!(en: "TLS did not work", pt: "o TLS não funcionou"),
        "L7OK" => text!(en: "the last check was good", pt: "a última verificação deu certo"),
        "L7OKC" => text!(en: "good on a condition", pt: "deu certo sob uma condição"),
        "L7TOUT" => text!(
            en: "connected, but no HTTP answer in time",
            pt: "conectou, mas sem resposta HTTP no prazo",
        ),
        "L7RSP" => text!(en: "the answer is not HTTP", pt: "a resposta não é HTTP"),
        "L7STS" => text!(en: "a bad HTTP status", pt: "um código HTTP de erro"),
        _ => return None,
    })
}
