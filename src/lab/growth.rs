//! A lab that is up, of which more is asked.

use super::record::Record;
use super::shape::{DriverKind, Options};
use crate::error::{Error, Result};
use crate::model::text;

/// The record of a lab that is up, with what is asked for in addition; refused when it is not an addition.
pub(super) fn grown(before: &Record, options: &Options, driver: DriverKind) -> Result<Record> {
    let hosts = options.hosts(before.subnet);
    let same_kind = driver == before.driver
        && options.user == before.options.user
        && options.sudo_password == before.options.sudo_password;
    if !same_kind || before.hosts.iter().any(|host| !hosts.contains(host)) {
        let Options { web, clusters, releases, image, .. } = &before.options;
        let (name, driver) = (&options.name, before.driver);
        let releases = image.clone().unwrap_or_else(|| releases.join(","));
        let message = if before.options.sudo_password {
            text!(
                en: "lab {name} is up in another shape: {clusters} cluster(s), {web} web host(s) each, {releases}, {driver}, sudo with password",
                pt: "o lab {name} está no ar em outra forma: {clusters} cluster(s), {web} servidor(es) web em cada, {releases}, {driver}, sudo com senha",
            )
        } else {
            text!(
                en: "lab {name} is up in another shape: {clusters} cluster(s), {web} web host(s) each, {releases}, {driver}",
                pt: "o lab {name} está no ar em outra forma: {clusters} cluster(s), {web} servidor(es) web em cada, {releases}, {driver}",
            )
        };
        return Err(Error::usage(message)
            .hint(text!(
                en: "take it down first: provision lab down --name {name}",
                pt: "desmonte-o antes: provision lab down --name {name}", name = options.name
            ))
            .hint(text!(
                en: "or give the new one a name of its own: --name NAME",
                pt: "ou dê outro nome ao novo: --name NOME",
            )));
    }
    let inventory = options.inventory.clone().or_else(|| before.options.inventory.clone());
    let inventory_digest =
        if inventory == before.options.inventory { before.inventory_digest.clone() } else { None };
    // Pages that its hosts have don't change for who asks for more.
    let language = before.options.language;
    let options = Options { language, inventory, ..options.clone() };
    Ok(Record { options, hosts, inventory_digest, ..before.clone() })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::lab::subnet::Subnet;
    use crate::model::Language;

    fn record(options: &Options) -> Record {
        let subnet = Subnet::new(10, 213);
        let hosts = options.hosts(subnet);
        Record {
            options: options.clone(),
            subnet,
            hosts,
            driver: DriverKind::Nspawn,
            ports: BTreeMap::new(),
            images: BTreeMap::new(),
            complete: true,
            inventory_digest: None,
        }
    }

    #[test]
    fn more_hosts_are_an_addition_and_fewer_are_not() {
        let three = Options::default();
        let five = Options { web: 5, ..Options::default() };
        let nspawn = DriverKind::Nspawn;
        assert_eq!(grown(&record(&three), &five, nspawn).unwrap().hosts.len(), 6);
        assert_eq!(grown(&record(&three), &three, nspawn).unwrap(), record(&three));
        let asked = Options { language: Language::Portuguese, ..Options::default() };
        assert_eq!(grown(&record(&three), &asked, nspawn).unwrap(), record(&three));
        let error = grown(&record(&five), &three, nspawn).unwrap_err();
        assert!(error.message.english().contains("5 web host(s)"), "{error:?}");
        for other in [
            Options { clusters: 2, ..Options::default() },
            Options { sudo_password: true, ..Options::default() },
            Options { releases: vec!["trixie".to_owned()], ..Options::default() },
        ] {
            assert!(grown(&record(&three), &other, nspawn).is_err());
        }
        assert!(grown(&record(&three), &three, DriverKind::Podman).is_err());
    }
}
