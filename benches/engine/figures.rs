//! Figures: medians with their spread, ratios of the same round, and what they should be.

use serde::{Deserialize, Serialize};

/// The middle of several rounds, and how far they lie apart.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The middle one, or the mean of the two in the middle.
    pub median: f64,
    /// The lowest.
    pub low: f64,
    /// The highest.
    pub high: f64,
}

impl Spread {
    /// Of at least one value.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
        let median = if values.len() % 2 == 1 { at(middle) } else { f64::midpoint(at(middle.wrapping_sub(1)), at(middle)) };
        Self { median, low: at(0), high: at(values.len().wrapping_sub(1)) }
    }
}

/// What a figure should be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aim {
    /// So much or more.
    AtLeast(f64),
    /// So much or less.
    AtMost(f64),
    /// Neither more nor less.
    Exactly(f64),
}

impl Aim {
    /// Whether this is as it should be.
    pub fn is_met_by(self, value: f64) -> bool {
        match self {
            Self::AtLeast(bound) => value >= bound,
            Self::AtMost(bound) => value <= bound,
            Self::Exactly(wanted) => (value - wanted).abs() < f64::EPSILON,
        }
    }
}

/// What ours was measured beside.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Beside {
    /// What it is.
    pub what: String,
    /// Its figures.
    pub spread: Spread,
    /// Ours to it, of each round.
    pub ratio: Spread,
}

/// One line of the table.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Figure {
    /// Names it for ever, so that it can be compared.
    pub key: String,
    /// What was measured.
    pub what: String,
    /// What its numbers count.
    pub unit: String,
    /// Ours.
    pub ours: Spread,
    /// The other one, if there is one.
    pub beside: Option<Beside>,
    /// What the ratio should be, or ours where there is none.
    pub aim: Option<Aim>,
}

impl Figure {
    /// A figure by itself.
    pub fn alone(key: &str, what: impl Into<String>, unit: &str, values: impl IntoIterator<Item = f64>) -> Self {
        let ours = Spread::of(values);
        Self { key: key.to_owned(), what: what.into(), unit: unit.to_owned(), ours, beside: None, aim: None }
    }

    /// The same, measured in turns with something else: pairs of ours and the other.
    #[must_use]
    pub fn beside(mut self, what: impl Into<String>, pairs: &[(f64, f64)]) -> Self {
        let spread = Spread::of(pairs.iter().map(|pair| pair.1));
        let ratio = Spread::of(pairs.iter().map(|pair| pair.0 / pair.1));
        self.beside = Some(Beside { what: what.into(), spread, ratio });
        self
    }

    /// The same with an aim.
    #[must_use]
    pub fn aiming(mut self, aim: Aim) -> Self {
        self.aim = Some(aim);
        self
    }

    /// What is compared and held against the aim: the ratio where there is one.
    pub fn judged(&self) -> f64 {
        self.beside.as_ref().map_or(self.ours.median, |beside| beside.ratio.median)
    }

    /// Whether the aim is met; `None` without one.
    pub fn is_met(&self) -> Option<bool> {
        self.aim.map(|aim| aim.is_met_by(self.judged()))
    }
}

/// The smallest value that so many of a hundred are not above (nearest rank).
pub fn percentile(values: &mut [f64], percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    let rank = (values.len() * percent).div_ceil(100).max(1);
    values.get(rank - 1).copied().unwrap_or(f64::NAN)
}
