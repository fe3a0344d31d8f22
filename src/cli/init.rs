//! The arguments of `init`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

/// `provision init`: what is not said here is asked for on a terminal.
#[derive(Debug, Clone, Args)]
pub struct InitArguments {
    /// The inventory to write
    #[arg(value_name = "FILE", default_value = "inventory.yaml", env = "PROVISION_INVENTORY", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Title of pages and reports
    #[arg(long, value_name = "TEXT", env = "PROVISION_TITLE")]
    pub title: Option<String>,
    /// The login on the machines [default: as your ssh configuration says]
    #[arg(long, value_name = "NAME", env = "PROVISION_USER")]
    pub user: Option<String>,
    /// The private key that logs in [default: agent and ssh's own]
    #[arg(long, value_name = "FILE", env = "PROVISION_IDENTITY", value_hint = ValueHint::FilePath, conflicts_with = "ask_pass")]
    pub identity: Option<String>,
    /// Log in with a password, asked for at the start of each run
    #[arg(short = 'k', long, env = "PROVISION_ASK_PASS", value_parser = clap::builder::FalseyValueParser::new())]
    pub ask_pass: bool,
    /// sudo wants a password, asked for at the start of each run
    #[arg(short = 'K', long, env = "PROVISION_ASK_BECOME_PASS", value_parser = clap::builder::FalseyValueParser::new())]
    pub ask_become_pass: bool,
    /// The machine that balances: `10.0.0.50`; several make a cluster each; `none` for web hosts alone
    #[arg(long, value_name = "ADDRESSES", env = "PROVISION_BALANCER")]
    pub balancer: Option<String>,
    /// The web hosts: `10.0.0.51-53`, `10.0.0.[51:53]`, `a,b`, `user@host:port`; dealt out evenly to several balancers
    #[arg(long, value_name = "ADDRESSES", env = "PROVISION_WEB")]
    pub web: Option<String>,
    /// How the machines reach each other, such as `192.168.56.11-13`: of each cluster the balancer first [default: as above]
    #[arg(long, value_name = "ADDRESSES", env = "PROVISION_PRIVATE")]
    pub private: Option<String>,
    /// Put the Python socket lab on the web hosts
    #[arg(long, env = "PROVISION_SOCKET", value_parser = clap::builder::FalseyValueParser::new())]
    pub socket: bool,
    /// Ask nothing: take the default of all that is not said
    #[arg(short, long, env = "PROVISION_YES", value_parser = clap::builder::FalseyValueParser::new())]
    pub yes: bool,
    /// Replace the file if there is one
    #[arg(long, env = "PROVISION_FORCE", value_parser = clap::builder::FalseyValueParser::new())]
    pub force: bool,
}
