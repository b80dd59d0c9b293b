//! One binary for every integration test: one link, shared helpers.

mod architecture;
mod config;
mod llm;
mod model_server;
mod session;
