//! The clap types. Their doc comments are the help text; their flags and variables are a contract with users.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, ColorChoice, Parser, Subcommand, ValueEnum, ValueHint};

use super::duration;
use super::export::ExportCommand;
use super::import::ImportCommand;
use super::init::InitArguments;
use super::lab::{LabCommand, LabShape};
use super::language::{self, LanguageTag};
use super::output::OutputFormat;
use super::practice::PracticeCommand;
use super::scope::{InventoryArgument, ScopeArguments};

/// Sets up and verifies the practice clusters of a Distributed Systems class, over SSH.
///
/// It reads an inventory of virtual machines and makes a load-balanced web cluster of them: HAProxy on the
/// balancer, Apache2 with a page of its own on each web host, Python 3 and the socket lab. Then it proves that
/// everything answers.
#[derive(Debug, Parser)]
#[command(
    name = "provision",
    version,
    propagate_version = true,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 all well · 1 usage, inventory or internal error · 2 a host failed · 3 a probe failed · \
                  4 a host unreachable · 130 interrupted\n\nTry it without any machine: provision demo"
)]
pub struct Arguments {
    #[command(flatten)]
    pub console: ConsoleArguments,
    #[command(subcommand)]
    pub command: Command,
}

/// Flags of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Console")]
pub struct ConsoleArguments {
    /// Say more: every failure as it comes, every change, every diff, why a transport was chosen (repeat for remote output)
    #[arg(short, long, global = true, action = ArgAction::Count, env = "PROVISION_VERBOSE")]
    pub verbose: u8,
    /// Print nothing but results and errors
    #[arg(short, long, global = true, env = "PROVISION_QUIET", value_parser = clap::builder::FalseyValueParser::new(), conflicts_with = "verbose")]
    pub quiet: bool,
    /// When to use colour
    #[arg(
        long,
        help = "When to use colour [also: NO_COLOR, CLICOLOR_FORCE]",
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        env = "PROVISION_COLOR"
    )]
    pub color: ColorChoice,
    /// Language of the terminal, and with `init` of pages and class files [default: as the locale says]
    #[arg(long, global = true, value_name = "TAG", env = language::VARIABLE)]
    pub language: Option<LanguageTag>,
    /// Never ask for anything at the terminal
    #[arg(long, global = true, env = "PROVISION_NO_INPUT", value_parser = clap::builder::FalseyValueParser::new())]
    pub no_input: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write an inventory from a few answers, and look whether the hosts are there
    ///
    /// What the flags do not say is asked for on a terminal. It writes the file even where hosts do not answer: they may
    /// be off, and it says which.
    Init(InitArguments),
    /// Check an inventory and its templates without connecting anywhere
    Validate {
        #[command(flatten)]
        inventory: InventoryArgument,
    },
    /// Examine the hosts before class, without changing anything
    ///
    /// It looks for what would stand in the way: logins, sudo, disks, clocks, ports that others hold, clones, hosts
    /// that do not reach each other. Each finding says what it means for the class, and what to do.
    Doctor {
        #[command(flatten)]
        run: ReportedRunArguments,
    },
    /// Show what `apply` would change (the same as `apply --dry-run`)
    ///
    /// It works on a bare machine, too, and writes nothing there. Every change comes with its reason.
    Plan {
        #[command(flatten)]
        run: TimedRunArguments,
        /// Exit with 2 when changes are pending
        #[arg(long, env = "PROVISION_DETAILED_EXITCODE", value_parser = clap::builder::FalseyValueParser::new())]
        detailed_exitcode: bool,
    },
    /// Set up the hosts as the inventory says, then verify them
    ///
    /// It changes nothing but what differs from the inventory: a second run finds nothing to change. After Ctrl-C, or
    /// where a host failed, the same command again does the rest.
    Apply {
        #[command(flatten)]
        run: TimedRunArguments,
        /// Only show what would change
        #[arg(long, env = "PROVISION_DRY_RUN", value_parser = clap::builder::FalseyValueParser::new())]
        dry_run: bool,
        /// Delete what is no longer in the inventory, without asking
        ///
        /// On a terminal it is asked for otherwise; elsewhere it is left.
        #[arg(long, env = "PROVISION_PRUNE", value_parser = clap::builder::FalseyValueParser::new())]
        prune: bool,
        /// Do not ask at the terminal before deleting
        #[arg(short, long, env = "PROVISION_YES", value_parser = clap::builder::FalseyValueParser::new())]
        yes: bool,
        /// Leave out the probes at the end
        #[arg(long, env = "PROVISION_NO_VERIFY", value_parser = clap::builder::FalseyValueParser::new())]
        no_verify: bool,
        #[command(flatten)]
        retry: RetryArguments,
    },
    /// Probe that everything works, without changing anything
    ///
    /// The probes: `ssh` the host is reached; `service` its services run, also after a reboot; `http` a web host
    /// shows its own page; `balance` the balancer brings every web host, in its turn; `stats` HAProxy counts all of
    /// them as up; `socket` the three lab servers speak their protocol. What one failure explains is not judged.
    Verify {
        #[command(flatten)]
        run: TimedRunArguments,
        #[command(flatten)]
        probes: ProbeArguments,
    },
    /// Take a web host of each cluster out, bring it back, and measure the failover
    ///
    /// Requests go through each balancer all the while: how many were lost, and how long HAProxy took to notice. The
    /// host brings itself back in any case.
    Drill {
        #[command(flatten)]
        run: ReportedRunArguments,
        #[command(flatten)]
        drill: DrillArguments,
    },
    /// Undo what `apply` did: exactly what each host's journal records
    ///
    /// What somebody changed since then is kept beside it, as FILE.before-reset.
    Reset {
        #[command(flatten)]
        run: TimedRunArguments,
        /// Only show what would be undone
        #[arg(long, env = "PROVISION_DRY_RUN", value_parser = clap::builder::FalseyValueParser::new())]
        dry_run: bool,
        /// Do not ask before undoing
        #[arg(short, long, env = "PROVISION_YES", value_parser = clap::builder::FalseyValueParser::new())]
        yes: bool,
    },
    /// Run a shell command on the hosts
    ///
    /// Each line of its output has its host in front; with `-o json` it is data.
    Exec {
        #[command(flatten)]
        run: RunArguments,
        /// Run it as root, by the host's `become` settings
        #[arg(short, long, env = "PROVISION_BECOME", value_parser = clap::builder::FalseyValueParser::new())]
        r#become: bool,
        /// The command, behind `--`
        #[arg(last = true, required = true, value_name = "CMD")]
        words: Vec<String>,
    },
    /// Show the inventory as it is understood
    #[command(subcommand)]
    Inventory(InventoryCommand),
    /// Make an inventory from what you have (Ansible, Vagrant, ssh, AWS, CSV)
    ///
    /// What is not taken over is told line by line. Nothing is run, and no secret is copied.
    #[command(subcommand)]
    Import(ImportCommand),
    /// Make and check practices: roles of your own
    #[command(subcommand)]
    Practice(PracticeCommand),
    /// Write what Ansible, cloud-init or ssh take
    #[command(subcommand)]
    Export(ExportCommand),
    /// Fill, list or empty the cache of packages on this machine
    #[command(subcommand)]
    Packages(PackagesCommand),
    /// Make throwaway practice hosts on this machine
    #[command(subcommand)]
    Lab(LabCommand),
    /// From nothing to a verified cluster on this machine: lab up, apply, verify
    Demo {
        #[command(flatten)]
        shape: LabShape,
        /// Take the lab down at the end
        #[arg(long, env = "PROVISION_LAB_DOWN", value_parser = clap::builder::FalseyValueParser::new())]
        down: bool,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page (roff)
    Man,
}

