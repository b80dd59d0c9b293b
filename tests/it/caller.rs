//! Callers, roles, masks and what is said of things that may not be seen, through a whole agent.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use db_query_agent::agent::{Agent, Answer, Events, Question};
use db_query_agent::config::Config;
use db_query_agent::database;
use db_query_agent::engine::{Ask, Engine, Outcome, Proposal, Proposed};
use db_query_agent::error::{Code, Error};
use db_query_agent::grounding::Catalog;
use db_query_agent::guard::{Caller, Guard, Policy, RowFilter};
use db_query_agent::llm::Usage;
use db_query_agent::value::Value;
use serde_json::{Value as Json, json};

use crate::sqlite::File;

const SHOP: &str = "
CREATE TABLE customers (id INTEGER PRIMARY KEY, tenant_id INTEGER, name TEXT, email TEXT, pin TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, tenant_id INTEGER, customer_id INTEGER REFERENCES customers (id), total INTEGER);
CREATE TABLE salaries (id INTEGER PRIMARY KEY, person TEXT, bonus INTEGER);
INSERT INTO customers VALUES (1, 1, 'Ada', 'ada@one.example', '1111'), (2, 2, 'Bob', NULL, '2222'), (3, 1, 'Cy', 'cy@one.example', '3333');
INSERT INTO orders VALUES (1, 1, 1, 10), (2, 2, 2, 20), (3, 1, 3, 30), (4, 2, 2, 40);
INSERT INTO salaries VALUES (1, 'Zoe', 900);
";

/// Says one statement whatever is asked, and counts how often and over which tables.
struct Parrot {
    sql: &'static str,
    asked: AtomicUsize,
    tables: Mutex<Vec<Vec<String>>>,
}

#[async_trait]
impl Engine for Parrot {
    fn name(&self) -> &'static str {
        "parrot"
    }

    async fn propose(&self, ask: &Ask<'_>) -> db_query_agent::Result<Proposed> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let tables = ask.catalog.schema().tables.iter().map(|table| table.name.clone()).collect();
        self.tables.lock().unwrap().push(tables);
        let proposal = Proposal {
            sql: self.sql.to_owned(),
            explanation: String::new(),
            confidence: 0.9,
            template: None,
            plan: None,
            assumptions: Vec::new(),
        };
        ask.bill.unwrap().charge(Usage { calls: 1, ..Usage::default() });
        Ok(Proposed {
            outcome: Outcome::Sql(vec![proposal]),
            engine: "parrot".to_owned(),
            warnings: Vec::new(),
            is_a_models: true,
        })
    }
}

fn config(file: &File, options: Json) -> Result<Config, Error> {
    let mut given: serde_json::Map<String, Json> = serde_json::from_value(options).unwrap();
    given.insert("database_url".to_owned(), format!("sqlite:///{}", file.path().display()).into());
    given.insert("model_strategy".to_owned(), "offline".into());
    Config::build(&given, &HashMap::new())
}

async fn offline(options: Json) -> (Agent, File) {
    let file = File::new(SHOP).await;
    (Agent::new(config(&file, options).unwrap()).unwrap(), file)
}

async fn parroting(sql: &'static str, options: Json) -> (Agent, Arc<Parrot>, File) {
    let file = File::new(SHOP).await;
    let config = config(&file, options).unwrap();
    let parrot = Arc::new(Parrot { sql, asked: AtomicUsize::new(0), tables: Mutex::default() });
    let database = database::connect(&config.database).unwrap();
    (Agent::with_parts(config, database, Arc::clone(&parrot) as Arc<dyn Engine>).unwrap(), parrot, file)
}

#[expect(clippy::unnecessary_wraps, reason = "the form in which a question takes it")]
fn caller(id: &str, roles: &[&str], tenant: Option<i64>) -> Option<Arc<Caller>> {
    let attributes: BTreeMap<String, Value> =
        tenant.map(|tenant| ("tenant".to_owned(), Value::Int(tenant))).into_iter().collect();
    Some(Arc::new(Caller { id: id.to_owned(), roles: roles.iter().map(ToString::to_string).collect(), attributes }))
}

