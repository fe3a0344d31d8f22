//! The socket role: Python 3 and the three folders of the socket lab, in the inventory's language.
//!
//! One source serves both languages. A line that begins with `#en: ` or `#pt: ` belongs to that language alone and
//! stands there without the marker; every other line is common, so that the code is the same in both.

use std::fmt::Write;
use std::sync::{Arc, LazyLock};

use super::definition::Definition;
use crate::model::{
    Cluster, Directory, Expectation, File, Host, Language, Peers, Placement, Port, Render, Reservation,
    Resource, Role, Severity, Template, TemplateError, TemplateKind, Variables, text,
};

const NAME: &str = "socket";
/// Each host is asked about the next ones, so that all are asked about, and not by all.
const NEIGHBOURS: usize = 3;

const CONSTANTS: Template = Template {
    name: "socket/constCS.py.tera",
    text: include_str!("../../templates/socket/constCS.py.tera"),
    kind: TemplateKind::Configuration,
};

pub const DEFINITION: Definition = Definition {
    name: NAME,
    describes: "Python 3 and the socket lab.",
    called: &["socket", "sockets"],
    usual: || Arc::new(Socket::default()),
    remark: || text!(en: "the socket lab", pt: "prática de sockets"),
    templates: &[CONSTANTS],
    own: None,
    backups: &[],
};

const CLIENT: &str = include_str!("../../templates/socket/client.py");

/// Folder, file and source of everything in the lab but `constCS.py`.
const FILES: [(&str, &str, &str); 6] = [
    ("01-simples", "server-book.py", include_str!("../../templates/socket/01-simples/server-book.py")),
    ("01-simples", "client-book.py", include_str!("../../templates/socket/01-simples/client-book.py")),
    ("02-sequencial", "server.py", include_str!("../../templates/socket/02-sequencial/server.py")),
    ("02-sequencial", "client.py", CLIENT),
    ("03-thread", "server-thread.py", include_str!("../../templates/socket/03-thread/server-thread.py")),
    ("03-thread", "client.py", CLIENT),
];

#[derive(Debug, Clone)]
pub struct Socket {
    /// Folder of the three variants on the host.
    pub path: String,
    /// `PORT` of constCS.py.
    pub port: u16,
    /// `HOST` of constCS.py: the address the server binds, empty for any.
    pub host: String,
    /// `SERVER` of constCS.py: the address the client connects to.
    pub server: String,
}

impl Default for Socket {
    fn default() -> Self {
        Self {
            path: "/opt/socket".to_owned(),
            port: 50007,
            host: String::new(),
            server: "localhost".to_owned(),
        }
    }
}

impl Role for Socket {
    fn name(&self) -> &str {
        NAME
    }

    fn ports(&self) -> Vec<Port> {
        vec![Port { number: self.port, what: "socket lab".into(), setting: "port" }]
    }

    fn resources(&self, place: &Placement<'_>, render: &dyn Render) -> Result<Vec<Resource>, TemplateError> {
        let root = self.path.trim_end_matches('/');
        let constants = in_language(&render.render(&CONSTANTS, None, &self.constants())?, place.language);

        let directory = |path: String| Resource::Directory(Directory::with_mode(path, 0o755));
        let constants: Arc<[u8]> = constants.into_bytes().into();
        let file = |path: String, content: &Arc<[u8]>| {
            Resource::File(File { content: Arc::clone(content), ..File::of_text(path, "") })
        };
        let mut resources = vec![Resource::package("python3"), Resource::Port(self.reservation())];
        if !root.is_empty() {
            resources.push(directory(root.to_owned()));
        }
        for folder in ["01-simples", "02-sequencial", "03-thread"] {
            resources.push(directory(format!("{root}/{folder}")));
            resources.push(file(format!("{root}/{folder}/constCS.py"), &constants));
            let files = FILES.iter().zip(contents(place.language));
            for ((_, name, _), content) in files.filter(|((of, ..), _)| *of == folder) {
                resources.push(file(format!("{root}/{folder}/{name}"), content));
            }
        }
        Ok(resources)
    }

    fn expectations(&self, _: &Cluster) -> Vec<Expectation> {
        vec![Expectation::SocketLab { path: self.path.clone(), server: self.server.clone() }]
    }