/// `provision inventory …`
#[derive(Debug, Subcommand)]
pub enum InventoryCommand {
    /// List the hosts with their roles and addresses
    List {
        #[command(flatten)]
        scope: ScopeArguments,
        /// Form of the result
        #[arg(short, long, value_name = "FORM", default_value = "text", env = "PROVISION_OUTPUT")]
        output: OutputFormat,
    },
    /// Draw the clusters as a tree
    Graph {
        #[command(flatten)]
        scope: ScopeArguments,
    },
    /// Print the JSON Schema of inventories
    Schema,
}

/// `provision packages …`
#[derive(Debug, Subcommand)]
pub enum PackagesCommand {
    /// Download what the hosts will need, so that in class nothing leaves this machine
    Fetch {
        #[command(flatten)]
        run: RunArguments,
    },
    /// List the cached files
    List {
        /// Form of the result
        #[arg(short, long, value_name = "FORM", default_value = "text", env = "PROVISION_OUTPUT")]
        output: OutputFormat,
    },
    /// Empty the cache
    Clean,
}

/// How many hosts are changed at once where nobody says otherwise.
pub const FORKS: u16 = 30;

/// Flags of everything that connects.
#[derive(Debug, Args)]
pub struct RunArguments {
    #[command(flatten)]
    pub scope: ScopeArguments,
    /// How many hosts are changed at once; eight times as many are looked at, or one after the other with 1
    #[arg(short, long, value_name = "N", default_value_t = FORKS, value_parser = clap::value_parser!(u16).range(1..=10_000), env = "PROVISION_FORKS")]
    pub forks: u16,
    /// Ask for the SSH password
    #[arg(short = 'k', long, env = "PROVISION_ASK_PASS", value_parser = clap::builder::FalseyValueParser::new())]
    pub ask_pass: bool,
    /// Ask for the sudo password
    #[arg(short = 'K', long, env = "PROVISION_ASK_BECOME_PASS", value_parser = clap::builder::FalseyValueParser::new())]
    pub ask_become_pass: bool,
    /// Form of the result
    #[arg(short, long, value_name = "FORM", default_value = "text", env = "PROVISION_OUTPUT")]
    pub output: OutputFormat,
}

