//! The JSON of `aws ec2 describe-instances`.

use std::collections::HashMap;

use serde_json::Value;

use super::assembly::{Found, Whose, assemble};
use super::plain::shown;
use super::remark::{Place, Remarks};
use super::source::{Source, Sources};
use super::{Choices, Imported, finish};
use crate::error::{Error, Result};
use crate::model::{Text, clean_line, holds_secret, is_secret_text, text};

/// Which tags say what an instance is.
#[derive(Debug, Clone, Default)]
pub struct Tags {
    /// The tag whose value is the cluster.
    pub cluster: Option<String>,
    /// The tag whose value is the role.
    pub role: Option<String>,
}

/// Imports the instances that run.
pub fn aws(source: Source, tags: &Tags, choices: &Choices) -> Result<Imported> {
    let document: Value = serde_json::from_str(&source.text).map_err(|error| {
        Error::usage(text!(
            en: "{name}:{line}:{column} is not JSON",
            pt: "{name}:{line}:{column} não é JSON", name = source.name, line = error.line(), column = error.column()
        ))
            .hint(text!(
                en: "write the file anew: `aws ec2 describe-instances --output json > instances.json`",
                pt: "grave o arquivo de novo: `aws ec2 describe-instances --output json > instances.json`",
            ))
    })?;
    let mut sources = Sources::default();
    let mut remarks = Remarks::default();
    let name = source.name.clone();
    let source = sources.add(source);
    let mut instances = Vec::new();
    collect(&document, &mut instances);
    if instances.is_empty() {
        return Err(Error::usage(text!(
            en: "{name} has no instance, which would have an `InstanceId`",
            pt: "{name} não tem nenhuma instância, que teria um `InstanceId`",
        ))
        .hint(text!(
            en: "is it of another region? `aws ec2 describe-instances --region us-east-1 --output json`",
            pt: "é de outra região? `aws ec2 describe-instances --region us-east-1 --output json`",
        )));
    }
    let mut keys: Vec<Option<&str>> = Vec::new();
    let mut found = Vec::new();
    let lines = lines(&sources.get(source).text);
    for instance in instances {
        let line = text_of(instance, "InstanceId").and_then(|id| lines.get(id));
        let place = line.map_or(Place::whole(source), |line| Place::line(source, *line));
        if let Some(host) = host(instance, place, tags, choices, &mut remarks) {
            keys.push(text_of(instance, "KeyName"));
            found.push(host);
        }
    }
    let head = if choices.identity.is_none() { key_pairs(&keys, &mut found) } else { None };
    if choices.user.is_none() && !found.is_empty() {
        remarks.told(
            Place::whole(source),
            text!(
                en: "the login is not in this file: `--user ubuntu` for images of Ubuntu, `--user admin` for Debian",
                pt: "o login não está neste arquivo: `--user ubuntu` para imagens do Ubuntu, `--user admin` para Debian"
            ),
        );
    }
    let how = text!(
        en: "give one by `--role-tag TAG`, or by `--role web=VALUE`",
        pt: "dê um com `--role-tag TAG`, ou com `--role web=VALOR`"
    );
    let mut draft = assemble(found, source, choices, &how, &mut remarks)?;
    draft.head.extend(head);
    finish(draft, remarks, &sources)
}

/// The instances of a document, also of what `--query` makes of it.
fn collect<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(map) if map.get("InstanceId").is_some_and(Value::is_string) => found.push(value),
        Value::Object(map) => map.values().for_each(|value| collect(value, found)),
        Value::Array(items) => items.iter().for_each(|value| collect(value, found)),
        _ => {}
    }
}

fn text_of<'a>(instance: &'a Value, key: &str) -> Option<&'a str> {
    instance.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn tag<'a>(instance: &'a Value, key: &str) -> Option<&'a str> {
    let tags = instance.get("Tags").and_then(Value::as_array).into_iter().flatten();
    tags.into_iter()
        .find(|tag| text_of(tag, "Key").is_some_and(|known| known.eq_ignore_ascii_case(key)))
        .and_then(|tag| text_of(tag, "Value"))
}

/// The lines in which ids of instances stand first.
fn lines(text: &str) -> HashMap<&str, usize> {
    let mut lines = HashMap::new();
    for (number, line) in text.lines().enumerate() {
        for id in line.split('"').filter(|word| word.starts_with("i-")) {
            lines.entry(id).or_insert(number + 1);
        }
    }
    lines
}

