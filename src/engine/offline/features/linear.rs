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

    /// The summed weight of marks.
    #[must_use]
    pub fn sum(&self, marks: &[u32]) -> f32 {
        let weight =
            |mark: &u32| self.weights.get(*mark as usize).map_or(0, |weight| i32::from(i8::from_le_bytes([*weight])));
        #[expect(clippy::cast_precision_loss, reason = "a few hundred small numbers")]
        let sum = marks.iter().map(weight).sum::<i32>() as f32;
        sum * self.unit
    }
}

#[cfg(test)]
mod tests {
    use super::{BITS, Linear, fitted};

    #[test]
    fn weights_are_summed_by_mark() {
        let mut bytes = vec![0; 4 + (1 << BITS)];
        bytes[..4].copy_from_slice(&0.5_f32.to_le_bytes());
        bytes[4 + 7] = 3;
        bytes[4 + 9] = 0xFF;
        let linear = Linear::read(Vec::leak(bytes));
        assert!((linear.sum(&[7, 7, 9]) - 2.5).abs() < f32::EPSILON);
        assert!(Linear::read(&[0; 9]).sum(&[7]).abs() < f32::EPSILON);
    }

    #[test]
    fn the_shipped_weights_are_read() {
        assert!(fitted().unit > 0.0);
    }
}
