//! What has to be known of a class: from the arguments, else from who sits at the terminal, else the defaults.

use std::path::PathBuf;

use super::class::{Answers, Login, PrivateAddresses, Team, balanced, dealt};
use super::dialogue::Dialogue;
use super::keys;
use crate::cli::{InitArguments, LanguageTag};
use crate::document::complaint::Complaint;
use crate::document::suggestion::shown;
use crate::error::{Error, Result};
use crate::inventory::{Machine, Title, User, machine_words, machines, machines_of_word};
use crate::model::{Language, Text, text};

/// What is on this machine.
pub struct Home {
    pub folder: Option<PathBuf>,
    /// Key files, as an inventory names them.
    pub keys: Vec<String>,
}

/// All answers; an error names all that is missing where nobody can be asked.
pub fn answers(arguments: &InitArguments, home: &Home, dialogue: &mut Dialogue<'_>) -> Result<Answers> {
    if !dialogue.is_asked() {
        nothing_missing(arguments)?;
    }
    if let Some(tag) = arguments.language {
        dialogue.language = language(tag);
    }
    let title = title(arguments, dialogue)?;
    if arguments.language.is_none() {
        dialogue.language = ask_language(dialogue)?;
    }
    let user = user(arguments, dialogue)?;
    let login = login(arguments, home, dialogue)?;
    let sudo_password = arguments.ask_become_pass
        || (dialogue.is_asked()
            && dialogue.confirm(
                &text!(en: "Does sudo ask for a password there?", pt: "O sudo pede senha nessas máquinas?"),
                login == Login::Password,
            )?);
    let teams = teams(arguments, dialogue)?;
    let private = private(arguments, &teams, dialogue)?;
    let socket = arguments.socket
        || (dialogue.is_asked()
            && dialogue.confirm(
                &text!(
                    en: "Put the Python socket lab on the web hosts, too?",
                    pt: "Instalar também o laboratório de sockets em Python nas máquinas web?"
                ),
                true,
            )?);
    Ok(Answers {
        title: Some(title),
        language: dialogue.language,
        user,
        login,
        sudo_password,
        teams,
        private,
        socket,
    })
}

fn nothing_missing(arguments: &InitArguments) -> Result<()> {
    let InitArguments { balancer, web, .. } = arguments;
    let needed = [("--balancer", balancer.is_none()), ("--web", web.is_none())];
    let missing: Vec<_> = needed.iter().filter(|(_, missing)| *missing).map(|(flag, _)| *flag).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Error::usage(format!("nobody is asked here, and it is not said: {}", missing.join(", "))).hint(
        "such as `provision init --user ubuntu --balancer 10.0.0.50 --web 10.0.0.51-53 --socket --yes`",
    ))
}

fn language(tag: LanguageTag) -> Language {
    match tag {
        LanguageTag::En => Language::English,
        LanguageTag::PtBr => Language::Portuguese,
    }
}

fn title(arguments: &InitArguments, dialogue: &mut Dialogue<'_>) -> Result<String> {
    let read = |text: &str| Title::try_from(text.to_owned()).map(|title| title.0);
    if let Some(title) = &arguments.title {
        return read(title).map_err(usage);
    }
    let usual = text!(en: "Distributed Systems", pt: "Sistemas Distribuídos");
    let usual = usual.words(dialogue.language);
    dialogue.ask(&text!(en: "Title of the class", pt: "Título da turma"), (usual, usual), read)
}

fn ask_language(dialogue: &mut Dialogue<'_>) -> Result<Language> {
    let question = text!(
        en: "Language of pages and class files, en or pt-BR",
        pt: "Língua das páginas e dos arquivos da turma, en ou pt-BR"
    );
    let tag = dialogue.language.tag();
    dialogue.ask(&question, (tag, tag), |answer| match answer.to_lowercase().as_str() {
        "en" => Ok(Language::English),
        "pt" | "pt-br" | "pt_br" => Ok(Language::Portuguese),
        _ => Err(Complaint::new(format!("`{}` is not known", shown(answer)), "write `en` or `pt-BR`")),
    })
}

fn user(arguments: &InitArguments, dialogue: &mut Dialogue<'_>) -> Result<Option<String>> {
    let read = |text: &str| match text {
        "" => Ok(None),
        text => User::try_from(text.to_owned()).map(|user| Some(user.0)),
    };
    if let Some(user) = &arguments.user {
        return read(user).map_err(usage);
    }
    let usual = text!(en: "as your ssh configuration says", pt: "como diz a sua configuração do ssh");
    let question = text!(en: "Login on the machines", pt: "Usuário nas máquinas");
    let usual = usual.words(dialogue.language);
    dialogue.ask(&question, ("", usual), read)
}

