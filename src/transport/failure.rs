//! How SSH troubles are put into words: kind, a message that is alike for all hosts with the same cause, and a
//! hint that says what to do. Everything that a server said is cleaned and cut here.

use crate::model::{Failure, FailureKind, Text, clean_line, text};

/// How much of a server's own words is shown.
const QUOTE_LIMIT: usize = 200;

/// How many lines of what it said are shown.
const MOST_QUOTED: usize = 12;

pub fn failure(kind: FailureKind, message: Text, hint: Text) -> Failure {
    Failure { kind, message, hint: Some(hint) }
}

/// What a server said, fit to be shown inside a hint.
pub fn quote(text: &str) -> String {
    clean_line(text, QUOTE_LIMIT)
}

pub fn unresolved(host: &str) -> Failure {
    let host = quote(host);
    failure(
        FailureKind::Resolve,
        text!(en: "the host's name could not be resolved", pt: "o nome da máquina não foi resolvido"),
        text!(
            en: "`{host}` has no address here: check `address` in the inventory and this machine's DNS",
            pt: "`{host}` não tem endereço aqui: verifique `address` no inventário e o DNS deste computador",
        ),
    )
}

pub fn unreachable(error: &std::io::Error) -> Failure {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::ConnectionRefused => refused(),
        ErrorKind::TimedOut => connect_timed_out(),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => no_route(),
        _ if is_of_files(error) => too_many_files(),
        _ => {
            let error = quote(&error.to_string());
            failure(
                FailureKind::Connect,
                text!(
                    en: "the connection could not be made: {error}",
                    pt: "não foi possível fazer a conexão: {error}",
                ),
                text!(
                    en: "check that the host is on and in the same network as this machine",
                    pt: "verifique se a máquina está ligada e na mesma rede que este computador",
                ),
            )
        }
    }
}

/// Whether this machine lets no more files be open.
fn is_of_files(error: &std::io::Error) -> bool {
    let full = [rustix::io::Errno::MFILE, rustix::io::Errno::NFILE];
    error.raw_os_error().is_some_and(|code| full.iter().any(|errno| errno.raw_os_error() == code))
}

fn too_many_files() -> Failure {
    failure(
        FailureKind::Connect,
        text!(
            en: "this machine allows no more open files, and each connection is one",
            pt: "este computador não permite mais arquivos abertos, e cada conexão é um",
        ),
        text!(
            en: "visit fewer hosts at once with `--forks 5`, or raise the limit: `ulimit -n 4096`",
            pt: "visite menos máquinas por vez com `--forks 5`, ou aumente o limite: `ulimit -n 4096`",
        ),
    )
}

/// Nothing listens on the port.
pub fn refused() -> Failure {
    failure(
        FailureKind::Connect,
        text!(en: "the connection was refused", pt: "a conexão foi recusada"),
        text!(
            en: "nothing listens on the SSH port: is sshd running there, and is `ssh.port` right?",
            pt: "nada escuta na porta do SSH: o sshd está rodando lá, e `ssh.port` está certo?",
        ),
    )
}

pub fn no_route() -> Failure {
    failure(
        FailureKind::Connect,
        text!(en: "there is no route to the host", pt: "não há rota até a máquina"),
        text!(
            en: "check that the host is on and that this machine is in its network (VPN, host-only adapter)",
            pt: "verifique se a máquina está ligada e se este computador está na rede dela (VPN, placa host-only)",
        ),
    )
}

/// TCP connect was never answered.
pub fn connect_timed_out() -> Failure {
    failure(
        FailureKind::Connect,
        text!(en: "the host did not answer in time", pt: "a máquina não respondeu a tempo"),
        text!(
            en: "check that it is on, its address, and firewalls or security groups; or raise `ssh.connect_timeout`",
            pt: "verifique se ela está ligada, o endereço e os firewalls ou grupos de segurança; \
                 ou aumente `ssh.connect_timeout`",
        ),
    )
}

/// sshd, or what stands there instead, went silent before the login was done.
pub fn silent() -> Failure {
    failure(
        FailureKind::Handshake,
        text!(
            en: "the host took the connection and then went silent",
            pt: "a máquina aceitou a conexão e não disse mais nada",
        ),
        text!(
            en: "sshd may be overloaded or hang, or something else listens on the port: look at the host's console, \
                 or raise `ssh.connect_timeout`",
            pt: "o sshd pode estar sobrecarregado ou travado, ou outro programa escuta na porta: veja o console da \
                 máquina, ou aumente `ssh.connect_timeout`",
        ),
    )
}

