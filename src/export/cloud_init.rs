//! User-data for cloud-init: a machine that sets itself up at its first boot.

mod commands;

use std::collections::HashMap;
use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::remarks::Remarks;
use super::secrets::{has_secrets, private_files};
use super::yaml::Yaml;
use super::{Export, ExportedFile, Setup, Subject, packages};
use crate::model::{File, Resource, Text, text};

/// What AWS takes, in bytes.
const LARGEST: usize = 16_384;

/// By contents, which many hosts have alike.
type Encodings<'a> = HashMap<&'a [u8], (&'static str, String)>;

/// A file for each host, compressed where it is too large for AWS otherwise.
pub fn cloud_init(subject: &Subject<'_>) -> Export {
    let mut remarks = Remarks::of_setup(subject);
    let mut files = Vec::new();
    let mut encodings = Encodings::default();
    for setup in &subject.hosts {
        let plain = user_data(subject, setup, &mut encodings);
        let file = if plain.len() <= LARGEST {
            ExportedFile::new(format!("{}.yaml", setup.alias), plain)
        } else {
            ExportedFile::new(format!("{}.yaml.gz", setup.alias), compressed(plain.as_bytes()))
        };
        let size = file.content.len();
        if size > LARGEST {
            remarks.add(
                &setup.host.id,
                text!(
                    en: "{size} bytes, also compressed: AWS takes {LARGEST}; have large files fetched by a command",
                    pt: "{size} bytes, mesmo comprimido: a AWS aceita {LARGEST}; faça um comando buscar os arquivos grandes",
                ),
            );
        }
        remarks.add(
            &setup.host.id,
            text!(
                en: "files name the addresses of the inventory: the machine has to come up with its own",
                pt: "os arquivos trazem os endereços do inventário: a máquina precisa surgir com o seu",
            ),
        );
        let is_private = private_files(setup).next().is_some() || has_secrets(setup);
        files.push(file.private_where(is_private));
    }
    Export { files, remarks: remarks.finish() }
}

fn user_data<'a>(subject: &Subject<'a>, setup: &'a Setup<'a>, encodings: &mut Encodings<'a>) -> String {
    let resources = &setup.resources;
    let packages = packages(resources);
    let files = resources.iter().filter_map(|resource| match resource {
        Resource::File(file) => Some(write_file(file, encodings)),
        _ => None,
    });
    let sections = [
        ("package_update", Yaml::Flag(!packages.is_empty())),
        ("packages", Yaml::texts(packages)),
        ("write_files", Yaml::List(files.collect())),
        ("runcmd", commands::commands(resources)),
    ];
    let sections = sections.into_iter().filter(|(_, section)| !section.is_empty());
    // Only what begins with this line is read.
    format!(
        "#cloud-config\n{}{}",
        head(subject, setup).words(subject.language),
        Yaml::map(sections).document()
    )
}

fn head(subject: &Subject<'_>, setup: &Setup<'_>) -> Text {
    let (host, title) = (setup.host.id.as_str(), &subject.title);
    text!(
        en: "# {host} of {title}, written by `provision export cloud-init`. Addresses are those of the inventory.\n",
        pt: "# {host} de {title}, escrito por `provision export cloud-init`. Os endereços são os do inventário.\n",
    )
}

/// Files come behind packages, which have the owners of some, and what they replace.
fn write_file<'a>(file: &'a File, encodings: &mut Encodings<'a>) -> Yaml {
    let (encoding, content) =
        encodings.entry(&file.content).or_insert_with(|| encoded(&file.content)).clone();
    let root = || "root".to_owned();
    let owner = file.wanted.owner.clone().unwrap_or_else(root);
    let group = file.wanted.group.clone().unwrap_or_else(root);
    let mode = file.wanted.mode.unwrap_or(file.mode);
    Yaml::map([
        ("path", Yaml::text(&file.path)),
        ("owner", Yaml::text(format!("{owner}:{group}"))),
        ("permissions", Yaml::text(format!("{mode:04o}"))),
        ("defer", Yaml::Flag(true)),
        ("encoding", Yaml::text(encoding)),
        ("content", Yaml::text(content)),
    ])
}

/// How a content stands in user-data, and what of it does.
fn encoded(content: &[u8]) -> (&'static str, String) {
    let zipped = compressed(content);
    if zipped.len() < content.len() {
        ("gz+b64", STANDARD.encode(zipped))
    } else {
        ("b64", STANDARD.encode(content))
    }
}

fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to memory cannot fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}
