//! What is measured, by environment variables.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::tool::{Tool, Work};

pub struct Settings {
    /// How many hosts there are: one lab after the other.
    pub hosts: Vec<usize>,
    /// Rounds on hosts that are converged.
    pub rounds: usize,
    /// First applies of each tool, each on hosts made anew.
    pub first: usize,
    /// Round trips added to the way to the hosts.
    pub delays: Vec<Duration>,
    pub tools: Vec<Tool>,
    pub works: Vec<Work>,
    /// Where the tables and the chart are written.
    pub folder: PathBuf,
}

impl Settings {
    pub fn of_environment() -> Result<Self> {
        let milliseconds: Vec<u64> = list("DELAYS", "0")?;
        let folder = std::env::var("PROVISION_BENCH_FOLDER").ok();
        Ok(Self {
            hosts: list("HOSTS", "4")?,
            rounds: list("ROUNDS", "5")?.into_iter().next().context("no rounds")?,
            first: list("FIRST", "1")?.into_iter().next().context("no first applies")?,
            delays: milliseconds.into_iter().map(Duration::from_millis).collect(),
            tools: list("TOOLS", "provision,probes,ansible,mitogen,pyinfra,scripts,floor")?,
            works: list("WORKS", "again")?,
            folder: folder
                .map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("classroom"), PathBuf::from),
        })
    }
}

/// The values of `PROVISION_BENCH_NAME`, separated by commas.
fn list<T: FromStr>(name: &str, default: &str) -> Result<Vec<T>>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let name = format!("PROVISION_BENCH_{name}");
    let text = std::env::var(&name).unwrap_or_else(|_| default.to_owned());
    let values: Result<_, _> = text.split(',').map(|value| value.trim().parse()).collect();
    values.with_context(|| format!("{name}={text}"))
}
