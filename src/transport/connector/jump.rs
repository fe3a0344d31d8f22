//! Bastions: one connection to each serves all hosts behind it, and one that refused us is not asked again.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

use super::Connector;
use super::login::Login;
use crate::model::{Connection, Failure, FailureKind, HostKeyPolicy, Jump, TransportChoice, text};
use crate::transport::Session;
use crate::transport::failure::{failure, through_jump};

const JUMP_LIMIT: usize = 5;

/// Connections to a bastion are shared where all of this is alike.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct JumpKey {
    hops: Vec<Jump>,
    identity: Option<PathBuf>,
    program: bool,
    policy: Option<HostKeyPolicy>,
}

#[derive(Default)]
pub enum JumpState {
    #[default]
    Closed,
    Open(Arc<Session>),
    /// It refused us, which it would do again: not asked a second time in this run.
    Refused(Failure),
}

impl Connector {
    /// The shared connection to the bastion of a destination, if it has one.
    pub(super) async fn jump(
        &self,
        login: &Login<'_>,
        program: bool,
    ) -> Result<Option<Arc<Session>>, Failure> {
        let hops = &login.destination.jumps;
        let Some((nearest, before)) = hops.split_last() else { return Ok(None) };
        if login.depth >= JUMP_LIMIT || before.len() >= JUMP_LIMIT {
            return Err(failure(
                FailureKind::Jump,
                text!(
                    en: "there are too many jump hosts behind each other",
                    pt: "há máquinas de salto demais, uma atrás da outra",
                ),
                text!(
                    en: "look for a ProxyJump in the ssh configuration that leads back to itself",
                    pt: "procure na configuração do ssh um ProxyJump que leve de volta a si mesmo",
                ),
            ));
        }
        let key = JumpKey {
            hops: hops.clone(),
            identity: login.connection.identity.clone(),
            program,
            policy: login.connection.host_keys,
        };
        let state = {
            let mut jumps = self.jumps.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(jumps.entry(key).or_default())
        };
        let mut state = state.lock().await;
        match &*state {
            JumpState::Open(session) if !session.is_closed() => return Ok(Some(Arc::clone(session))),
            JumpState::Refused(failure) => return Err(failure.clone()),
            _ => {}
        }
        let bastion = Connection {
            address: nearest.host.clone(),
            user: nearest.user.clone(),
            port: nearest.port,
            identity: login.connection.identity.clone(),
            jump: None,
            transport: if program { TransportChoice::Openssh } else { TransportChoice::Auto },
            host_keys: login.connection.host_keys,
            connect_timeout: login.connection.connect_timeout,
            // A host's password is none of the bastion's business.
            password: None,
        };
        // The first bastion's own ProxyJump holds; for the others the list says how to get there.
        let route = (!before.is_empty()).then_some(before);
        match Box::pin(self.connect_at(&bastion, None, route, login.depth + 1)).await {
            Ok(session) => {
                let session = Arc::new(session);
                *state = JumpState::Open(Arc::clone(&session));
                Ok(Some(session))
            }
            Err(failure) => {
                let final_word = matches!(failure.kind, FailureKind::Login | FailureKind::HostKey);
                let failure = through_jump(failure);
                if final_word {
                    *state = JumpState::Refused(failure.clone());
                }
                Err(failure)
            }
        }
    }
}
