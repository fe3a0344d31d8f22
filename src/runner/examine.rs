//! Examines hosts before class, without changing anything.

use std::collections::HashMap;
use std::time::Duration;

use crate::event::Stage;
use crate::model::{Examination, Failure, Host, HostId, PackageSource, Text, text};
use crate::remote::{self, ExamineRequest};
use crate::transport::{ForwardError, Session};

use super::host_log::HostLog;
use super::{LOG_TAIL, Runner, Slot, end_of, not_begun};

/// The slowest parts have limits of their own on the host, and come to half of this.
const EXAMINE_LIMIT: Duration = Duration::from_secs(60);

impl Runner {
    /// Examines every host, each with one remote execution. Results in the order given, each with the last lines that
    /// its host said besides.
    pub async fn examine(
        &self,
        hosts: &[&Host],
        requests: &HashMap<HostId, ExamineRequest>,
    ) -> Vec<(Result<Examination, Failure>, Vec<Text>)> {
        let working = self.each(hosts, async |host: &Host, slot| {
            let request = requests.get(&host.id).cloned().unwrap_or_default();
            let mut log = HostLog::default();
            let examining = Box::pin(self.examine_one(host, &request, &mut log, slot));
            let result = self.on_host(&host.id, examining, end_of).await;
            (result, log.tail(LOG_TAIL))
        });
        let results = self.stage(Stage::Examine, hosts.len(), working).await;
        results.into_iter().map(|result| result.unwrap_or_else(|| (Err(not_begun()), Vec::new()))).collect()
    }

    async fn examine_one(
        &self,
        host: &Host,
        request: &ExamineRequest,
        log: &mut HostLog,
        slot: &mut Slot<'_>,
    ) -> Result<Examination, Failure> {
        let session = self.connect(host, slot).await?;
        self.progress(host, text!(en: "examining", pt: "examinando"));
        let program = remote::examine(request, self.credentials(host))?;
        let mut conversation = self.conversation(&session, Some(EXAMINE_LIMIT), log);
        let (examination, forwards) = tokio::select! {
            both = async { tokio::join!(conversation.ask(program), forwards(host, &session)) } => both,
            () = self.interrupt.graceful.cancelled() => (Err(not_begun().into()), None),
        };
        drop(conversation);
        session.close().await;
        Ok(Examination { forwards, ..examination? })
    }
}

/// Whether the host's sshd would let packages come through the laptop.
async fn forwards(host: &Host, session: &Session) -> Option<bool> {
    if host.packages.via == PackageSource::Host {
        return None;
    }
    match session.reverse_forward().await {
        Ok(_closed_at_once) => Some(true),
        Err(ForwardError::Forbidden) => Some(false),
        // The connection is in trouble, which the program tells better.
        Err(ForwardError::Failed(_)) => None,
    }
}
