//! The columns of a roster, known by their headers in English and Portuguese.

use csv::StringRecord;
use slug::slugify;

use super::Choices;
use super::plain::shown;
use super::remark::{Place, Remarks};
use crate::error::{Error, Result};
use crate::model::{Text, is_secret_name, text};

/// What a column has, by its header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    Student,
    LastName,
    Email,
    Team,
    Address,
    PrivateAddress,
    Host,
    Role,
    User,
    Port,
    /// Addresses of hosts with these roles.
    HostsOf(Vec<String>),
    /// One without a header.
    Nameless,
    Other,
}

/// Headers without accents, capitals and signs.
const HEADERS: [(Column, &[&str]); 10] = [
    (
        Column::Student,
        &[
            "student",
            "studentname",
            "name",
            "fullname",
            "firstname",
            "givenname",
            "aluno",
            "aluna",
            "alunoa",
            "estudante",
            "discente",
            "nome",
            "nomecompleto",
            "nomedoaluno",
            "nomedoestudante",
            "primeironome",
        ],
    ),
    (Column::LastName, &["lastname", "surname", "familyname", "sobrenome", "ultimonome"]),
    (
        Column::Team,
        &["team", "teamname", "group", "groupname", "cluster", "grupo", "equipe", "dupla", "time"],
    ),
    (
        Column::Address,
        &[
            "address",
            "ip",
            "ipaddress",
            "ipv4",
            "publicip",
            "publicaddress",
            "publicipaddress",
            "vmip",
            "dns",
            "fqdn",
            "endereco",
            "enderecoip",
            "enderecodavm",
            "enderecodamaquina",
            "ippublico",
            "enderecopublico",
            "ipdavm",
            "ipdamaquina",
        ],
    ),
    (
        Column::PrivateAddress,
        &[
            "privateip",
            "privateaddress",
            "privateipaddress",
            "internalip",
            "ipprivado",
            "enderecoprivado",
            "ipinterno",
        ],
    ),
    (
        Column::Host,
        &[
            "host",
            "hostname",
            "machine",
            "server",
            "vm",
            "vmname",
            "maquina",
            "servidor",
            "nomedamaquina",
            "nomedavm",
        ],
    ),
    (Column::Role, &["role", "roles", "papel", "papeis", "funcao", "perfil"]),
    (Column::User, &["user", "sshuser", "login", "usuario", "usuariossh"]),
    (Column::Port, &["port", "sshport", "porta", "portassh"]),
    (Column::Email, &["mail", "email", "emailaddress", "correio"]),
];

/// Words in a header that say nothing of a role.
const FILLERS: [&str; 9] = ["ip", "address", "of", "the", "endereco", "do", "da", "de", "dos"];

/// What each column has; one that is of no use is told.
pub fn columns(
    headers: &StringRecord,
    choices: &Choices,
    place: Place,
    remarks: &mut Remarks,
) -> Vec<Column> {
    let mut columns: Vec<Column> = headers.iter().map(|header| column(header, choices)).collect();
    // A name of its own and an address beside it; alone it is what leads to the host.
    if !columns.contains(&Column::Address) {
        for column in columns.iter_mut().filter(|column| **column == Column::Host) {
            *column = Column::Address;
        }
    }
    tell_seconds(headers, &columns, place, remarks);
    for (header, column) in headers.iter().zip(&columns) {
        if *column != Column::Other {
            continue;
        }
        let header_shown = shown(header);
        remarks.lost(
            place,
            if is_secret_name(&slugify(header)) {
                text!(
                    en: "the column `{header_shown}` looks like secrets and is left out: `password: prompt` asks for one",
                    pt: "a coluna `{header_shown}` parece ter segredos e fica de fora: `password: prompt` pergunta por um"
                )
            } else {
                text!(
                    en: "the column `{header_shown}` is left out: an inventory has nothing of that kind",
                    pt: "a coluna `{header_shown}` fica de fora: um inventário não tem nada desse tipo"
                )
            },
        );
    }
    columns
}

