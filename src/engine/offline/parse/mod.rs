//! From words to readings: cut the question into chunks, read each cut from left to right.

pub mod cue;
pub mod draft;
mod extreme;
pub mod figure;
pub mod lattice;
mod like;
mod noun;
mod reader;
mod value;

pub use reader::{Mode, read, read_from};
