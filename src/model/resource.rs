//! What a host should have. Built by `desired`, compared with facts by `planner`.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base16ct::lower::encode_string;
use serde::Serialize;

use super::clean::clean_line;
use super::package::{Package, Remains};
use super::text::Text;

/// One thing wanted on a host. The order within a host's list is the order of application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    Package(Package),
    Directory(Directory),
    /// A file has exactly this content. Its owner and group are root where nothing else is wanted.
    File(File),
    Link(Link),
    /// A command has been run.
    Command(Command),
    /// A service is enabled, running, and has read the files that name it.
    Service(Service),
    /// A port is free for what people start themselves: nothing is changed for it.
    Port(Reservation),
}

/// What is wanted of a file or a directory whatever stands there: drift is a change. `None` stays as it is found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attributes {
    /// Permission bits, e.g. `0o640`.
    pub mode: Option<u32>,
    /// Names, which need not exist before packages do.
    pub owner: Option<String>,
    pub group: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    /// Absolute path.
    pub path: String,
    pub wanted: Attributes,
}

impl Directory {
    /// Permission bits of one that is made where no mode is wanted.
    pub const MODE: u32 = 0o755;

    /// One of root's, whose mode is wanted.
    pub fn with_mode(path: impl Into<String>, mode: u32) -> Self {
        Self { path: path.into(), wanted: Attributes { mode: Some(mode), ..Attributes::default() } }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Absolute path on the host.
    pub path: String,
    /// Shared by all hosts whose file is the same.
    pub content: Arc<[u8]>,
    /// Permission bits, e.g. `0o644`. Applied when the file is made; an existing file keeps its mode and owner
    /// unless others could not read it although they must.
    pub mode: u32,
    pub wanted: Attributes,
    /// How a candidate is checked before it takes the place of the file.
    pub validator: Option<Validator>,
    /// The service that must reload when the file changes.
    pub notify: Option<String>,
    pub turn: Turn,
}

/// When a host gets something, whatever the order in which it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Turn {
    /// Before any package: one would put something of its own there, and show it.
    First,
    #[default]
    Own,
    /// Once the hosts that its role stands in front of are ready.
    Last,
}

impl File {
    /// A text that everybody may read.
    pub fn of_text(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            content: text.into().into_bytes().into(),
            mode: 0o644,
            wanted: Attributes::default(),
            validator: None,
            notify: None,
            turn: Turn::Own,
        }
    }

    /// Hex SHA-256 of the content.
    pub fn sha256(&self) -> String {
        sha256(&self.content)
    }

    /// The content where it is text.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.content).ok().filter(|text| !text.contains('\0'))
    }
}

/// Hex SHA-256 of some bytes.
pub fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    encode_string(&sha2::Sha256::digest(bytes))
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Absolute path of the link.
    pub path: String,
    /// What it points at, as written in it.
    pub target: String,
    /// The service that must reload when the link changes.
    pub notify: Option<String>,
}

/// A command of a practice, with what tells whether it has to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The role that it belongs to.
    pub role: String,
    /// Its name within that role.
    pub name: String,
    pub run: Script,
    pub guard: Guard,
    /// What takes it back.
    pub undo: Option<String>,
    pub limit: Duration,
    /// Whether it comes behind the services of its host.
    pub after_services: bool,
}

/// What a command consists of, for root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Script {
    /// Text for sh.
    Shell(String),
    /// A program of its own, whose first line may name what reads it.
    Program(String),
}

/// By what it is seen that a command need not be run. It changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guard {
    /// Text for sh that ends well.
    Unless(String),
    /// Something stands at this path.
    Creates(String),
}

/// What a service does when one of its files changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnChange {
    /// It reads them anew where it can, else it starts anew.
    #[default]
    Reload,
    Restart,
}

