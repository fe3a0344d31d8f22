//! What can't be imported, what is not read, and any text at all.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use encoding_rs::WINDOWS_1252;
use proptest::prelude::*;

use super::{accepted, choices, folder, import_ansible, shown};
use crate::draft;
use crate::error::Result;
use crate::import::{self, Choices, Imported, Source, Tags, VariablesFolders};

pub fn source(name: &str, text: &str) -> Source {
    Source { name: name.to_owned(), text: text.to_owned() }
}

pub fn ansible(name: &str, text: &str) -> Result<Imported> {
    import::ansible(source(name, text).into(), VariablesFolders::default(), &[], &Choices::default())
}

#[test]
fn what_is_no_source_is_an_error_with_advice() {
    let vault = "$ANSIBLE_VAULT;1.1;AES256\n6231\n";
    let program = "#!/usr/bin/env python3\nprint('{}')\n";
    let teams = ["team*".to_owned()];
    let without_teams = import::ansible(
        source("hosts", "[a]\nx\n[b]\ny\n").into(),
        VariablesFolders::default(),
        &teams,
        &choices(&[]),
    );
    let aws = |text: &str| import::aws(source("i.json", text), &Tags::default(), &Choices::default());
    let roster = |text: &str| import::roster(source("class.csv", text), &Choices::default());
    let ssh = |text: &str, patterns: &[String]| {
        import::ssh_config(source("config", text), patterns, &Choices::default())
    };
    let cases = [
        ansible("inventory.py", program),
        ansible("hosts", vault),
        ansible("aws_ec2.yml", "plugin: amazon.aws.aws_ec2\nregions: [us-east-1]\n"),
        ansible("site.yml", "- hosts: all\n  tasks: []\n"),
        ansible("list.json", "{\"_meta\": {\"hostvars\": {}}, \"web\": {\"hosts\": [\"a\"]}}"),
        ansible("broken.yml", "all:\n  hosts: {a: [}\n"),
        ansible("deep.yml", &"[".repeat(100_000)),
        ansible("hosts", ""),
        ansible("hosts.yml", ""),
        ansible("hosts", "localhost ansible_connection=local\n"),
        ansible("hosts", "web ansible_host={{ ip }}\n"),
        without_teams,
        ssh("Vagrant.configure(\"2\") do |config|\n", &[]),
        ssh("Host *\n  User ana\n", &[]),
        ssh("Host a\n", &["web*".to_owned()]),
        aws("not json"),
        aws("{\"Reservations\": []}"),
        aws("{\"InstanceId\": \"i-1\", \"State\": {\"Name\": \"stopped\"}}"),
        roster(""),
        roster("aluno;email\nAna;ana@example.org\n"),
        roster("ip\n10.0.0.1\n"),
        roster("aluno;ip\n"),
    ];
    insta::assert_snapshot!(cases.map(shown).join("\n"));
}

#[test]
fn a_roster_is_the_same_in_every_encoding_and_with_every_sign_between() {
    let path = folder().join("csv/portuguese.csv");
    let text = fs::read_to_string(&path).unwrap();
    let expected = shown(import::roster(source("class.csv", &text), &Choices::default()));
    let wide: Vec<u8> = std::iter::once('\u{feff}')
        .chain(text.chars())
        .collect::<String>()
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let folder = tempfile::tempdir().unwrap();
    for bytes in [
        WINDOWS_1252.encode(&text).0.into_owned(),
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        wide,
        text.replace('\n', "\r\n").into_bytes(),
        text.replace(';', "\t").into_bytes(),
        text.replace(';', ",").into_bytes(),
    ] {
        let path = folder.path().join("class.csv");
        fs::write(&path, bytes).unwrap();
        let read = Source { name: "class.csv".to_owned(), ..import::read(&path).unwrap() };
        assert_eq!(shown(import::roster(read, &Choices::default())), expected);
    }
}