fn host(
    instance: &Value,
    place: Place,
    tags: &Tags,
    choices: &Choices,
    remarks: &mut Remarks,
) -> Option<Found> {
    let id = text_of(instance, "InstanceId")?;
    let name = tag(instance, "Name").unwrap_or(id);
    let known = shown(name);
    let state = instance.get("State").and_then(|state| text_of(state, "Name")).unwrap_or("running");
    if state != "running" {
        let state = shown(state);
        remarks.lost(
            place,
            text!(
                en: "instance `{known}` is left out: its state is `{state}`; start it, and import anew",
                pt: "a instância `{known}` fica de fora: seu estado é `{state}`; ligue-a e importe de novo"
            ),
        );
        return None;
    }
    if text_of(instance, "Platform").is_some_and(|platform| platform.eq_ignore_ascii_case("windows")) {
        remarks.lost(
            place,
            text!(
                en: "instance `{known}` is left out: it runs Windows",
                pt: "a instância `{known}` fica de fora: roda Windows"
            ),
        );
        return None;
    }
    let private = text_of(instance, "PrivateIpAddress");
    let public = text_of(instance, "PublicIpAddress").or_else(|| text_of(instance, "PublicDnsName"));
    if public.is_none() && private.is_some() {
        remarks.told(
            place,
            text!(
                en: "instance `{known}` has no public address: its private one is taken, for which you need a way in, \
                     such as `ssh: {{ jump: user@bastion }}`",
                pt: "a instância `{known}` não tem endereço público: usa-se o privado, para o qual é preciso um caminho, \
                     como `ssh: {{ jump: user@bastion }}`"
            ),
        );
    }
    Some(Found {
        place: Some(place),
        name: Some(name.to_owned()),
        cluster: cluster(instance, &known, place, tags, remarks),
        address: public.or(private).unwrap_or_default().to_owned(),
        private_address: public.and(private).map(str::to_owned),
        roles: roles(instance, name, place, tags, choices, remarks),
        by_name: tags.role.is_none(),
        ..Found::default()
    })
}

fn cluster(instance: &Value, known: &str, place: Place, tags: &Tags, remarks: &mut Remarks) -> Option<Whose> {
    let key = tags.cluster.as_ref()?;
    let value = tag(instance, key);
    if value.is_none() {
        let key = shown(key);
        remarks.told(
            place,
            text!(
                en: "instance `{known}` has no tag `{key}`: it is in a cluster of those without one",
                pt: "a instância `{known}` não tem a tag `{key}`: fica em um cluster das que não a têm"
            ),
        );
    }
    value.map(Whose::named)
}

/// By the tag that was named; without one by the instance's name.
fn roles(
    instance: &Value,
    name: &str,
    place: Place,
    tags: &Tags,
    choices: &Choices,
    remarks: &mut Remarks,
) -> Vec<String> {
    let Some(key) = &tags.role else { return choices.roles.of_host(name) };
    let value = tag(instance, key).unwrap_or_default();
    let mut found = Vec::new();
    for word in value.split([',', ';', '+', ' ']).filter(|word| !word.is_empty()) {
        let roles = choices.roles.of(word);
        if roles.is_empty() && is_secret_text(value) {
            let key = shown(key);
            remarks.lost(
                place,
                text!(
                    en: "a word of the tag `{key}` is no role: say which one it is, `--role web=WORD`",
                    pt: "uma palavra da tag `{key}` não é um papel: diga qual é, `--role web=PALAVRA`"
                ),
            );
        } else if roles.is_empty() {
            let (word, key) = (shown(word), shown(key));
            remarks.lost(
                place,
                text!(
                    en: "`{word}` of the tag `{key}` is no role: say which one it is, `--role web={word}`",
                    pt: "`{word}` da tag `{key}` não é um papel: diga qual é, `--role web={word}`"
                ),
            );
        }
        found.extend(roles);
    }
    found
}

/// Which key pair leads in, as a hint: its file has a name that only its owner knows.
fn key_pairs(keys: &[Option<&str>], found: &mut [Found]) -> Option<Text> {
    let line = |key: &str| clean_line(if holds_secret(key) { "…" } else { key }, 60);
    match keys.first()? {
        Some(key) if keys.iter().all(|other| *other == Some(*key)) => Some(text!(
            en: "Key pair of the instances: {key}. Name its file: `ssh: {{ identity: ~/.ssh/{key}.pem }}`",
            pt: "Par de chaves das instâncias: {key}. Indique o arquivo: `ssh: {{ identity: ~/.ssh/{key}.pem }}`", key = line(key)
        )),
        _ => {
            for (host, key) in found.iter_mut().zip(keys) {
                host.comment =
                    key.map(|key| text!(en: "key pair {key}", pt: "par de chaves {key}", key = line(key)));
            }
            None
        }
    }
}
