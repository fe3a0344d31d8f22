//! What the user's own ssh configuration says about a destination, as `ssh -G` tells it, and whether it asks for
//! something that only the ssh program can do. `ssh -G` connects to nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use super::failure::{failure, quote};
use crate::model::{Failure, FailureKind, Text, text};

/// The system's file. What it sets for everybody is not a wish of the user.
const SYSTEM_FILE: &str = "/etc/ssh/ssh_config";

/// `Match exec` may run programs of the user, which may hang.
const LIMIT: Duration = Duration::from_secs(15);

/// Settings where any difference from the system's own means that the ssh program must do the work.
const ONLY_OPENSSH: &[(&str, &str)] = &[
    ("addressfamily", "AddressFamily"),
    ("bindaddress", "BindAddress"),
    ("bindinterface", "BindInterface"),
    ("canonicalizehostname", "CanonicalizeHostname"),
    ("casignaturealgorithms", "CASignatureAlgorithms"),
    ("certificatefile", "CertificateFile"),
    ("ciphers", "Ciphers"),
    ("gssapiauthentication", "GSSAPIAuthentication"),
    ("hostbasedauthentication", "HostbasedAuthentication"),
    ("hostkeyalgorithms", "HostKeyAlgorithms"),
    ("kexalgorithms", "KexAlgorithms"),
    ("knownhostscommand", "KnownHostsCommand"),
    ("macs", "MACs"),
    ("nohostauthenticationforlocalhost", "NoHostAuthenticationForLocalhost"),
    ("pkcs11provider", "PKCS11Provider"),
    ("preferredauthentications", "PreferredAuthentications"),
    ("pubkeyacceptedalgorithms", "PubkeyAcceptedAlgorithms"),
    ("pubkeyauthentication", "PubkeyAuthentication"),
    ("requiredrsasize", "RequiredRSASize"),
    ("revokedhostkeys", "RevokedHostKeys"),
    ("securitykeyprovider", "SecurityKeyProvider"),
    ("verifyhostkeydns", "VerifyHostKeyDNS"),
];

/// The name as it is typed, and where it leads.
const NAME_KEYS: [&str; 2] = ["host", "hostname"];

/// The ssh program and the configuration file it is to use.
#[derive(Debug, Clone)]
pub struct Ssh {
    pub program: PathBuf,
    /// Its configuration file instead of the user's and the system's.
    pub configuration: Option<PathBuf>,
}

/// The settings of one destination, by lower-case keyword; repeated ones in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserConfiguration {
    settings: BTreeMap<String, Vec<String>>,
}

impl UserConfiguration {
    /// Asks ssh. User and port are part of the question: `Match user` may depend on them.
    pub async fn ask(ssh: &Ssh, host: &str, user: Option<&str>, port: Option<u16>) -> Result<Self, Failure> {
        Self::run(ssh, ssh.configuration.as_deref(), host, user, port).await
    }

    /// What holds without the user's own file. A file that takes the place of all others leaves ssh's defaults.
    pub async fn ask_system(ssh: &Ssh) -> Result<Self, Failure> {
        let file = Path::new(SYSTEM_FILE);
        let file = if ssh.configuration.is_none() && file.exists() { file } else { Path::new("none") };
        Self::run(ssh, Some(file), "host.invalid", None, None).await
    }

    async fn run(
        ssh: &Ssh,
        file: Option<&Path>,
        host: &str,
        user: Option<&str>,
        port: Option<u16>,
    ) -> Result<Self, Failure> {
        let mut command = tokio::process::Command::new(&ssh.program);
        command.arg("-G").stdin(Stdio::null()).kill_on_drop(true).process_group(0);
        if let Some(file) = file {
            command.arg("-F").arg(file);
        }
        if let Some(user) = user {
            command.args(["-l", user]);
        }
        if let Some(port) = port {
            command.arg("-p").arg(port.to_string());
        }
        command.args(["--", host]);
        let trouble = |reason: Text| {
            let (host, reason) = (quote(host), reason.map(quote));
            failure(
                FailureKind::Connect,
                text!(
                    en: "the ssh configuration of this machine could not be read",
                    pt: "não foi possível ler a configuração do ssh deste computador",
                ),
                text!(en: "`ssh -G {host}` says: {reason}", pt: "`ssh -G {host}` diz: {reason}", reason),
            )
        };
        let output = tokio::time::timeout(LIMIT, command.output())
            .await
            .map_err(|_| trouble(text!(en: "nothing, in 15 seconds", pt: "nada, em 15 segundos")))?
            .map_err(|error| trouble(Text::verbatim(error.to_string())))?;
        if !output.status.success() {
            return Err(trouble(Text::verbatim(String::from_utf8_lossy(&output.stderr))));
        }
        Ok(Self::parse(&String::from_utf8_lossy(&output.stdout)))
    }

