//! What the program on the host saw go wrong, in words. It names each fault, and gives particulars; those that stand in
//! quotes or behind a colon are a student's program's or Python's own.

use crate::model::{Text, text};

/// A fault by its name, with its particulars.
pub fn describe(fault: &str, particulars: &[&str]) -> Text {
    match (fault, particulars) {
        ("shadowed", [files, fault, particulars @ ..]) => {
            let seen = describe_alone(fault, particulars);
            text!(
                en: "{seen} (beside it: {files}, with the name of a module of Python)",
                pt: "{seen} (ao lado: {files}, com nome de módulo do Python)",
                seen,
            )
        }
        _ => describe_alone(fault, particulars),
    }
}

fn describe_alone(fault: &str, particulars: &[&str]) -> Text {
    match (fault, particulars) {
        ("no-connection", [error]) => {
            text!(en: "connecting failed: {error}", pt: "a conexão falhou: {error}")
        }
        ("not-sent", [message, error]) => {
            text!(en: "sending {message} failed: {error}", pt: "o envio de {message} falhou: {error}")
        }
        ("closed", [message]) => text!(
            en: "the server closed the connection to {message}",
            pt: "o servidor fechou a conexão em resposta a {message}",
        ),
        ("no-answer", [message, seconds]) => {
            let seconds = Text::number(seconds);
            text!(
                en: "no answer within {seconds} s to {message}",
                pt: "sem resposta a {message} em {seconds} s",
                seconds,
            )
        }
        ("cut-off", [message, error]) => {
            text!(en: "{error} to {message}", pt: "{error} em resposta a {message}")
        }
        ("answered", [message, answer]) => {
            text!(en: "{message} was answered with {answer}", pt: "{message} foi respondido com {answer}")
        }
        ("second-refused", [error]) => text!(
            en: "the second client was refused: {error}",
            pt: "o segundo cliente foi recusado: {error}",
        ),
        ("second-answered", [answer]) => text!(
            en: "the second client was answered {answer} while the first was still served",
            pt: "o segundo cliente recebeu {answer} enquanto o primeiro ainda era atendido",
        ),
        ("second-closed", []) => text!(
            en: "the second client was turned away",
            pt: "o segundo cliente teve a conexão fechada",
        ),
        ("fim-answered", []) => text!(en: "`fim` was answered", pt: "`fim` foi respondido"),
        ("still-open", []) => text!(
            en: "the connection stayed open after `fim`",
            pt: "a conexão continuou aberta depois de `fim`",
        ),
        ("missing", [folder, name]) => {
            text!(en: "{name} is not in {folder}", pt: "em {folder} falta {name}")
        }
        ("missing", [folder, name, other]) => text!(
            en: "{name} and {other} are not in {folder}",
            pt: "em {folder} faltam {name} e {other}",
        ),
        ("denied", [path]) => {
            text!(en: "{path}: permission denied", pt: "{path}: permissão negada")
        }
        ("no-program", [path]) => text!(
            en: "{path} is no file, or larger than a program",
            pt: "{path} não é um arquivo, ou é maior do que um programa",
        ),
        ("no-port", []) => text!(en: "no spare port was found", pt: "nenhuma porta livre foi encontrada"),
        ("deaf", [server, seconds]) => {
            let seconds = Text::number(seconds);
            text!(
                en: "{server} does not listen on PORT after {seconds} s",
                pt: "{server} não escuta na PORT depois de {seconds} s",
                seconds,
            )
        }
        ("ended-at-once", [server, words]) => {
            let words = last_words(words);
            text!(
                en: "{server} ended at once: {words}",
                pt: "{server} terminou logo ao iniciar: {words}", words
            )
        }
        ("ended", [server, words]) => {
            let words = last_words(words);
            text!(en: "{server} ended: {words}", pt: "{server} terminou: {words}", words)
        }
        ("still-running", [server, seconds]) => {
            let seconds = Text::number(seconds);
            text!(
                en: "{server} was still running {seconds} s after its client had left",
                pt: "{server} ainda estava rodando {seconds} s depois de o seu cliente sair",
                seconds,
            )
        }
        ("ended-badly", [server, words]) => {
            text!(en: "{server} ended with an error: {words}", pt: "{server} terminou com um erro: {words}")
        }
        ("client-endless", [client, seconds]) => {
            let seconds = Text::number(seconds);
            text!(
                en: "{client} did not end within {seconds} s",
                pt: "{client} não terminou em {seconds} s",
                seconds,
            )
        }
        ("client-printed", [client, words]) => {
            text!(en: "{client} printed {words}", pt: "{client} mostrou {words}")
        }
        // `file`, `error`: what Python says of them.
        (_, particulars) => Text::verbatim(particulars.join(": ")),
    }
}

fn last_words(words: &str) -> Text {
    match words {
        "" => text!(en: "without a word", pt: "sem dizer nada"),
        words => Text::verbatim(words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_its_words() {
        let faults = [
            "no-connection\t[Errno 111] Connection refused",
            "not-sent\t'second'\t[Errno 32] Broken pipe",
            "closed\t'second'",
            "no-answer\t'second'\t1.5",
            "cut-off\t'second'\t[Errno 104] Connection reset by peer",
            "answered\t'second'\t'second'",
            "second-refused\t[Errno 104] Connection reset by peer",
            "second-answered\t'second*'",
            "second-closed",
            "fim-answered",
            "still-open",
            "file\t/opt/socket/01-simples\tNo such file or directory",
            "missing\t/opt/socket/01-simples\tserver-book.py\tclient-book.py",
            "denied\t/opt/socket/01-simples",
            "no-program\t/opt/socket/01-simples/server-book.py",
            "no-port",
            "deaf\tserver.py\t5",
            "ended-at-once\tserver.py\t",
            "ended\tserver.py\t",
            "still-running\tserver-book.py\t2",
            "ended-badly\tserver-book.py\t1",
            "shadowed\tsocket.py\tended\tserver.py\tImportError",
            "shadowed\tsocket.py\tshadowed\tsocket.py\tshadowed",
            "client-endless\tclient.py\t5",
            "client-printed\tclient.py\t'Hello'",
            "error\t[Errno 28] No space left on device",
            "unheard-of\tand what of it",
            "ended\tserver.py",
        ];
        let described: Vec<_> = faults
            .iter()
            .map(|line| {
                let fields: Vec<_> = line.split('\t').collect();
                describe(fields[0], &fields[1..]).sample()
            })
            .collect();
        insta::assert_snapshot!(described.join("\n"));
    }
}
