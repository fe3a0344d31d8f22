//! Where a connection leads and by what means, once the inventory and the user's ssh configuration are put
//! together. The inventory wins.

use std::path::PathBuf;

use super::failure::{failure, quote};
use super::known_hosts::NewKeys;
use super::tokens::{Surroundings, Tokens, unquote};
use super::user_configuration::UserConfiguration;
use crate::model::{Connection, Failure, FailureKind, HostKeyPolicy, Jump, text};

/// What ssh tries where nobody names a key.
const DEFAULT_KEYS: [&str; 3] = ["~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// The name that the inventory gives, which the ssh program is told.
    pub address: String,
    /// The name or address that is connected to.
    pub host: String,
    pub port: u16,
    pub user: String,
    pub identities: Vec<PathBuf>,
    /// Whether the inventory itself names the key, so that trouble with it is worth an error.
    pub identity_named: bool,
    /// Whether an agent's other keys stay out.
    pub identities_only: bool,
    pub agent: Option<PathBuf>,
    /// The name under which host keys are kept instead of the host's own.
    pub host_key_alias: Option<String>,
    /// What becomes of a host key that is not known.
    pub new_keys: NewKeys,
    /// `known_hosts` files of the user and of the system, read only.
    pub known_hosts: Vec<PathBuf>,
    /// Bastions to go through, the first one first.
    pub jumps: Vec<Jump>,
}

impl Destination {
    /// Puts a connection's settings together. Without an ssh program there is no user configuration.
    pub fn resolve(
        connection: &Connection,
        configuration: Option<&UserConfiguration>,
        surroundings: &Surroundings,
    ) -> Result<Self, Failure> {
        check_name("address", &connection.address)?;
        if let Some(user) = &connection.user {
            check_name("user", user)?;
        }
        let empty = UserConfiguration::default();
        let settings = configuration.unwrap_or(&empty);
        let host = settings.get("hostname").unwrap_or(&connection.address).to_owned();
        let user = connection.user.clone().or_else(|| settings.get("user").map(str::to_owned));
        let user = user.unwrap_or_else(|| surroundings.user.clone());
        let port = connection.port.or_else(|| settings.get("port")?.parse().ok()).unwrap_or(22);
        let host_key_alias = settings.get("hostkeyalias");
        let tokens = Tokens {
            address: &connection.address,
            host: &host,
            port,
            user: &user,
            host_key_alias,
            jump: settings.get("proxyjump").unwrap_or_default(),
            surroundings,
        };
        let expand = |name: &str| tokens.path(name);

        let identities = match &connection.identity {
            Some(identity) => vec![identity.clone()],
            None if configuration.is_none() => DEFAULT_KEYS.iter().map(|path| expand(path)).collect(),
            None => settings
                .all("identityfile")
                .filter(|path| !path.eq_ignore_ascii_case("none"))
                .map(expand)
                .collect(),
        };
        let agent = match settings.all("identityagent").next().map(unquote) {
            None | Some("SSH_AUTH_SOCK") => surroundings.agent.clone(),
            Some(none) if none.eq_ignore_ascii_case("none") => None,
            Some(variable) if variable.starts_with('$') => {
                let name = variable.trim_start_matches('$').trim_matches(['{', '}']);
                std::env::var_os(name).map(PathBuf::from)
            }
            Some(path) => Some(expand(path)),
        };
        let known_hosts = if configuration.is_some() {
            let files = settings.all("userknownhostsfile").chain(settings.all("globalknownhostsfile"));
            files
                .filter_map(shlex::split)
                .flatten()
                .filter(|path| path != "none")
                .map(|path| expand(&path))
                .collect()
        } else {
            vec![expand("~/.ssh/known_hosts"), PathBuf::from("/etc/ssh/ssh_known_hosts")]
        };
        let jumps = match (&connection.jump, settings.get("proxyjump")) {
            (Some(jump), _) => vec![jump.clone()],
            (None, Some(list)) => {
                list.split(',').map(|jump| parse_jump(&tokens.text(jump))).collect::<Result<_, _>>()?
            }
            (None, None) => Vec::new(),
        };
        for jump in &jumps {
            check_name("jump", &jump.host)?;
            if let Some(user) = &jump.user {
                check_name("jump", user)?;
            }
        }
        Ok(Self {
            address: connection.address.clone(),
            identities,
            identity_named: connection.identity.is_some(),
            identities_only: connection.identity.is_some() || settings.is_yes("identitiesonly"),
            agent,
            host_key_alias: host_key_alias.map(str::to_owned),
            new_keys: match connection.host_keys {
                Some(HostKeyPolicy::Strict) => NewKeys::RefusedByInventory,
                None if settings.is_yes("stricthostkeychecking") => NewKeys::RefusedByConfiguration,
                None if has_no_list(settings) => NewKeys::Forgotten,
                Some(HostKeyPolicy::AcceptNew) | None => NewKeys::Kept,
            },
            known_hosts,
            jumps,
            host,
            port,
            user,
        })
    }

    /// The name under which its key is kept.
    pub fn known_name(&self) -> String {
        match &self.host_key_alias {
            Some(alias) => alias.to_ascii_lowercase(),
            None => super::known_hosts::known_name(&self.host, self.port),
        }
    }
}

/// Whether the user wants no host key to be known.
fn has_no_list(settings: &UserConfiguration) -> bool {
    let mut files = settings.all("userknownhostsfile").peekable();
    files.peek().is_some() && files.all(|file| ["none", "/dev/null"].contains(&unquote(file)))
}

