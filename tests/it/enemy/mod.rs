//! The guard's enemy: a world of secrets on real engines, reached past every fence, so that the guard
//! alone stands before it.
//!
//! Each engine has two worlds that differ in nothing but what the policy hides. A text that the guard
//! lets through must give the same in both, must not show a secret, must change nothing, and must read
//! no relation that the guard did not see.
//!
//! The tests and `examples/guard_fuzz.rs` use it alike.

mod authorizer;
mod fuzz;
mod law;
mod mix;
mod session;
mod trial;
mod world;

pub use fuzz::fuzz;
pub use law::texts as law;
pub use mix::Dice;
pub use session::Outcome;
pub use trial::{Hides, Trial, Verdict};
