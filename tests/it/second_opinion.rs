//! What the database says a statement reads, against what the guard saw; and what it expects of it.

use std::collections::{BTreeSet, HashMap};
use std::sync::OnceLock;
use std::time::Duration;

use db_query_agent::agent::Agent;
use db_query_agent::config::Config;
use db_query_agent::database::{Database, Examination, Limits, Opinion};
use db_query_agent::dialect::Dialect;
use db_query_agent::error::{Code, Error};
use db_query_agent::guard::{ApprovedSql, Guard, Policy};
use db_query_agent::value::Value;
use serde_json::{Value as Json, json};

use crate::rights::Login;
use crate::scratch::{Scratch, WIDE, approved};

const LIMIT: Duration = Duration::from_secs(30);

const SHOP: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(20)); \
    CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER, total INTEGER, day DATE); \
    CREATE TABLE secrets (id INTEGER PRIMARY KEY, word VARCHAR(20)); \
    INSERT INTO users VALUES (1, 'Ann'), (2, 'Bob'); INSERT INTO orders VALUES (1, 1, 10, '2024-01-02'), (2, 1, 20, '2024-03-04'); \
    INSERT INTO secrets VALUES (1, 'S3CR3T'); \
    CREATE VIEW spending AS SELECT u.name, SUM(o.total) AS total FROM users u JOIN orders o ON o.user_id = u.id GROUP BY u.name; \
    CREATE VIEW big_spending AS SELECT * FROM spending WHERE total > 5";

async fn shop(dialect: Dialect) -> Scratch {
    let scratch = Scratch::new(dialect).await;
    scratch.execute(SHOP).await;
    scratch
}

async fn opinion(database: &dyn Database, sql: &str) -> Opinion {
    asked(database, &approved(database, sql).await).await.unwrap()
}

/// What the database says of `statement`, which is then refused and so does not run; `None` where the
/// database does not take it.
async fn asked(database: &dyn Database, statement: &ApprovedSql) -> Option<Opinion> {
    let heard = OnceLock::new();
    let judge = |opinion: Opinion| {
        heard.set(opinion).unwrap();
        Err(Error::new(Code::InvalidOption, "only asked about"))
    };
    let examination = Examination { estimate: false, judge: &judge };
    let limits = Limits { rows: 1, bytes: 1 << 20, timeout: LIMIT };
    let error = database.run_examined(statement, &limits, &examination).await.unwrap_err();
    assert_eq!(heard.get().is_some(), error.code() == Code::InvalidOption, "{error}");
    heard.into_inner()
}

fn names(opinion: &Opinion) -> Vec<&str> {
    let names: BTreeSet<&str> = opinion.relations.iter().map(|relation| relation.name.as_str()).collect();
    names.into_iter().collect()
}