#[test]
fn links_and_what_is_no_file_are_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("group_vars")).unwrap();
    fs::write(path("hosts"), "[web]\nweb01 ansible_host=10.0.0.1\n").unwrap();
    fs::write(path("secret"), "course: from elsewhere\n").unwrap();
    symlink(path("secret"), path("group_vars/web.yml")).unwrap();
    symlink("/", path("host_vars")).unwrap();
    let told = shown(import_ansible(&path("hosts"), &[], &Choices::default()));
    let told = told.replace(folder.path().to_str().unwrap(), "");
    assert!(!told.contains("from elsewhere"), "{told}");
    assert!(told.contains("! /group_vars/web.yml: not read: it is a link"), "{told}");
    assert!(told.contains("! /host_vars: not read: it is a link"), "{told}");
    let folder_itself = import::read(folder.path()).unwrap_err();
    assert!(folder_itself.message.english().ends_with("is a folder"), "{folder_itself:?}");
    assert!(import::read(Path::new("/dev/zero")).unwrap_err().message.english().contains("larger than"));
    fs::write(path("class.xlsx"), b"PK\x03\x04...").unwrap();
    assert!(import::read(&path("class.xlsx")).unwrap_err().hints[0].english().contains("CSV"));
}

/// Lines of which any number in any order is some source.
fn lines(of: &'static [&'static str]) -> impl Strategy<Value = String> {
    let line = prop_oneof![4 => proptest::sample::select(of).prop_map(str::to_owned), 1 => "\\PC{0,30}"];
    proptest::collection::vec(line, 0..14).prop_map(|lines| lines.join("\n"))
}

const INI: &[&str] = &[
    "[web]",
    "[lb]",
    "[web:vars]",
    "[a:children]",
    "web",
    "lb",
    "web[01:03]",
    "10.0.0.[1:4]",
    "a ansible_host=10.0.0.1",
    "b ansible_host=10.0.0.1 ansible_port=22",
    "c ansible_user='x y' title=\"[1:3]\"",
    "ansible_user=ana",
    "x={{ y }}",
    "y=[1, {'a': 'no'}]",
    "ansible_ssh_common_args='-J u@h:1'",
    "ansible_become_pass=x",
    "d private_ip=10.0.0.1",
];
const SSH: &[&str] = &[
    "Host web1 web2",
    "Host lb",
    "Host *",
    "Host !web1 *",
    "HostName 10.0.0.1",
    "HostName %h.x",
    "User ana",
    "Port 22",
    "Port 2222",
    "ProxyJump lb",
    "IdentityFile ~/k",
    "Match all",
    "Match host x",
    "ConnectTimeout 5",
    "HostName",
];
const ROSTER: &[&str] = &[
    "aluno;ip;papel",
    "team,student,address,role",
    "nome;lb;web1;web2",
    "Ana;10.0.0.1;lb",
    "Ana;10.0.0.2;web",
    "Rui;10.0.0.1;web",
    "Zé;10.0.0.3 10.0.0.4;lb+web",
    ";;",
    ";10.0.0.9;web",
    "x,y,10.0.0.5,web",
    "\"a;b\";\"10.0.0.6\"",
];

proptest! {
    // A failing case is printed; nothing is written into the repository.
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_imported_is_accepted(
        ini in lines(INI),
        ssh in lines(SSH),
        roster in lines(ROSTER),
        yaml in "\\PC{0,60}",
    ) {
        let imported = [
            ansible("hosts", &ini),
            ansible("hosts.yml", &yaml),
            import::ssh_config(source("config", &ssh), &[], &Choices::default()),
            import::roster(source("class.csv", &roster), &Choices::default()),
        ];
        for Imported { draft, .. } in imported.into_iter().flatten() {
            let hosts: usize = draft.clusters.iter().map(|cluster| cluster.hosts.len()).sum();
            prop_assert_eq!(accepted(&draft::write(&draft)).hosts().count(), hosts);
        }
    }
}
