//! What many runs come to: medians, and ratios within a round.

use crate::measure::{FIGURES, Measured, Place};
use crate::tool::{Tool, Work};

/// The runs of a lab at a distance, in the order in which the settings name them.
pub struct Scene<'a> {
    pub hosts: usize,
    pub delay: u128,
    runs: Vec<&'a Measured>,
}

/// All scenes of a bench.
pub fn scenes(measured: &[Measured]) -> Vec<Scene<'_>> {
    let mut scenes: Vec<Scene<'_>> = Vec::new();
    for run in measured {
        let Place { hosts, delay, .. } = run.place;
        match scenes.iter_mut().find(|scene| (scene.hosts, scene.delay) == (hosts, delay)) {
            Some(scene) => scene.runs.push(run),
            None => scenes.push(Scene { hosts, delay, runs: vec![run] }),
        }
    }
    scenes
}

impl Scene<'_> {
    /// Who was measured at which work.
    pub fn tools(&self, work: Work) -> Vec<Tool> {
        Tool::ALL.into_iter().filter(|tool| self.runs(*tool, work).next().is_some()).collect()
    }

    pub fn medians(&self, tool: Tool, work: Work) -> Option<[f64; FIGURES.len()]> {
        let mut medians = [0.0; FIGURES.len()];
        for (place, value) in medians.iter_mut().enumerate() {
            *value = median(self.runs(tool, work).filter_map(|run| run.figures.get(place).copied()))?;
        }
        Some(medians)
    }

    /// How many times the seconds of `other` a tool takes, compared in each round.
    pub fn ratio(&self, tool: Tool, other: Tool, work: Work) -> Option<f64> {
        let pairs = self.runs(tool, work).filter_map(|run| {
            let pair = self.runs(other, work).find(|pair| pair.place == run.place)?;
            Some(run.figures.first()? / pair.figures.first()?)
        });
        median(pairs)
    }

    fn runs(&self, tool: Tool, work: Work) -> impl Iterator<Item = &Measured> {
        self.runs.iter().copied().filter(move |run| (run.tool, run.work) == (tool, work))
    }
}

/// The value in the middle.
fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}
