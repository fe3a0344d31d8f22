//! Options of `ssh` in Ansible's variables: bastions and keys are taken over, commands never.

use std::ops::ControlFlow;

use crate::draft::Ssh;
use crate::import::plain::shown;
use crate::import::remark::{Place, Remarks};
use crate::import::settings::{identity, jump, no_proxy_command, port, unchecked_keys, user};
use crate::model::text;

/// Takes what an inventory can have; settings that are there already stay, as for Ansible.
pub fn take(written: &str, place: Place, ssh: &mut Ssh, remarks: &mut Remarks) {
    let Some(words) = shlex::split(written) else {
        remarks.lost(
            place,
            text!(
                en: "these options of ssh are left out: a quote in them is never closed",
                pt: "essas opções do ssh ficam de fora: uma aspa nelas nunca é fechada"
            ),
        );
        return;
    };
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let Some(option) = word.strip_prefix('-').and_then(|rest| rest.chars().next()) else {
            remarks.lost(
                place,
                text!(
                    en: "a word among the options of ssh is left out: it is no option",
                    pt: "uma palavra entre as opções do ssh fica de fora: não é uma opção"
                ),
            );
            continue;
        };
        // `-J host` and `-Jhost` are the same.
        let behind = word.get(2..).filter(|behind| !behind.is_empty()).map(str::to_owned);
        match option {
            'J' => set(&mut ssh.jump, behind.or_else(|| words.next()), |value| jump(value, place, remarks)),
            'i' => set(&mut ssh.identity, behind.or_else(|| words.next()), |value| {
                identity(value, place, remarks)
            }),
            'p' => set(&mut ssh.port, behind.or_else(|| words.next()), |value| port(value, place, remarks)),
            'l' => set(&mut ssh.user, behind.or_else(|| words.next()), |value| user(value, place, remarks)),
            'o' => {
                let setting = behind.or_else(|| words.next()).unwrap_or_default();
                if take_setting(setting.trim(), place, ssh, remarks).is_break() {
                    if words.next().is_some() {
                        remarks.lost(
                            place,
                            text!(
                                en: "the options of ssh behind `ProxyCommand` are left out, too: put them before it",
                                pt: "as opções do ssh atrás de `ProxyCommand` também ficam de fora: ponha-as antes dele"
                            ),
                        );
                    }
                    return;
                }
            }
            _ => not_taken(&format!("-{option}"), place, remarks),
        }
    }
}

/// `Key=value`, or `Key value`. Behind a command nothing is read: words of it, such as a password, may look like options.
fn take_setting(setting: &str, place: Place, ssh: &mut Ssh, remarks: &mut Remarks) -> ControlFlow<()> {
    let end = setting.find(|sign: char| sign == '=' || sign.is_whitespace()).unwrap_or(setting.len());
    let (key, value) = setting.split_at(end);
    let value = value.trim_start_matches(|sign: char| sign == '=' || sign.is_whitespace());
    let value = value.trim().trim_matches('"').to_owned();
    match (key.to_lowercase().as_str(), value.to_lowercase().as_str()) {
        ("proxyjump" | "proxycommand", "none")
        | ("identitiesonly", "yes")
        | ("stricthostkeychecking", "accept-new") => {}
        ("proxyjump", _) => set(&mut ssh.jump, Some(value), |value| jump(value, place, remarks)),
        ("identityfile", _) => set(&mut ssh.identity, Some(value), |value| identity(value, place, remarks)),
        ("user", _) => set(&mut ssh.user, Some(value), |value| user(value, place, remarks)),
        ("port", _) => set(&mut ssh.port, Some(value), |value| port(value, place, remarks)),
        ("proxycommand", _) => {
            remarks.lost(place, no_proxy_command());
            return ControlFlow::Break(());
        }
        ("stricthostkeychecking", "no" | "off") | ("userknownhostsfile", "/dev/null") => {
            remarks.lost(place, unchecked_keys());
        }
        _ => not_taken(&format!("-o {key}"), place, remarks),
    }
    ControlFlow::Continue(())
}

fn set<T>(field: &mut Option<T>, value: Option<String>, read: impl FnOnce(&str) -> Option<T>) {
    if field.is_none() {
        *field = value.and_then(|value| read(&value));
    }
}

fn not_taken(option: &str, place: Place, remarks: &mut Remarks) {
    let option = shown(option);
    remarks.lost(
        place,
        text!(
            en: "the option `{option}` of ssh is left out: your own ssh configuration is the place for it",
            pt: "a opção `{option}` do ssh fica de fora: o lugar dela é a sua própria configuração de ssh"
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bastions_are_taken_in_every_spelling() {
        for (written, expected) in [
            ("-J ana@bastion:2222", Some("ana@bastion:2222")),
            ("-Jbastion", Some("bastion")),
            ("-o ProxyJump=bastion", Some("bastion")),
            ("-oProxyJump=bastion", Some("bastion")),
            ("-o 'ProxyJump bastion'", Some("bastion")),
            ("-o ProxyJump=\"root@203.0.113.9\"", Some("root@203.0.113.9")),
            ("-o ProxyCommand='ssh -W %h:%p bastion'", None),
            ("-o ProxyJump=none", None),
            ("-J a,b", None),
            ("-o ForwardAgent=yes -J bastion", Some("bastion")),
            ("-J '", None),
        ] {
            let mut ssh = Ssh::default();
            take(written, Place::line(0, 1), &mut ssh, &mut Remarks::default());
            assert_eq!(ssh.jump.as_deref(), expected, "{written}");
        }
    }
}
