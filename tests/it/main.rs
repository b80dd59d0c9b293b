//! One binary for every integration test: one link, shared helpers.

mod config;
mod session;
