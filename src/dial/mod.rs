//! From a URL to what a driver connects with: the database of the questions and the one that keeps conversations are
//! reached, and encrypted, by the same rules.

mod mysql;
mod postgres;
mod tls;

pub use mysql::options as mysql;
pub use postgres::options as postgres;