/// A host has one address, login and so on; of names and roles all cells of a row count.
fn tell_seconds(headers: &StringRecord, columns: &[Column], place: Place, remarks: &mut Remarks) {
    let mut firsts: Vec<(&Column, &str)> = Vec::new();
    for (header, column) in headers.iter().zip(columns) {
        let is_single = matches!(
            column,
            Column::Email
                | Column::Team
                | Column::Address
                | Column::PrivateAddress
                | Column::Host
                | Column::User
                | Column::Port
        );
        if !is_single {
            continue;
        }
        let Some((_, first)) = firsts.iter().find(|(known, _)| *known == column) else {
            firsts.push((column, header));
            continue;
        };
        let (first, second) = (shown(first), shown(header));
        remarks.lost(
            place,
            text!(
                en: "the column `{second}` is left out in rows that have `{first}`: a row has one of these two",
                pt: "a coluna `{second}` fica de fora em linhas que têm `{first}`: uma linha tem uma só dessas duas"
            ),
        );
    }
}

fn column(header: &str, choices: &Choices) -> Column {
    if header.is_empty() {
        return Column::Nameless;
    }
    let slug = slugify(header);
    let word = slug.replace('-', "");
    if is_secret_name(&slug) {
        return Column::Other;
    }
    // Moodle writes `Endereço de email`, which is no machine's.
    if word.contains("email") {
        return Column::Email;
    }
    let singular = ["", "s", "es"].iter().filter_map(|plural| word.strip_suffix(plural));
    for word in singular {
        if let Some((column, _)) = HEADERS.iter().find(|(_, known)| known.contains(&word)) {
            return column.clone();
        }
    }
    let words: Vec<&str> = slug.split('-').filter(|word| !FILLERS.contains(word)).collect();
    match choices.roles.of_host(&words.join("-")) {
        roles if roles.is_empty() => Column::Other,
        roles => Column::HostsOf(roles),
    }
}

/// A table says whose a host is, and where.
pub fn check(columns: &[Column], headers: &StringRecord, name: &str) -> Result<()> {
    if headers.iter().all(str::is_empty) {
        return Err(Error::usage(text!(en: "{name} has no headers", pt: "{name} não tem cabeçalho")).hint(
            text!(
                en: "its first line names the columns, such as `aluno;email;endereço;papel`",
                pt: "a primeira linha dá nome às colunas, como `aluno;email;endereço;papel`",
            ),
        ));
    }
    // A table without headers begins with a row, which may have a secret.
    let known =
        headers.iter().zip(columns).filter(|(_, column)| !matches!(column, Column::Other | Column::Nameless));
    let seen: Vec<String> = known.map(|(header, _)| format!("`{}`", shown(header))).collect();
    if seen.is_empty() {
        let count = headers.len();
        return Err(Error::usage(text!(
            en: "the first line of {name} names no column that is known ({count} columns)",
            pt: "a primeira linha de {name} não tem nenhuma coluna conhecida ({count} colunas)",
        ))
        .hint(text!(
            en: "it names the columns, such as `aluno;email;endereço;papel`",
            pt: "ela dá nome às colunas, como `aluno;email;endereço;papel`",
        )));
    }
    let missing = |what: Text, hint: Text| {
        Error::usage(text!(
            en: "{name} has no column for {what}, only {seen}",
            pt: "{name} não tem coluna para {what}, só {seen}", what, seen = seen.join(", ")
        ))
        .hint(hint)
    };
    let has = |such: &dyn Fn(&Column) -> bool| columns.iter().any(such);
    if !has(&|column| matches!(column, Column::Address | Column::HostsOf(_))) {
        return Err(missing(
            text!(en: "addresses", pt: "endereços"),
            text!(en: "name one `address` or `endereço`", pt: "chame uma de `address` ou `endereço`"),
        ));
    }
    if !has(&|column| matches!(column, Column::Student | Column::LastName | Column::Email | Column::Team)) {
        return Err(missing(
            text!(en: "students or teams", pt: "alunos ou equipes"),
            text!(
                en: "name one `student`, `aluno`, `team` or `equipe`",
                pt: "chame uma de `student`, `aluno`, `team` ou `equipe`",
            ),
        ));
    }
    Ok(())
}
