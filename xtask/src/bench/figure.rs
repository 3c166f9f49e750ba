//! What a metric is, and what several runs say of it: median, least, most, and whether that is good enough.
use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

/// Fewer runs say nothing of a metric.
pub const RUNS_MIN: usize = 5;

/// Which way is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    Less,
    More,
}

/// Something that is measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metric {
    pub name: &'static str,
    pub unit: &'static str,
    pub better: Better,
    /// The median that is good enough; `None` where nobody promised one.
    pub target: Option<f64>,
}

impl Metric {
    /// At most so much.
    pub const fn at_most(name: &'static str, unit: &'static str, target: f64) -> Self {
        Self { name, unit, better: Better::Less, target: Some(target) }
    }

    /// At least so much.
    pub const fn at_least(name: &'static str, unit: &'static str, target: f64) -> Self {
        Self { name, unit, better: Better::More, target: Some(target) }
    }

    /// The less the better, without a promise.
    pub const fn less(name: &'static str, unit: &'static str) -> Self {
        Self { name, unit, better: Better::Less, target: None }
    }

    /// "≤ 16", "≥ 990", "less" where nothing was promised.
    pub fn wanted(&self) -> String {
        match (self.better, self.target) {
            (Better::Less, Some(target)) => format!("≤ {target}"),
            (Better::More, Some(target)) => format!("≥ {target}"),
            (Better::Less, None) => "less".to_owned(),
            (Better::More, None) => "more".to_owned(),
        }
    }
}

/// What the runs gave, by metric.
#[derive(Debug, Default)]
pub struct Samples(BTreeMap<String, Vec<f64>>);

impl Samples {
    /// One run's value. A run that gives no number gives none.
    pub fn add(&mut self, metric: &str, value: f64) {
        if value.is_finite() {
            self.0.entry(metric.to_owned()).or_default().push(value);
        }
    }

    fn of(&self, metric: &Metric) -> &[f64] {
        self.0.get(metric.name).map_or(&[], Vec::as_slice)
    }
}

/// One metric over all runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    pub metric: Metric,
    /// The median.
    pub value: f64,
    pub min: f64,
    pub max: f64,
    pub runs: usize,
}

impl Figure {
    /// # Errors
    /// How many runs there are when they are too few.
    pub fn of(metric: Metric, samples: &Samples) -> Result<Self, usize> {
        let mut values = samples.of(&metric).to_vec();
        if values.len() < RUNS_MIN {
            return Err(values.len());
        }
        values.sort_by(f64::total_cmp);
        let (min, max) = (values[0], values[values.len() - 1]);
        Ok(Self { metric, value: median(&values), min, max, runs: values.len() })
    }

    /// Whether the median is good enough; `None` where nothing was promised.
    pub fn meets(&self) -> Option<bool> {
        let target = self.metric.target?;
        Some(match self.metric.better {
            Better::Less => self.value <= target,
            Better::More => self.value >= target,
        })
    }

    pub fn json(&self) -> Value {
        json!({
            "metric": self.metric.name, "unit": self.metric.unit, "value": rounded(self.value),
            "min": rounded(self.min), "max": rounded(self.max), "runs": self.runs,
            "target": self.metric.target, "meets": self.meets(),
        })
    }
}

/// The middle of sorted values, or the mean of the two in the middle.
fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    match sorted {
        [] => f64::NAN,
        _ if sorted.len() % 2 == 1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}

/// Four digits are more than such figures deserve.
fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

/// The figures as a table for people; `missing` are metrics with the number of runs that they have.
pub fn table(figures: &[Figure], missing: &[(Metric, usize)]) -> String {
    let mut table = String::new();
    let mut line = |cells: [&str; 7]| {
        let [metric, value, unit, min, max, wanted, word] = cells;
        let _ =
            writeln!(table, " {metric:<34} {value:>10} {unit:<8} {min:>10} {max:>10}  {wanted:<10} {word}");
    };
    line(["metric", "median", "unit", "min", "max", "wanted", ""]);
    for figure in figures {
        let number = |value| rounded(value).to_string();
        let word = match figure.meets() {
            Some(true) => "met".to_owned(),
            Some(false) => format!("MISSED by {}", missed_by(figure)),
            None => String::new(),
        };
        let (value, min, max) = (number(figure.value), number(figure.min), number(figure.max));
        line([figure.metric.name, &value, figure.metric.unit, &min, &max, &figure.metric.wanted(), &word]);
    }
    for (metric, runs) in missing {
        let word = format!("NOT MEASURED: {runs} of {RUNS_MIN} runs");
        line([metric.name, "-", metric.unit, "-", "-", &metric.wanted(), &word]);
    }
    table
}

