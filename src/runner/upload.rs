//! Files for a host whose sshd forbids forwarding: what its apt asks for goes to the standard input of the program that
//! runs apt, by the relay's rules and through its cache. Asked for in turn, so that each host costs little memory here.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use crate::model::{Failure, FailureKind, text};
use crate::packages::{Admission, Delivery, PackageRelay};
use crate::remote::{Frame, Want};
use crate::transport::{Input, InputClosed};

/// Files that may be asked for while one is on its way. apt starts one method for each of two schemes, and each of
/// them waits for its file.
const WAITING: usize = 16;

/// Answers one program's wants, as long as this lives.
pub(super) struct Upload {
    wants: mpsc::Sender<Want>,
    _answering: AbortOnDropHandle<()>,
}

impl Upload {
    /// Begins to answer on a program's input.
    pub(super) fn begin(relay: PackageRelay, admission: Arc<Admission>, input: Input) -> Self {
        let (wants, mut asked) = mpsc::channel::<Want>(WAITING);
        let answering = tokio::spawn(async move {
            while let Some(want) = asked.recv().await {
                // A program whose input is closed is told by that.
                if answer(&relay, &admission, &input, &want).await.is_err() {
                    return;
                }
            }
        });
        Self { wants, _answering: AbortOnDropHandle::new(answering) }
    }

    /// Takes a want. A host that asks without waiting is no apt.
    pub(super) fn take(&self, want: Want) -> Result<(), Failure> {
        match self.wants.try_send(want) {
            Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => Ok(()),
            Err(mpsc::error::TrySendError::Full(_)) => Err(Failure {
                kind: FailureKind::Protocol,
                message: text!(
                    en: "the host asks for more files at the same moment than apt does",
                    pt: "a máquina pede mais arquivos ao mesmo tempo do que o apt",
                ),
                hint: Some(text!(
                    en: "look at what runs on the host, then run the same command again",
                    pt: "veja o que está rodando na máquina e rode o mesmo comando de novo",
                )),
            }),
        }
    }
}

async fn answer(
    relay: &PackageRelay,
    admission: &Admission,
    input: &Input,
    want: &Want,
) -> Result<(), InputClosed> {
    let obtained = relay.obtain(admission, &want.url, want.since.as_deref(), want.fresh).await;
    match obtained {
        Ok(delivery) if delivery.is_unchanged() => input.write(Frame::Same.line(want.id)).await,
        Ok(delivery) => send(delivery, input, want.id).await,
        Err(refusal) => input.write(Frame::Fail(&refusal.line()).line(want.id)).await,
    }
}

async fn send(delivery: Delivery, input: &Input, id: u64) -> Result<(), InputClosed> {
    input.write(Frame::Start(delivery.length(), delivery.last_modified()).line(id)).await?;
    let mut bytes = delivery.begin();
    loop {
        match bytes.next().await {
            Ok(piece) if piece.is_empty() => return input.write(Frame::Done.line(id)).await,
            Ok(piece) => {
                // In one piece: nothing else may come between a frame and its bytes.
                let line = Frame::Data(piece.len()).line(id);
                input.write([line.as_bytes(), &piece].concat()).await?;
            }
            Err(refusal) => return input.write(Frame::Fail(&refusal.line()).line(id)).await,
        }
    }
}
