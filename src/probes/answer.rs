//! What came back for one HTTP request, in words. What it means is for each probe to judge.

use crate::model::{Text, clean_line, text};

use super::between::proxies;
use super::page::KnownPages;

/// What came back for one HTTP request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// An HTTP answer, whole.
    Reply(Reply),
    /// Somebody took the connection, and nothing else was asked.
    Taken,
    /// Nothing listens on the port.
    Refused,
    /// The connection was closed before an answer; some transports show a refusal like this.
    Closed,
    /// sshd on the host does not open TCP connections for its clients.
    Forbidden,
    /// No whole answer within the limit of time.
    TimedOut,
    /// The answer is longer than any that is expected.
    TooLarge,
    /// The answer is not HTTP, with the client's own words.
    Invalid(String),
    /// The SSH connection did not carry the request, with its own words.
    Lost(Text),
    /// This machine found no way there, with the system's own words.
    NoWay(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reply {
    pub status: u16,
    /// `X-Served-By`: which server the balancer chose.
    pub served_by: Option<String>,
    /// `Location` of a redirect.
    pub location: Option<String>,
    /// `Via`: the proxies that it came through.
    pub via: Option<String>,
    pub body: Vec<u8>,
}

impl Answer {
    /// The answer in words, for the start of a sentence.
    pub fn describe(&self, known: &KnownPages) -> Text {
        match self {
            Self::Reply(reply) => reply.describe(known),
            _ => self.describe_plainly(known.size_limit()),
        }
    }

    /// The same without a look at whose page it is, where no more than `limit` bytes were read.
    pub fn describe_plainly(&self, limit: usize) -> Text {
        match self {
            Self::Reply(reply) => reply.told_by(reply.describe_status()),
            Self::Taken => text!(en: "the connection was taken", pt: "a conexão foi aceita"),
            Self::Refused => text!(en: "connection refused", pt: "conexão recusada"),
            Self::Closed => text!(
                en: "the connection was refused or closed without an answer",
                pt: "a conexão foi recusada ou fechada sem resposta",
            ),
            Self::Forbidden => text!(
                en: "sshd on the host opens no TCP connections (AllowTcpForwarding)",
                pt: "o sshd da máquina não abre conexões TCP (AllowTcpForwarding)",
            ),
            Self::TimedOut => text!(en: "no whole answer in time", pt: "sem resposta completa no prazo"),
            Self::TooLarge => {
                let limit = limit / 1024;
                text!(en: "an answer of more than {limit} KiB", pt: "uma resposta de mais de {limit} KiB")
            }
            Self::Invalid(words) => {
                let words = clean_line(words, 80);
                text!(en: "an answer that is not HTTP ({words})", pt: "uma resposta que não é HTTP ({words})")
            }
            Self::NoWay(words) => {
                let words = clean_line(words, 120);
                text!(
                    en: "no way there from this machine ({words})",
                    pt: "não há caminho até lá a partir deste computador ({words})",
                )
            }
            Self::Lost(words) => {
                let words = words.map(|words| clean_line(words, 120));
                text!(en: "the SSH connection failed ({words})", pt: "a conexão SSH falhou ({words})", words)
            }
        }
    }

    /// Whether it is a page, whosever.
    pub fn is_page(&self) -> bool {
        matches!(self, Self::Reply(reply) if reply.status == 200)
    }

    /// Whether nobody was there to answer.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused | Self::Closed)
    }

    /// The proxies that it says it came through.
    pub fn via(&self) -> Option<&str> {
        match self {
            Self::Reply(reply) => reply.via.as_deref(),
            _ => None,
        }
    }

    /// Whether it came from no web server at all.
    pub fn is_no_reply(&self) -> bool {
        !matches!(self, Self::Reply(_) | Self::Taken | Self::TooLarge | Self::Invalid(_))
    }

    /// Whether asking once more can't help, because the host's sshd forbids it.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Forbidden | Self::Lost(_))
    }
}

impl Reply {
    pub fn describe(&self, known: &KnownPages) -> Text {
        let is_page = self.status == 200;
        self.told_by(if is_page { known.identify(&self.body).describe() } else { self.describe_status() })
    }

    /// What was answered, with the proxies that say so.
    fn told_by(&self, what: Text) -> Text {
        match &self.via {
            Some(via) => {
                let via = proxies(via);
                text!(en: "{what}, by the proxy {via}", pt: "{what}, pelo proxy {via}", what)
            }
            None => what,
        }
    }

    fn describe_status(&self) -> Text {
        let status = self.status;
        match (status, &self.location) {
            (300..400, Some(target)) => {
                let target = clean_line(target, 80);
                text!(
                    en: "HTTP {status}, a redirect to {target}",
                    pt: "HTTP {status}, que redireciona para {target}",
                )
            }
            (300..400, None) => text!(en: "HTTP {status}, a redirect", pt: "HTTP {status}, que redireciona"),
            _ => Text::join(&[Text::verbatim(format!("HTTP {status}")), meaning(status)], ""),
        }
    }
}

fn meaning(status: u16) -> Text {
    match status {
        400 => text!(en: " (bad request)", pt: " (requisição inválida)"),
        401 => text!(en: " (a password is asked for)", pt: " (pede senha)"),
        403 => text!(en: " (forbidden)", pt: " (acesso proibido)"),
        404 => text!(en: " (no such page)", pt: " (página não encontrada)"),
        500 => text!(en: " (the server's own error)", pt: " (erro do próprio servidor)"),
        502 => text!(en: " (bad gateway)", pt: " (má resposta do servidor por trás)"),
        503 => text!(en: " (no server is available)", pt: " (nenhum servidor disponível)"),
        504 => text!(en: " (the server behind did not answer)", pt: " (o servidor por trás não respondeu)"),
        _ => Text::default(),
    }
}
