//! Which hosts of which inventory, for all that takes some.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::role::RoleParser;

/// The inventory to read.
#[derive(Debug, Clone, Args)]
pub struct InventoryArgument {
    /// The inventory
    #[arg(value_name = "INVENTORY", default_value = "inventory.yaml", env = "PROVISION_INVENTORY", value_hint = ValueHint::FilePath)]
    pub inventory: PathBuf,
}

/// Which hosts of which inventory.
#[derive(Debug, Args)]
pub struct ScopeArguments {
    #[command(flatten)]
    pub inventory: InventoryArgument,
    /// Only these hosts: names, globs and clusters, `!` excludes ('ana/*,!ana/web02')
    #[arg(short, long, value_name = "PATTERNS", env = "PROVISION_LIMIT")]
    pub limit: Option<String>,
    /// Only hosts with this role, or this practice
    #[arg(long, value_name = "ROLE", env = "PROVISION_ROLE", value_parser = RoleParser, hide_possible_values = true)]
    pub role: Option<String>,
}
