//! Ansible's own variables as settings of an inventory.

use super::arguments;
use super::model::{Content, PRIORITY, Variable, Variables};
use crate::draft::Settings;
use crate::import::plain::{plain, shown};
use crate::import::remark::{Place, Remarks};
use crate::import::settings::{identity, port, unchecked_keys, user};
use crate::inventory::Address;
use crate::model::{BecomeMethod, Value, text};

/// What the variables of a host say of it.
pub struct Described {
    pub address: Option<String>,
    pub private_address: Option<String>,
    pub settings: Settings,
}

/// Connections that are SSH.
const SSH: [&str; 5] = ["ssh", "smart", "paramiko", "paramiko_ssh", "ansible.builtin.ssh"];
/// Names under which the address among the hosts is kept often.
const PRIVATE: [&str; 3] = ["private_address", "private_ip", "private_ip_address"];
/// A variable that says nothing more than the tool does anyway.
const NOTHING_LOST: [&str; 1] = [PRIORITY];

/// Takes the variables of a host apart; `None` for a host that is not reached by SSH.
pub fn describe(name: &str, mut variables: Variables, remarks: &mut Remarks) -> Option<Described> {
    let mut reader = Reader { variables: &mut variables, remarks };
    if !reader.is_ssh(name) {
        return None;
    }
    let mut settings = Settings::default();
    let address = reader.text(&["ansible_host", "ansible_ssh_host"]).map(|(address, _)| address);
    if let Some((written, place)) = reader.text(&["ansible_user", "ansible_ssh_user"]) {
        settings.ssh.user = user(&written, place, reader.remarks);
    }
    if let Some((written, place)) = reader.text(&["ansible_port", "ansible_ssh_port"]) {
        settings.ssh.port = port(&written, place, reader.remarks);
    }
    if let Some((written, place)) = reader.text(&["ansible_ssh_private_key_file", "ansible_private_key_file"])
    {
        settings.ssh.identity = identity(&written, place, reader.remarks);
    }
    settings.ssh.password = reader.secret(&["ansible_password", "ansible_ssh_pass", "ansible_ssh_password"]);
    reader.r#become(&mut settings);
    for key in ["ansible_ssh_extra_args", "ansible_ssh_common_args", "ansible_ssh_args"] {
        if let Some((written, place)) = reader.text(&[key]) {
            arguments::take(&written, place, &mut settings.ssh, reader.remarks);
        }
    }
    let private_address = reader.private_address();
    for (name, Variable { content, place }) in variables {
        if let Some(value) = own(&name, content, place, remarks) {
            settings.vars.insert(name, value);
        }
    }
    Some(Described { address, private_address, settings })
}

/// A variable of people's own; what is Ansible's is told.
fn own(name: &str, content: Content, place: Place, remarks: &mut Remarks) -> Option<Value> {
    let known = shown(name);
    if NOTHING_LOST.contains(&name) {
        return None;
    }
    if name.starts_with("ansible_") {
        let said = match name {
            "ansible_python_interpreter" => text!(
                en: "`{known}` is left out: no Python is needed on the hosts",
                pt: "`{known}` fica de fora: não é preciso Python nos hosts"
            ),
            "ansible_host_key_checking" | "ansible_ssh_host_key_checking" => unchecked_keys(),
            _ => text!(
                en: "`{known}` is left out: an inventory has no such setting",
                pt: "`{known}` fica de fora: um inventário não tem essa configuração"
            ),
        };
        remarks.lost(place, said);
        return None;
    }
    match content {
        Content::Plain(value) => plain(name, &value, place, remarks),
        Content::Tagged => {
            remarks.lost(
                place,
                text!(
                    en: "`{known}` is left out: it is encrypted, or has another tag than those of YAML",
                    pt: "`{known}` fica de fora: está cifrado, ou tem uma tag que não é do YAML"
                ),
            );
            None
        }
    }
}

struct Reader<'a> {
    variables: &'a mut Variables,
    remarks: &'a mut Remarks,
}

