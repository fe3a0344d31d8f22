//! What has to be known of a class: from the arguments, else from who sits at the terminal, else the defaults.

use std::path::PathBuf;

use super::class::{Answers, Login, PrivateAddresses, Team, balanced, dealt};
use super::dialogue::Dialogue;
use super::keys;
use crate::cli::InitArguments;
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

/// All answers; an error names all that is missing where nobody can be asked. Pages and class files have the language
/// that was asked for, else that of an answer, whose default is the terminal's.
pub fn answers(
    arguments: &InitArguments,
    home: &Home,
    language_is_asked: bool,
    dialogue: &mut Dialogue<'_>,
) -> Result<Answers> {
    if !dialogue.is_asked() {
        nothing_missing(arguments)?;
    }
    let title = title(arguments, dialogue)?;
    if !language_is_asked {
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
                    pt: "Instalar também a prática de sockets em Python nas máquinas web?"
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
    Err(Error::usage(text!(
        en: "nobody is asked here, and it is not said: {missing}",
        pt: "aqui não há a quem perguntar, e falta dizer: {missing}", missing = missing.join(", ")
    )).hint(
        text!(
            en: "such as `provision init --user ubuntu --balancer 10.0.0.50 --web 10.0.0.51-53 --socket --yes`",
            pt: "por exemplo `provision init --user ubuntu --balancer 10.0.0.50 --web 10.0.0.51-53 --socket --yes`",
        ),
    ))
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
        pt: "Idioma das páginas e dos arquivos da turma, en ou pt-BR"
    );
    let tag = dialogue.language.tag();
    dialogue.ask(&question, (tag, tag), |answer| match answer.to_lowercase().as_str() {
        "en" => Ok(Language::English),
        "pt" | "pt-br" | "pt_br" => Ok(Language::Portuguese),
        _ => Err(Complaint::new(
            text!(en: "`{answer}` is not known", pt: "`{answer}` não é conhecida", answer = shown(answer)),
            text!(en: "write `en` or `pt-BR`", pt: "escreva `en` ou `pt-BR`"),
        )),
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
                text!(en: "there is no choice {number}", pt: "não há a escolha {number}"),
                text!(
                    en: "write a number from 1 to {choices}",
                    pt: "escreva um número de 1 a {choices}", choices = choices.len()
                ),
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
        return Err(Error::usage(text!(
            en: "`{address}` cannot balance over itself",
            pt: "`{address}` não pode balancear para si mesma", address = twice.written()
        ))
        .hint(text!(
            en: "name it with `--balancer` or with `--web`, not with both",
            pt: "indique-a em `--balancer` ou em `--web`, não nos dois",
        )));
    }
    let (many, few) = (web.len(), balancers.len());
    balanced(balancers, web).ok_or_else(|| {
        Error::usage(text!(
            en: "{many} web hosts cannot be dealt out evenly to {few} balancers",
            pt: "{many} servidores web não se repartem por igual entre {few} balanceadores",
        ))
        .hint(text!(
            en: "name as many web hosts for each; clusters that differ are edited into the file afterwards",
            pt: "indique a mesma quantidade para cada um; clusters diferentes se editam depois no arquivo",
        ))
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
        return Err(Error::usage(text!(
            en: "machines of one cluster share the address `{address}`, so their balancer could not tell them apart",
            pt: "máquinas de um cluster dividem o endereço `{address}`, e o balanceador não conseguiria distingui-las",
        ))
        .hint(text!(
            en: "say how they reach each other, the balancer first: `--private 192.168.56.11-13`",
            pt: "diga por onde elas se alcançam, o balanceador primeiro: `--private 192.168.56.11-13`",
        )));
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
                    text!(
                        en: "`{word}` is more than an address",
                        pt: "`{word}` é mais que um endereço", word = shown(&word)
                    ),
                    text!(
                        en: "write the address alone, such as `192.168.56.11`",
                        pt: "escreva só o endereço, como `192.168.56.11`",
                    ),
                ));
            }
            addresses.push(address);
        }
    }
    let machines: Vec<&Machine> = teams.iter().flat_map(Team::machines).collect();
    if machines.len() != addresses.len() {
        return Err(Complaint::new(
            text!(
                en: "{addresses} private addresses are not one for each of {machines} machines",
                pt: "{addresses} endereços privados não são um para cada uma das {machines} máquinas", addresses = addresses.len(), machines = machines.len()
            ),
            text!(
                en: "write one for each machine, of each cluster the balancer first",
                pt: "escreva um para cada máquina, de cada cluster o balanceador primeiro",
            ),
        ));
    }
    let private = machines.iter().map(|machine| machine.place()).zip(addresses).collect();
    match teams.iter().find_map(|team| team.shared(&private)) {
        Some(address) => Err(Complaint::new(
            text!(
                en: "two machines of one cluster have the private address `{address}`",
                pt: "duas máquinas de um cluster têm o endereço privado `{address}`",
            ),
            text!(en: "write one of its own for each", pt: "escreva um para cada uma"),
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
            return Err(Complaint::new(
                text!(
                    en: "a balancer needs web hosts besides it",
                    pt: "um balanceador precisa de servidores web além dele",
                ),
                text!(en: "write `none`", pt: "escreva `none`"),
            ));
        }
        let [named] = &machines_of_word(answer)?[..] else {
            return Err(Complaint::new(
                text!(
                    en: "one machine balances",
                    pt: "uma só máquina balanceia",
                ),
                text!(en: "write such as `{first}`", pt: "escreva algo como `{first}`"),
            ));
        };
        let is_at = |machine: &&Machine| machine.place() == named.place();
        // The port need not be said where the address is one machine's alone.
        let has_address = |machine: &&Machine| machine.place().0 == named.place().0;
        let alone = machines.iter().filter(has_address).count() == 1;
        match machines.iter().find(|machine| is_at(machine) || (alone && has_address(machine))) {
            Some(machine) => Ok(Some(machine.clone())),
            None => Err(Complaint::new(
                text!(
                    en: "`{answer}` is none of these machines",
                    pt: "`{answer}` não é nenhuma dessas máquinas", answer = shown(answer)
                ),
                text!(
                    en: "write one of their addresses, such as `{first}`",
                    pt: "escreva um dos endereços delas, como `{first}`",
                ),
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
            text!(
                en: "{many} machines do not make teams of one balancer and {web} web hosts",
                pt: "{many} máquinas não formam equipes de um balanceador e {web} servidores web",
            ),
            text!(
                en: "{many} has to be a multiple of {web}",
                pt: "{many} tem de ser múltiplo de {web}", web = web + 1
            ),
        )),
        _ => Err(Complaint::new(
            text!(en: "this is no number of web hosts", pt: "isto não é uma quantidade de servidores web"),
            text!(
                en: "write such as `2`, or nothing for one cluster",
                pt: "escreva algo como `2`, ou nada para um só cluster",
            ),
        )),
    })
}

/// A wrong argument.
fn usage(complaint: Complaint) -> Error {
    Error::usage(complaint.message).hint(complaint.hint)
}
