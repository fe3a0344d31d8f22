//! The arguments of `import`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

/// `provision import …`
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// An inventory of Ansible, INI or YAML, with the variables in the folders beside it
    ///
    /// Roles come from the names of groups. Programs, plugins, vaults and expressions are not run, opened or evaluated.
    Ansible {
        #[command(flatten)]
        common: ImportArguments,
        /// Groups that are clusters ('team*') [default: all hosts are one cluster]
        #[arg(long, value_name = "PATTERN", value_delimiter = ',', env = "PROVISION_IMPORT_CLUSTERS")]
        clusters: Vec<String>,
    },
    /// What `vagrant ssh-config` prints
    Vagrant {
        #[command(flatten)]
        common: ImportArguments,
    },
    /// Hosts of an OpenSSH client configuration
    ///
    /// `Include` and `Match` are not followed, and told.
    SshConfig {
        #[command(flatten)]
        common: ImportArguments,
        /// Only hosts with such a name ('web*') [default: all without a wildcard]
        #[arg(long, value_name = "PATTERN", value_delimiter = ',', env = "PROVISION_IMPORT_PATTERN")]
        pattern: Vec<String>,
    },
    /// What `aws ec2 describe-instances` prints: the instances that run
    Aws {
        #[command(flatten)]
        common: ImportArguments,
        /// The tag whose value is the cluster [default: all instances are one cluster]
        #[arg(long, value_name = "TAG", env = "PROVISION_IMPORT_CLUSTER_TAG")]
        cluster_tag: Option<String>,
        /// The tag whose value is the role [default: roles come from the instances' names]
        #[arg(long, value_name = "TAG", env = "PROVISION_IMPORT_ROLE_TAG")]
        role_tag: Option<String>,
    },
    /// A roster: student or team, email, address and role; one cluster for each student or team
    ///
    /// Columns are known by their headers, in English or Portuguese. Without one of roles, the first of a student's
    /// hosts is the balancer.
    Csv {
        #[command(flatten)]
        common: ImportArguments,
    },
}

/// What every import takes.
#[derive(Debug, Args)]
pub struct ImportArguments {
    /// The file, or `-` for standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Where the inventory is written [default: standard output]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, env = "PROVISION_IMPORT_TO")]
    pub to: Option<PathBuf>,
    /// Overwrite the file of `--to`
    #[arg(long, env = "PROVISION_IMPORT_FORCE", value_parser = clap::builder::FalseyValueParser::new())]
    pub force: bool,
    /// What hosts of a role are called there: groups, tags, words or names ('web=apache,www'; repeatable)
    #[arg(long, value_name = "ROLE=WORDS", env = "PROVISION_IMPORT_ROLE")]
    pub role: Vec<String>,
    /// The login of hosts for which the file has none
    #[arg(long, value_name = "NAME", env = "PROVISION_IMPORT_USER")]
    pub user: Option<String>,
    /// The key file of hosts for which the file has none
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, env = "PROVISION_IMPORT_IDENTITY")]
    pub identity: Option<String>,
}
