//! Boosted trees: what a reading is worth, and how sure the first one is.
//!
//! `forest.bin` is written by `scripts/fit_ranker` from the development databases of Spider train
//! (CC BY-SA 4.0); it holds thresholds and weights, no question and no statement. Little endian: `u16` number of
//! features, their names each with a `u8` length before it; then the ranker and the confidence, each as `u16` number of
//! trees, the first node of each as `u32`, `u32` number of nodes, each `u16` feature ([`LEAF`] for a leaf), `f32`
//! threshold or value, `u16` and `u16` the nodes for "at most the threshold" and for "more", counted from the tree's
//! first.

use std::borrow::Cow;
use std::sync::LazyLock;

/// Stands in place of a feature where a node is a leaf.
const LEAF: u16 = u16::MAX;

struct Node {
    feature: u16,
    value: f32,
    low: u16,
    high: u16,
}

/// Trees that are summed.
#[derive(Default)]
pub struct Forest {
    roots: Vec<usize>,
    nodes: Vec<Node>,
}

/// What was fitted together.
#[derive(Default)]
pub struct Fitted {
    /// What the trees look at.
    pub names: Vec<String>,
    pub ranker: Forest,
    /// The log odds that the reading with these features, its softmax share and its lead is right.
    pub confidence: Forest,
}

static FITTED: LazyLock<Fitted> = LazyLock::new(|| Fitted::read(include_bytes!("forest.bin")).unwrap_or_default());

/// The trees that are shipped.
pub fn fitted() -> &'static Fitted {
    &FITTED
}

impl Fitted {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut bytes = Bytes(bytes);
        let names = (0..bytes.short()?)
            .map(|_| {
                let length = usize::from(bytes.take::<1>()?[0]);
                let (name, rest) = bytes.0.split_at_checked(length)?;
                bytes.0 = rest;
                String::from_utf8(name.to_vec()).ok()
            })
            .collect::<Option<Vec<String>>>()?;
        let (ranker, confidence) = (Forest::read(&mut bytes)?, Forest::read(&mut bytes)?);
        bytes.0.is_empty().then_some(Self { names, ranker, confidence })
    }
}

/// Where the features of the file stand in a sheet.
pub struct Places(Option<Vec<Option<usize>>>);

impl Places {
    /// The features of a sheet with these `values`, in the order of the file; what it lacks is 0.
    #[must_use]
    pub fn of<'v>(&self, values: &'v [f32]) -> Cow<'v, [f32]> {
        match &self.0 {
            None => Cow::Borrowed(values),
            Some(places) => places.iter().map(|place| place.map_or(0.0, |place| values[place])).collect(),
        }
    }
}

impl Fitted {
    /// Where the features stand in sheets that name theirs as `names`. Of sheets with others than those that were
    /// fitted on, each is found by its name: the order is then worse and still no chance.
    pub fn places<'n>(&self, names: &(impl Iterator<Item = &'n str> + Clone)) -> Places {
        if names.clone().eq(self.names.iter().map(String::as_str)) {
            return Places(None);
        }
        let place = |name: &String| names.clone().position(|own| own == name);
        Places(Some(self.names.iter().map(place).collect()))
    }

    /// The features of a sheet in the order of the file.
    #[must_use]
    pub fn values(&self, sheet: &[(&'static str, f32)]) -> Vec<f32> {
        let values: Vec<f32> = sheet.iter().map(|(_, value)| *value).collect();
        self.places(&sheet.iter().map(|(name, _)| *name)).of(&values).into_owned()
    }
}

impl Forest {
    fn read(bytes: &mut Bytes<'_>) -> Option<Self> {
        let roots = (0..bytes.short()?).map(|_| usize::try_from(bytes.long()?).ok()).collect::<Option<Vec<usize>>>()?;
        let nodes = (0..bytes.long()?)
            .map(|_| {
                let feature = bytes.short()?;
                let value = f32::from_le_bytes(bytes.take()?);
                Some(Node { feature, value, low: bytes.short()?, high: bytes.short()? })
            })
            .collect::<Option<Vec<Node>>>()?;
        Some(Self { roots, nodes })
    }

    /// The sum of the trees. The features stand in the order of the file.
    #[must_use]
    pub fn sum(&self, values: &[f32]) -> f32 {
        self.roots.iter().map(|root| self.leaf(*root, values)).sum()
    }

    fn leaf(&self, root: usize, values: &[f32]) -> f32 {
        let mut at = root;
        while let Some(node) = self.nodes.get(at) {
            if node.feature == LEAF {
                return node.value;
            }
            let value = values.get(usize::from(node.feature)).copied().unwrap_or_default();
            at = root + usize::from(if value <= node.value { node.low } else { node.high });
        }
        0.0
    }
}

struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn take<const SIZE: usize>(&mut self) -> Option<[u8; SIZE]> {
        let (first, rest) = self.0.split_first_chunk::<SIZE>()?;
        self.0 = rest;
        Some(*first)
    }

    fn short(&mut self) -> Option<u16> {
        self.take().map(u16::from_le_bytes)
    }

    fn long(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::{Bytes, Fitted, Forest, LEAF};

    const STUMP: &[(u16, f32, u16, u16)] = &[(1, 0.5, 1, 2), (LEAF, -2.0, 0, 0), (LEAF, 3.0, 0, 0)];

    fn stump() -> Vec<u8> {
        let mut bytes = vec![1, 0, 0, 0, 0, 0, 3, 0, 0, 0];
        for (feature, value, low, high) in STUMP {
            bytes.extend(feature.to_le_bytes());
            bytes.extend(value.to_le_bytes());
            bytes.extend(low.to_le_bytes());
            bytes.extend(high.to_le_bytes());
        }
        bytes
    }

    #[test]
    fn a_tree_sends_small_values_low() {
        let bytes = stump();
        let forest = Forest::read(&mut Bytes(&bytes)).unwrap();
        assert!((forest.sum(&[9.0, 0.5]) + 2.0).abs() < f32::EPSILON);
        assert!((forest.sum(&[0.0, 0.6]) - 3.0).abs() < f32::EPSILON);
    }

    #[test]
    fn what_is_cut_short_or_too_long_is_no_file() {
        let whole: Vec<u8> = [vec![0, 0], stump(), stump()].concat();
        assert!(Fitted::read(&whole).is_some());
        assert!(Fitted::read(&whole[..whole.len() - 1]).is_none());
        assert!(Fitted::read(&[whole, vec![0]].concat()).is_none());
    }
}
