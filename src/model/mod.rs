//! The nouns of the tool. Pure data: no file, network or terminal is touched here.

mod apt;
pub mod check;
pub mod clean;
pub mod clock;
pub mod command;
pub mod connection;
pub mod drill;
pub mod examination;
pub mod execution;
pub mod expectation;
pub mod facts;
pub mod failure;
pub mod finding;
pub mod grading;
pub mod host;
pub mod host_id;
pub mod host_text;
pub mod inventory;
pub mod journal;
pub mod language;
pub mod meanwhile;
pub mod outcome;
pub mod package;
pub mod plan;
pub mod probe;
pub mod removal;
pub mod resource;
#[cfg(test)]
pub mod samples;
pub mod secret;
pub mod secret_name;
pub mod secret_text;
pub mod standpoint;
pub mod template;
pub mod text;
pub mod timing;
pub mod trial;

pub use apt::{barred, believed_certificate, closed_key, closed_tmp, fixed_accounts, gone};
pub use check::{Check, CheckStatus, kinds};
pub use clean::{clean, clean_bytes, clean_line};
pub use command::shell_word;
pub use connection::{Become, BecomeMethod, Connection, HostKeyPolicy, Jump, TransportChoice};
pub use drill::{Drill, DrillEnd, DrillMode, DrillOutcome, DrillsOutcome, Marks, Measured, Sample, Timeline};
pub use examination::{Examination, MirrorWay, Reach, SilentMirror};
pub use execution::{CommandOutcome, ExecOutcome};
pub use expectation::{Balance, Expectation, PracticeProbe, Question, ServerExpectation};
pub use facts::{Facts, GuardFact, PackageFact, PathFact, PathKind, ROOMS, Room, ServiceFact};
pub use failure::{Failure, FailureKind};
pub use finding::{Finding, FindingKind, PreflightOutcome, Severity};
pub use grading::Grading;
pub use host::{Cluster, Host, Leftover, PackageSource, Packages, Peers, Placement, Port, Role};
pub use host_id::{DEFAULT_CLUSTER, HostId};
pub use host_text::HostText;
pub use inventory::Inventory;
pub use journal::{InventoryMark, JOURNAL, Maker, Others, Remembered, RememberedKind};
pub use language::Language;
pub use meanwhile::{Meanwhile, Situation, Unready};
pub use outcome::{HostOutcome, HostStatus, Outcome, RunOutcome, Summary, Work};
pub use package::{Package, Remains};
pub use plan::{Action, Change, ChangeResult, Concern, HostPlan, Operation, Step};
pub use probe::{CheckKind, Probe, Whose};
pub use removal::Removal;
pub use resource::{
    Attributes, Command, Directory, File, Guard, Link, OnChange, Reservation, Resource, ResourceId, Script,
    Service, Turn, Validator, services, sha256, started_by,
};
pub use secret::SecretSource;
pub use secret_name::is_secret_name;
pub use secret_text::{holds_secret, is_secret_text};
pub use standpoint::{PythonFact, Standing, Standpoint};
pub use template::{Render, Template, TemplateError, TemplateKind, Value, Variables};
pub use text::Text;
pub(crate) use text::text;
pub use timing::{HostTiming, Phase, Slowest, Span};
pub use trial::Trial;
