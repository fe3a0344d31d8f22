//! A roster as a table: a row for each host, or a column for each; one cluster a student or team.

use std::collections::{BTreeMap, HashMap};

use csv::{ReaderBuilder, StringRecord, Trim};

use super::assembly::{Found, Whose, assemble};
use super::columns::{Column, check, columns};
use super::plain::{plain, shown};
use super::quotes::open_quote;
use super::remark::{Place, Remarks};
use super::settings::{port, user, without_login};
use super::source::{Source, Sources};
use super::{Choices, Imported, finish};
use crate::document::complaint::Complaint;
use crate::draft::Settings;
use crate::error::{Error, Result};
use crate::inventory::{Machine, machine_words, machines_of_word};
use crate::model::{Value, clean_line, text};
use crate::roles;

type Vars = BTreeMap<String, Value>;

/// Imports a roster.
pub fn roster(source: Source, choices: &Choices) -> Result<Imported> {
    let mut sources = Sources::default();
    let mut remarks = Remarks::default();
    let source = sources.add(source);
    let Source { name, text } = sources.get(source);
    // The reader of tables counts lines by their `\n` alone.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let (skipped, text) = without_separator_line(&text);
    let delimiter = delimiter(text);
    if let Some(line) = open_quote(text, delimiter) {
        return Err(never_closed(name, line + skipped));
    }
    let mut reader =
        ReaderBuilder::new().delimiter(delimiter).flexible(true).trim(Trim::All).from_reader(text.as_bytes());
    let unreadable = |error: csv::Error| {
        Error::usage(text!(en: "{name} is no table", pt: "{name} não é uma tabela"))
            .hint(text!(en: "save it as CSV", pt: "salve como CSV"))
            .because(error)
    };
    let headers = reader.headers().map_err(unreadable)?.clone();
    let head = Place::line(source, skipped + 1);
    let columns = columns(&headers, choices, head, &mut remarks);
    check(&columns, &headers, name)?;
    let mut table = Table { columns, choices, people: People::default(), remarks: &mut remarks };
    let mut found = Vec::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let line = record.position().map_or(0, csv::Position::line);
        let place = Place::line(source, usize::try_from(line).unwrap_or_default() + skipped);
        found.extend(table.hosts(&record, place));
    }
    let has_roles = table.columns.iter().any(|column| matches!(column, Column::Role | Column::HostsOf(_)));
    if !has_roles {
        deal_roles(&mut found);
        remarks.told(
            head,
            text!(
                en: "there is no column of roles: the first of several hosts is the balancer, all others are web hosts",
                pt: "não há coluna de papéis: o primeiro de vários hosts é o balanceador, todos os outros são web"
            ),
        );
    }
    let how = text!(
        en: "give one in a column `role`, or by `--role web=WORD`",
        pt: "dê um em uma coluna `papel`, ou com `--role web=PALAVRA`"
    );
    let draft = assemble(found, source, choices, &how, &mut remarks)?;
    finish(draft, remarks, &sources)
}

/// What is behind such a quote could be rows, so that nothing is taken.
fn never_closed(name: &str, line: usize) -> Error {
    Error::usage(text!(
        en: "{name}:{line} has a cell that begins with a quote and does not end with it",
        pt: "{name}:{line} tem uma célula que começa com aspas e não termina com elas",
    ))
    .hint(text!(
        en: "close the quote, or leave it out; one within a cell is written twice",
        pt: "feche as aspas, ou tire-as; as de dentro de uma célula são escritas duas vezes",
    ))
}

/// Excel may begin a file with `sep=;`, which is no row.
fn without_separator_line(text: &str) -> (usize, &str) {
    match text.split_once('\n') {
        Some((first, rest)) if first.to_lowercase().starts_with("sep=") => (1, rest),
        _ => (0, text),
    }
}

