//! One host: its container, what makes that a host of its lab, and the ways into it past SSH.

use std::io::{IsTerminal, stdin, stdout};
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::{Engine, command, words};
use crate::error::{Error, Result};
use crate::lab::container::Launch;
use crate::lab::program::last_lines;
use crate::model::{Text, text};

const SETTLE: &str = include_str!("settle.sh");
/// Pulls the cable or plugs it; a route that went with it comes back.
const LINK: &str = r#"ip link set dev eth0 "$1"; [ -z "$2" ] || ip route replace default via "$2""#;
/// How long a host may take from its start to a running sshd, on a machine that starts many at once.
const START_LIMIT: Duration = Duration::from_secs(180);
/// Lines of a host's console that are shown when it does not start.
const CONSOLE_LINES: usize = 15;

impl Engine {
    /// Starts a host, whose container is made where there is none. Returns how long it took until every service of its
    /// boot, sshd among them, was up.
    pub async fn start(self, launch: Launch, cancel: CancellationToken) -> Result<Duration> {
        let Launch { lab, folder, host, image, ports, .. } = &launch;
        let container = words::container(lab, &host.hostname);
        let started = Instant::now();
        if self.run(&words::inspect(std::slice::from_ref(&container)), "", &cancel).await.is_err() {
            let image = image.to_string_lossy();
            let create = words::create(self.program, lab, folder.path(), host, *ports, &image);
            self.run(&create, "", &cancel).await?;
        }
        self.run(&words::words(["start", &container]), "", &cancel).await?;
        let settle = ["sh", "-c", SETTLE].map(str::to_owned);
        let settle = words::exec(lab, &host.hostname, false, &settle);
        let data = settlement(&launch);
        let limited = tokio::time::timeout(START_LIMIT, self.run(&settle, &data, &cancel)).await;
        match limited {
            Ok(Ok(_)) => Ok(started.elapsed()),
            Ok(Err(error)) if cancel.is_cancelled() => Err(error),
            Ok(Err(error)) => {
                let console = self.run(&words::logs(&container), "", &cancel).await.unwrap_or_default();
                let console = last_lines(&String::from_utf8_lossy(&console), CONSOLE_LINES);
                let cause = error.causes.first().map(Text::english).unwrap_or_default();
                Err(Error::machine(text!(
                    en: "practice host {name} did not start",
                    pt: "a máquina de treino {name} não iniciou", name = host.name
                ))
                .because(anyhow::anyhow!("{console}\n{cause}"))
                .hint(text!(
                    en: "its hosts run systemd: {program} has to give them control groups",
                    pt: "as máquinas rodam o systemd: o {program} tem de dar a elas grupos de controle", program = self.program
                )))
            }
            Err(_) => Err(Error::machine(text!(
                en: "practice host {name} did not come up within {limit} s",
                pt: "a máquina de treino {name} não subiu em {limit} s", name = host.name, limit = START_LIMIT.as_secs()
            ))
            .hint(text!(
                en: "see what it waits for: {program} exec {container} systemctl list-jobs",
                pt: "veja o que ela espera: {program} exec {container} systemctl list-jobs", program = self.program
            ))),
        }
    }

    /// Runs a command as root in a host, on this terminal.
    pub async fn exec(self, lab: &str, hostname: &str, words: &[String]) -> Result<ExitStatus> {
        let has_terminal = stdin().is_terminal() && stdout().is_terminal();
        let mut command = command(self.program, &words::exec(lab, hostname, has_terminal, words));
        command.status().await.map_err(|error| {
            Error::machine(text!(
                en: "`{program}` can't be run",
                pt: "não foi possível executar `{program}`", program = self.program
            ))
            .because(error)
        })
    }

    /// Plugs the cable of a host, or pulls it out.
    pub async fn link(self, lab: &str, hostname: &str, is_up: bool, gateway: &str) -> Result<()> {
        let state = if is_up { "up" } else { "down" };
        // Where hosts have addresses that are reached, their network leads nowhere else.
        let gateway = if is_up && self.is_published { gateway } else { "" };
        let link = ["sh", "-c", LINK, "link", state, gateway].map(str::to_owned);
        self.run(&words::exec(lab, hostname, false, &link), "", &CancellationToken::new()).await.map(drop)
    }
}

/// What `settle.sh` reads.
fn settlement(launch: &Launch) -> String {
    let login = &launch.login;
    let password = login.password.as_deref().unwrap_or_default();
    format!(
        "{}\n{}\n{}\n{}",
        login.user,
        login.authorized_key.trim_end(),
        password.trim_end(),
        launch.host_key.private
    )
}