fn agent(scratch: &Scratch, url: &str, options: &[(&str, Json)]) -> Agent {
    let mut given = serde_json::Map::new();
    given.insert("database_url".to_owned(), url.into());
    given.insert("schemas".to_owned(), json!([scratch.name]));
    given.extend(options.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    Agent::new(Config::build(&given, &HashMap::new()).unwrap()).unwrap()
}

/// Statements of every shape, each with the tables under it.
const SHAPES: [(&str, &[&str]); 12] = [
    ("SELECT name FROM users", &["users"]),
    ("SELECT 1 AS one", &[]),
    ("SELECT u.name FROM users u LEFT JOIN orders o ON o.user_id = u.id", &["orders", "users"]),
    ("WITH users AS (SELECT 1 AS id) SELECT id FROM users", &[]),
    (
        "WITH o AS (SELECT user_id FROM orders) SELECT name FROM users WHERE id IN (SELECT user_id FROM o)",
        &["orders", "users"],
    ),
    ("SELECT name FROM big_spending", &["orders", "users"]),
    ("SELECT id FROM users UNION SELECT id FROM orders", &["orders", "users"]),
    ("SELECT EXTRACT(YEAR FROM day) FROM orders", &["orders"]),
    ("SELECT (SELECT COUNT(*) FROM orders o WHERE o.user_id = u.id) FROM users u", &["orders", "users"]),
    ("SELECT t.n FROM (SELECT name AS n FROM users) t WHERE EXISTS (SELECT 1 FROM orders)", &["orders", "users"]),
    ("SELECT TRIM(BOTH 'x' FROM t.n) FROM (SELECT name AS n FROM users ORDER BY name LIMIT 5) t", &["users"]),
    ("SELECT name FROM users WHERE 1 = 0", &["users"]),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_engine_names_what_the_guard_saw() {
    for dialect in [Dialect::Postgres, Dialect::Mysql] {
        let scratch = shop(dialect).await;
        let database = scratch.open(&[]);
        for (sql, tables) in SHAPES {
            let statement = approved(&*database, sql).await;
            let walked: Vec<&str> = statement.relations().iter().map(|relation| relation.name.as_str()).collect();
            assert_eq!(walked, tables, "{sql}");
            let opinion = opinion(&*database, sql).await;
            assert!(opinion.relations.iter().all(|relation| relation.namespace == scratch.name), "{sql}: {opinion:?}");
            if dialect == Dialect::Postgres {
                assert_eq!(names(&opinion), tables, "{sql}");
                assert!(opinion.is_complete);
            } else {
                // A view that is not merged stands as itself.
                let known = |name: &&str| tables.contains(name) || name.ends_with("spending");
                assert!(names(&opinion).iter().all(known), "{dialect}: {sql}: {opinion:?}");
                assert!(!opinion.is_complete);
            }
        }
    }
}

/// The plan is a second witness: it never names a table that the server's list of locks does not.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_plan_names_no_other_table() {
    use sqlx::Connection as _;
    let scratch = shop(Dialect::Postgres).await;
    let database = scratch.open(&[]);
    let mut raw = sqlx::PgConnection::connect(&scratch.url()).await.unwrap();
    for (sql, _) in SHAPES {
        let plan = sqlx::AssertSqlSafe(format!("EXPLAIN (VERBOSE, FORMAT JSON) {sql}"));
        let plan: Json = sqlx::query_scalar(plan).fetch_one(&mut raw).await.unwrap();
        let mut planned = BTreeSet::new();
        tables_of(&plan, &mut planned);
        let opinion = opinion(&*database, sql).await;
        let heard = names(&opinion);
        assert!(planned.iter().all(|table| heard.contains(&table.as_str())), "{sql}: {planned:?} {heard:?}");
    }
}

fn tables_of(plan: &Json, found: &mut BTreeSet<String>) {
    match plan {
        Json::Object(node) => {
            found.extend(node.get("Relation Name").and_then(Json::as_str).map(str::to_owned));
            node.values().for_each(|inner| tables_of(inner, found));
        }
        Json::Array(nodes) => nodes.iter().for_each(|inner| tables_of(inner, found)),
        _ => {}
    }
}

/// Partitions, materialized views, row security, odd names, enumerations: harmless, and found so.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_postgresql_brings_along_is_known() {
    let scratch = Scratch::new(Dialect::Postgres).await;
    let place = &scratch.name;
    scratch
        .execute(
            "CREATE TYPE mood AS ENUM ('good', 'bad'); CREATE TABLE \"Odd \"\"name\" (id INTEGER, how mood); \
             CREATE TABLE visits (id INTEGER, day DATE) PARTITION BY RANGE (day); \
             CREATE TABLE visits_2024 PARTITION OF visits FOR VALUES FROM ('2024-01-01') TO ('2025-01-01'); \
             CREATE TABLE tenants (id INTEGER, login NAME); \
             CREATE TABLE bills (id INTEGER, tenant_id INTEGER); ALTER TABLE bills ENABLE ROW LEVEL SECURITY; \
             CREATE POLICY own ON bills USING (tenant_id IN (SELECT id FROM tenants WHERE login = current_user)); \
             CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM visits; \
             CREATE TABLE base (id INTEGER); CREATE TABLE heir (word TEXT) INHERITS (base)",
        )
        .await;
    let login = Login::reader(&scratch).await;
    scratch
        .execute(&format!("INSERT INTO tenants VALUES (7, '{}'); INSERT INTO bills VALUES (1, 7), (2, 8)", login.name))
        .await;
    let auto = agent(&scratch, &login.url(&scratch), &[("blocked_tables", json!(["secrets"]))]);
    for sql in [
        "SELECT how FROM \"Odd \"\"name\"",
        "SELECT id FROM visits",
        "SELECT n FROM counted",
        "SELECT id FROM base",
        "SELECT g FROM generate_series(1, 3) AS g",
    ] {
        auto.run_sql(sql, None).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    let rows = auto.run_sql("SELECT id FROM bills", None).await.unwrap();
    assert_eq!(rows.cells, [Value::Int(1)], "row security holds, and its table is no surprise");
    // An heir's rows come with those of its parent, so a policy against it holds there too.
    let strict = agent(&scratch, &scratch.url(), &[("blocked_tables", json!([format!("{place}.heir")]))]);
    let error = strict.run_sql("SELECT id FROM base", None).await.unwrap_err();
    assert_eq!((error.code(), error.rule()), (Code::SqlRejected, Some("second_opinion")), "{error}");
    assert!(!error.to_string().contains("heir"), "{error}");
}

/// The schema was read, then a view changed: the guard goes by what it knows, the database by what is.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_view_that_changed_is_caught() {
    for (dialect, replace) in [
        (Dialect::Postgres, "CREATE OR REPLACE VIEW shown AS SELECT id, word AS name FROM secrets"),
        (Dialect::Mysql, "CREATE OR REPLACE VIEW shown AS SELECT id, word AS name FROM secrets"),
    ] {
        let scratch = shop(dialect).await;
        scratch.execute("CREATE VIEW shown AS SELECT id, name FROM users").await;
        let careful = agent(&scratch, &scratch.url(), &[("blocked_tables", json!(["secrets"]))]);
        let careless = agent(
            &scratch,
            &scratch.url(),
            &[("blocked_tables", json!(["secrets"])), ("second_opinion", json!(false))],
        );
        for agent in [&careful, &careless] {
            agent.schema(false, None).await.unwrap();
        }
        scratch.execute(replace).await;
        let error = careful.run_sql("SELECT name FROM shown", None).await.unwrap_err();
        assert_eq!((error.code(), error.rule()), (Code::SqlRejected, Some("second_opinion")), "{dialect}: {error}");
        assert!(!error.to_string().contains("secrets"), "{error}");
        assert_eq!(error.sql(), Some("SELECT name FROM shown"));
        let rows = careless.run_sql("SELECT name FROM shown", None).await.unwrap();
        assert_eq!(rows.cells, [Value::from("S3CR3T")], "the test shows something");
    }
}

