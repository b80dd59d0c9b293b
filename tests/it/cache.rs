//! What is remembered is right, is made once, and costs nothing when the store behind it is gone.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveTime};
use db_query_agent::cache::{Digest, Link, Shelf};
use db_query_agent::config::{CacheConfig, Config};
use db_query_agent::database::{ResultColumn, Rows};
use db_query_agent::error::{Code, Error};
use db_query_agent::value::Value;
use serde_json::{Value as Json, json};
use tokio::sync::{Notify, Semaphore};

/// Longer than any test.
const LONG: Duration = Duration::from_mins(5);

fn shelf(ttl: Duration, link: Option<Arc<Link>>) -> Shelf<u64> {
    Shelf::new("test", ttl, 100, |_| 1, link)
}

fn cause(name: &str) -> Vec<String> {
    vec![name.to_owned()]
}

/// The entry, and whether it was made for this request.
async fn get(shelf: &Shelf<u64>, name: &str, causes: &[String], made: u64) -> (u64, bool) {
    let had = shelf.get_or_make(&Digest::of(&name), causes, |_| true, async || Ok(made)).await.unwrap();
    (*had.value, had.is_new)
}

#[tokio::test]
async fn an_entry_is_made_once_for_all_who_ask_at_the_same_time() {
    let (shelf, made, name) = (shelf(LONG, None), AtomicUsize::new(0), Digest::of(&"key"));
    let ask = || {
        shelf.get_or_make(
            &name,
            &[],
            |_| true,
            async || {
                made.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
                Ok(7)
            },
        )
    };
    let had = futures::future::join_all((0..50).map(|_| ask())).await;
    assert_eq!(made.into_inner(), 1);
    assert_eq!(had.iter().filter(|had| had.as_ref().is_ok_and(|had| had.is_new)).count(), 1);
    assert!(had.into_iter().all(|had| *had.unwrap().value == 7));
    let figures = shelf.figures().await;
    assert_eq!((figures.entries, figures.hits, figures.misses), (1, 49, 1));
}

#[tokio::test]
async fn who_waits_goes_on_when_the_one_that_makes_it_gives_up() {
    let shelf = Arc::new(shelf(LONG, None));
    let begun = Arc::new(Notify::new());
    let leader = tokio::spawn({
        let (shelf, begun) = (Arc::clone(&shelf), Arc::clone(&begun));
        async move {
            let never = async || {
                begun.notify_one();
                std::future::pending().await
            };
            shelf.get_or_make(&Digest::of(&"key"), &[], |_| true, never).await.map(|had| *had.value)
        }
    });
    begun.notified().await;
    let follower = tokio::spawn({
        let shelf = Arc::clone(&shelf);
        async move { get(&shelf, "key", &[], 8).await }
    });
    tokio::task::yield_now().await;
    leader.abort();
    assert_eq!(follower.await.unwrap(), (8, true));
}

#[tokio::test]
async fn the_time_of_one_is_not_the_time_of_another() {
    for (code, shared) in [(Code::ModelTimeout, false), (Code::ModelUnreachable, true)] {
        let shelf = Arc::new(shelf(LONG, None));
        let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Semaphore::new(0)));
        let leader = tokio::spawn({
            let (shelf, begun, go_on) = (Arc::clone(&shelf), Arc::clone(&begun), Arc::clone(&go_on));
            async move {
                let fail = async || {
                    begun.notify_one();
                    drop(go_on.acquire().await);
                    Err(Error::new(code, "no"))
                };
                shelf.get_or_make(&Digest::of(&"key"), &[], |_| true, fail).await.map(|had| *had.value)
            }
        });
        begun.notified().await;
        let follower = tokio::spawn({
            let shelf = Arc::clone(&shelf);
            async move {
                let had = shelf.get_or_make(&Digest::of(&"key"), &[], |_| true, async || Ok(9)).await;
                had.map(|had| *had.value).map_err(|error| error.code())
            }
        });
        tokio::task::yield_now().await;
        go_on.add_permits(1);
        assert_eq!(leader.await.unwrap().unwrap_err().code(), code);
        assert_eq!(follower.await.unwrap(), if shared { Err(code) } else { Ok(9) });
        assert_eq!(shelf.figures().await.entries, u64::from(!shared), "failures are not remembered");
    }
}

#[tokio::test]
async fn what_was_read_before_a_change_does_not_count_after_it() {
    let shelf = shelf(LONG, None);
    assert_eq!(get(&shelf, "one", &cause("orders"), 1).await, (1, true));
    assert_eq!(get(&shelf, "two", &cause("users"), 2).await, (2, true));
    shelf.outdate("orders").await;
    assert_eq!(get(&shelf, "one", &cause("orders"), 3).await, (3, true));
    assert_eq!(get(&shelf, "two", &cause("users"), 4).await, (2, false));
    // A change while it is being made.
    let name = Digest::of(&"three");
    let orders = cause("orders");
    let change = async || {
        shelf.outdate("orders").await;
        Ok(5)
    };
    assert_eq!(*shelf.get_or_make(&name, &orders, |_| true, change).await.unwrap().value, 5);
    assert_eq!(get(&shelf, "three", &orders, 6).await, (6, true));
    shelf.clear().await;
    assert_eq!(get(&shelf, "two", &cause("users"), 7).await, (7, true));
}

