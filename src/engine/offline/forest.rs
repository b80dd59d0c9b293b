//! Boosted trees: what a reading is worth, and how sure the first one is.
//!
//! `forest.bin` is written by `scripts/fit_ranker` from the development databases of Spider train
//! (CC BY-SA 4.0); it holds thresholds and weights, no question and no statement. Little endian: `u16` number of
//! features, their names each with a `u8` length before it; then the ranker and the confidence, each as `u16` number of
//! trees, the first node of each as `u32`, `u32` number of nodes, each `u16` feature ([`LEAF`] for a leaf), `f32`
//! threshold or value, `u16` and `u16` the nodes for "at most the threshold" and for "more", counted from the tree's
//! first.

use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Stands in place of a feature where a node is a leaf.
const LEAF: u16 = u16::MAX;

/// Leaves that a tree may have: one bit of a mask each.
const LEAVES: usize = u32::BITS as usize;

/// Trees that are summed.
///
/// They are not walked. Of each tree the leaves that may still be reached are known ([`Open`]), and a test that fails
/// takes those on its low side away; the lowest one left is where a walk would have ended. As all tests of a feature
/// stand together, lowest threshold first, a value meets those that fail at once, and features that are known early
/// are tested but once (`QuickScorer`: Lucchese and others, SIGIR 2015).
#[derive(Default)]
pub struct Forest {
    /// By feature.
    tests: Vec<Vec<Test>>,
    /// The values of all trees' leaves, from low to high.
    leaves: Vec<f32>,
    /// Where those of each tree begin.
    first: Vec<usize>,
}

/// Whether a feature is at most a threshold.
struct Test {
    threshold: f32,
    tree: usize,
    /// The leaves that may be reached when it is more.
    kept: u32,
}

/// The leaves of each tree that what is known of a reading lets it reach.
#[derive(Clone, Debug, Default)]
pub struct Open(Vec<u32>);

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

    /// The place in the file of each feature that a sheet names so, in the order of the sheet. Of sheets with others
    /// than those that were fitted on, each is found by its name: the order is then worse and still no chance.
    pub fn places<'n>(&self, names: impl Iterator<Item = &'n str>) -> Places {
        let mut absent: BTreeSet<usize> = (0..self.names.len()).collect();
        let is = |place: &usize, name: &str| self.names.get(*place).is_some_and(|own| own == name);
        let place = |(at, name): (usize, &str)| {
            // Two features may have one name: the place tells them apart.
            let place = Some(at).filter(|at| is(at, name) && absent.contains(at));
            let place = place.or_else(|| absent.iter().copied().find(|place| is(place, name)))?;
            absent.remove(&place);
            Some(place)
        };
        let of = names.enumerate().map(place).collect();
        Places { of, absent: absent.into_iter().collect(), end: self.names.len() }
    }
}

/// Where the features of a sheet stand in the file.
pub struct Places {
    /// None for one that nothing was fitted on.
    of: Vec<Option<usize>>,
    /// The features of the file that no sheet has.
    absent: Vec<usize>,
    /// The place behind the last feature of the file.
    pub end: usize,
}

impl Places {
    /// The features of a sheet with these `values`, each with its place in the file; `from` is the place in the sheet of
    /// the first.
    pub fn of(&self, from: usize, values: impl Iterator<Item = f32>) -> impl Iterator<Item = (usize, f32)> {
        self.of[from..].iter().zip(values).filter_map(|(place, value)| place.map(|place| (place, value)))
    }

    /// The features of the file that no sheet has: they are 0.
    pub fn absent(&self) -> impl Iterator<Item = (usize, f32)> {
        self.absent.iter().map(|place| (*place, 0.0))
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
        let mut forest = Self::default();
        for root in roots {
            forest.plant(nodes.get(root..)?)?;
        }
        for tests in &mut forest.tests {
            tests.sort_by(|left, right| left.threshold.total_cmp(&right.threshold));
        }
        Some(forest)
    }

