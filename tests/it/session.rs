//! Every store keeps the same promises.

use std::sync::Arc;

use chrono::{TimeZone, Utc};
use db_query_agent::config::SessionConfig;
use db_query_agent::error::Code;
use db_query_agent::session::{self, SessionStore, Turn};

fn turn(question: &str) -> Turn {
    Turn {
        question: question.to_owned(),
        sql: Some("SELECT 1".to_owned()),
        answer: "One.".to_owned(),
        plan: Some(serde_json::json!({"limit": 1})),
        at: Utc.with_ymd_and_hms(2026, 1, 2, 3, 4, 5).unwrap(),
        caller: None,
        role: None,
    }
}

fn store(backend: &str, path: Option<&str>) -> Arc<dyn SessionStore> {
    session::open(&SessionConfig { backend: backend.to_owned(), db_path: path.map(str::to_owned) }).unwrap()
}

async fn keeps_its_promises(store: &dyn SessionStore) {
    assert_eq!(store.turns("nobody").await.unwrap(), None);
    store.create("ann").await.unwrap();
    assert_eq!(store.turns("ann").await.unwrap(), Some(Vec::new()));

    store.append("bob", turn("first")).await.unwrap();
    store.append("bob", turn("second")).await.unwrap();
    assert_eq!(store.turns("bob").await.unwrap(), Some(vec![turn("first"), turn("second")]));
    assert_eq!(store.names().await.unwrap(), ["bob", "ann"]);

    store.create("bob").await.unwrap();
    assert_eq!(store.turns("bob").await.unwrap().map(|turns| turns.len()), Some(2));

    store.clear("bob").await.unwrap();
    assert_eq!(store.turns("bob").await.unwrap(), Some(Vec::new()));
    store.delete("bob").await.unwrap();
    assert_eq!(store.turns("bob").await.unwrap(), None);
    assert_eq!(store.names().await.unwrap(), ["ann"]);
}

#[tokio::test]
async fn memory() {
    keeps_its_promises(store("memory", None).as_ref()).await;
    keeps_its_promises(store("sqlite", None).as_ref()).await;
}

#[tokio::test]
async fn sqlite_file_outlives_the_store() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sessions.db");
    let path = path.to_str().unwrap();
    let first = store("sqlite", Some(path));
    keeps_its_promises(first.as_ref()).await;
    first.append("ann", turn("kept")).await.unwrap();
    first.close().await;
    let again = store("sqlite", Some(path));
    assert_eq!(again.turns("ann").await.unwrap(), Some(vec![turn("kept")]));
}

#[tokio::test]
async fn a_path_that_cannot_be_written_is_a_session_error() {
    let broken = store("sqlite", Some("/dev/null/sessions.db"));
    assert_eq!(broken.create("ann").await.unwrap_err().code(), Code::SessionFailed);
}

#[test]
fn an_unknown_backend_names_the_option() {
    let config = SessionConfig { backend: "papyrus".to_owned(), db_path: None };
    let error = session::open(&config).err().unwrap();
    assert_eq!(error.code(), Code::InvalidOption);
    assert!(error.to_string().contains("session_backend"));
}
