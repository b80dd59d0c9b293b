//! Every store keeps the same promises, on real servers.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeZone, Utc};
use db_query_agent::config::{Config, SessionConfig};
use db_query_agent::dialect::Dialect;
use db_query_agent::error::Code;
use db_query_agent::session::{self, SessionStore, Turn};
use serde_json::Value as Json;

use crate::scratch::Scratch;

/// Longer than any test.
const LONG: Duration = Duration::from_mins(5);

fn turn(question: &str) -> Turn {
    Turn {
        question: question.to_owned(),
        sql: Some("SELECT 1".to_owned()),
        answer: "One.".to_owned(),
        plan: Some(serde_json::json!({"limit": 1})),
        at: Utc.with_ymd_and_hms(2026, 1, 2, 3, 4, 5).unwrap(),
        caller: Some("ann".to_owned()),
        role: None,
    }
}

fn config(options: &[(&str, &str)]) -> db_query_agent::Result<SessionConfig> {
    let mut given = serde_json::Map::new();
    given.insert("database_url".to_owned(), "sqlite:///:memory:".into());
    given.extend(options.iter().map(|(name, value)| ((*name).to_owned(), Json::from(*value))));
    Config::build(&given, &HashMap::new()).map(|config| config.session)
}

fn store(options: &[(&str, &str)]) -> Arc<dyn SessionStore> {
    session::open(&config(options).unwrap()).unwrap()
}

fn redis_url() -> String {
    std::env::var("TEST_REDIS_URL")
        .unwrap_or_else(|_| panic!("TEST_REDIS_URL is not set: run the tests by `make test`"))
}

/// `own` makes names that no other test has: not every store is a place of its own.
async fn keeps_its_promises(store: &dyn SessionStore, own: &str) {
    let [nobody, ann, bob] = ["nobody", "ann ü🙂'\"", "bob"].map(|name| format!("{name} {own}"));
    let names = || async {
        let names = store.names().await.unwrap();
        names.into_iter().filter(|name| name.ends_with(own)).collect::<Vec<_>>()
    };
    assert_eq!(store.turns(&nobody, None).await.unwrap(), None);
    store.create(&ann).await.unwrap();
    assert_eq!(store.turns(&ann, Some(3)).await.unwrap(), Some(Vec::new()));

    store.append(&bob, turn("first")).await.unwrap();
    store.append(&bob, turn("second ü🙂")).await.unwrap();
    assert_eq!(store.turns(&bob, None).await.unwrap(), Some(vec![turn("first"), turn("second ü🙂")]));
    assert_eq!(store.turns(&bob, Some(1)).await.unwrap(), Some(vec![turn("second ü🙂")]));
    assert_eq!(store.turns(&bob, Some(9)).await.unwrap().map(|turns| turns.len()), Some(2));
    assert_eq!(names().await, [&*bob, &*ann]);

    store.create(&bob).await.unwrap();
    assert_eq!(store.turns(&bob, None).await.unwrap().map(|turns| turns.len()), Some(2));

    store.clear(&bob).await.unwrap();
    assert_eq!(store.turns(&bob, None).await.unwrap(), Some(Vec::new()));
    store.append(&bob, turn("again")).await.unwrap();
    assert_eq!(store.turns(&bob, None).await.unwrap(), Some(vec![turn("again")]));
    store.delete(&bob).await.unwrap();
    assert_eq!(store.turns(&bob, None).await.unwrap(), None);
    assert_eq!(names().await, [&*ann]);
    store.delete(&ann).await.unwrap();
}

/// One holder at a time, across stores on the same place.
async fn claims_are_kept(one: &dyn SessionStore, other: &dyn SessionStore, own: &str) {
    let name = format!("claimed {own}");
    assert!(one.is_shared());
    assert!(one.claim(&name, "one", LONG).await.unwrap());
    assert!(one.claim(&name, "one", LONG).await.unwrap(), "for longer");
    assert!(!other.claim(&name, "other", LONG).await.unwrap());
    other.release(&name, "other").await.unwrap();
    assert!(!other.claim(&name, "other", LONG).await.unwrap(), "nobody gives back what another has");
    one.release(&name, "one").await.unwrap();
    assert!(other.claim(&name, "other", Duration::from_millis(1)).await.unwrap());
    let mut looks = 0;
    while !one.claim(&name, "one", LONG).await.unwrap() {
        looks += 1;
        assert!(looks < 100_000, "a claim whose time is over can be had");
    }
    one.release(&name, "one").await.unwrap();
}

