//! Runs the user's own command on many hosts.

use crate::event::Stage;
use crate::model::{CommandOutcome, Failure, Host, HostStatus, Text, text};
use crate::remote::{self, RunAs};

use super::conversation::Broken;
use super::host_log::HostLog;
use super::{Runner, Slot, end_of};

/// Per host; a command that prints more is told so at the end of its output.
const OUTPUT_KEPT: usize = 4 * 1024 * 1024;

impl Runner {
    /// Runs a command on every host, as root where `as_root`. Results in the order given; a host that had not begun
    /// when Ctrl-C was pressed is left out.
    pub async fn exec(&self, hosts: &[&Host], command: &[String], as_root: bool) -> Vec<CommandOutcome> {
        let results = self
            .stage(
                Stage::Exec,
                hosts.len(),
                self.each(hosts, async |host, slot| self.exec_on(host, command, as_root, slot).await),
            )
            .await;
        results.into_iter().flatten().collect()
    }

    async fn exec_on(
        &self,
        host: &Host,
        command: &[String],
        as_root: bool,
        slot: &mut Slot<'_>,
    ) -> CommandOutcome {
        let (mut output, mut log) = (Vec::new(), HostLog::default());
        let steps = Box::pin(self.exec_steps(host, command, as_root, (&mut output, &mut log), slot));
        let end = |status: &Result<u8, Failure>| match status {
            Ok(1..) => (HostStatus::Failed, 0, None),
            ended => end_of(ended),
        };
        let status = self.on_host(&host.id, steps, end).await;
        let output = told(&output);
        CommandOutcome { host: host.id.clone(), status, output, log: Text::verbatim(log.text()) }
    }

    async fn exec_steps(
        &self,
        host: &Host,
        command: &[String],
        as_root: bool,
        (output, log): (&mut Vec<u8>, &mut HostLog),
        slot: &mut Slot<'_>,
    ) -> Result<u8, Failure> {
        let session = self.connect(host, slot).await?;
        self.take_fork(host, slot).await?;
        self.progress(host, text!(en: "running", pt: "executando"));
        let identity = if as_root { RunAs::Root(self.credentials(host)) } else { RunAs::Login };
        let status = self
            .conversation(&session, None, log)
            .follow(remote::exec(command, identity), |bytes, _| {
                let room = OUTPUT_KEPT.saturating_sub(output.len());
                output.extend_from_slice(bytes.get(..room).unwrap_or(&bytes));
                Ok(())
            })
            .await;
        session.close().await;
        status.map_err(|broken| match broken {
            Broken::Lost(reason) => remote::command_lost(&reason),
            broken => broken.into(),
        })
    }
}

/// What a command printed, as far as it is kept.
fn told(output: &[u8]) -> Text {
    let words = Text::verbatim(String::from_utf8_lossy(output));
    if output.len() < OUTPUT_KEPT {
        return words;
    }
    text!(en: "{words}\n(cut: more than 4 MiB)\n", pt: "{words}\n(cortado: mais de 4 MiB)\n", words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Language;

    #[test]
    fn an_end_that_is_left_out_is_told_in_both_languages() {
        assert_eq!(told(b"short\n"), Text::verbatim("short\n"));
        let long = told(&vec![b'x'; OUTPUT_KEPT]);
        assert!(long.english().ends_with("x\n(cut: more than 4 MiB)\n"));
        assert!(long.words(Language::Portuguese).ends_with("x\n(cortado: mais de 4 MiB)\n"));
    }
}