/// The server closed the connection before or during key exchange, again and again.
pub fn dropped(said: &str) -> Failure {
    if said.contains("Not allowed at this time") {
        return failure(
            FailureKind::Handshake,
            text!(
                en: "sshd turns this machine away for a while, after failed logins from its address",
                pt: "o sshd recusa este computador por um tempo, depois de logins malsucedidos vindos do endereço dele",
            ),
            text!(
                en: "wait a few minutes; behind NAT the failed logins of others count too (PerSourcePenalties in \
                     sshd_config)",
                pt: "espere alguns minutos; atrás de NAT, contam também os logins malsucedidos dos outros \
                     (PerSourcePenalties no sshd_config)",
            ),
        );
    }
    let said = quote(said.trim());
    let hint = if said.is_empty() {
        text!(
            en: "too many logins at once (MaxStartups in sshd_config), a deny rule, or no SSH server on this port: \
                 try fewer hosts at once with `--forks`",
            pt: "logins demais ao mesmo tempo (MaxStartups no sshd_config), uma regra que bloqueia, ou não há \
                 servidor SSH nesta porta: tente menos máquinas por vez com `--forks`",
        )
    } else {
        text!(en: "it said: {said}", pt: "ele disse: {said}")
    };
    failure(
        FailureKind::Handshake,
        text!(
            en: "the server closed the connection before the login",
            pt: "o servidor fechou a conexão antes do login",
        ),
        hint,
    )
}

/// Whether PAM turns users away because the host is not up yet, in the words of `pam_nologin`.
pub fn is_starting(said: &str) -> bool {
    said.contains("System is booting up")
}

/// The host turned us away because it is starting, again and again.
pub fn starting() -> Failure {
    failure(
        FailureKind::Login,
        text!(
            en: "the host is still starting, and lets nobody in yet",
            pt: "a máquina ainda está iniciando e não deixa ninguém entrar",
        ),
        text!(
            en: "wait until it is up, or raise `ssh.connect_timeout`; where it never ends, `systemctl --failed` on its \
                 console shows why, and /run/nologin is what keeps users out",
            pt: "espere que ela termine, ou aumente `ssh.connect_timeout`; se nunca terminar, `systemctl --failed` no \
                 console dela mostra por quê, e /run/nologin é o que barra os usuários",
        ),
    )
}

/// The same failure with what sshd and PAM said.
pub fn quoting(failure: Failure, said: &str) -> Failure {
    let lines: Vec<String> =
        said.lines().map(quote).filter(|line| !line.is_empty()).take(MOST_QUOTED).collect();
    if lines.is_empty() {
        return failure;
    }
    let said = lines.join(" | ");
    let quoted = text!(en: "the host says: {said}", pt: "a máquina diz: {said}");
    let hint = failure.hint.map_or_else(|| quoted.clone(), |hint| Text::join(&[hint, quoted.clone()], "\n"));
    Failure { hint: Some(hint), ..failure }
}

/// Something that is not SSH answers.
pub fn not_ssh(said: &str) -> Failure {
    let said = quote(said);
    failure(
        FailureKind::Handshake,
        text!(
            en: "what answers on the SSH port is not an SSH server",
            pt: "o que responde na porta do SSH não é um servidor SSH",
        ),
        text!(
            en: "check `ssh.port`; it said: {said}",
            pt: "verifique `ssh.port`; a resposta foi: {said}",
        ),
    )
}

/// Key exchange failed for a reason of its own.
pub fn handshake(reason: &Text) -> Failure {
    let reason = reason.map(quote);
    failure(
        FailureKind::Handshake,
        text!(
            en: "the SSH handshake failed: {reason}",
            pt: "o handshake do SSH falhou: {reason}",
            reason,
        ),
        text!(
            en: "`ssh.transport: openssh` tries it with the ssh program of this machine",
            pt: "`ssh.transport: openssh` tenta com o programa ssh deste computador",
        ),
    )
}

pub fn lost(reason: &Text) -> Failure {
    let reason = reason.map(quote);
    failure(
        FailureKind::Lost,
        text!(en: "the connection was lost: {reason}", pt: "a conexão caiu: {reason}", reason),
        text!(
            en: "check the host and the network, then run the same command again: it goes on where this run ended",
            pt: "verifique a máquina e a rede e rode o mesmo comando de novo: ele continua de onde esta execução parou",
        ),
    )
}