/// The sign that stands most often between the headers.
fn delimiter(text: &str) -> u8 {
    let head = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let outside: String = head.split('"').step_by(2).collect();
    let count = |sign: &u8| outside.bytes().filter(|byte| byte == sign).count();
    // Of equally many the last wins: a lone column has commas.
    [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

struct Table<'a> {
    columns: Vec<Column>,
    choices: &'a Choices,
    people: People,
    remarks: &'a mut Remarks,
}

impl Table<'_> {
    /// What a row has in the columns of one kind, empty cells left out.
    fn cells<'r>(&self, record: &'r StringRecord, wanted: &Column) -> Vec<&'r str> {
        let cells = record.iter().zip(&self.columns);
        cells.filter(|(cell, column)| *column == wanted && !cell.is_empty()).map(|(cell, _)| cell).collect()
    }

    fn cell<'r>(&self, record: &'r StringRecord, wanted: &Column) -> Option<&'r str> {
        self.cells(record, wanted).first().copied()
    }

    /// The hosts of a row.
    fn hosts(&mut self, record: &StringRecord, place: Place) -> Vec<Found> {
        if record.iter().all(str::is_empty) {
            return Vec::new();
        }
        self.tell_nameless(record, place);
        let Some((cluster, vars)) = self.whose(record, place) else { return Vec::new() };
        let mut settings = Settings { vars, ..Settings::default() };
        settings.ssh.user =
            self.cell(record, &Column::User).and_then(|written| user(written, place, self.remarks));
        settings.ssh.port =
            self.cell(record, &Column::Port).and_then(|written| port(written, place, self.remarks));
        let roles = self.roles(record, place);
        let mut found = Vec::new();
        let mut has_address = false;
        for (cell, column) in record.iter().zip(&self.columns).filter(|(cell, _)| !cell.is_empty()) {
            let roles = match column {
                Column::Address if std::mem::replace(&mut has_address, true) => continue,
                Column::Address => &roles,
                Column::HostsOf(roles) => roles,
                _ => continue,
            };
            for Machine { user, address, port } in machines(cell, place, self.remarks) {
                let mut settings = settings.clone();
                settings.ssh.user = user.or(settings.ssh.user);
                settings.ssh.port = port.or(settings.ssh.port);
                found.push(Found {
                    place: Some(place),
                    name: self.cell(record, &Column::Host).map(str::to_owned),
                    cluster: Some(cluster.clone()),
                    address,
                    private_address: self.cell(record, &Column::PrivateAddress).map(str::to_owned),
                    roles: roles.clone(),
                    settings,
                    ..Found::default()
                });
            }
        }
        if found.len() > 1 && found.iter().any(|host| host.private_address.is_some()) {
            for host in &mut found {
                host.private_address = None;
            }
            self.remarks.lost(
                place,
                text!(
                    en: "a private address is left out: its row has several hosts",
                    pt: "um endereço privado fica de fora: sua linha tem vários hosts"
                ),
            );
        }
        if found.is_empty() {
            let written = shown(&cluster.written);
            self.remarks.lost(
                place,
                text!(
                    en: "a row of `{written}` is left out: it has no address",
                    pt: "uma linha de `{written}` fica de fora: não tem endereço"
                ),
            );
        }
        found
    }

    /// Cells beyond the headers, or below an empty one.
    fn tell_nameless(&mut self, record: &StringRecord, place: Place) {
        for (position, _) in record.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            if self.columns.get(position).is_none_or(|column| *column == Column::Nameless) {
                let number = position + 1;
                self.remarks.lost(
                    place,
                    text!(
                        en: "a cell in column {number} is left out: the first line has no name for that column",
                        pt: "uma célula na coluna {number} fica de fora: a primeira linha não dá nome a essa coluna"
                    ),
                );
            }
        }
    }

    /// The cluster of a row, and what templates may say of its people.
    fn whose(&mut self, record: &StringRecord, place: Place) -> Option<(Whose, Vars)> {
        let mut name = self.cells(record, &Column::Student);
        name.extend(self.cells(record, &Column::LastName));
        let email = self.cell(record, &Column::Email);
        let team = self.cell(record, &Column::Team);
        let student = match (name.is_empty(), email) {
            (false, _) => Some(clean_line(&name.join(" "), 200)),
            (true, Some(email)) => email.split('@').next().map(|name| clean_line(name, 200)),
            (true, None) => None,
        };
        if let Some(person) = self.people.person(student.as_deref(), email, team, place, self.remarks) {
            return Some(person);
        }
        self.remarks.lost(
            place,
            text!(
                en: "this row is left out: it names no student",
                pt: "esta linha fica de fora: não nomeia um aluno"
            ),
        );
        None
    }

    fn roles(&mut self, record: &StringRecord, place: Place) -> Vec<String> {
        let mut found = Vec::new();
        for cell in self.cells(record, &Column::Role) {
            let whole = self.choices.roles.of(cell);
            if !whole.is_empty() {
                found.extend(whole);
                continue;
            }
            for word in cell.split([',', ';', '+', '/', ' ']).filter(|word| !["", "e", "and"].contains(word))
            {
                let roles = self.choices.roles.of_host(word);
                if roles.is_empty() {
                    self.remarks.lost(
                        place,
                        text!(
                            en: "a word in the column of roles is no role: say which one it is, `--role web=WORD`",
                            pt: "uma palavra na coluna de papéis não é um papel: diga qual é, `--role web=PALAVRA`"
                        ),
                    );
                }
                found.extend(roles);
            }
        }
        found
    }
}