async fn ask(agent: &Agent, text: &str, caller: Option<Arc<Caller>>) -> Result<Answer, Error> {
    agent.query(Question { text: text.to_owned(), caller, ..Question::default() }, &Events::default()).await
}

async fn converse(agent: &Agent, session: &str, caller: Option<Arc<Caller>>) -> Result<Answer, Error> {
    let question = Question {
        text: "how many orders are there?".to_owned(),
        session: Some(session.to_owned()),
        caller,
        ..Question::default()
    };
    agent.query(question, &Events::default()).await
}

fn roles() -> Json {
    json!({"blocked_tables": ["salaries"], "roles": {
        "clerk": {"allowed_tables": ["orders"], "row_filters": {"orders": "tenant_id = :tenant"}},
        "boss": {"masked_columns": ["customers.email"]},
    }})
}

#[tokio::test]
async fn the_first_declared_role_of_a_caller_chooses_before_anything_is_read() {
    let (agent, parrot, _file) = parroting("SELECT count(*) AS n FROM orders", roles()).await;
    for nobody in [None, caller("eve", &[], Some(1)), caller("eve", &["clerk "], Some(1))] {
        assert_eq!(ask(&agent, "how many orders?", nobody.clone()).await.unwrap_err().code(), Code::NoRole);
        assert_eq!(agent.run_sql("SELECT 1", nobody.as_ref()).await.unwrap_err().code(), Code::NoRole);
        assert_eq!(agent.schema(false, nobody.as_ref()).await.unwrap_err().code(), Code::NoRole);
    }
    let lacking = ask(&agent, "how many orders?", caller("ann", &["clerk"], None)).await.unwrap_err();
    assert_eq!((lacking.code(), lacking.rule()), (Code::SqlRejected, Some("row_filter")));
    assert_eq!(ask(&agent, "hm?", caller(" ", &["boss"], None)).await.unwrap_err().code(), Code::InvalidCaller);
    assert_eq!(parrot.asked.load(Ordering::Relaxed), 0, "nobody was asked who is refused");

    // Both roles: the one declared first holds, with what holds for everyone.
    for (who, count) in [(caller("ann", &["boss", "clerk"], Some(1)), 2), (caller("max", &["boss"], None), 4)] {
        assert_eq!(ask(&agent, "how many orders?", who).await.unwrap().rows.cells, [Value::Int(count)]);
    }
    let seen = parrot.tables.lock().unwrap().clone();
    assert_eq!(seen, [vec!["orders"], vec!["customers", "orders"]]);
}

#[tokio::test]
async fn proposals_are_shared_by_the_callers_of_a_role_and_rows_by_nobody() {
    let (agent, parrot, _file) = parroting("SELECT sum(total) AS s FROM orders", roles()).await;
    let mut sums = Vec::new();
    for tenant in [1, 2, 1] {
        let who = caller(&format!("clerk {tenant}"), &["clerk"], Some(tenant));
        sums.extend(ask(&agent, "what is the total?", who).await.unwrap().rows.cells);
    }
    assert_eq!(sums, [Value::Int(40), Value::Int(60), Value::Int(40)]);
    assert_eq!(parrot.asked.load(Ordering::Relaxed), 1);
    assert_eq!(
        ask(&agent, "what is the total?", caller("max", &["boss"], None)).await.unwrap().rows.cells,
        [Value::Int(100)]
    );
    assert_eq!(parrot.asked.load(Ordering::Relaxed), 2, "another role may see another schema");
}

#[tokio::test]
async fn everyone_has_the_last_role() {
    let options = json!({"roles": {"boss": {}, "*": {"allowed_tables": ["orders"]}}});
    let (agent, _file) = offline(options).await;
    for who in [None, caller("ann", &["unknown"], None)] {
        assert_eq!(agent.schema(false, who.as_ref()).await.unwrap().tables.len(), 1);
    }
    assert_eq!(agent.schema(false, caller("max", &["boss"], None).as_ref()).await.unwrap().tables.len(), 3);
    let file = File::new(SHOP).await;
    let error = config(&file, json!({"roles": {"*": {}, "boss": {}}})).unwrap_err();
    assert_eq!(error.code(), Code::InvalidOption, "nobody would ever be a boss");
}

