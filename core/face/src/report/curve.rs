//! A report's curve as SVG: the detection error trade-off (DET; Martin et al., 1997), both rates on the scale of the normal
//! distribution's deviates, on which normally distributed cosines make a straight line. No fonts, no scripts, no colours that
//! need a light or a dark ground.

use std::fmt::Write as _;

use super::{Rates, Report};

const SIDE: f64 = 420.0;
const LEFT: f64 = 70.0;
const TOP: f64 = 30.0;
/// Rates outside are drawn at the edge.
const LEAST: f64 = 0.0005;
const MOST: f64 = 0.6;
const TICKS: [(f64, &str); 9] = [
    (0.001, "0.1"),
    (0.002, "0.2"),
    (0.005, "0.5"),
    (0.01, "1"),
    (0.02, "2"),
    (0.05, "5"),
    (0.1, "10"),
    (0.2, "20"),
    (0.4, "40"),
];

pub(super) fn svg(report: &Report) -> String {
    let mut svg = String::new();
    let (width, height) = (SIDE + LEFT + 30.0, SIDE + TOP + 60.0);
    let _ = writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">
<title>DET: {} pairs of one person, {} of different persons</title>
<rect width="{width}" height="{height}" fill="white"/>
<rect x="{LEFT}" y="{TOP}" width="{SIDE}" height="{SIDE}" fill="none" stroke="black"/>"#,
        report.same.len(),
        report.different.len()
    );
    for (rate, label) in TICKS {
        let (x, y) = (across(rate), up(rate));
        let (bottom, right) = (TOP + SIDE, LEFT + SIDE);
        let _ = writeln!(
            svg,
            r##"<path d="M{x:.1} {TOP}V{bottom}M{LEFT} {y:.1}H{right}" stroke="#ccc"/>
<text x="{x:.1}" y="{:.1}" text-anchor="middle">{label}</text><text x="{:.1}" y="{:.1}" text-anchor="end">{label}</text>"##,
            bottom + 16.0,
            LEFT - 6.0,
            y + 4.0
        );
    }
    let (middle, foot) = (LEFT + SIDE / 2.0, TOP + SIDE + 40.0);
    let _ = writeln!(
        svg,
        r#"<text x="{middle}" y="{foot}" text-anchor="middle">FMR, different persons taken for one, %</text>
<text transform="translate(18 {:.1}) rotate(-90)" text-anchor="middle">FNMR, one person taken for two, %</text>"#,
        TOP + SIDE / 2.0
    );
    let points: Vec<String> = report.curve().iter().map(point).collect();
    let _ = writeln!(
        svg,
        r##"<polyline points="{}" fill="none" stroke="#0b57d0" stroke-width="2"/>"##,
        points.join(" ")
    );
    for (name, threshold) in [("same", report.thresholds.same), ("different", report.thresholds.different)] {
        let rates = report.at(threshold);
        let (x, y) = (across(rates.false_match), up(rates.false_non_match));
        let _ = writeln!(
            svg,
            r##"<circle cx="{x:.1}" cy="{y:.1}" r="5" fill="#b3261e"/><text x="{:.1}" y="{:.1}">{name}: {threshold:.2}</text>"##,
            x + 9.0,
            y - 7.0
        );
    }
    svg.push_str("</svg>\n");
    svg
}

fn point(rates: &Rates) -> String {
    format!("{:.1},{:.1}", across(rates.false_match), up(rates.false_non_match))
}

fn across(rate: f64) -> f64 {
    LEFT + SIDE * share(rate)
}

fn up(rate: f64) -> f64 {
    TOP + SIDE * (1.0 - share(rate))
}

/// 0 at the least rate shown, 1 at the largest.
fn share(rate: f64) -> f64 {
    let (least, most) = (deviate(LEAST), deviate(MOST));
    (deviate(rate.clamp(LEAST, MOST)) - least) / (most - least)
}

/// The standard normal deviate that has this probability below it; Abramowitz and Stegun 26.2.23, wrong by less than 4.5e-4.
fn deviate(probability: f64) -> f64 {
    let tail = probability.min(1.0 - probability).max(f64::MIN_POSITIVE);
    let t = (-2.0 * tail.ln()).sqrt();
    let above = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let below = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    let deviate = t - above / below;
    if probability < 0.5 { -deviate } else { deviate }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deviates_are_those_of_the_tables() {
        for (probability, expected) in
            [(0.5, 0.0), (0.975, 1.959_964), (0.01, -2.326_348), (0.001, -3.090_232)]
        {
            assert!((deviate(probability) - expected).abs() < 5e-4, "{probability}");
        }
    }

    #[test]
    fn rates_outside_the_picture_are_drawn_at_its_edge() {
        assert!((across(0.0) - LEFT).abs() < 1e-9 && (across(1.0) - LEFT - SIDE).abs() < 1e-9);
        assert!((up(0.0) - TOP - SIDE).abs() < 1e-9 && (up(1.0) - TOP).abs() < 1e-9);
        assert!(across(0.02) > across(0.01));
    }
}