/// A managed service: enabled at boot and running.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Service {
    /// Unit name without `.service`.
    pub name: String,
    /// TCP ports that it must listen on once healthy.
    pub ports: Vec<u16>,
    /// Its own log file.
    pub log: Option<String>,
    /// A command that tells whether it could start with its files as they are.
    pub check: Option<String>,
    /// Whether a reload puts new processes in the place of those that listen. Then it has not reloaded before they do.
    pub renews: bool,
    pub on_change: OnChange,
    pub turn: Turn,
}

/// A TCP port that is kept for programs that people start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    pub port: u16,
    /// Whose it is, behind `port 5000 `: `of the socket lab`.
    pub owner: Text,
    /// What it may mean that a program holds it.
    pub means: Text,
}

/// Checks a candidate file by a command, whose words have no blanks in them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Validator {
    /// It is given the candidate's path as its last word, before that is put in place.
    Candidate(String),
    /// It reads the files where they belong: the candidate is put in place, and back where the command fails.
    InPlace(String),
    /// Text for sh, in which `{file}` stands for the candidate's path, before that is put in place.
    Shell(String),
}

/// How plans and reports name a resource: `package:apache2`, `file:/etc/haproxy/haproxy.cfg`, `service:haproxy`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct ResourceId(String);

const LONGEST_NAME: usize = 1_000;

impl ResourceId {
    /// Cleaned and bounded, for journals on hosts have names, too.
    pub fn new(name: impl AsRef<str>) -> Self {
        Self(clean_line(name.as_ref(), LONGEST_NAME))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_service(&self) -> bool {
        self.0.starts_with("service:")
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// The services among resources. The last to come up is told first: it stands in front of the others.
pub fn services(resources: &[Resource]) -> impl Iterator<Item = &Service> {
    resources.iter().rev().filter_map(|resource| match resource {
        Resource::Service(service) => Some(service),
        _ => None,
    })
}

/// The services that are told by `-f` which file to read when they start, as the check of that file is, and the file.
pub fn started_by(resources: &[Resource]) -> impl Iterator<Item = (&str, &str)> {
    resources.iter().filter_map(|resource| match resource {
        Resource::File(File {
            validator: Some(Validator::Candidate(check)),
            notify: Some(service),
            path,
            ..
        }) if check.ends_with(" -f") => Some((service.as_str(), path.as_str())),
        _ => None,
    })
}

impl Resource {
    /// A package of which nothing more is said.
    pub fn package(name: impl Into<String>) -> Self {
        Self::Package(Package { name: name.into(), remains: Remains::Unsaid })
    }

    /// What only one of a host's resources can have: a path, whatever stands there, else what its id says.
    pub fn claim(&self) -> String {
        self.path().map_or_else(|| self.id().to_string(), str::to_owned)
    }

    /// Where it stands, if it is something that stands somewhere.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Directory(directory) => Some(&directory.path),
            Self::File(file) => Some(&file.path),
            Self::Link(link) => Some(&link.path),
            Self::Package(_) | Self::Command(_) | Self::Service(_) | Self::Port(_) => None,
        }
    }

    /// Its name where it is that service.
    pub fn service_name(&self, name: &str) -> Option<&str> {
        match self {
            Self::Service(service) => (service.name == name).then_some(&service.name),
            _ => None,
        }
    }

    /// Whether nothing can stand below its path: a folder that a link leads to is another one.
    pub fn has_nothing_below(&self) -> bool {
        matches!(self, Self::File(_) | Self::Link(_))
    }

    pub fn id(&self) -> ResourceId {
        ResourceId(match self {
            Self::Package(package) => format!("package:{}", package.name),
            Self::Directory(directory) => format!("directory:{}", directory.path),
            Self::File(file) => format!("file:{}", file.path),
            Self::Link(link) => format!("link:{}", link.path),
            Self::Command(command) => format!("command:{}/{}", command.role, command.name),
            Self::Service(service) => format!("service:{}", service.name),
            Self::Port(reservation) => format!("port:{}", reservation.port),
        })
    }
}