/// What could be taken for an option, or break a line, is no name.
fn check_name(setting: &str, name: &str) -> Result<(), Failure> {
    if !name.is_empty()
        && !name.starts_with('-')
        && !name.chars().any(|c| c.is_control() || c.is_whitespace())
    {
        return Ok(());
    }
    let name = quote(name);
    Err(failure(
        FailureKind::Resolve,
        text!(
            en: "`ssh.{setting}` is not a usable name",
            pt: "`ssh.{setting}` não é um nome que se possa usar",
        ),
        text!(
            en: "`{name}`: a name must not be empty, begin with `-`, or hold spaces",
            pt: "`{name}`: um nome não pode ser vazio, começar com `-` nem conter espaços",
        ),
    ))
}

/// `[user@]host[:port]`, also with an IPv6 address in brackets, or as `ssh://`.
fn parse_jump(text: &str) -> Result<Jump, Failure> {
    let text = text.trim();
    let text = text.strip_prefix("ssh://").unwrap_or(text);
    let (user, rest) = match text.rsplit_once('@') {
        Some((user, rest)) => (Some(user.to_owned()), rest),
        None => (None, text),
    };
    let (host, port) = if let Some(rest) = rest.strip_prefix('[') {
        let (host, after) = rest.split_once(']').unwrap_or((rest, ""));
        (host, after.strip_prefix(':'))
    } else {
        match rest.split_once(':') {
            Some((host, port)) if !port.contains(':') => (host, Some(port)),
            _ => (rest, None),
        }
    };
    let port = port.map(str::parse).transpose().map_err(|_| {
        let jump = quote(text);
        failure(
            FailureKind::Jump,
            text!(
                en: "ProxyJump of the ssh configuration is not understood",
                pt: "o ProxyJump da configuração do ssh não foi entendido",
            ),
            text!(
                en: "`{jump}`: expected [user@]host[:port]",
                pt: "`{jump}`: o formato é [usuário@]máquina[:porta]",
            ),
        )
    })?;
    Ok(Jump { user, host: host.to_owned(), port })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::model::samples::connection;

    fn surroundings() -> Surroundings {
        Surroundings { home: "/home/ana".into(), user: "ana".into(), agent: Some("/agent".into()) }
    }

    #[test]
    fn without_a_configuration_ssh_defaults_hold() {
        let destination = Destination::resolve(&connection("web"), None, &surroundings()).unwrap();
        assert_eq!(
            (destination.host.as_str(), destination.port, destination.user.as_str()),
            ("web", 22, "ana")
        );
        assert_eq!(destination.identities[0], Path::new("/home/ana/.ssh/id_ed25519"));
        assert_eq!(destination.agent.as_deref(), Some(Path::new("/agent")));
        assert_eq!(destination.known_name(), "web");
    }

    #[test]
    fn the_configuration_fills_what_the_inventory_leaves_open() {
        let configuration = UserConfiguration::parse(
            "hostname 10.0.0.5\nuser bia\nport 2200\nidentityfile ~/.ssh/%h-%r\nidentityagent none\n\
             hostkeyalias Lab\nproxyjump eva@b1:2222,b2\nuserknownhostsfile /k1 \"/k 2\"\nidentitiesonly yes",
        );
        let resolved =
            Destination::resolve(&connection("web"), Some(&configuration), &surroundings()).unwrap();
        assert_eq!(
            (resolved.host.as_str(), resolved.port, resolved.user.as_str()),
            ("10.0.0.5", 2200, "bia")
        );
        assert_eq!(resolved.identities, [Path::new("/home/ana/.ssh/10.0.0.5-bia")]);
        assert_eq!(resolved.known_hosts, [Path::new("/k1"), Path::new("/k 2")]);
        assert_eq!(resolved.known_name(), "lab");
        assert_eq!(resolved.agent, None);
        assert!(resolved.identities_only && !resolved.identity_named);
        assert_eq!(resolved.jumps.len(), 2);
        assert_eq!(resolved.jumps[0], Jump { user: Some("eva".into()), host: "b1".into(), port: Some(2222) });

        let mut named = connection("web");
        named.user = Some("root".into());
        named.port = Some(22);
        named.identity = Some("/key".into());
        named.jump = Some(Jump { user: None, host: "other".into(), port: None });
        let resolved = Destination::resolve(&named, Some(&configuration), &surroundings()).unwrap();
        assert_eq!((resolved.port, resolved.user.as_str()), (22, "root"));
        assert_eq!(resolved.identities, [Path::new("/key")]);
        assert!(resolved.identity_named && resolved.identities_only);
        assert_eq!(resolved.jumps[0].host, "other");
    }

    #[test]
    fn names_that_could_be_options_are_refused() {
        for name in ["-oProxyCommand=touch x", "", "a b", "a\nb"] {
            assert!(Destination::resolve(&connection(name), None, &surroundings()).is_err(), "{name}");
        }
        let configuration = UserConfiguration::parse("proxyjump -oX");
        assert!(Destination::resolve(&connection("a"), Some(&configuration), &surroundings()).is_err());
    }

    #[test]
    fn jumps_may_be_ipv6() {
        let jump = parse_jump("root@[fe80::1]:2222").unwrap();
        assert_eq!((jump.host.as_str(), jump.port), ("fe80::1", Some(2222)));
        assert_eq!(parse_jump("fe80::1").unwrap().host, "fe80::1");
        assert!(parse_jump("host:many").is_err());
    }
}