fn login(arguments: &InitArguments, home: &Home, dialogue: &mut Dialogue<'_>) -> Result<Login> {
    let key = |text: &str| keys::named(text, &arguments.file, home.folder.as_deref()).map(Login::Key);
    if arguments.ask_pass {
        return Ok(Login::Password);
    }
    if let Some(identity) = &arguments.identity {
        return key(identity).map_err(usage);
    }
    let mut choices =
        vec![text!(en: "your agent or ssh's usual keys", pt: "o seu agente ou as chaves usuais do ssh")];
    choices.extend(home.keys.iter().map(|key| Text::verbatim(key.as_str())));
    choices.push(text!(en: "a password", pt: "uma senha"));
    let listed = Text::new(|language| {
        let numbered = choices.iter().enumerate();
        let lines = numbered.map(|(place, choice)| format!("  {} {}", place + 1, choice.words(language)));
        lines.collect::<Vec<_>>().join("\n")
    });
    let question = text!(
        en: "What logs in?\n{listed}\nA number, or the path of a key",
        pt: "O que abre a porta?\n{listed}\nUm número, ou o caminho de uma chave", listed
    );
    dialogue.ask(&question, ("1", "1"), |answer| match answer.parse::<usize>() {
        Ok(1) => Ok(Login::Usual),
        Ok(number) if number == choices.len() => Ok(Login::Password),
        Ok(number) => match number.checked_sub(2).and_then(|place| home.keys.get(place)) {
            Some(key) => Ok(Login::Key(key.clone())),
            None => Err(Complaint::new(
                format!("there is no choice {number}"),
                format!("write a number from 1 to {}", choices.len()),
            )),
        },
        Err(_) => key(answer),
    })
}

fn teams(arguments: &InitArguments, dialogue: &mut Dialogue<'_>) -> Result<Vec<Team>> {
    let balancers = arguments.balancer.as_deref().map(balancers).transpose().map_err(usage)?;
    let web = arguments.web.as_deref().map(machines).transpose().map_err(usage)?;
    let (balancers, web) = match (balancers, web) {
        (None, None) => return ask_teams(dialogue),
        (Some(balancers), Some(web)) => (balancers, web),
        (Some(balancers), None) => {
            let question = text!(
                en: "Addresses of the web hosts; an empty line ends them",
                pt: "Endereços das máquinas web; uma linha vazia encerra"
            );
            (balancers, dialogue.paste(&question, machines)?)
        }
        (None, Some(web)) => {
            let question =
                text!(en: "Address of the balancer, or none", pt: "Endereço do balanceador, ou none");
            (dialogue.ask(&question, ("none", "none"), self::balancers)?, web)
        }
    };
    let is_web = |machine: &&Machine| web.iter().any(|web| web.place() == machine.place());
    if let Some(twice) = balancers.iter().find(is_web) {
        return Err(Error::usage(format!("`{}` cannot balance over itself", twice.written()))
            .hint("name it with `--balancer` or with `--web`, not with both"));
    }
    let (many, few) = (web.len(), balancers.len());
    balanced(balancers, web).ok_or_else(|| {
        Error::usage(format!("{many} web hosts cannot be dealt out evenly to {few} balancers"))
            .hint("name as many web hosts for each; clusters that differ are edited into the file afterwards")
    })
}

/// How the machines reach each other; asked for where a balancer could not tell its hosts apart otherwise.
fn private(
    arguments: &InitArguments,
    teams: &[Team],
    dialogue: &mut Dialogue<'_>,
) -> Result<PrivateAddresses> {
    let read = |text: &str| private_addresses(text, teams);
    if let Some(written) = &arguments.private {
        return read(written).map_err(usage);
    }
    let nothing = PrivateAddresses::new();
    let Some(address) = teams.iter().find_map(|team| team.shared(&nothing)) else { return Ok(nothing) };
    if !dialogue.is_asked() {
        return Err(Error::usage(format!(
            "machines of one cluster share the address `{address}`, so their balancer could not tell them apart"
        ))
        .hint("say how they reach each other, the balancer first: `--private 192.168.56.11-13`"));
    }
    let order: Vec<String> = teams.iter().flat_map(Team::machines).map(Machine::written).collect();
    let (many, order) = (order.len(), order.join(", "));
    let question = text!(
        en: "Machines share the address {address}, so they reach each other by other ones: those of an internal or\n\
             host-only network, as `ip -4 address` shows there, such as `192.168.56.11-13`.\n\
             These {many} addresses, in the order {order}; an empty line ends them",
        pt: "Máquinas têm o mesmo endereço {address}, e se alcançam por outros: os de uma rede interna ou host-only,\n\
             como `ip -4 address` mostra nelas, por exemplo `192.168.56.11-13`.\n\
             Esses {many} endereços, na ordem {order}; uma linha vazia encerra"
    );
    dialogue.paste(&question, read)
}