/// The machines of a cell, as `init` reads them; in a table a `/` may stand between two.
fn machines(cell: &str, place: Place, remarks: &mut Remarks) -> Vec<Machine> {
    let mut found = Vec::new();
    for word in machine_words(cell) {
        let is_network = word.rsplit('/').next().is_some_and(|behind| behind.parse::<u8>().is_ok());
        let words = if is_network { vec![&word[..]] } else { word.split('/').collect() };
        for word in words.into_iter().filter(|word| !word.is_empty()) {
            match machines_of_word(word) {
                Ok(machines) => found.extend(machines),
                Err(Complaint { hint, .. }) => {
                    let word = without_login(word);
                    remarks.lost(
                        place,
                        text!(
                            en: "the address `{word}` is left out: {hint}",
                            pt: "o endereço `{word}` fica de fora: {hint}", hint
                        ),
                    );
                }
            }
        }
    }
    found
}

/// The students of a roster so far.
#[derive(Debug, Default)]
struct People {
    /// The last row's: cells that belong to several rows are written once.
    last: Option<(Whose, Vars)>,
    /// The address by which a name was last seen.
    emails: HashMap<String, String>,
    /// How a team was written first.
    teams: HashMap<String, String>,
}

impl People {
    fn person(
        &mut self,
        student: Option<&str>,
        email: Option<&str>,
        team: Option<&str>,
        place: Place,
        remarks: &mut Remarks,
    ) -> Option<(Whose, Vars)> {
        if student.is_none() && team.is_none() {
            return self.last.clone();
        }
        let mut vars = Vars::new();
        let mut set = |name: &str, value: &str| {
            if let Some(value) = plain(name, &Value::String(value.to_owned()), place, remarks) {
                vars.insert(name.to_owned(), value);
            }
        };
        let student = student.unwrap_or_default();
        let email = match email {
            Some(email) => clean_line(email, 200),
            None => self.emails.get(student).cloned().unwrap_or_default(),
        };
        self.emails.insert(student.to_owned(), email.clone());
        let team = team.map(|team| {
            let team = clean_line(team, 200);
            // `C` and `C++` are two, though an inventory can't write the sign.
            let key = team.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
            let written = self.teams.entry(key.clone()).or_insert(team).clone();
            Whose { key, written }
        });
        set("title", team.as_ref().map_or(student, |team| &team.written));
        for (name, value) in [("student", student), ("email", &email)] {
            if !value.is_empty() {
                set(name, value);
            }
        }
        let of_student =
            || Whose { key: format!("{student}\n{}", email.to_lowercase()), written: student.to_owned() };
        let whose = team.unwrap_or_else(of_student);
        self.last = Some((whose.clone(), vars.clone()));
        Some((whose, vars))
    }
}

/// Where no column says it: of several hosts the first stands in front.
fn deal_roles(found: &mut [Found]) {
    let front = roles::ALL.iter().find_map(|role| {
        let behind = (role.usual)().fronts().map(str::to_owned)?;
        Some((role.name, behind))
    });
    let Some((front, behind)) = front else { return };
    let mut sizes: HashMap<Option<String>, (usize, bool)> = HashMap::new();
    let key = |host: &Found| host.cluster.as_ref().map(|whose| whose.key.clone());
    for host in found.iter() {
        sizes.entry(key(host)).or_default().0 += 1;
    }
    for host in found {
        let Some((size, has_front)) = sizes.get_mut(&key(host)) else { continue };
        let is_front = *size > 1 && !std::mem::replace(has_front, true);
        host.roles = vec![if is_front { front.to_owned() } else { behind.clone() }];
    }
}
