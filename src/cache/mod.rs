//! What was dear to make and may be had again: in memory, and behind it in a store that other processes share.
//!
//! | file | what it holds |
//! | --- | --- |
//! | [`shelf`] | entries of one kind, made once for all who ask at the same time |
//! | [`digest`] | names of entries, in which nothing can be read |
//! | [`link`] | the way to a store that may be slow or gone, which then costs nothing but what it would have saved |
//! | `sqlite`, `redis` | the stores |
//!
//! An entry may depend on things that change, tables for one. Each has a number in the store that grows with every
//! change, and an entry remembers the numbers from before it was made: it counts as long as they are the same. So what
//! was read before a change and stored after it is never taken for new, and nobody must find all entries of a table.

mod digest;
mod link;
mod redis;
mod shelf;
mod sqlite;

use std::time::Duration;

use async_trait::async_trait;

pub use digest::Digest;
pub use link::Link;
pub use shelf::{Figures, Had, Shelf};

/// Keeps entries for every process that opens it.
#[async_trait]
pub trait Store: Send + Sync {
    /// The entry of that name, with the numbers of `causes`, in their order.
    async fn look(&self, name: &str, causes: &[String]) -> Result<Looked, Fault>;

    /// Keeps an entry for a time.
    async fn put(&self, name: &str, entry: &[u8], keep: Duration) -> Result<(), Fault>;

    /// Forgets an entry.
    async fn forget(&self, name: &str) -> Result<(), Fault>;

    /// Makes the number of `cause` another one.
    async fn outdate(&self, cause: &str) -> Result<(), Fault>;

    /// Forgets the entries whose names begin with `beginning`.
    async fn clear(&self, beginning: &str) -> Result<(), Fault>;

    /// Closes files and connections.
    async fn close(&self);
}

/// What a store knows of one name.
#[derive(Debug, Default)]
pub struct Looked {
    pub entry: Option<Vec<u8>>,
    pub numbers: Vec<u64>,
}

/// Why a store did not do what it was asked; never holds an address or an entry.
#[derive(Debug)]
pub struct Fault(pub String);