#[tokio::test]
async fn what_is_not_to_last_and_what_is_over_is_made_anew() {
    let fleeting = shelf(LONG, None);
    let had = fleeting.get_or_make(&Digest::of(&"key"), &[], |_| false, async || Ok(1)).await.unwrap();
    assert!(had.is_new);
    assert_eq!(get(&fleeting, "key", &[], 2).await, (2, true));
    let short = shelf(Duration::from_nanos(1), None);
    assert_eq!(get(&short, "key", &[], 1).await, (1, true));
    assert_eq!(get(&short, "key", &[], 2).await, (2, true));
    let none = shelf(Duration::ZERO, None);
    assert_eq!(get(&none, "key", &[], 1).await, (1, true));
    assert_eq!(get(&none, "key", &[], 2).await, (2, true));
}

fn config(options: &Json) -> CacheConfig {
    let mut given = json!({"database_url": "sqlite:///:memory:"}).as_object().cloned().unwrap();
    given.extend(options.as_object().cloned().unwrap());
    Config::build(&given, &std::collections::HashMap::new()).unwrap().cache
}

fn redis_url() -> String {
    std::env::var("TEST_REDIS_URL")
        .unwrap_or_else(|_| panic!("TEST_REDIS_URL is not set: run the tests by `make test`"))
}

/// Each shelf has memory of its own, as those of two processes have.
async fn is_shared(options: &Json) {
    let place = uuid::Uuid::new_v4().to_string();
    let open = |place: &str| Link::open(&config(options), place).unwrap().unwrap();
    let shelf = || shelf(LONG, Some(open(&place)));
    let (orders, users) = (cause("orders"), cause("users"));
    assert_eq!(get(&shelf(), "one", &orders, 1).await, (1, true));
    assert_eq!(get(&shelf(), "two", &users, 2).await, (2, true));
    assert_eq!(get(&shelf(), "one", &orders, 9).await, (1, false), "the second process starts warm");
    shelf().outdate("orders").await;
    assert_eq!(get(&shelf(), "one", &orders, 3).await, (3, true));
    assert_eq!(get(&shelf(), "two", &users, 9).await, (2, false));
    let change = async || {
        shelf().outdate("orders").await;
        Ok(4)
    };
    let late = shelf();
    assert!(late.get_or_make(&Digest::of(&"late"), &orders, |_| true, change).await.unwrap().is_new);
    assert_eq!(get(&shelf(), "late", &orders, 5).await, (5, true), "read before the change, stored after it");
    shelf().forget(&Digest::of(&"two")).await;
    assert_eq!(get(&shelf(), "two", &users, 6).await, (6, true));

    let elsewhere = || Some(open("another database"));
    let other = Shelf::new("test", LONG, 100, |_| 1, elsewhere());
    assert_eq!(get(&other, &place, &[], 7).await, (7, true));
    open(&place).clear().await;
    assert_eq!(get(&shelf(), "one", &orders, 8).await, (8, true));
    let other = Shelf::new("test", LONG, 100, |_| 1, elsewhere());
    assert_eq!(get(&other, &place, &[], 9).await, (7, false), "what is known of another database stays");
    open("another database").clear().await;
    open(&place).clear().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_process_finds_what_the_first_has_made() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cache.db");
    is_shared(&json!({"cache_backend": "sqlite", "cache_path": path})).await;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600, "only its owner may read it");
    }
    is_shared(&json!({"cache_backend": "redis", "redis_url": redis_url()})).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_value_comes_back_as_it_was() {
    let day = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
    let time = NaiveTime::from_hms_micro_opt(23, 59, 59, 999_999).unwrap();
    let cells = vec![
        Value::Null,
        Value::Bool(true),
        Value::Int(i64::MIN),
        Value::UInt(u64::MAX),
        Value::Float(0.1 + 0.2),
        Value::Float(f64::NEG_INFINITY),
        Value::Decimal("0.10000000000000000000000000000000001".into()),
        Value::Text("ü🙂\0".into()),
        Value::Bytes(Box::new([0, 255])),
        Value::Date(day),
        Value::Time(time),
        Value::DateTime(day.and_time(time)),
        Value::DateTimeTz(Box::new(DateTime::parse_from_rfc3339("2024-02-29T10:00:00.000001+05:30").unwrap())),
        Value::Interval(-1),
        Value::Uuid(Box::new(uuid::Uuid::max())),
        Value::Json(Box::new(json!({"b": [1, null], "a": 1.5}))),
        Value::Array(Box::new([Value::Int(1), Value::Null])),
        Value::Tuple(Box::new([Value::Text("x".into())])),
    ];
    let columns = (0..cells.len()).map(|number| ResultColumn { name: number.to_string(), type_name: String::new() });
    let rows = Rows { columns: columns.collect(), cells, truncated: true, ..Rows::default() };
    let options = json!({"cache_backend": "redis", "redis_url": redis_url()});
    let place = uuid::Uuid::new_v4().to_string();
    let link = || Link::open(&config(&options), &place).unwrap();
    for is_new in [true, false] {
        let shelf = Shelf::new("rows", LONG, 1 << 20, |_| 1, link());
        let had = shelf.get_or_make(&Digest::of(&1), &[], |_| true, async || Ok(rows.clone())).await.unwrap();
        assert_eq!((had.value.as_ref(), had.is_new), (&rows, is_new));
    }
    link().unwrap().clear().await;
}

