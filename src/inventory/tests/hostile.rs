//! Hostile values in every field of a practice.

use serde_json::json;

use super::practices::Class;
use crate::model::samples::HOSTILE;
use crate::model::{File, Guard, PracticeProbe, Question, Resource, Script, Validator};
use crate::roles::Practice;
use crate::roles::samples::settings;

/// A practice with `{{ v }}` in every field, one in each file.
const FIELDS: [(&str, &str); 17] = [
    ("package", "packages: ['{{ v }}']"),
    ("directory", "directories: [{ path: '/opt/{{ v }}' }]"),
    ("owner", "directories: [{ path: /opt/x, owner: '{{ v }}', group: '{{ v }}' }]"),
    ("mode", "directories: [{ path: /opt/x, mode: '{{ v }}' }]"),
    ("file", "files: [{ path: '/opt/{{ v }}', source: as-it-is }]"),
    ("template", "files: [{ path: /opt/x, template: x.tera }]"),
    ("named", "files: [{ path: /opt/x, template: '{{ v }}' }]"),
    ("validate", "files: [{ path: /opt/x, source: as-it-is, validate: 'printf %s {{ v }} # {file}' }]"),
    ("target", "links: [{ path: /opt/x, target: '{{ v }}' }]"),
    ("run", "commands: [{ name: x, run: 'printf %s {{ v }}', creates: /x }]"),
    ("script", "commands: [{ name: x, script: x.sh, creates: /x }]"),
    ("unless", "commands: [{ name: x, run: x, unless: 'printf %s {{ v }}' }]"),
    ("undo", "commands: [{ name: x, run: x, unless: x, undo: 'printf %s {{ v }}' }]"),
    ("creates", "commands: [{ name: '{{ v }}', run: x, creates: '/opt/{{ v }}' }]"),
    ("service", "services: [{ name: '{{ v }}', ports: ['{{ v }}'] }]"),
    ("data", "data: ['/opt/{{ v }}']"),
    ("probe", "probes: [{ name: x, command: { run: 'printf %s {{ v }}', contains: '{{ v }}' } }]"),
];

/// What of a practice is run by sh.
fn commands(practice: &Practice) -> Vec<String> {
    let of_resource = |resource: &Resource| match resource {
        Resource::Command(command) => {
            let (Script::Shell(run) | Script::Program(run)) = &command.run;
            let unless = match &command.guard {
                Guard::Unless(unless) => Some(unless.clone()),
                Guard::Creates(_) => None,
            };
            [Some(run.clone()), unless, command.undo.clone()].into_iter().flatten().collect()
        }
        Resource::File(File { validator: Some(Validator::Shell(check)), .. }) => vec![check.clone()],
        _ => Vec::new(),
    };
    let of_probe = |probe: &PracticeProbe| match &probe.question {
        Question::Command { run, .. } => Some(run.clone()),
        _ => None,
    };
    let of_resources = practice.resources.iter().flat_map(of_resource);
    of_resources.chain(practice.probes.iter().filter_map(of_probe)).filter(|command| command != "x").collect()
}

#[test]
fn no_value_leaves_its_place() {
    let mut told = Vec::new();
    for (field, text) in FIELDS {
        let class = Class::new(&[
            ("practices/mq/practice.yaml", text),
            ("practices/mq/as-it-is", "{{ v }}"),
            ("practices/mq/x.tera", "[{{ v }}]"),
            ("practices/mq/x.sh", "#!/bin/sh\nprintf %s {{ v }}\n"),
        ]);
        let mut taken = Vec::new();
        for value in HOSTILE {
            let inventory = json!({ "hosts": { "a": { "address": "b", "roles": ["mq"], "vars": { "mq": { "v": value } } } } });
            let Ok(inventory) = class.read(&inventory.to_string()) else { continue };
            taken.push(value);
            let practice = settings::<Practice>(&inventory.clusters[0].hosts[0]);
            for command in commands(practice) {
                let output = std::process::Command::new("sh").arg("-c").arg(&command).output().unwrap();
                assert_eq!(String::from_utf8_lossy(&output.stdout), value, "{field}: {command}");
            }
            for resource in &practice.resources {
                if let Resource::File(file) = resource {
                    let expected =
                        if field == "template" { format!("[{value}]\n") } else { "{{ v }}".to_owned() };
                    assert_eq!(file.text(), Some(expected.as_str()), "{field}");
                    assert!(
                        file.path.starts_with("/opt/") && !file.path.contains(".."),
                        "{field}: {}",
                        file.path
                    );
                }
            }
        }
        told.push(format!("{field}: {taken:?}"));
    }
    insta::assert_snapshot!(told.join("\n"));
}