fn missed_by(figure: &Figure) -> String {
    let target = figure.metric.target.unwrap_or(figure.value);
    format!("{:.0} %", (figure.value - target).abs() / target.abs().max(f64::MIN_POSITIVE) * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(metric: &str, values: &[f64]) -> Samples {
        let mut samples = Samples::default();
        for value in values {
            samples.add(metric, *value);
        }
        samples
    }

    #[test]
    fn the_value_is_the_median_and_not_the_mean() {
        let metric = Metric::at_most("x_ms", "ms", 10.0);
        let figure = Figure::of(metric, &samples("x_ms", &[9.0, 100.0, 1.0, 8.0, 7.0])).expect("enough runs");
        assert_eq!((figure.value, figure.min, figure.max, figure.runs), (8.0, 1.0, 100.0, 5));
        let even =
            Figure::of(metric, &samples("x_ms", &[4.0, 1.0, 2.0, 3.0, 5.0, 6.0])).expect("enough runs");
        assert!((even.value - 3.5).abs() < 1e-9);
    }

    #[test]
    fn too_few_runs_are_no_figure() {
        let metric = Metric::less("x_ms", "ms");
        assert_eq!(Figure::of(metric, &samples("x_ms", &[1.0; 4])), Err(4));
        assert_eq!(Figure::of(metric, &samples("y_ms", &[1.0; 9])), Err(0));
        let nothing = samples("x_ms", &[1.0, 2.0, 3.0, 4.0, f64::NAN, f64::INFINITY]);
        assert_eq!(Figure::of(metric, &nothing), Err(4));
    }

    #[test]
    fn a_target_has_a_direction() {
        let five = samples("x", &[5.0; 5]);
        let meets = |metric| Figure::of(metric, &five).expect("enough runs").meets();
        assert_eq!(meets(Metric::at_most("x", "ms", 5.0)), Some(true));
        assert_eq!(meets(Metric::at_most("x", "ms", 4.9)), Some(false));
        assert_eq!(meets(Metric::at_least("x", "1/s", 5.0)), Some(true));
        assert_eq!(meets(Metric::at_least("x", "1/s", 5.1)), Some(false));
        assert_eq!(meets(Metric::less("x", "ms")), None);
    }

    #[test]
    fn the_json_has_the_promised_keys() {
        let metric = Metric::at_most("x_ms", "ms", 5.0);
        let figure =
            Figure::of(metric, &samples("x_ms", &[5.00049, 5.0, 5.0, 6.0, 7.0])).expect("enough runs");
        let expected = json!({
            "metric": "x_ms", "unit": "ms", "value": 5.0, "min": 5.0, "max": 7.0, "runs": 5, "target": 5.0,
            "meets": false,
        });
        // the median is above the target, though it does not show in three digits
        assert_eq!(figure.json(), expected);
        let free = Figure::of(Metric::less("x_ms", "ms"), &samples("x_ms", &[1.0; 5])).expect("enough runs");
        assert_eq!((&free.json()["target"], &free.json()["meets"]), (&Value::Null, &Value::Null));
    }

    #[test]
    fn the_table_tells_what_is_met_missed_and_not_measured() {
        let figure = |metric, value: f64| Figure { metric, value, min: value, max: value, runs: 5 };
        let figures = [
            figure(Metric::at_most("a_ms", "ms", 10.0), 9.0),
            figure(Metric::at_most("b_ms", "ms", 10.0), 12.5),
            figure(Metric::at_least("c_per_s", "1/s", 100.0), 90.0),
            figure(Metric::less("d_ms", "ms"), 3.0),
        ];
        let table = table(&figures, &[(Metric::less("e_ms", "ms"), 2)]);
        let line = |name: &str| table.lines().find(|line| line.contains(name)).expect("a line").to_owned();
        assert!(line("a_ms").ends_with("≤ 10       met"), "{table}");
        assert!(line("b_ms").ends_with("MISSED by 25 %"), "{table}");
        assert!(line("c_per_s").contains("≥ 100") && line("c_per_s").ends_with("MISSED by 10 %"), "{table}");
        assert!(line("d_ms").trim_end().ends_with("less"), "{table}");
        assert!(line("e_ms").ends_with("NOT MEASURED: 2 of 5 runs"), "{table}");
    }
}