/// An address for each machine, in the order of the inventory. Clusters may have the same ones, each in its network.
fn private_addresses(text: &str, teams: &[Team]) -> Result<PrivateAddresses, Complaint> {
    let mut addresses = Vec::new();
    for word in machine_words(text) {
        for Machine { user, address, port } in machines_of_word(&word)? {
            if user.is_some() || port.is_some() {
                return Err(Complaint::new(
                    format!("`{}` is more than an address", shown(&word)),
                    "write the address alone, such as `192.168.56.11`",
                ));
            }
            addresses.push(address);
        }
    }
    let machines: Vec<&Machine> = teams.iter().flat_map(Team::machines).collect();
    if machines.len() != addresses.len() {
        return Err(Complaint::new(
            format!(
                "{} private addresses are not one for each of {} machines",
                addresses.len(),
                machines.len()
            ),
            "write one for each machine, of each cluster the balancer first",
        ));
    }
    let private = machines.iter().map(|machine| machine.place()).zip(addresses).collect();
    match teams.iter().find_map(|team| team.shared(&private)) {
        Some(address) => Err(Complaint::new(
            format!("two machines of one cluster have the private address `{address}`"),
            "write one of its own for each",
        )),
        None => Ok(private),
    }
}

fn balancers(text: &str) -> Result<Vec<Machine>, Complaint> {
    if text.trim() == "none" { Ok(Vec::new()) } else { machines(text) }
}

fn ask_teams(dialogue: &mut Dialogue<'_>) -> Result<Vec<Team>> {
    let question = text!(
        en: "Addresses of the machines, as `10.0.0.50-53`, `a,b` or `user@host:port`;\nan empty line ends them",
        pt: "Endereços das máquinas, como `10.0.0.50-53`, `a,b` ou `user@host:port`;\numa linha vazia encerra"
    );
    let machines = dialogue.paste(&question, machines)?;
    let many = machines.len();
    let web = if many < 4 { None } else { ask_size(dialogue, many)? };
    if let Some(web) = web {
        return Ok(dealt(machines, web));
    }
    let first = if many == 1 { "none".to_owned() } else { machines[0].written() };
    let question =
        text!(en: "Which one balances? Its address, or none", pt: "Qual balanceia? O endereço, ou none");
    let balancer = dialogue.ask(&question, (&first, &first), |answer| {
        if answer == "none" {
            return Ok(None);
        }
        if many == 1 {
            return Err(Complaint::new("a balancer needs web hosts besides it", "write `none`"));
        }
        let [named] = &machines_of_word(answer)?[..] else {
            return Err(Complaint::new("one machine balances", format!("write such as `{first}`")));
        };
        let is_at = |machine: &&Machine| machine.place() == named.place();
        // The port need not be said where the address is one machine's alone.
        let has_address = |machine: &&Machine| machine.place().0 == named.place().0;
        let alone = machines.iter().filter(has_address).count() == 1;
        match machines.iter().find(|machine| is_at(machine) || (alone && has_address(machine))) {
            Some(machine) => Ok(Some(machine.clone())),
            None => Err(Complaint::new(
                format!("`{}` is none of these machines", shown(answer)),
                format!("write one of their addresses, such as `{first}`"),
            )),
        }
    })?;
    let web = machines.iter().filter(|machine| Some(*machine) != balancer.as_ref()).cloned().collect();
    Ok(vec![Team { balancer, web }])
}

/// How many web hosts each team has; `None` where all machines are one cluster.
fn ask_size(dialogue: &mut Dialogue<'_>, many: usize) -> Result<Option<usize>> {
    let question = text!(
        en: "For teams with a cluster each, the first machine of each balances.\nHow many web hosts has each team",
        pt: "Com um cluster por equipe, a primeira máquina de cada uma balanceia.\nQuantas máquinas web tem cada equipe"
    );
    let one = text!(en: "one cluster", pt: "um só cluster");
    let one = one.words(dialogue.language);
    dialogue.ask(&question, ("", one), |answer| match answer.parse::<u16>().map(usize::from) {
        _ if answer.is_empty() => Ok(None),
        Ok(web) if web > 0 && many.is_multiple_of(web + 1) => Ok(Some(web).filter(|web| web + 1 < many)),
        Ok(web) if web > 0 => Err(Complaint::new(
            format!("{many} machines do not make teams of one balancer and {web} web hosts"),
            format!("{many} has to be a multiple of {}", web + 1),
        )),
        _ => Err(Complaint::new(
            "this is no number of web hosts",
            "write such as `2`, or nothing for one cluster",
        )),
    })
}

/// A wrong argument.
fn usage(complaint: Complaint) -> Error {
    Error::usage(complaint.message).hint(complaint.hint)
}
