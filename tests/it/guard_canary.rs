//! What the guard lets through shows no secret and changes nothing, on engines without any other fence.

use std::future::Future;

use db_query_agent::dialect::Dialect;

use super::enemy::{self, Hides, Outcome, Trial, Verdict};

/// The same on every engine, side by side.
async fn on_every_engine<F: Future<Output = ()>>(test: impl Fn(Dialect) -> F) {
    futures::future::join_all([Dialect::Sqlite, Dialect::Postgres, Dialect::Mysql].map(test)).await;
}

/// Each text in each engine, also where it was written for another one: an attack on one is often harmless
/// elsewhere, and then it is run.
#[tokio::test]
async fn every_text_of_the_law_is_harmless_where_it_is_let_through() {
    for hides in [Hides::Tables, Hides::Everything] {
        on_every_engine(|dialect| every_text_is_harmless(dialect, hides, enemy::law())).await;
    }
}

async fn every_text_is_harmless(dialect: Dialect, hides: Hides, texts: Vec<String>) {
    let (all, mut ran, mut answered, mut wrong) = (texts.len(), 0, 0, Vec::new());
    let mut trial = Trial::start(dialect, hides).await;
    for text in texts {
        match trial.judge(&text).await {
            Verdict::Refused(_) => {}
            Verdict::Accepted(outcome) => {
                ran += 1;
                answered += usize::from(matches!(outcome, Outcome::Rows(_)));
            }
            Verdict::Wrong(finding) => wrong.push(finding),
        }
    }
    wrong.extend(trial.settle().await);
    trial.stop().await;
    println!("{dialect}, hiding {hides:?}: {ran} of {all} texts ran, {answered} gave rows");
    assert_eq!(wrong, [], "{dialect}");
    assert!(answered > 150, "{dialect}: only {answered} texts gave rows");
}

/// The same with the texts of a corpus, when `GUARD_CORPUS` names the folder of its `attacks.jsonl`.
#[tokio::test]
async fn every_text_of_a_corpus_is_harmless_where_it_is_let_through() {
    let Some(folder) = std::env::var_os("GUARD_CORPUS") else {
        println!("GUARD_CORPUS is not set: no corpus is judged here, only the law is");
        return;
    };
    let lines = std::fs::read_to_string(std::path::Path::new(&folder).join("attacks.jsonl")).expect("a corpus");
    let case = |line: &str| serde_json::from_str::<serde_json::Value>(line).expect("a case a line");
    let texts: Vec<String> =
        lines.lines().filter_map(|line| Some(case(line).get("sql")?.as_str()?.to_owned())).collect();
    assert!(texts.len() > 100, "only {} texts were found", texts.len());
    on_every_engine(|dialect| every_text_is_harmless(dialect, Hides::Everything, texts.clone())).await;
}

/// The judge itself: what it must find is found.
#[tokio::test]
async fn planted_leaks_are_found() {
    on_every_engine(|dialect| async move {
        let mut trial = Trial::start(dialect, Hides::Nothing).await;
        for (text, what) in [
            ("SELECT secret_value FROM secrets", "shown"),
            ("SELECT count(*) FROM secrets", "told"),
            ("SELECT name FROM users WHERE id < (SELECT count(*) FROM secrets)", "told"),
            ("SELECT lower(secret_value) FROM secrets", "shown"),
            ("SELECT length(replace(secret_value, 'A', '')) FROM secrets", "told"),
        ] {
            match trial.judge(text).await {
                Verdict::Wrong(finding) => assert_eq!(finding.what, what, "{dialect}: {text}"),
                verdict => panic!("{dialect}: {text}: {verdict:?}"),
            }
        }
        trial.stop().await;
    })
    .await;
}

#[tokio::test]
async fn planted_changes_are_found() {
    on_every_engine(|dialect| async move {
        let mut trial = Trial::start(dialect, Hides::Tables).await;
        assert_eq!(trial.settle().await, None, "{dialect}: nothing has happened yet");
        for text in ["UPDATE users SET name = 'x' WHERE id = 1", "DROP VIEW v_users"] {
            trial.meddle(text).await;
            let finding = trial.settle().await.unwrap_or_else(|| panic!("{dialect}: {text} went unseen"));
            assert_eq!(finding.what, "changed");
        }
        trial.stop().await;
    })
    .await;
}

/// A short run of what `make fuzz` does for longer, the same texts each time.
#[tokio::test]
async fn texts_by_chance_are_harmless_where_they_are_let_through() {
    on_every_engine(|dialect| async move {
        let report = enemy::fuzz(dialect, 1, |made| made < 1_500).await;
        assert_eq!(report.findings, [], "{dialect}");
        assert!(report.answered > 50, "{dialect}: {report:?}");
    })
    .await;
}
