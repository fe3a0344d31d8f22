//! Login over a built-in connection: keys first, then one attempt with the password. What was refused is told
//! from what was never tried.

use std::sync::Arc;
use std::time::Duration;

use russh::client::{AuthResult, Handle, KeyboardInteractiveAuthResponse};
use russh::keys::agent::AgentIdentity;
use russh::keys::agent::client::AgentClient;
use russh::keys::{HashAlg, PrivateKey, PrivateKeyWithHashAlg, PublicKey};
use russh::{MethodKind, MethodSet};
use tokio::net::UnixStream;

use super::handler::ClientHandler;
use super::shared::Shared;
use crate::model::Failure;
use crate::transport::destination::Destination;
use crate::transport::diagnosis::{Attempts, closed_during_login, login_refused};
use crate::transport::keys::Identity;

/// sshd ends the connection after six refusals by default; one of them is left for the password.
const KEY_LIMIT: usize = 5;

/// How long an agent may take to list its keys. Signing may wait for a person, so only the login's limit holds.
pub const AGENT_LIMIT: Duration = Duration::from_secs(3);

/// More rounds of questions than these are no password login.
const QUESTION_LIMIT: usize = 3;

pub async fn login(
    handle: &mut Handle<ClientHandler>,
    shared: &Shared,
    destination: &Destination,
    identities: &[Identity],
    password: Option<&str>,
) -> Result<(), Failure> {
    let mut login = Login { handle, shared, user: &destination.user, attempts: Attempts::default() };
    let mut agent = login.agent(destination).await;
    let held = agent.as_ref().map(|(_, keys)| keys.as_slice()).unwrap_or_default();
    let candidates = candidates(destination, identities, held);
    // To ask what the server takes costs a journey there and back, which a key at hand saves. Where a password may have to
    // follow, it is asked all the same: a key that is not wanted would count as a failed try.
    let shows_key_first = password.is_none() && !candidates.is_empty();
    let mut step =
        if shows_key_first { Step::Out((&[MethodKind::PublicKey][..]).into()) } else { login.ask().await? };
    if step.offers(MethodKind::PublicKey) {
        login.attempts.server_takes_keys = true;
        step = login.try_keys(candidates, agent.as_mut().map(|(client, _)| client), step).await?;
    }
    // An account without a password is open to all; any other answer tells nothing new.
    if shows_key_first
        && matches!(step, Step::Out(_))
        && !login.attempts.partial
        && let Ok(Step::In) = login.ask().await
    {
        step = Step::In;
    }
    if let Some(password) = password {
        step = login.try_password(password, step).await?;
    }
    match step {
        Step::In => Ok(()),
        Step::Out(methods) => {
            login.attempts.server_takes_passwords =
                methods.contains(&MethodKind::Password) || methods.contains(&MethodKind::KeyboardInteractive);
            Err(login_refused(destination, identities, &login.attempts))
        }
    }
}

enum Step {
    In,
    /// Not done; these methods may go on.
    Out(MethodSet),
}

impl Step {
    fn offers(&self, method: MethodKind) -> bool {
        matches!(self, Self::Out(methods) if methods.contains(&method))
    }
}

enum Candidate {
    File(Arc<PrivateKey>),
    Agent(PublicKey),
}

struct Login<'a> {
    handle: &'a mut Handle<ClientHandler>,
    shared: &'a Shared,
    user: &'a str,
    attempts: Attempts,
}