#[tokio::test]
async fn what_is_wrong_with_a_policy_is_said_at_once() {
    let file = File::new(SHOP).await;
    let wrong = config(&file, json!({"roles": {"clerk": {"allowed_table": []}}})).unwrap_err();
    assert_eq!((wrong.code(), wrong.hint()), (Code::UnknownOption, "did you mean `allowed_tables`?"));
    assert!(wrong.to_string().contains("`clerk`"), "{wrong}");
    for options in
        [json!({"row_filters": ["x"]}), json!({"roles": {"a": []}}), json!({"roles": {"a": {"row_filters": {"t": 1}}}})]
    {
        assert_eq!(config(&file, options.clone()).unwrap_err().code(), Code::InvalidOption, "{options}");
    }
    for options in [
        json!({"row_filters": {"orders": "tenant_id = "}}),
        json!({"roles": {"clerk": {"row_filters": {"orders": "1; DROP TABLE orders"}}}}),
    ] {
        let error = Agent::new(config(&file, options.clone()).unwrap()).unwrap_err();
        assert_eq!(error.code(), Code::InvalidOption, "{options}");
        assert!(error.to_string().contains("`orders`"), "{error}");
    }
    let environment = HashMap::from([
        ("ROW_FILTERS".to_owned(), r#"{"orders": "tenant_id = :tenant"}"#.to_owned()),
        ("MASKED_COLUMNS".to_owned(), "email, customers.pin".to_owned()),
    ]);
    let given = json!({"database_url": "sqlite://"});
    let access = Config::build(given.as_object().unwrap(), &environment).unwrap().safety.access;
    assert_eq!(access.row_filters, [("orders".to_owned(), "tenant_id = :tenant".to_owned())]);
    assert_eq!(access.masked_columns, ["email", "customers.pin"]);
}

#[tokio::test]
async fn masked_values_come_out_as_a_mask_wherever_they_go() {
    let (agent, _file) = offline(json!({"masked_columns": ["email", "customers.pin"]})).await;
    let rows = agent.run_sql("SELECT id, email, upper(pin) AS p FROM customers ORDER BY id", None).await.unwrap();
    let mask = || Value::from("***");
    assert_eq!(rows.cells[..6], [Value::Int(1), mask(), mask(), Value::Int(2), Value::Null, mask()]);
    assert_eq!(rows.warnings, ["column `email` is masked", "column `p` is masked"]);
    let answer = ask(&agent, "what is the email of Ada?", None).await.unwrap();
    assert_eq!(answer.rows.cells, [mask()], "{answer:?}");
    assert!(!format!("{answer:?}").contains("@one"), "{answer:?}");
    let none = agent.run_sql("SELECT email FROM customers WHERE id = 2", None).await.unwrap();
    assert_eq!(none.cells, [Value::Null]);
}

#[tokio::test]
async fn stored_values_of_masked_columns_and_filtered_tables_are_never_read() {
    let file = File::new(SHOP).await;
    let database = file.open();
    let schema = Arc::new(database.introspect().await.unwrap());
    let base = Policy { masked_columns: vec!["customers.email".to_owned()], ..Policy::default() };
    let filter = RowFilter::new(database.dialect(), "salaries", "id = :id").unwrap();
    let guard = Guard::new(database.dialect(), base).and(Policy { row_filters: vec![filter], ..Policy::default() });
    let visible = Arc::new(guard.visible(&schema));
    let catalog = Catalog::load(visible, database.as_ref(), &guard, Duration::from_secs(20)).await.unwrap();
    let found = |key: &str| catalog.values().find(key).count();
    assert_eq!((found("ada"), found("1111")), (1, 1), "what may be read is");
    assert_eq!((found("zoe"), found("ada@one example"), found("ada@one.example")), (0, 0, 0));
    let email = catalog.columns_of(0).find(|id| catalog.column(*id).name == "email").unwrap();
    assert!(catalog.values().values(email).is_empty() && !catalog.values().has_null(email));
}

#[tokio::test]
async fn the_offline_engine_names_the_columns_of_a_table_that_is_seen_in_part() {
    let (agent, _file) =
        offline(json!({"blocked_columns": ["pin"], "allowed_columns": ["orders.id", "orders.total"]})).await;
    let answer = ask(&agent, "show all customers", None).await.unwrap();
    assert_eq!(answer.rows.len(), 3, "{answer:?}");
    assert!(!answer.sql.unwrap().contains('*'));
    let mut names: Vec<&str> = answer.rows.columns.iter().map(|column| column.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["email", "id", "name", "tenant_id"]);
    let orders = ask(&agent, "list all orders", None).await.unwrap();
    assert_eq!(orders.rows.columns.len(), 2, "{orders:?}");
}

#[tokio::test]
async fn what_may_not_be_seen_is_said_so() {
    let (agent, _file) = offline(json!({"blocked_tables": ["salaries"], "blocked_columns": ["customers.pin"]})).await;
    for (question, name) in [
        ("how many salaries are there?", "`salaries`"),
        ("what is the highest salary?", "`salaries`"),
        ("what is the highest bonus?", "`salaries.bonus`"),
        ("what is the pin of the customer Ada?", "`customers.pin`"),
    ] {
        let answer = ask(&agent, question, None).await.unwrap();
        let said = format!("{} {}", answer.natural_response, answer.warnings.join(" "));
        assert!(said.contains(&format!("{name} may not be read")), "{question}: {answer:?}");
    }
    for question in ["how many orders are there?", "how many tables are there?", "how many planets are there?"] {
        let answer = ask(&agent, question, None).await.unwrap();
        assert!(!format!("{answer:?}").contains("may not be read"), "{question}: {answer:?}");
    }
    let error = agent.run_sql("SELECT * FROM salaries", None).await.unwrap_err();
    assert_eq!(
        (error.rule(), error.to_string().as_str()),
        (Some("allowed_relation"), "table `salaries` may not be read")
    );
}

/// What a caller is told of a failure, without the names in it: nothing else may differ between what is
/// hidden and what is not there.
fn told(error: &Error, table: &str, column: &str) -> String {
    let whole = format!("{:?} {:?} {error} {}", error.code(), error.rule(), error.hint());
    whole.replace(table, "…").replace(column, "…")
}

#[tokio::test]
async fn what_is_concealed_cannot_be_told_from_what_does_not_exist() {
    let policy =
        json!({"blocked_tables": ["salaries"], "blocked_columns": ["customers.pin"], "conceal_forbidden": true});
    let (agent, _file) = offline(policy).await;
    for (hidden, absent) in [
        ("SELECT count(*) FROM salaries", "SELECT count(*) FROM solaries"),
        ("SELECT s.id FROM main.salaries s", "SELECT s.id FROM main.solaries s"),
        ("SELECT salaries.bonus FROM orders", "SELECT solaries.bonus FROM orders"),
        ("SELECT pin FROM customers", "SELECT pun FROM customers"),
        ("SELECT c.pin FROM customers c", "SELECT c.pun FROM customers c"),
        ("SELECT id FROM customers WHERE pin = '1111'", "SELECT id FROM customers WHERE pun = '1111'"),
        ("SELECT count(*) FROM customers GROUP BY pin", "SELECT count(*) FROM customers GROUP BY pun"),
        (
            "SELECT o.id FROM orders o JOIN customers c USING (pin)",
            "SELECT o.id FROM orders o JOIN customers c USING (pun)",
        ),
        ("SELECT x.pin FROM (SELECT id, pin FROM customers) x", "SELECT x.pun FROM (SELECT id, pun FROM customers) x"),
        ("SELECT * FROM customers", "SELECT * FROM orders"),
        ("SELECT c.* FROM customers c", "SELECT c.* FROM orders c"),
    ] {
        let (hidden, absent) =
            (agent.run_sql(hidden, None).await.unwrap_err(), agent.run_sql(absent, None).await.unwrap_err());
        assert_eq!(told(&hidden, "salaries", "pin"), told(&absent, "solaries", "pun"), "{:?}", hidden.sql());
    }
    assert!(agent.run_sql("SELECT id AS pun, count(*) FROM orders GROUP BY pun ORDER BY pun", None).await.is_ok());

    let shop =
        SHOP.lines().filter(|line| !line.contains("salaries")).collect::<Vec<_>>().join("\n").replace(", pin TEXT", "");
    let shop = shop.replace(", '1111'", "").replace(", '2222'", "").replace(", '3333'", "");
    let file = File::new(&shop).await;
    let policy = json!({"blocked_columns": ["pin"], "conceal_forbidden": true});
    let without = Agent::new(config(&file, policy).unwrap()).unwrap();
    for question in [
        "how many salaries are there?",
        "what is the highest bonus?",
        "what is the pin of the customer Ada?",
        "how many tables are there?",
        "describe salaries",
        "show all customers",
    ] {
        let (one, other) = (ask(&agent, question, None).await.unwrap(), ask(&without, question, None).await.unwrap());
        let shown = |answer: &Answer| {
            (answer.natural_response.clone(), answer.sql.clone(), answer.clarification.clone(), answer.warnings.clone())
        };
        assert_eq!(shown(&one), shown(&other), "{question}");
    }
    let schema = agent.schema(false, None).await.unwrap();
    assert!(!serde_json::to_string(&*schema).unwrap().contains("salaries"));
}

#[tokio::test]
async fn a_conversation_belongs_to_its_caller() {
    let (agent, parrot, _file) = parroting("SELECT count(*) AS n FROM orders", roles()).await;
    let (ann, bob) = (caller("ann", &["clerk"], Some(1)), caller("bob", &["clerk"], Some(2)));
    agent.create_session("hers", ann.clone()).await.unwrap();
    assert_eq!(converse(&agent, "hers", None).await.unwrap().rows.cells, [Value::Int(2)], "its caller asks");
    for code in [
        converse(&agent, "hers", bob.clone()).await.unwrap_err().code(),
        agent.create_session("hers", bob.clone()).await.unwrap_err().code(),
        agent.history("hers", bob.as_ref()).await.unwrap_err().code(),
    ] {
        assert_eq!(code, Code::OtherCaller);
    }
    assert_eq!(agent.history("hers", ann.as_ref()).await.unwrap().unwrap().len(), 1);
    // Nobody made this one for a caller; the first question does.
    assert!(converse(&agent, "his", bob.clone()).await.is_ok());
    assert_eq!(converse(&agent, "his", ann.clone()).await.unwrap_err().code(), Code::OtherCaller);
    assert_eq!(converse(&agent, "his", None).await.unwrap_err().code(), Code::OtherCaller);
    agent.forget_session("hers", true).await.unwrap();
    assert!(converse(&agent, "hers", bob).await.is_ok(), "a name that is free again");
    assert_eq!(parrot.asked.load(Ordering::Relaxed), 1, "the questions were the same");
}

#[tokio::test]
async fn a_conversation_that_outlives_the_process_still_belongs_to_its_caller() {
    let file = File::new(SHOP).await;
    let store = file.path().with_file_name("sessions.db");
    let open = || Agent::new(config(&file, json!({"session_db_path": store.to_str().unwrap()})).unwrap()).unwrap();
    let ann = caller("ann", &[], None);
    let agent = open();
    converse(&agent, "hers", ann.clone()).await.unwrap();
    agent.close().await;
    let agent = open();
    assert_eq!(converse(&agent, "hers", caller("bob", &[], None)).await.unwrap_err().code(), Code::OtherCaller);
    assert_eq!(converse(&agent, "hers", None).await.unwrap_err().code(), Code::OtherCaller);
    assert!(converse(&agent, "hers", ann).await.is_ok());
    agent.close().await;
}