impl Reader<'_> {
    /// The first of these that is there; all of them are dealt with then.
    fn first(&mut self, names: &[&str]) -> Option<(String, Variable)> {
        let found: Vec<_> = names
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), self.variables.remove(*name)?)))
            .collect();
        found.into_iter().next()
    }

    /// The same as text; an expression has no value before Ansible runs.
    fn text(&mut self, names: &[&str]) -> Option<(String, Place)> {
        let (name, Variable { content, place }) = self.first(names)?;
        let known = name;
        let written = match content {
            Content::Plain(Value::String(text)) => text,
            Content::Plain(Value::Number(number)) => number.to_string(),
            Content::Plain(Value::Bool(value)) => value.to_string(),
            _ => {
                self.remarks.lost(
                    place,
                    text!(
                        en: "`{known}` is left out: it is no plain text",
                        pt: "`{known}` fica de fora: não é um texto simples"
                    ),
                );
                return None;
            }
        };
        if written.contains("{{") {
            self.remarks.lost(
                place,
                text!(
                    en: "`{known}` is left out: it is an expression, and import evaluates nothing",
                    pt: "`{known}` fica de fora: é uma expressão, e a importação não avalia nada"
                ),
            );
            return None;
        }
        Some((written, place))
    }

    fn is_ssh(&mut self, name: &str) -> bool {
        let Some((connection, place)) = self.text(&["ansible_connection"]) else { return true };
        if SSH.contains(&connection.as_str()) {
            return true;
        }
        let name = shown(name);
        self.remarks.lost(
            place,
            text!(
                en: "host `{name}` is left out: its `ansible_connection` is not SSH",
                pt: "o host `{name}` fica de fora: seu `ansible_connection` não é SSH"
            ),
        );
        false
    }

    /// A reference to a secret in place of the secret.
    fn secret(&mut self, names: &[&str]) -> Option<String> {
        let (name, Variable { content, place }) = self.first(names)?;
        let known = name;
        if let Content::Plain(Value::String(text)) = &content
            && let Some(variable) = environment(text)
        {
            return Some(format!("env:{variable}"));
        }
        self.remarks.lost(
            place,
            text!(
                en: "the secret of `{known}` is left out: `prompt` asks for it, `env:NAME` or `file:PATH` would find it",
                pt: "o segredo de `{known}` fica de fora: `prompt` pergunta por ele, `env:NOME` ou `file:CAMINHO` o achariam"
            ),
        );
        Some("prompt".to_owned())
    }

    fn r#become(&mut self, settings: &mut Settings) {
        settings.r#become.password = self.secret(&[
            "ansible_become_password",
            "ansible_become_pass",
            "ansible_sudo_pass",
            "ansible_sudo_password",
            "ansible_become_ssh_pass",
        ]);
        let wanted = self.text(&["ansible_become", "ansible_sudo"]);
        if let Some((method, place)) = self.text(&["ansible_become_method"])
            && method != "sudo"
            && method != "ansible.builtin.sudo"
        {
            self.remarks.lost(
                place,
                text!(
                    en: "`ansible_become_method` is left out: root is gained by sudo",
                    pt: "`ansible_become_method` fica de fora: root é obtido por sudo"
                ),
            );
        }
        if let Some((login, place)) = self.text(&["ansible_become_user", "ansible_sudo_user"])
            && login != "root"
        {
            self.remarks.lost(
                place,
                text!(
                    en: "`ansible_become_user` is left out: what is set up takes root",
                    pt: "`ansible_become_user` fica de fora: o que é instalado precisa de root"
                ),
            );
        }
        let is_no =
            |written: &str| ["no", "false", "off", "0", "n", "f"].contains(&written.to_lowercase().as_str());
        match wanted {
            Some((written, _)) if is_no(&written) && settings.ssh.user.as_deref() == Some("root") => {
                settings.r#become.method = Some(BecomeMethod::None);
            }
            Some((written, place)) if is_no(&written) => self.remarks.lost(
                place,
                text!(
                    en: "`ansible_become` without sudo is left out: what is set up takes root, by sudo or as the login",
                    pt: "`ansible_become` sem sudo fica de fora: o que é instalado precisa de root, por sudo ou como login"
                ),
            ),
            _ => {}
        }
    }

    /// Where the other hosts reach it, by the names that are usual for that.
    fn private_address(&mut self) -> Option<String> {
        let is_address = |name: &&str| {
            self.variables.get(*name).is_some_and(|variable| {
                matches!(&variable.content, Content::Plain(Value::String(text)) if Address::try_from(text.clone()).is_ok())
            })
        };
        let name = PRIVATE.into_iter().find(is_address)?;
        let (address, place) = self.text(&[name])?;
        self.remarks.told(
            place,
            text!(
                en: "`{name}` is how the hosts reach each other: `private_address`",
                pt: "`{name}` é como os hosts se alcançam: `private_address`"
            ),
        );
        Some(address)
    }
}

/// The variable of `{{ lookup('env', 'NAME') }}`, which names a secret without telling it.
fn environment(text: &str) -> Option<&str> {
    let inside = text.trim().strip_prefix("{{")?.strip_suffix("}}")?.trim();
    let inside = inside.strip_prefix("lookup(")?.strip_suffix(')')?;
    let (plugin, name) = inside.split_once(',')?;
    let is_env = ["env", "ansible.builtin.env"].contains(&bare(plugin)?);
    let name = bare(name)?;
    let begins = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let is_name = begins && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (is_env && is_name).then_some(name)
}

/// What stands in quotes.
fn bare(word: &str) -> Option<&str> {
    let word = word.trim();
    let quote = word.chars().next().filter(|quote| "'\"".contains(*quote))?;
    word.strip_prefix(quote)?.strip_suffix(quote)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_of_the_environment_is_no_secret() {
        assert_eq!(environment("{{ lookup('env', 'SUDO_PASSWORD') }}"), Some("SUDO_PASSWORD"));
        assert_eq!(environment("{{lookup(\"ansible.builtin.env\",\"A\")}}"), Some("A"));
        for other in [
            "hunter2",
            "{{ lookup('pipe', 'pass x') }}",
            "{{ lookup('env', x) }}",
            "{{ lookup('env', 'A') | b }}",
        ] {
            assert_eq!(environment(other), None, "{other}");
        }
    }
}