/// A system's table under a view that only the allow list names is the list's own decision.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_listed_view_of_unknown_depth_is_trusted() {
    let scratch = shop(Dialect::Postgres).await;
    scratch.execute("CREATE VIEW busy AS SELECT count(*) AS n FROM pg_catalog.pg_stat_activity").await;
    let listed = agent(&scratch, &scratch.url(), &[("allowed_tables", json!(["busy", "users"]))]);
    assert!(listed.run_sql("SELECT n > 0 FROM busy", None).await.is_ok());
    assert_eq!(listed.run_sql("SELECT id FROM orders", None).await.unwrap_err().rule(), Some("allowed_relation"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_is_expected_to_be_too_much_does_not_run() {
    for dialect in [Dialect::Postgres, Dialect::Mysql] {
        let scratch = shop(dialect).await;
        let numbers = match dialect {
            Dialect::Mysql => "INSERT INTO numbers SELECT seq FROM seq_1_to_3000",
            _ => "INSERT INTO numbers SELECT generate_series(1, 3000)",
        };
        scratch
            .execute(&format!(
                "CREATE TABLE numbers (n INTEGER PRIMARY KEY); {numbers}; ANALYZE {} numbers",
                if dialect == Dialect::Mysql { "TABLE" } else { "" }
            ))
            .await;
        let limited = agent(&scratch, &scratch.url(), &[("max_estimated_rows", json!(1_000_000))]);
        // Cut to one row it still joins nine million.
        let error = limited.run_sql("SELECT a.n FROM numbers a CROSS JOIN numbers b LIMIT 1", None).await.unwrap_err();
        assert_eq!(error.code(), Code::TooExpensive, "{dialect}: {error}");
        assert!(error.to_string().contains("1000000 is allowed"), "{error}");
        assert!(error.hint().contains("max_estimated_rows"));
        let rows = limited.run_sql("SELECT COUNT(*) FROM numbers", None).await.unwrap();
        assert_eq!((rows.cells, rows.warnings), (vec![Value::Int(3000)], Vec::new()), "{dialect}");
        let crossed = limited
            .run_sql("SELECT COUNT(*) FROM numbers a CROSS JOIN (SELECT n FROM numbers LIMIT 5) b", None)
            .await
            .unwrap();
        assert_eq!(crossed.cells, [Value::Int(15000)]);
        assert!(
            crossed.warnings.iter().any(|warning| warning.contains("without a condition")),
            "{dialect}: {:?}",
            crossed.warnings
        );
        let joined = limited.run_sql("SELECT COUNT(*) FROM numbers a JOIN numbers b ON b.n = a.n", None).await.unwrap();
        assert_eq!((joined.cells, joined.warnings), (vec![Value::Int(3000)], Vec::new()), "{dialect}");
    }
    let scratch = shop(Dialect::Postgres).await;
    let limited = agent(&scratch, &scratch.url(), &[("max_estimated_cost", json!(1000))]);
    let error = limited.run_sql("SELECT COUNT(*) FROM generate_series(1, 10000000) AS g", None).await.unwrap_err();
    assert_eq!(error.code(), Code::TooExpensive, "{error}");
    assert!(limited.run_sql("SELECT COUNT(*) FROM users", None).await.is_ok());
}

/// What a statement would do is told without running it, and what would be refused is refused.
#[tokio::test]
async fn a_statement_is_explained_and_not_run() {
    for dialect in [Dialect::Postgres, Dialect::Mysql] {
        let scratch = shop(dialect).await;
        let open = agent(&scratch, &scratch.url(), &[]);
        let joined = "SELECT u.name, COUNT(*) FROM users u JOIN orders o ON o.user_id = u.id GROUP BY u.name -- each;";
        let told = open.explain_sql(joined, None).await.unwrap();
        let tables: Vec<_> = told.relations.iter().map(|relation| relation.name.as_str()).collect();
        assert_eq!((tables, told.functions), (vec!["orders", "users"], vec!["count".to_owned()]), "{dialect}");
        assert!(!told.sql.contains("each") && !told.is_filtered && !told.is_masked, "{dialect}: {}", told.sql);
        assert!(told.estimate.unwrap().rows >= 1.0, "{dialect}");
        assert!(told.columns.iter().any(|column| column.name == "user_id"), "{dialect}");
        let refused = open.explain_sql("DELETE FROM users", None).await.unwrap_err();
        assert_eq!((refused.code(), refused.rule()), (Code::SqlRejected, Some("reads_only")), "{dialect}");
        let narrow = [("row_filters", json!({"orders": "total < 15"})), ("masked_columns", json!(["users.name"]))];
        let narrow = agent(&scratch, &scratch.url(), &narrow);
        let told = narrow.explain_sql("SELECT name, total FROM users JOIN orders ON user_id = users.id", None).await;
        let told = told.unwrap();
        assert!(told.is_filtered && told.is_masked, "{dialect}: {told:?}");
        // What was only asked about is let go of behind the answer; dropping the place waits for its locks.
        open.close().await;
        narrow.close().await;
    }
    let scratch = shop(Dialect::Postgres).await;
    let open = agent(&scratch, &scratch.url(), &[]);
    let fails = "SELECT 1 / (id - id) FROM users";
    assert!(open.explain_sql(fails, None).await.is_ok());
    assert_eq!(open.run_sql(fails, None).await.unwrap_err().code(), Code::ExecutionFailed);
    let limited = agent(&scratch, &scratch.url(), &[("max_estimated_rows", json!(1000))]);
    let long = "SELECT COUNT(*) FROM generate_series(1, 10000000) AS g";
    assert_eq!(limited.explain_sql(long, None).await.unwrap_err().code(), Code::TooExpensive);
    open.close().await;
    limited.close().await;
}

/// SQLite is asked while the statement is prepared.
#[tokio::test]
async fn sqlite_names_its_tables() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite:///{}", directory.path().join("shop.db").display());
    {
        use sqlx::Connection as _;
        let mut connection =
            sqlx::SqliteConnection::connect(&format!("{}?mode=rwc", url.replace("///", "//"))).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(SHOP.to_owned())).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }
    let database = db_query_agent::database::connect(&crate::scratch::config(&url, &[])).unwrap();
    let (sql, tables) = SHAPES[5];
    let opinion = opinion(&*database, sql).await;
    assert_eq!(names(&opinion), tables);
    let options = json!({"database_url": url});
    let config = Config::build(options.as_object().unwrap(), &HashMap::new()).unwrap();
    let told = Agent::new(config).unwrap().explain_sql(sql, None).await.unwrap();
    assert_eq!((told.relations.len(), told.estimate), (tables.len(), None));
    // A statement approved for another schema: the guard saw a table where there is a view on a secret now.
    let guard = Guard::new(Dialect::Sqlite, Policy::default());
    let known = database.introspect().await.unwrap();
    let statement = guard.approve("SELECT name FROM spending", &known).unwrap();
    {
        use sqlx::Connection as _;
        let mut connection = sqlx::SqliteConnection::connect(&url.replace("///", "//")).await.unwrap();
        let replace = "DROP VIEW spending; CREATE VIEW spending AS SELECT word AS name FROM secrets";
        sqlx::raw_sql(replace).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }
    let error = database.run(&statement, &WIDE).await.unwrap_err();
    assert_eq!((error.code(), error.rule()), (Code::SqlRejected, Some("engine_fence")), "{error}");
}

