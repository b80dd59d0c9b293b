//! One binary for every integration test: one link, shared helpers.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on says why and fails"
)]

mod agent;
mod architecture;
mod bad_connection;
mod bombs;
mod cache;
mod caller;
mod chart;
mod config;
mod database_limits;
mod database_types;
mod enemy;
mod guard;
mod guard_canary;
mod guard_crash;
mod guard_must_show;
mod guard_spellings;
mod introspection;
mod law;
mod llm;
mod model_engine;
mod model_server;
mod model_tools;
mod namespace;
mod offline;
mod offline_grammar;
mod offline_partners;
mod offline_people;
mod offline_readings;
mod offline_sentences;
mod offline_talk;
mod pages;
mod promises;
mod read_back;
mod reference;
mod remembered;
mod rights;
mod row_access;
mod scratch;
mod screen;
mod second_opinion;
mod session;
mod sqlite;
mod sqlite_schema;
mod tell;
mod url;
mod value_index;
mod watched;
