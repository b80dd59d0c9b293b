//! Many at once, and nothing left behind.

use std::sync::atomic::{AtomicUsize, Ordering};

use db_query_agent::llm::{Model, OpenAi, Request};
use serde_json::json;
use tokio::runtime::Handle;
use tokio::time::{Duration, Instant};

use super::request;
use crate::model_server::{ModelServer, Reply};

const AT_ONCE: usize = 200;

/// Waits until no more tasks live than before.
async fn wait_for_tasks(before: usize) {
    let until = Instant::now() + Duration::from_secs(30);
    while Handle::current().metrics().num_alive_tasks() > before {
        assert!(Instant::now() < until, "{} tasks live", Handle::current().metrics().num_alive_tasks());
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn answers_streams_and_given_up_streams_leave_no_task_behind() {
    let before = Handle::current().metrics().num_alive_tasks();
    let plain = Request { schema: None, ..request() };
    for replies in [vec![Reply::text("yes")], vec![Reply::pieces(&["y", "es"])], vec![Reply::Silence]] {
        let is_silent = matches!(replies[0], Reply::Silence);
        let server = ModelServer::start(replies).await;
        let model = OpenAi::new("small", &server.config(&json!({})).model).unwrap();
        let heard = AtomicUsize::new(0);
        let telling = |piece: &str| {
            heard.fetch_add(piece.len(), Ordering::Relaxed);
        };
        let asking = futures::future::join_all((0..AT_ONCE).map(|_| model.stream(&plain, &telling)));
        if is_silent {
            // Whoever asked goes away once all are being listened to.
            tokio::select! {
                _ = asking => panic!("nothing was answered"),
                () = async { while server.seen().len() < AT_ONCE { tokio::task::yield_now().await } } => {}
            }
        } else {
            assert!(asking.await.iter().all(|answer| answer.as_ref().is_ok_and(|answer| answer.text == "yes")));
            assert_eq!(heard.load(Ordering::Relaxed), AT_ONCE * "yes".len());
        }
        drop((model, server));
    }
    wait_for_tasks(before).await;
}