/// An open connection on which nothing came back.
pub fn no_answer() -> Failure {
    lost(&text!(en: "the host did not answer in time", pt: "a máquina não respondeu a tempo"))
}

/// It was let in, and nothing of ours had run yet.
pub fn turned_away(reason: &Text) -> Failure {
    let reason = reason.map(quote);
    failure(
        FailureKind::Lost,
        text!(
            en: "the host let the login in and ended the connection before any program ran: {reason}",
            pt: "a máquina aceitou o login e encerrou a conexão antes que um programa rodasse: {reason}",
            reason,
        ),
        text!(
            en: "if it is not just restarting, its sshd is why: `journalctl -u ssh` there tells it, as of a \
                 `ChrootDirectory` in sshd_config that others than root may change, or of a module of PAM",
            pt: "se ela não está só reiniciando, a causa é o sshd dela: `journalctl -u ssh` lá a mostra, como um \
                 `ChrootDirectory` do sshd_config que não só o root pode mudar, ou um módulo do PAM",
        ),
    )
}

/// It was let in, and its command does not begin.
pub fn not_begun() -> Failure {
    failure(
        FailureKind::Lost,
        text!(
            en: "the host let the login in and did not begin a program in time",
            pt: "a máquina aceitou o login e não começou um programa a tempo",
        ),
        text!(
            en: "a module of PAM, or a home folder on the network, may take that long: `journalctl -u ssh` there tells \
                 more; or raise `ssh.connect_timeout`",
            pt: "um módulo do PAM, ou uma pasta pessoal na rede, pode demorar tanto: `journalctl -u ssh` lá diz mais; ou \
                 aumente `ssh.connect_timeout`",
        ),
    )
}

/// A failure on the way through a jump host, told as one of the jump.
pub fn through_jump(inner: Failure) -> Failure {
    if inner.kind == FailureKind::Jump {
        return inner;
    }
    let message = inner.message;
    Failure {
        kind: FailureKind::Jump,
        message: text!(en: "jump host: {message}", pt: "máquina de salto: {message}", message),
        hint: inner.hint,
    }
}

/// sshd gave no place for another command.
pub fn no_session() -> Failure {
    failure(
        FailureKind::Busy,
        text!(en: "sshd gives no place for another command", pt: "o sshd não dá lugar para mais um comando"),
        text!(
            en: "earlier commands still run on this connection, or MaxSessions in the host's sshd_config is low",
            pt: "comandos anteriores ainda rodam nesta conexão, ou MaxSessions no sshd_config da máquina é baixo",
        ),
    )
}

#[cfg(test)]
pub mod tests {
    use std::fmt::Write as _;
    use std::io::{Error, ErrorKind};

    use super::*;
    use crate::model::Language;

    /// Each message with its hint, in English and below that in Portuguese.
    pub fn in_both_languages(failures: impl IntoIterator<Item = Failure>) -> String {
        let mut all = String::new();
        for Failure { message, hint, .. } in failures {
            for language in [Language::English, Language::Portuguese] {
                let hint = hint.as_ref().map_or("", |hint| hint.words(language));
                writeln!(all, "{}\n    {}", message.words(language), hint.replace('\n', "\n    ")).unwrap();
            }
            all.push('\n');
        }
        all
    }

    #[test]
    fn troubles_on_the_way_to_a_host_are_told() {
        insta::assert_snapshot!(in_both_languages([
            unresolved("web"),
            unreachable(&Error::other("what the system said")),
            unreachable(&ErrorKind::ConnectionRefused.into()),
            unreachable(&ErrorKind::HostUnreachable.into()),
            unreachable(&ErrorKind::TimedOut.into()),
            unreachable(&rustix::io::Errno::MFILE.into()),
            silent(),
            dropped("Not allowed at this time\r\n"),
            dropped("go away\r\n"),
            dropped(""),
            not_ssh("HTTP/1.1 400 Bad Request"),
            handshake(&Text::verbatim("what the protocol said")),
            no_answer(),
            turned_away(&Text::verbatim("early eof")),
            not_begun(),
            through_jump(refused()),
            no_session(),
            starting(),
            quoting(no_session(), "\nYour account\u{1b}[2J has expired\r\n\nAsk the desk\n"),
        ]));
    }
}
