//! A colour of its own for each server: neighbours differ at a glance, and text on it is always easy to read.

/// A background and the ink that reads well on it, as CSS hex colours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colour {
    pub background: String,
    /// Text on the background: white or near black.
    pub ink: &'static str,
}

type Rgb = [f64; 3];

const WHITE: &str = "#ffffff";
const BLACK: &str = "#14121a";

/// Chosen by eye for the sizes a class has: neighbours differ in hue and in lightness, so that they are told apart
/// on a weak projector and without colour vision too.
const PALETTE: [&str; 12] = [
    "#1550d4", "#ffa62b", "#0b6b43", "#ff9ec4", "#6a1fb8", "#ffdc1f", "#b81f2d", "#4fd1c5", "#6b3f22",
    "#a8d93a", "#25304f", "#e9e2d0",
];

/// The colour of the server with a number, 1 being the first.
pub fn of(index: usize) -> Colour {
    let position = index.saturating_sub(1);
    let background = PALETTE.get(position).map_or_else(|| hex(generated(position)), |hex| (*hex).to_owned());
    let paint = luminance(rgb(&background));
    let ink = if contrast(paint, 1.0) > contrast(paint, luminance(rgb(BLACK))) { WHITE } else { BLACK };
    Colour { background, ink }
}

/// Beyond the palette hues advance by the golden angle, dark and light in turn.
#[expect(clippy::cast_precision_loss, reason = "no class has 2^52 servers")]
fn generated(position: usize) -> Rgb {
    let hue = (position as f64 * 137.508) % 360.0;
    let lightness = if position.is_multiple_of(2) { 0.26 } else { 0.76 };
    hsl(hue, 0.72, lightness)
}

/// Hue in degrees, saturation and lightness from 0 to 1.
fn hsl(hue: f64, saturation: f64, lightness: f64) -> Rgb {
    let reach = saturation * lightness.min(1.0 - lightness);
    [0.0, 8.0, 4.0].map(|offset: f64| {
        let k = (offset + hue / 30.0) % 12.0;
        lightness - reach * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0)
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=255 before")]
fn hex(colour: Rgb) -> String {
    let [red, green, blue] = colour.map(|channel| (channel * 255.0).round().clamp(0.0, 255.0) as u8);
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn rgb(hex: &str) -> Rgb {
    let channel = |at: usize| {
        let byte = hex.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok()).unwrap_or(0);
        f64::from(byte) / 255.0
    };
    [channel(1), channel(3), channel(5)]
}

/// Relative luminance as WCAG 2 defines it.
fn luminance(colour: Rgb) -> f64 {
    let [red, green, blue] =
        colour.map(
            |channel| {
                if channel <= 0.04045 { channel / 12.92 } else { ((channel + 0.055) / 1.055).powf(2.4) }
            },
        );
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// Contrast of two luminances, 1 to 21.
fn contrast(one: f64, other: f64) -> f64 {
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn text_is_readable_on_every_colour() {
        for index in 0..=1000 {
            let colour = of(index);
            let ratio = contrast(luminance(rgb(&colour.background)), luminance(rgb(colour.ink)));
            assert!(ratio >= 4.6, "{index}: {colour:?} has a contrast of {ratio:.2}");
        }
    }

    #[test]
    fn no_two_of_a_class_are_alike() {
        let all: BTreeSet<String> = (1..=60).map(|index| of(index).background).collect();
        assert_eq!(all.len(), 60);
    }
}