impl Login<'_> {
    fn closed(&self) -> Failure {
        closed_during_login(&self.shared.lost(), &self.attempts)
    }

    fn step<E>(&mut self, result: Result<AuthResult, E>) -> Result<Step, Failure> {
        match result {
            Ok(AuthResult::Success) => Ok(Step::In),
            Ok(AuthResult::Failure { remaining_methods, partial_success }) if !self.handle.is_closed() => {
                self.attempts.partial |= partial_success;
                Ok(Step::Out(remaining_methods))
            }
            _ => Err(self.closed()),
        }
    }

    /// Asks what the server takes.
    async fn ask(&mut self) -> Result<Step, Failure> {
        let answer = self.handle.authenticate_none(self.user).await;
        self.step(answer)
    }

    async fn try_keys(
        &mut self,
        candidates: Vec<Candidate>,
        mut agent: Option<&mut AgentClient<UnixStream>>,
        mut step: Step,
    ) -> Result<Step, Failure> {
        for candidate in candidates.into_iter().take(KEY_LIMIT) {
            if !step.offers(MethodKind::PublicKey) || self.attempts.partial {
                break;
            }
            self.attempts.keys_tried += 1;
            step = match candidate {
                Candidate::File(key) => {
                    let hash = self.hash(key.public_key()).await;
                    let key = PrivateKeyWithHashAlg::new(key, hash);
                    let result = self.handle.authenticate_publickey(self.user, key).await;
                    self.step(result)?
                }
                Candidate::Agent(key) => {
                    let Some(client) = agent.as_deref_mut() else { break };
                    let hash = self.hash(&key).await;
                    match self.handle.authenticate_publickey_with(self.user, key, hash, client).await {
                        Ok(result) => self.step(Ok::<_, russh::Error>(result))?,
                        Err(_) if self.handle.is_closed() => return Err(self.closed()),
                        // The agent would not sign; the login goes on with the next key.
                        Err(_) => {
                            self.attempts.agent_refused = true;
                            step
                        }
                    }
                }
            };
            if matches!(step, Step::In) {
                break;
            }
        }
        if !matches!(step, Step::In) && !step.offers(MethodKind::PublicKey) && !self.attempts.partial {
            // It was shown a key, and says that it takes none.
            (self.attempts.server_takes_keys, self.attempts.keys_tried) = (false, 0);
        }
        Ok(step)
    }

    /// The agent and what it holds. An agent that is gone or silent is none.
    async fn agent(&self, destination: &Destination) -> Option<(AgentClient<UnixStream>, Vec<PublicKey>)> {
        let socket = destination.agent.as_ref()?;
        let ask = async {
            let mut client = AgentClient::connect_uds(socket).await.ok()?;
            if let Some(binding) = self.handle.agent_session_binding() {
                // Agents that know no bound keys say no, which costs nothing.
                let _ = client.bind_session(binding, false).await;
            }
            let held = client.request_identities().await.ok()?;
            let keys = held.into_iter().filter_map(|identity| match identity {
                AgentIdentity::PublicKey { key, .. } => Some(key),
                AgentIdentity::Certificate { .. } => None,
            });
            Some((client, keys.collect()))
        };
        tokio::time::timeout(AGENT_LIMIT, ask).await.ok()?
    }

    /// RSA keys sign with the best hash that the server names; other keys have one of their own.
    async fn hash(&self, key: &PublicKey) -> Option<HashAlg> {
        if !key.algorithm().is_rsa() {
            return None;
        }
        match self.handle.best_supported_rsa_hash().await {
            Ok(Some(hash)) => hash,
            _ => Some(HashAlg::Sha512),
        }
    }

    /// One attempt, by the method that the server prefers us to use: a wrong password must not count twice.
    async fn try_password(&mut self, password: &str, step: Step) -> Result<Step, Failure> {
        if step.offers(MethodKind::Password) {
            self.attempts.password_tried = true;
            let result = self.handle.authenticate_password(self.user, password).await;
            self.step(result)
        } else if step.offers(MethodKind::KeyboardInteractive) {
            self.answer_questions(password, step).await
        } else {
            Ok(step)
        }
    }

    async fn answer_questions(&mut self, password: &str, step: Step) -> Result<Step, Failure> {
        let mut response =
            self.handle.authenticate_keyboard_interactive_start(self.user, None::<String>).await;
        for _ in 0..QUESTION_LIMIT {
            let answers = match response {
                Ok(KeyboardInteractiveAuthResponse::Success) => return Ok(Step::In),
                Ok(KeyboardInteractiveAuthResponse::Failure { remaining_methods, partial_success }) => {
                    return self.step(Ok::<_, russh::Error>(AuthResult::Failure {
                        remaining_methods,
                        partial_success,
                    }));
                }
                Ok(KeyboardInteractiveAuthResponse::InfoRequest { instructions, prompts, .. }) => {
                    self.shared.hear(&instructions);
                    match prompts.as_slice() {
                        [] => Vec::new(),
                        [prompt] if !prompt.echo && !self.attempts.password_tried => {
                            self.attempts.password_tried = true;
                            vec![password.to_owned()]
                        }
                        _ => {
                            self.attempts.asked_more = true;
                            return Ok(step);
                        }
                    }
                }
                Err(_) => return Err(self.closed()),
            };
            response = self.handle.authenticate_keyboard_interactive_respond(answers).await;
        }
        self.attempts.asked_more = true;
        Ok(step)
    }
}

/// The keys to try, best first: those that were named, then what else the agent holds.
fn candidates(destination: &Destination, identities: &[Identity], held: &[PublicKey]) -> Vec<Candidate> {
    let same = |one: &PublicKey, other: &PublicKey| one.key_data() == other.key_data();
    let mut candidates = Vec::new();
    let mut named = Vec::new();
    for identity in identities {
        if let Some(public) = &identity.public {
            named.push(public);
        }
        match (&identity.secret, &identity.public) {
            (Ok(key), _) => candidates.push(Candidate::File(Arc::clone(key))),
            (Err(_), Some(public)) if held.iter().any(|key| same(key, public)) => {
                candidates.push(Candidate::Agent(public.clone()));
            }
            _ => {}
        }
    }
    if !destination.identities_only {
        let others = held.iter().filter(|key| !named.iter().any(|other| same(key, other)));
        candidates.extend(others.cloned().map(Candidate::Agent));
    }
    candidates
}