/// Turns of many writers at once are all there, each of them whole.
async fn loses_nothing(stores: [Arc<dyn SessionStore>; 2], own: &str) {
    let name = format!("crowd {own}");
    let appends = (0..20).map(|number| {
        let (store, name) = (Arc::clone(&stores[number % 2]), name.clone());
        tokio::spawn(async move { store.append(&name, turn(&number.to_string())).await })
    });
    for done in futures::future::join_all(appends).await {
        done.unwrap().unwrap();
    }
    let mut turns = stores[0].turns(&name, None).await.unwrap().unwrap();
    turns.sort_by_key(|turn| turn.question.parse::<usize>().unwrap());
    assert_eq!(turns, (0..20).map(|number| turn(&number.to_string())).collect::<Vec<_>>());
    stores[0].delete(&name).await.unwrap();
}

async fn is_a_good_store(open: impl Fn() -> Arc<dyn SessionStore>) {
    let own = uuid::Uuid::new_v4().simple().to_string();
    let (one, other) = (open(), open());
    loses_nothing([Arc::clone(&one), Arc::clone(&other)], &own).await;
    keeps_its_promises(one.as_ref(), &own).await;
    claims_are_kept(one.as_ref(), other.as_ref(), &own).await;
    one.append(&own, turn("kept")).await.unwrap();
    one.close().await;
    assert_eq!(other.turns(&own, None).await.unwrap(), Some(vec![turn("kept")]));
    other.delete(&own).await.unwrap();
    other.close().await;
}

#[tokio::test]
async fn memory() {
    for options in [&[("session_backend", "memory")][..], &[], &[("session_db_path", ":memory:")]] {
        let store = store(options);
        assert!(!store.is_shared());
        keeps_its_promises(store.as_ref(), "here").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sessions.db");
    is_a_good_store(|| store(&[("session_db_path", path.to_str().unwrap())])).await;
    let url = format!("sqlite:///{}", path.display());
    is_a_good_store(|| store(&[("session_backend", "sqlalchemy"), ("session_url", &url)])).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_and_mysql() {
    for dialect in [Dialect::Postgres, Dialect::Mysql] {
        let scratch = Scratch::new(dialect).await;
        let url = scratch.url();
        is_a_good_store(|| store(&[("session_backend", "sqlalchemy"), ("session_url", &url)])).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis() {
    is_a_good_store(|| store(&[("session_backend", "redis"), ("redis_url", &redis_url())])).await;
}

#[tokio::test]
async fn names_that_mysql_would_mix_up_are_refused() {
    let scratch = Scratch::new(Dialect::Mysql).await;
    let store = store(&[("session_backend", "sqlalchemy"), ("session_url", &scratch.url())]);
    for name in ["blank ".to_owned(), "x".repeat(191)] {
        assert_eq!(store.append(&name, turn("?")).await.unwrap_err().code(), Code::SessionFailed);
    }
    store.append("Case", turn("?")).await.unwrap();
    assert_eq!(store.turns("case", None).await.unwrap(), None);
    store.close().await;
}

#[tokio::test]
async fn a_place_that_cannot_be_had_is_a_session_error() {
    let broken = store(&[("session_db_path", "/dev/null/sessions.db")]);
    assert_eq!(broken.create("ann").await.unwrap_err().code(), Code::SessionFailed);
    let nobody = [("session_backend", "redis"), ("redis_url", "redis://:s3cret@127.0.0.1:1")];
    let error = store(&nobody).create("ann").await.unwrap_err();
    assert_eq!(error.code(), Code::SessionFailed);
    assert!(!error.to_string().contains("s3cret"));
}

#[test]
fn an_address_that_is_missing_or_wrong_names_the_option() {
    let refused = |options: &[(&str, &str)]| {
        let config = config(options).and_then(|config| session::open(&config).map(|_| ()));
        config.err().unwrap()
    };
    let sqlalchemy = ("session_backend", "sqlalchemy");
    assert!(refused(&[("session_backend", "papyrus")]).to_string().contains("session_backend"));
    assert!(refused(&[sqlalchemy]).to_string().contains("session_url"));
    assert!(refused(&[("session_backend", "redis")]).to_string().contains("redis_url"));
    for url in ["no url", "mssql://u:s3cret@h/d", "postgresql://u:s3cret@h/d?sslmode=perhaps"] {
        let error = refused(&[sqlalchemy, ("session_url", url)]).to_string();
        assert!(error.contains("session_url") && !error.contains("s3cret"), "{error}");
    }
    let error = refused(&[("session_backend", "redis"), ("redis_url", "http://u:s3cret@h")]).to_string();
    assert!(error.contains("session store") && !error.contains("s3cret"), "{error}");
}