    fn peers<'a>(&self, cluster: &'a Cluster, host: &Host) -> Option<Peers<'a>> {
        let all: Vec<_> = cluster.with_role(NAME).collect();
        let own = all.iter().position(|(other, _)| other.id == host.id).unwrap_or_default();
        let next = all.iter().cycle().skip(own + 1).take(NEIGHBOURS.min(all.len().saturating_sub(1)));
        Some(Peers {
            hosts: next.filter_map(|(next, role)| Some((*next, role.ports().first()?.number))).collect(),
            severity: Severity::Warning,
            means: text!(
                en: "a client of the socket lab here gets no answer from a server there",
                pt: "um cliente da prática de sockets aqui não recebe resposta de um servidor lá",
            ),
        })
    }
}

impl Socket {
    /// The values of `constCS.py`, each a Python literal already.
    fn constants(&self) -> Variables {
        let mut variables = Variables::default();
        variables.insert("HOST", python_literal(&self.host));
        variables.insert("PORT", self.port);
        variables.insert("SERVER", python_literal(&self.server));
        variables
    }

    /// Students start the servers themselves.
    fn reservation(&self) -> Reservation {
        Reservation {
            port: self.port,
            owner: text!(en: "of the socket lab", pt: "da prática de sockets"),
            means: text!(
                en: "it may be a student's own server; the probes use another port",
                pt: "pode ser o servidor de um aluno; os testes usam outra porta",
            ),
        }
    }
}

/// What [`FILES`] hold in a language, made once for all hosts.
fn contents(language: Language) -> &'static [Arc<[u8]>] {
    type Contents = LazyLock<[Arc<[u8]>; FILES.len()]>;
    fn made(language: Language) -> [Arc<[u8]>; FILES.len()] {
        FILES.map(|(_, _, source)| in_language(source, language).into_bytes().into())
    }
    static ENGLISH: Contents = LazyLock::new(|| made(Language::English));
    static PORTUGUESE: Contents = LazyLock::new(|| made(Language::Portuguese));
    match language {
        Language::English => ENGLISH.as_slice(),
        Language::Portuguese => PORTUGUESE.as_slice(),
    }
}

/// Keeps the lines of one language and the common ones.
fn in_language(source: &str, language: Language) -> String {
    let (wanted, other) = match language {
        Language::English => ("#en: ", "#pt: "),
        Language::Portuguese => ("#pt: ", "#en: "),
    };
    let mut text = String::with_capacity(source.len());
    for line in source.lines() {
        let code = line.trim_start();
        if code.starts_with(other) {
            continue;
        }
        match code.strip_prefix(wanted) {
            Some(rest) => {
                text.push_str(&line[..line.len() - code.len()]);
                text.push_str(rest);
            }
            None => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

/// A Python string literal in pure ASCII, on one line, whatever the value holds.
fn python_literal(value: &str) -> String {
    let mut literal = String::with_capacity(value.len() + 2);
    literal.push('\'');
    for character in value.chars() {
        // Writing to a `String` cannot fail.
        let _ = match character {
            '\'' | '\\' => write!(literal, "\\{character}"),
            ' '..='~' => write!(literal, "{character}"),
            _ => match u32::from(character) {
                code @ 0..=0xff => write!(literal, "\\x{code:02x}"),
                code @ 0x100..=0xffff => write!(literal, "\\u{code:04x}"),
                code => write!(literal, "\\U{code:08x}"),
            },
        };
    }
    literal.push('\'');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_keeps_its_own_lines_and_the_common_ones() {
        let source = "#en: # one\n#pt: # um\nif x:\n    #en: print('a')\n    #pt: print('á')\n    pass\n";
        assert_eq!(in_language(source, Language::English), "# one\nif x:\n    print('a')\n    pass\n");
        assert_eq!(in_language(source, Language::Portuguese), "# um\nif x:\n    print('á')\n    pass\n");
    }

    #[test]
    fn every_line_of_one_language_has_its_partner_in_the_other() {
        for (folder, name, source) in FILES {
            let marks: Vec<&str> = source
                .lines()
                .map(str::trim_start)
                .filter_map(|line| line.get(..5))
                .filter(|mark| ["#en: ", "#pt: "].contains(mark))
                .collect();
            assert!(!marks.is_empty(), "{folder}/{name}");
            assert!(marks.chunks(2).all(|pair| pair == ["#en: ", "#pt: "]), "{folder}/{name}");
        }
    }

    #[test]
    fn literals_stay_on_one_ascii_line() {
        assert_eq!(python_literal(""), "''");
        assert_eq!(python_literal("localhost"), "'localhost'");
        assert_eq!(python_literal("a'b\"c\\d"), r#"'a\'b"c\\d'"#);
        assert_eq!(python_literal("a\n\r\0é☃🦀\u{2028}"), r"'a\x0a\x0d\x00\xe9\u2603\U0001f980\u2028'");
    }
}
