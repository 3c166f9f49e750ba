//! The driver's script inside the page, called by name. It decides what counts as visible and reachable; it presses
//! nothing itself.
use std::fmt;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::inspector::Inspector;

const SCRIPT: &str = include_str!("page.js");

/// Why a control cannot be pressed as a person would press it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// No control on the page has this name.
    Absent(String),
    /// There is one, but it is not drawn (the CSS reason).
    Hidden(String),
    /// It is drawn but switched off.
    Disabled(String),
    /// Something else lies on top of it (what).
    Covered(String),
    /// It cannot be scrolled into the window.
    Outside(String),
    /// More than one control has this name: use `tap_in` or a `data-test` id.
    Several(String),
    /// It keeps moving.
    Moving,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent(detail) => write!(f, "it is not there ({detail})"),
            Self::Hidden(detail) => write!(f, "it is hidden ({detail})"),
            Self::Disabled(detail) => write!(f, "it is switched off ({detail})"),
            Self::Covered(detail) => write!(f, "it is covered by {detail}"),
            Self::Outside(detail) => write!(f, "it cannot be brought into the window ({detail})"),
            Self::Several(detail) => write!(f, "several controls have this name: {detail}"),
            Self::Moving => f.write_str("it keeps moving"),
        }
    }
}

impl std::error::Error for Refused {}

/// A control smaller than a finger, in CSS pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct SmallTarget {
    pub name: String,
    pub width: f64,
    pub height: f64,
}

/// Where to press, in CSS pixels of the viewport.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    pub x: f64,
    pub y: f64,
    pub r#box: [f64; 4],
}

/// `window.__miantanDriver.METHOD(ARGUMENTS…)`; the script is put into the page first where it is missing (a page
/// that was loaded again has lost it).
pub(crate) async fn ask(inspector: &mut Inspector, method: &str, arguments: &[Value]) -> Result<Value> {
    let arguments: Vec<String> = arguments.iter().map(Value::to_string).collect();
    let call = format!("window.__miantanDriver.{method}({})", arguments.join(", "));
    if inspector.evaluate("!!window.__miantanDriver && !!document.body").await? != true {
        inspector.evaluate(SCRIPT).await.context("the driver's script does not run in this page")?;
    }
    inspector.evaluate(&call).await
}

/// Reads the answer of `probe`.
pub(crate) fn point_or_refusal(answer: &Value) -> Result<Point, Refused> {
    let detail = answer["by"].as_str().unwrap_or_default().to_owned();
    match answer["why"].as_str() {
        None => {
            Ok(Point { x: number(&answer["x"]), y: number(&answer["y"]), r#box: numbers(&answer["box"]) })
        }
        Some("hidden") => Err(Refused::Hidden(detail)),
        Some("disabled") => Err(Refused::Disabled(detail)),
        Some("covered") => Err(Refused::Covered(detail)),
        Some("outside") => Err(Refused::Outside(detail)),
        Some("several") => Err(Refused::Several(detail)),
        Some(_) => Err(Refused::Absent(detail)),
    }
}

pub(crate) fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_default()
}

pub(crate) fn numbers<const N: usize>(value: &Value) -> [f64; N] {
    std::array::from_fn(|i| number(&value[i]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_refusal_of_the_script_is_told_apart() {
        for (why, refusal) in [
            ("absent", Refused::Absent("x".into())),
            ("hidden", Refused::Hidden("x".into())),
            ("disabled", Refused::Disabled("x".into())),
            ("covered", Refused::Covered("x".into())),
            ("outside", Refused::Outside("x".into())),
            ("several", Refused::Several("x".into())),
        ] {
            assert!(SCRIPT.contains(&format!("'{why}'")), "the script never says {why}");
            assert_eq!(point_or_refusal(&json!({ "why": why, "by": "x" })), Err(refusal));
        }
        let point = point_or_refusal(&json!({ "x": 3, "y": 4.5, "box": [1, 2, 3, 4] })).expect("a point");
        assert_eq!(point, Point { x: 3.0, y: 4.5, r#box: [1.0, 2.0, 3.0, 4.0] });
    }
}