    /// Adds the tree whose root is the first of `nodes`.
    fn plant(&mut self, nodes: &[Node]) -> Option<()> {
        self.first.push(self.leaves.len());
        self.grow(nodes, 0)
    }

    /// Adds the node at `at` with all below it to the last tree. None where it is no tree, or has too many leaves.
    fn grow(&mut self, nodes: &[Node], at: usize) -> Option<()> {
        let node = nodes.get(at)?;
        let (tree, begin) = (self.first.len() - 1, *self.first.last()?);
        if node.feature == LEAF {
            self.leaves.push(node.value);
            return (self.leaves.len() - begin <= LEAVES).then_some(());
        }
        let low = self.leaves.len() - begin;
        // Below a node stand only nodes behind it, so that every tree ends.
        let [below, above] = [node.low, node.high].map(usize::from);
        (below > at && above > at).then_some(())?;
        self.grow(nodes, below)?;
        let high = self.leaves.len() - begin;
        self.grow(nodes, above)?;
        let feature = usize::from(node.feature);
        if self.tests.len() <= feature {
            self.tests.resize_with(feature + 1, Vec::new);
        }
        let passed = (low..high).fold(0, |leaves, leaf| leaves | 1 << leaf);
        self.tests[feature].push(Test { threshold: node.value, tree, kept: !passed });
        Some(())
    }

    /// Every leaf: nothing is known.
    #[must_use]
    pub fn open(&self) -> Open {
        Open(vec![u32::MAX; self.first.len()])
    }

    /// Takes away what cannot be reached with these features, each with its place in the file.
    pub fn narrow(&self, open: &mut Open, features: impl Iterator<Item = (usize, f32)>) {
        for (feature, value) in features {
            let passes = |test: &&Test| value <= test.threshold;
            for test in self.tests.get(feature).into_iter().flatten().take_while(|test| !passes(test)) {
                open.0[test.tree] &= test.kept;
            }
        }
    }

    /// The sum of the trees, once all features are known.
    #[must_use]
    pub fn sum(&self, open: &Open) -> f32 {
        open.0.iter().zip(&self.first).map(|(open, first)| self.leaves[first + open.trailing_zeros() as usize]).sum()
    }
}

/// As the file has it.
struct Node {
    feature: u16,
    value: f32,
    low: u16,
    high: u16,
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
    use super::{Bytes, Fitted, Forest, LEAF, Node};

    const STUMP: &[(u16, f32, u16, u16)] = &[(1, 0.5, 1, 2), (LEAF, -2.0, 0, 0), (LEAF, 3.0, 0, 0)];

    fn tree(nodes: &[(u16, f32, u16, u16)]) -> Vec<u8> {
        let count = u8::try_from(nodes.len()).unwrap();
        let mut bytes = vec![1, 0, 0, 0, 0, 0, count, 0, 0, 0];
        for (feature, value, low, high) in nodes {
            bytes.extend(feature.to_le_bytes());
            bytes.extend(value.to_le_bytes());
            bytes.extend(low.to_le_bytes());
            bytes.extend(high.to_le_bytes());
        }
        bytes
    }

    fn sum(forest: &Forest, values: &[f32]) -> f32 {
        let mut open = forest.open();
        forest.narrow(&mut open, values.iter().copied().enumerate());
        forest.sum(&open)
    }

    #[test]
    fn a_tree_sends_small_values_low() {
        let forest = Forest::read(&mut Bytes(&tree(STUMP))).unwrap();
        assert!((sum(&forest, &[9.0, 0.5]) + 2.0).abs() < f32::EPSILON);
        assert!((sum(&forest, &[0.0, 0.6]) - 3.0).abs() < f32::EPSILON);
    }

    /// The leaf that a walk down the tree comes to.
    fn walked(nodes: &[Node], values: &[f32]) -> f32 {
        let mut at = 0;
        loop {
            let node = &nodes[at];
            if node.feature == LEAF {
                return node.value;
            }
            let value = values[usize::from(node.feature)];
            at = usize::from(if value <= node.value { node.low } else { node.high });
        }
    }

