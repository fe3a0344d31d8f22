//! What is shown of the changes of a host, while they are made.

use std::time::Duration;

use crate::model::{ChangeResult, Concern, HostId, HostPlan, Step, text};

use super::Worked;

impl Worked {
    /// Whether any change was made.
    pub(super) fn has_begun(&self) -> bool {
        let mut results = self.outcome.changes.iter().filter_map(|(_, result)| result.as_ref());
        results.any(|(result, _)| !matches!(result, ChangeResult::NotRun | ChangeResult::Left))
    }

    /// What is not in a plan any more stays, as nobody agreed to its end.
    pub(super) fn leave(&mut self, kept: &HostPlan) {
        self.outcome.warnings = kept.warnings.iter().map(Concern::words).collect();
        for (change, result) in &mut self.outcome.changes {
            if !kept.steps.iter().any(|step| step.change.resource == change.resource) {
                *result = Some((ChangeResult::Left, Duration::ZERO));
            }
        }
    }

    /// Gives steps the places of the changes that are shown; `anew` shows the step's own.
    pub(super) fn number(&mut self, steps: Vec<Step>, anew: bool) -> Vec<(usize, Step)> {
        let changes = &mut self.outcome.changes;
        let numbered = steps.into_iter().map(|step| {
            let shown = changes.iter().position(|(change, _)| change.resource == step.change.resource);
            let place = shown.unwrap_or(changes.len());
            match changes.get_mut(place) {
                None => changes.push((step.change.clone(), None)),
                Some((change, result)) if anew && change.after != step.change.after => {
                    let first = std::mem::replace(change, step.change.clone());
                    if matches!(result, Some((ChangeResult::Done, _))) {
                        change.go_on_from(first);
                    }
                }
                Some(_) => {}
            }
            (place, step)
        });
        numbered.collect()
    }

    /// Warns of what a plan says besides that which is shown.
    pub(super) fn warn(&mut self, shown: &HostPlan, plan: &HostPlan) {
        let news = plan.warnings.iter().filter(|warning| !shown.warnings.contains(warning));
        self.outcome.warnings = shown.warnings.iter().chain(news).map(Concern::words).collect();
    }

    /// These changes are for another run, as some hosts in front of it did not follow.
    pub(super) fn put_off(&mut self, steps: &[Step], strays: &[HostId]) {
        for (change, result) in &mut self.outcome.changes {
            if steps.iter().any(|step| step.change.resource == change.resource) {
                *result = Some((ChangeResult::NotRun, Duration::ZERO));
            }
        }
        let strays = strays.iter().map(HostId::as_str).collect::<Vec<_>>().join(", ");
        if steps.iter().any(|step| step.operation.takes_back()) {
            self.outcome.warnings.push(text!(
                en: "what is no longer wanted stays, as {strays} may still use it; apply again, to {strays} too, once \
                     that is mended",
                pt: "o que não está mais no inventário fica, pois {strays} talvez ainda o use; rode o apply de novo, em \
                     {strays} também, depois de corrigir isso",
            ));
            return;
        }
        self.outcome.warnings.push(text!(
            en: "its old port stays open beside the new one, which {strays} does not use yet; apply again once that is mended",
            pt: "a porta antiga continua aberta ao lado da nova, que {strays} ainda não usa; rode o apply de novo depois \
                 de corrigir isso",
        ));
    }
}