    pub fn parse(text: &str) -> Self {
        let mut settings: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in text.lines() {
            let (key, value) = line.split_once(' ').unwrap_or((line, ""));
            settings.entry(key.to_ascii_lowercase()).or_default().push(value.trim().to_owned());
        }
        Self { settings }
    }

    /// A setting that is there and not `none`.
    pub fn get(&self, key: &str) -> Option<&str> {
        let value = self.settings.get(key)?.first()?;
        (!value.is_empty() && !value.eq_ignore_ascii_case("none")).then_some(value.as_str())
    }

    /// All values of a setting that may be repeated.
    pub fn all(&self, key: &str) -> impl Iterator<Item = &str> {
        self.settings.get(key).into_iter().flatten().map(String::as_str)
    }

    /// The same without the name that was asked about, which stands for itself; `None` where the name is led to another, or
    /// stands in any other setting.
    pub fn of_any_name(&self, name: &str) -> Option<Self> {
        let leads_to_itself = self.get("hostname") == Some(name);
        let settings = self.settings.iter().filter(|(key, _)| !NAME_KEYS.contains(&key.as_str()));
        let is_named = settings.clone().any(|(_, values)| values.iter().any(|value| value.contains(name)));
        (leads_to_itself && !is_named)
            .then(|| Self { settings: settings.map(|(key, value)| (key.clone(), value.clone())).collect() })
    }

    pub fn is_yes(&self, key: &str) -> bool {
        matches!(self.get(key), Some("yes" | "true"))
    }

    /// The settings that only the ssh program can honour.
    pub fn needs_openssh(&self, system: &Self, kerberos: bool) -> Vec<&'static str> {
        let mut reasons = Vec::new();
        if self.get("proxycommand").is_some() {
            reasons.push("ProxyCommand");
        }
        for (key, name) in ONLY_OPENSSH {
            if self.settings.get(*key) != system.settings.get(*key) {
                reasons.push(*name);
            }
        }
        // Debian turns GSSAPI on for everybody; it is in use where there is a ticket.
        if kerberos && self.is_yes("gssapiauthentication") && !reasons.contains(&"GSSAPIAuthentication") {
            reasons.push("GSSAPIAuthentication");
        }
        reasons
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_and_none_is_nothing() {
        let configuration = UserConfiguration::parse(
            "user ana\nport 2222\nIdentityFile ~/.ssh/a\nidentityfile ~/.ssh/b\nproxycommand none\nidentitiesonly yes\n",
        );
        assert_eq!(configuration.get("user"), Some("ana"));
        assert_eq!(configuration.all("identityfile").collect::<Vec<_>>(), ["~/.ssh/a", "~/.ssh/b"]);
        assert_eq!(configuration.get("proxycommand"), None);
        assert!(configuration.is_yes("identitiesonly"));
    }

    #[test]
    fn only_what_the_user_asks_for_leads_to_the_program() {
        let system =
            UserConfiguration::parse("ciphers a,b\ngssapiauthentication yes\nsecuritykeyprovider internal");
        for (text, kerberos, expected) in [
            ("", false, &[][..]),
            ("user ana\nport 22\nproxyjump bastion", false, &[]),
            ("proxycommand nc %h %p", false, &["ProxyCommand"]),
            ("ciphers a", false, &["Ciphers"]),
            ("certificatefile ~/.ssh/c-cert.pub", false, &["CertificateFile"]),
            ("pkcs11provider /usr/lib/p.so", false, &["PKCS11Provider"]),
            ("", true, &["GSSAPIAuthentication"]),
        ] {
            // What a line says replaces what the system says, as in ssh itself.
            let mut asked = system.clone();
            asked.settings.extend(UserConfiguration::parse(text).settings);
            assert_eq!(asked.needs_openssh(&system, kerberos), expected, "{text}");
        }
    }
}