    #[test]
    fn every_way_through_a_tree_ends_where_a_walk_does() {
        let nodes = [
            (0, 5.0, 1, 4),
            (1, 2.0, 2, 3),
            (LEAF, 1.0, 0, 0),
            (LEAF, 2.0, 0, 0),
            (1, 1.0, 5, 6),
            (LEAF, 3.0, 0, 0),
            (0, 7.0, 7, 8),
            (LEAF, 4.0, 0, 0),
            (LEAF, 5.0, 0, 0),
        ];
        let forest = Forest::read(&mut Bytes(&tree(&nodes))).unwrap();
        let nodes = nodes.map(|(feature, value, low, high)| Node { feature, value, low, high });
        let steps = || (0_u8..10).map(f32::from).chain([f32::NAN]);
        for first in steps() {
            for second in steps() {
                let (summed, walked) = (sum(&forest, &[first, second]), walked(&nodes, &[first, second]));
                assert!((summed - walked).abs() < f32::EPSILON, "{first} {second}: {summed} {walked}");
            }
        }
    }

    #[test]
    fn features_may_be_known_one_after_another() {
        let forest = Forest::read(&mut Bytes(&tree(&[
            (0, 5.0, 1, 2),
            (LEAF, 1.0, 0, 0),
            (1, 2.0, 3, 4),
            (LEAF, 2.0, 0, 0),
            (LEAF, 3.0, 0, 0),
        ])))
        .unwrap();
        let mut early = forest.open();
        forest.narrow(&mut early, [(0, 6.0)].into_iter());
        for (later, leaf) in [(2.0, 2.0), (2.5, 3.0)] {
            let mut open = early.clone();
            forest.narrow(&mut open, [(1, later)].into_iter());
            assert!((forest.sum(&open) - leaf).abs() < f32::EPSILON);
        }
    }

    #[test]
    fn features_are_found_by_their_names() {
        let fitted = Fitted { names: ["a", "b", "c"].map(str::to_owned).to_vec(), ..Fitted::default() };
        let same = fitted.places(["a", "b", "c"].into_iter());
        assert_eq!(same.of(1, [7.0, 8.0].into_iter()).collect::<Vec<_>>(), [(1, 7.0), (2, 8.0)]);
        assert_eq!(same.absent().count(), 0);
        let other = fitted.places(["new", "c", "a"].into_iter());
        assert_eq!(other.of(0, [7.0, 8.0, 9.0].into_iter()).collect::<Vec<_>>(), [(2, 8.0), (0, 9.0)]);
        assert_eq!(other.absent().collect::<Vec<_>>(), [(1, 0.0)]);
    }

    #[test]
    fn features_of_one_name_keep_their_places() {
        let fitted = Fitted { names: ["a", "b", "a"].map(str::to_owned).to_vec(), ..Fitted::default() };
        let same = fitted.places(["a", "b", "a"].into_iter());
        assert_eq!(same.of(0, [7.0, 8.0, 9.0].into_iter()).collect::<Vec<_>>(), [(0, 7.0), (1, 8.0), (2, 9.0)]);
        assert_eq!(same.absent().count(), 0);
    }

    #[test]
    fn what_is_cut_short_or_too_long_is_no_file() {
        let whole: Vec<u8> = [vec![0, 0], tree(STUMP), tree(STUMP)].concat();
        assert!(Fitted::read(&whole).is_some());
        assert!(Fitted::read(&whole[..whole.len() - 1]).is_none());
        assert!(Fitted::read(&[whole, vec![0]].concat()).is_none());
    }

    #[test]
    fn what_goes_in_circles_is_no_tree() {
        assert!(Forest::read(&mut Bytes(&tree(&[(0, 1.0, 0, 0)]))).is_none());
        assert!(Forest::read(&mut Bytes(&tree(&[(0, 1.0, 1, 9), (LEAF, 1.0, 0, 0)]))).is_none());
    }
}
