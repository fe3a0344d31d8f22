//! Where a secret comes from. The secret itself is never part of the model, so that no report can print it.

use std::path::PathBuf;

use schemars::JsonSchema;

/// A reference to a secret, as written in the inventory. Literal passwords are refused there.
#[derive(Debug, Clone, PartialEq, Eq, Hash, JsonSchema)]
#[schemars(inline, with = "String", extend(
    "pattern" = r"^(prompt|env:[A-Za-z_][A-Za-z0-9_]*|file:.+|command:.+)$",
    "examples" = ["prompt", "env:SUDO_PASSWORD", "file:~/.secret", "command:pass show class"],
))]
pub enum SecretSource {
    /// `prompt`: ask at the terminal, once for all hosts that share this source.
    Prompt,
    /// `env:NAME`: an environment variable of the tool.
    Environment(String),
    /// `file:PATH`: the first line of a file, the path already resolved against the inventory.
    File(PathBuf),
    /// `command:CMD`: the first line that a command prints, run by `sh -c` on the laptop.
    Command(String),
}
