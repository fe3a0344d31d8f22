//! The medians as bars, those of each work beside each other and against the longest of them.

use crate::summary::Scene;
use crate::table;
use crate::tool::{Tool, Work};

const WIDTH: f64 = 760.0;
const BARS: f64 = 190.0;
const LONGEST: f64 = 470.0;
const LINE: f64 = 20.0;
const OURS: &str = "#0b6e4f";
const THEIRS: &str = "#9aa5b1";

pub fn svg(scenes: &[Scene<'_>]) -> String {
    let (mut body, mut top) = (String::new(), LINE);
    for scene in scenes {
        body += &text(10.0, top, "bold", &table::title(scene));
        top += LINE;
        for work in Work::ALL {
            let seconds = |tool| scene.medians(tool, work).map(|[seconds, ..]| (tool, seconds));
            let bars: Vec<(Tool, f64)> = scene.tools(work).into_iter().filter_map(seconds).collect();
            let longest = bars.iter().map(|(_, seconds)| *seconds).fold(0.0, f64::max);
            if bars.is_empty() {
                continue;
            }
            body += &text(10.0, top, "normal", work.name());
            top += LINE;
            for (tool, seconds) in bars {
                let (length, colour) =
                    (seconds / longest * LONGEST, if tool.is_ours() { OURS } else { THEIRS });
                body += &text(30.0, top, "normal", tool.name());
                body += &format!(
                    "<rect x=\"{BARS}\" y=\"{}\" width=\"{length:.1}\" height=\"13\" fill=\"{colour}\"/>\n",
                    top - 11.0
                );
                body += &text(BARS + length + 6.0, top, "normal", &format!("{seconds:.2} s"));
                top += LINE;
            }
            top += LINE / 2.0;
        }
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {top}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <title>Median seconds, shorter is better</title>\n\
         <rect width=\"{WIDTH}\" height=\"{top}\" fill=\"#ffffff\"/>\n{body}</svg>\n"
    )
}

fn text(x: f64, y: f64, weight: &str, words: &str) -> String {
    format!("<text x=\"{x:.1}\" y=\"{y}\" font-weight=\"{weight}\" fill=\"#1f2933\">{words}</text>\n")
}
