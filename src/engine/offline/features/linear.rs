//! The linear half of the ranker: a weight for each mark.
//!
//! `linear.bin` is written by `scripts/fit_ranker` from the development databases of Spider train (CC BY-SA 4.0): an
//! `f32`, little endian, that one unit of a weight stands for, and an `i8` for each of the 2^[`BITS`] marks. It holds no
//! question, no statement and no name.

use std::sync::LazyLock;

use super::marks::BITS;

/// Weights by mark.
pub struct Linear {
    unit: f32,
    weights: &'static [u8],
}

static FITTED: LazyLock<Linear> = LazyLock::new(|| Linear::read(include_bytes!("linear.bin")));

/// The weights that are shipped.
pub fn fitted() -> &'static Linear {
    &FITTED
}

impl Linear {
    /// A file of another size weighs nothing.
    fn read(bytes: &'static [u8]) -> Self {
        match bytes.split_first_chunk::<4>() {
            Some((unit, weights)) if weights.len() == 1 << BITS => Self { unit: f32::from_le_bytes(*unit), weights },
            _ => Self { unit: 0.0, weights: &[] },
        }
    }

    /// The weight of a mark, in units.
    #[must_use]
    pub fn weight(&self, mark: u32) -> i32 {
        self.weights.get(mark as usize).map_or(0, |weight| i32::from(i8::from_le_bytes([*weight])))
    }

    /// What so many units weigh.
    #[must_use]
    pub fn scaled(&self, units: i32) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "a few hundred small numbers")]
        let units = units as f32;
        units * self.unit
    }
}

#[cfg(test)]
mod tests {
    use super::{BITS, Linear, fitted};

    #[test]
    fn weights_are_found_by_mark() {
        let mut bytes = vec![0; 4 + (1 << BITS)];
        bytes[..4].copy_from_slice(&0.5_f32.to_le_bytes());
        bytes[4 + 7] = 3;
        bytes[4 + 9] = 0xFF;
        let linear = Linear::read(Vec::leak(bytes));
        assert_eq!([7, 9, 8].map(|mark| linear.weight(mark)), [3, -1, 0]);
        assert!((linear.scaled(5) - 2.5).abs() < f32::EPSILON);
        assert_eq!(Linear::read(&[0; 9]).weight(7), 0);
    }

    #[test]
    fn the_shipped_weights_are_read() {
        assert!(fitted().unit > 0.0);
    }
}
