//! Single settings that may stand in an inventory; what could not is told.

use std::path::Path;

use super::plain::shown;
use super::remark::{Place, Remarks};
use crate::inventory::{JumpHost, User};
use crate::model::{Text, text};

pub fn user(written: &str, place: Place, remarks: &mut Remarks) -> Option<String> {
    let user = User::try_from(written.to_owned()).ok().map(|user| user.0);
    if user.is_none() {
        remarks.lost(
            place,
            text!(
                en: "a login is left out: it is no login name",
                pt: "um login fica de fora: não é um nome de login"
            ),
        );
    }
    user
}

pub fn port(written: &str, place: Place, remarks: &mut Remarks) -> Option<u16> {
    let port = written.parse().ok().filter(|port| *port > 0);
    if port.is_none() {
        remarks.lost(
            place,
            text!(
                en: "a port is left out: a port is a number from 1 to 65535",
                pt: "uma porta fica de fora: uma porta é um número de 1 a 65535"
            ),
        );
    }
    port
}

/// The path of a key. It is not looked for: the inventory may be for another machine.
pub fn identity(written: &str, place: Place, remarks: &mut Remarks) -> Option<String> {
    let path = shown(written);
    let other_home = written.starts_with('~') && !written.starts_with("~/");
    if written.is_empty()
        || written.contains(['%', '$', '{', '['])
        || written.chars().any(char::is_control)
        || other_home
    {
        remarks.lost(
            place,
            text!(
                en: "the key `{path}` is left out: what it stands for is not known here; write `ssh: {{ identity: FILE }}`",
                pt: "a chave `{path}` fica de fora: não se sabe aqui o que significa; escreva `ssh: {{ identity: ARQUIVO }}`"
            ),
        );
        return None;
    }
    if Path::new(written).extension().is_some_and(|ending| ending == "pub") {
        remarks.lost(
            place,
            text!(
                en: "the key `{path}` is left out: it is the public half; write `ssh: {{ identity: FILE }}`",
                pt: "a chave `{path}` fica de fora: é a metade pública; escreva `ssh: {{ identity: ARQUIVO }}`"
            ),
        );
        return None;
    }
    if written.get(1..3).is_some_and(|behind| [":/", ":\\"].contains(&behind)) {
        remarks.lost(
            place,
            text!(
                en: "the key `{path}` is left out: it is a path of Windows; write `ssh: {{ identity: FILE }}` as this \
                     machine sees it",
                pt: "a chave `{path}` fica de fora: é um caminho do Windows; escreva `ssh: {{ identity: ARQUIVO }}` como \
                     esta máquina o vê"
            ),
        );
        return None;
    }
    if !written.starts_with(['~', '/']) {
        remarks.told(
            place,
            text!(
                en: "the path of the key `{path}` is now relative to the inventory",
                pt: "o caminho da chave `{path}` agora é relativo ao inventário"
            ),
        );
    }
    Some(written.to_owned())
}

pub fn jump(written: &str, place: Place, remarks: &mut Remarks) -> Option<String> {
    match JumpHost::try_from(written.to_owned()) {
        Ok(_) => Some(written.to_owned()),
        Err(complaint) => {
            let written = without_login(written);
            let hint = complaint.hint;
            remarks.lost(
                place,
                text!(
                    en: "the bastion `{written}` is left out: {hint}",
                    pt: "o bastion `{written}` fica de fora: {hint}", hint
                ),
            );
            None
        }
    }
}

/// An address as it may be shown: a password may stand in front of its `@`.
pub fn without_login(written: &str) -> String {
    match written.rsplit_once('@') {
        Some((_, address)) => format!("…@{}", shown(address)),
        None => shown(written),
    }
}

/// Why no command of a proxy is taken over.
pub fn no_proxy_command() -> Text {
    text!(
        en: "`ProxyCommand` is left out, for it is a program: where it leads through a bastion, write \
             `ssh: {{ jump: user@bastion }}`",
        pt: "`ProxyCommand` fica de fora, pois é um programa: se passa por um bastion, escreva \
             `ssh: {{ jump: user@bastion }}`"
    )
}

/// Why keys of hosts are checked all the same.
pub fn unchecked_keys() -> Text {
    text!(
        en: "unchecked host keys are left out: the first key of a host is kept, and a changed one is refused",
        pt: "chaves de host sem verificação ficam de fora: a primeira chave de um host é guardada, e uma outra é recusada"
    )
}