/// Flags of everything that connects, and can write reports.
#[derive(Debug, Args)]
pub struct ReportedRunArguments {
    #[command(flatten)]
    pub run: RunArguments,
    /// Also write a report; its ending chooses: .html or .json; with plan, apply, verify and reset also .xml (JUnit) or .csv (repeatable)
    #[arg(long, value_name = "FILE", env = "PROVISION_REPORT", value_delimiter = ',', value_hint = ValueHint::FilePath)]
    pub report: Vec<PathBuf>,
}

/// Flags of everything that tells how each host fared.
#[derive(Debug, Args)]
pub struct TimedRunArguments {
    #[command(flatten)]
    pub run: ReportedRunArguments,
    /// Also tell where the time went, host by host; reports draw it
    #[arg(long, env = "PROVISION_TIMINGS", value_parser = clap::builder::FalseyValueParser::new())]
    pub timings: bool,
}

/// How a drill is done.
#[derive(Debug, Clone, Args)]
pub struct DrillArguments {
    /// The web host to take out, by its full name or the one within its cluster [default: the last one selected]
    #[arg(long, value_name = "NAME", env = "PROVISION_DRILL_HOST")]
    pub host: Option<String>,
    /// How it is taken out
    #[arg(long, value_name = "MODE", default_value = "stop", env = "PROVISION_DRILL_MODE")]
    pub mode: DrillModeName,
    /// Requests a second through each balancer, each on a connection of its own
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=100), env = "PROVISION_DRILL_RATE")]
    pub rate: u16,
    /// How long it stays out once HAProxy has noticed
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = duration::parse, env = "PROVISION_DRILL_HOLD")]
    pub hold: Duration,
    /// When the host itself brings it back at the latest, whatever becomes of this machine
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = duration::parse, env = "PROVISION_DRILL_RESTORE_AFTER")]
    pub restore_after: Duration,
    /// Do not ask before anything is stopped
    #[arg(short, long, env = "PROVISION_YES", value_parser = clap::builder::FalseyValueParser::new())]
    pub yes: bool,
}

/// How a web host is taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DrillModeName {
    /// Stop its Apache2, and HAProxy has to find out
    Stop,
    /// Tell HAProxy to send it nothing (maintenance)
    Maint,
}

/// How long probes are given.
#[derive(Debug, Clone, Copy, Args)]
pub struct RetryArguments {
    /// Give a failing probe this long before it counts: services take a moment
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration::parse, env = "PROVISION_RETRY_TIMEOUT")]
    pub retry_timeout: Duration,
    /// Pause between two tries of a probe
    #[arg(long, value_name = "TIME", default_value = "500ms", value_parser = duration::parse, env = "PROVISION_SLEEP")]
    pub sleep: Duration,
}

/// How `verify` probes.
#[derive(Debug, Clone, Copy, Args)]
pub struct ProbeArguments {
    /// Ask for pages from this machine, at the hosts' addresses, as a student's browser would: not through SSH
    #[arg(long, env = "PROVISION_DIRECT", value_parser = clap::builder::FalseyValueParser::new())]
    pub direct: bool,
    /// Keep probing over the same connections and show what changes, until Ctrl-C
    ///
    /// Each cluster has rounds of its own. Ctrl-C ends it with the summary and the exit code of the last complete
    /// round of each. Nothing is asked twice in a round: it shows the moment.
    #[arg(long, env = "PROVISION_WATCH", value_parser = clap::builder::FalseyValueParser::new())]
    pub watch: bool,
    /// Pause between two rounds of a cluster with `--watch`
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = duration::parse, env = "PROVISION_INTERVAL")]
    pub interval: Duration,
    #[command(flatten)]
    pub retry: RetryArguments,
}