/// Over every harmless statement of the law that the engine takes: what it reads, the guard saw.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_guard_sees_all_that_the_engine_reads() {
    for (dialect, script) in [
        (Dialect::Postgres, include_str!("enemy/world/postgresql.sql")),
        (Dialect::Mysql, include_str!("enemy/world/mysql.sql")),
    ] {
        let scratch = Scratch::new(dialect).await;
        for statement in script.split(";\n") {
            let begin =
                statement.find("CREATE").filter(|_| !statement.contains("INSERT INTO")).unwrap_or(statement.len());
            let statement = &statement[begin..];
            if (statement.starts_with("CREATE TABLE") || statement.starts_with("CREATE VIEW"))
                && !["vault", "read_secret"].iter().any(|other| statement.contains(other))
            {
                scratch.execute(statement).await;
            }
        }
        let database = scratch.open(&[]);
        let schema = database.introspect().await.unwrap();
        assert!(schema.tables.len() > 8, "{dialect}: {:?}", schema.tables.len());
        let guard = Guard::new(dialect, Policy::default());
        let (mut heard, mut unheard) = (0, 0);
        for example in crate::law::examples().iter().filter(|example| example.dialects.contains(&dialect)) {
            let Ok(statement) = guard.approve(&example.sql, &schema) else { continue };
            let Some(opinion) = asked(database.as_ref(), &statement).await else {
                unheard += 1;
                continue;
            };
            heard += 1;
            let views: BTreeSet<&str> = opinion.views.iter().map(|view| view.name.as_str()).collect();
            for relation in &opinion.relations {
                let is_view = schema
                    .table(Some(&relation.namespace), &relation.name)
                    .is_some_and(|table| !table.reads.is_empty());
                let seen = statement.relations().contains(relation) || is_view;
                assert!(seen, "{dialect}: {}: {relation:?} {views:?} {:?}", example.sql, statement.relations());
            }
            if dialect == Dialect::Postgres {
                // And the other way round: the guard sees no table that is not there.
                let named = |relation| opinion.relations.contains(relation) || opinion.views.contains(relation);
                assert!(statement.relations().iter().all(named), "{}: {opinion:?}", example.sql);
            }
        }
        println!("{dialect}: {heard} statements agree, {unheard} the engine does not take");
        assert!(heard > 100 && unheard < heard / 2, "{dialect}: {heard} {unheard}");
    }
}