#[test]
fn nothing_can_be_read_in_a_name() {
    let name = Digest::of(&("how many customers named Ann?", "SELECT 1"));
    assert_eq!(name.as_str().len(), 64);
    assert!(name.as_str().bytes().all(|letter| letter.is_ascii_hexdigit()));
    assert_ne!(Digest::of(&("a", "bc")), Digest::of(&("ab", "c")));
}

/// A Redis server of this test alone.
struct Server {
    process: Child,
    port: u16,
}

impl Server {
    async fn start() -> Self {
        // Below the ports that the system gives to whoever connects: one of those may meet itself while nobody listens.
        let ports = (0..1_000).map(|_| 20_000 + uuid::Uuid::new_v4().as_fields().1 % 10_000);
        let is_free = |port: &u16| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok();
        Self::start_on(ports.into_iter().find(is_free).expect("a free port")).await
    }

    async fn start_on(port: u16) -> Self {
        let process = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"])
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server, which the tests bring along");
        while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            tokio::task::yield_now().await;
        }
        Self { process, port }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_hangs_is_missed_until_it_is_back() {
    let server = Server::start().await;
    let options = json!({"cache_backend": "redis", "redis_url": format!("redis://127.0.0.1:{}", server.port)});
    let link = Link::open(&config(&options), "place").unwrap().unwrap();
    let one = shelf(LONG, Some(Arc::clone(&link)));
    assert_eq!(get(&one, "kept", &[], 1).await, (1, true));
    let stop = Command::new("kill").args(["-STOP", &server.process.id().to_string()]).status().unwrap();
    assert!(stop.success());
    for number in 0..10 {
        assert_eq!(get(&one, &number.to_string(), &[], number).await, (number, true));
    }
    assert!(!link.is_up());
    let port = server.port;
    drop(server);
    let _again = Server::start_on(port).await;
    for number in 100.. {
        get(&one, &number.to_string(), &[], number).await;
        if link.is_up() {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(get(&one, "stored", &[], 2).await, (2, true));
    let other = shelf(LONG, Link::open(&config(&options), "place").unwrap());
    assert_eq!(get(&other, "stored", &[], 3).await, (2, false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_dies_is_missed_and_nothing_else() {
    let server = Server::start().await;
    let options = json!({"cache_backend": "redis", "redis_url": format!("redis://127.0.0.1:{}", server.port)});
    let link = Link::open(&config(&options), "place").unwrap().unwrap();
    let one = shelf(LONG, Some(Arc::clone(&link)));
    assert_eq!(get(&one, "kept", &[], 1).await, (1, true));
    assert!(link.is_up());
    drop(server);
    for number in 0..100 {
        assert_eq!(get(&one, &number.to_string(), &[], number).await, (number, true));
    }
    assert!(!link.is_up());
    assert_eq!(get(&one, "kept", &[], 9).await, (1, false), "memory is there all the same");
    assert_eq!(get(&one, "7", &[], 9).await, (7, false));
    one.outdate("orders").await;
    link.clear().await;
    // A server that never was there.
    let options = json!({"cache_backend": "redis", "redis_url": "redis://127.0.0.1:1"});
    let nobody = shelf(LONG, Link::open(&config(&options), "place").unwrap());
    assert_eq!(get(&nobody, "key", &[], 1).await, (1, true));
    assert_eq!(get(&nobody, "key", &[], 2).await, (1, false));
}

#[tokio::test]
async fn a_file_that_cannot_be_had_is_missed_and_nothing_else() {
    let options = json!({"cache_backend": "sqlite", "cache_path": "/dev/null/cache.db"});
    let link = Link::open(&config(&options), "place").unwrap();
    let shelf = shelf(LONG, link.clone());
    assert_eq!(get(&shelf, "key", &[], 1).await, (1, true));
    assert_eq!(get(&shelf, "key", &[], 2).await, (1, false));
    assert!(!link.unwrap().is_up());
}
