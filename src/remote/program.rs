//! A program for a host, before it is sent: by whom it is run, what it is told, and who reads its answers.

use std::time::SystemTime;

use crate::model::Failure;

use super::data::Data;
use super::dialogue::{Dialogue, Reader};
use super::invocation::{Invocation, Nonce, RunAs, invoke, invoke_apart};

pub struct Program<'a, R> {
    pub(super) run_as: RunAs<'a>,
    /// The files that it consists of.
    pub(super) parts: &'static [&'static str],
    pub(super) data: Data,
    pub(super) reader: R,
}

impl<R: Reader> Program<'_, R> {
    /// What is sent, and the conversation that then begins; both marked with the nonce.
    pub fn begin(self, nonce: &Nonce, now: SystemTime) -> Result<(Invocation, Dialogue<R>), Failure> {
        let invoke = if R::PASSES_OUTPUT { invoke_apart } else { invoke };
        let invocation = invoke(self.run_as, nonce, self.parts, self.data)?;
        Ok((invocation, Dialogue::new(nonce, self.reader, now)))
    }
}
