//! Why a server was not taken out of service, or not brought back.

use crate::model::{Failure, FailureKind, text};

use super::{check, failure, split};

pub(super) fn explain(cause: &str, detail: &str) -> Option<Failure> {
    let (name, rest) = split(detail);
    let (message, hint) = match cause {
        "idle" => (
            text!(
                en: "{detail} does not run, so there is nothing to take out",
                pt: "{detail} não está rodando, então não há o que tirar do rodízio",
            ),
            text!(
                en: "nothing was stopped; `provision verify` says what is wrong, `provision apply` starts it",
                pt: "nada foi parado; `provision verify` diz o que está errado, `provision apply` inicia o serviço",
            ),
        ),
        "unarmed" => (
            text!(
                en: "the host did not set the timer that brings the server back",
                pt: "a máquina não armou o temporizador que traz o servidor de volta",
            ),
            text!(
                en: "nothing was stopped, since nothing would make sure of its return; the log says why",
                pt: "nada foi parado, pois nada garantiria a volta do servidor; o log diz por quê",
            ),
        ),
        "broken" => {
            let (check, path) = check::read(detail);
            (
                if path.is_empty() {
                    text!(
                        en: "its configuration is broken, so the service could not start again",
                        pt: "a configuração está quebrada, e o serviço não conseguiria iniciar de novo",
                    )
                } else {
                    text!(
                        en: "its configuration is broken in {path}, so the service could not start again",
                        pt: "a configuração está quebrada em {path}, e o serviço não conseguiria iniciar de novo",
                    )
                },
                text!(
                    en: "nothing was stopped: it still runs with what it read before. `sudo {check}` on the host says \
                         what is wrong; mend it (`provision apply` puts our own files right), then drill again",
                    pt: "nada foi parado: ele ainda roda com o que leu antes. Na máquina, `sudo {check}` diz o que está \
                         errado; corrija (`provision apply` conserta os nossos arquivos) e repita o exercício",
                ),
            )
        }
        "socket" => (
            text!(
                en: "{name} has no runtime socket at {rest}",
                pt: "o {name} não tem um socket de controle em {rest}",
            ),
            text!(
                en: "nothing was changed; put `stats socket {rest} mode 660 level admin` into the `global` section \
                     of your template and apply, or use `--mode stop`",
                pt: "nada foi alterado; ponha `stats socket {rest} mode 660 level admin` na seção `global` do seu \
                     modelo e aplique, ou use `--mode stop`",
            ),
        ),
        "perl" => (
            text!(
                en: "there is no perl on the host to speak to {name}'s runtime socket with",
                pt: "não há perl na máquina para falar com o socket de controle do {name}",
            ),
            text!(
                en: "nothing was changed; `sudo apt install perl-base` on the balancer, or use `--mode stop`",
                pt: "nada foi alterado; rode `sudo apt install perl-base` no balanceador, ou use `--mode stop`",
            ),
        ),
        "order" => (
            text!(
                en: "{name} did not take the order to change the server's state",
                pt: "o {name} não aceitou a ordem de mudar o estado do servidor",
            ),
            text!(
                en: "it says: {rest}; its socket needs `level admin`, and the backend the name of the lecture notes",
                pt: "ele diz: {rest}; o socket dele precisa de `level admin`, e o backend, do nome que está nas notas \
                     de aula",
            ),
        ),
        "return" => (
            text!(
                en: "{name} did not take the order to use the server again",
                pt: "o {name} não aceitou a ordem de voltar a usar o servidor",
            ),
            text!(
                en: "`sudo systemctl restart {name}` on the balancer brings it back; the log says why it was needed",
                pt: "`sudo systemctl restart {name}` no balanceador o traz de volta; o log diz por que foi preciso",
            ),
        ),
        "stop" => (
            text!(en: "{detail} could not be stopped", pt: "não foi possível parar {detail}"),
            text!(
                en: "it was told to start again: `provision verify` says whether it runs. Read the log, and try \
                     `systemctl stop` on the host by hand",
                pt: "o serviço recebeu a ordem de iniciar de novo: `provision verify` diz se está rodando. Leia o log e \
                     tente `systemctl stop` à mão, na máquina",
            ),
        ),
        _ => return None,
    };
    Some(failure(FailureKind::Service, message, hint))
}
