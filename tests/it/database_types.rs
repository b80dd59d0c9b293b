//! One table of types per engine: each value comes as the variant that has its native Python type.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};
use db_query_agent::database::Rows;
use db_query_agent::dialect::Dialect;
use db_query_agent::value::Value;
use uuid::Uuid;

use crate::scratch::{Scratch, WIDE, run};

fn decimal(digits: &str) -> Value {
    Value::Decimal(digits.into())
}

fn bytes(bytes: &[u8]) -> Value {
    Value::Bytes(bytes.into())
}

fn date(text: &str) -> Value {
    Value::Date(text.parse::<NaiveDate>().unwrap())
}

fn time(text: &str) -> Value {
    Value::Time(text.parse::<NaiveTime>().unwrap())
}

fn naive(text: &str) -> Value {
    Value::DateTime(text.parse::<NaiveDateTime>().unwrap())
}

fn aware(text: &str) -> Value {
    Value::DateTimeTz(Box::new(DateTime::parse_from_rfc3339(text).unwrap()))
}

fn span(seconds: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "the spans of these tests are short")]
    Value::Interval((seconds * 1e6).round() as i64)
}

fn json(text: &str) -> Value {
    Value::Json(Box::new(serde_json::from_str(text).unwrap()))
}

fn uuid(text: &str) -> Value {
    Value::Uuid(Box::new(text.parse::<Uuid>().unwrap()))
}

fn array(items: impl Into<Vec<Value>>) -> Value {
    Value::Array(items.into().into())
}

fn tuple(items: impl Into<Vec<Value>>) -> Value {
    Value::Tuple(items.into().into())
}

/// The type, a literal of it, what is expected.
type Case = (&'static str, &'static str, Value);

/// Makes a table with one column a case and one row, and a second row of NULLs, and compares.
async fn check(scratch: &Scratch, cases: &[Case]) -> Rows {
    let columns: Vec<_> = cases.iter().enumerate().map(|(at, case)| format!("c{at} {} NULL", case.0)).collect();
    let literals: Vec<_> = cases.iter().map(|case| case.1).collect();
    let nulls = vec!["NULL"; cases.len()].join(", ");
    scratch
        .execute(&format!(
            "CREATE TABLE types (id int, {}); INSERT INTO types VALUES (1, {}), (2, {nulls})",
            columns.join(", "),
            literals.join(", ")
        ))
        .await;
    let database = scratch.open(&[]);
    let rows = run(&*database, "SELECT * FROM types ORDER BY id", &WIDE).await.unwrap();
    assert_eq!(rows.len(), 2);
    assert!(!rows.truncated);
    let (values, nulls) = rows.cells.split_at(cases.len() + 1);
    for ((type_name, literal, expected), value) in cases.iter().zip(&values[1..]) {
        assert_eq!(value, expected, "{type_name} {literal}");
    }
    assert!(nulls[1..].iter().all(|value| *value == Value::Null), "{nulls:?}");
    rows
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn postgres() {
    let scratch = Scratch::new(Dialect::Postgres).await;
    scratch
        .execute(
            "CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE DOMAIN cents AS numeric(8,2); \
             CREATE TYPE pair AS (a int, b text); CREATE TYPE span AS RANGE (subtype = numeric)",
        )
        .await;
    let infinite = |text: &str| Value::from(text);
    let rows = check(
        &scratch,
        &[
            ("smallint", "-32768", Value::Int(-32768)),
            ("integer", "2147483647", Value::Int(2_147_483_647)),
            ("bigint", "-9223372036854775808", Value::Int(i64::MIN)),
            ("oid", "4294967295", Value::Int(4_294_967_295)),
            ("real", "1.1", Value::Float(1.1)),
            ("double precision", "'-Infinity'", Value::Float(f64::NEG_INFINITY)),
            (
                "numeric",
                "123456789012345678901234567890.0123456789",
                decimal("123456789012345678901234567890.0123456789"),
            ),
            ("numeric(10,2)", "1.1", decimal("1.10")),
            ("numeric", "0.000000000000000012", decimal("0.000000000000000012")),
            ("numeric", "-10000", decimal("-10000")),
            ("numeric", "'NaN'", decimal("NaN")),
            ("numeric", "'-Infinity'", decimal("-Infinity")),
            ("money", "12.3", decimal("12.30")),
            ("boolean", "true", Value::Bool(true)),
            ("text", "'ä €  😀'", Value::from("ä €  😀")),
            ("varchar(5)", "''", Value::from("")),
            ("char(3)", "'a'", Value::from("a  ")),
            ("name", "'n'", Value::from("n")),
            ("\"char\"", "'x'", Value::from("x")),
            ("xml", "'<a/>'", Value::from("<a/>")),
            ("bytea", "'\\x00ff'", bytes(&[0, 255])),
            ("date", "'2024-02-29'", date("2024-02-29")),
            ("date", "'infinity'", infinite("infinity")),
            ("date", "'0044-03-15 BC'", Value::from("0044-03-15 BC")),
            ("date", "'12024-03-15'", Value::from("12024-03-15")),
            ("date", "'0001-01-01'", date("0001-01-01")),
            ("date", "'9999-12-31'", date("9999-12-31")),
            ("time", "'23:59:59.999999'", time("23:59:59.999999")),
            ("time", "'24:00'", Value::from("24:00:00")),
            ("timetz", "'12:34:56.5+05:30'", Value::from("12:34:56.5+05:30")),
            ("timestamp", "'1969-12-31 23:59:59.5'", naive("1969-12-31T23:59:59.5")),
            ("timestamp", "'-infinity'", infinite("-infinity")),
            ("timestamptz", "'2024-07-01 12:00+02'", aware("2024-07-01T10:00:00+00:00")),
            ("timestamptz", "'0044-03-15 12:00:00.25+00 BC'", Value::from("0044-03-15 12:00:00.25+00 BC")),
            ("interval", "'1 day 02:03:04.5'", span(93784.5)),
            ("interval", "'-1 second'", span(-1.0)),
            ("interval", "'1 year 2 months -3 days 04:05:06'", Value::from("1 year 2 mons -3 days +04:05:06")),
            ("uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", uuid("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
            ("json", "'{\"b\": [1, null], \"a\": \"x\"}'", json(r#"{"b": [1, null], "a": "x"}"#)),
            ("jsonb", "'[1.5, {\"k\": true}]'", json(r#"[1.5, {"k": true}]"#)),
            ("int[]", "'{1,NULL,3}'", array([Value::Int(1), Value::Null, Value::Int(3)])),
            ("int[]", "'{}'", array([])),
            (
                "int[]",
                "'{{1,2},{3,4}}'",
                array([array([Value::Int(1), Value::Int(2)]), array([Value::Int(3), Value::Int(4)])]),
            ),
            ("numeric[]", "'{1.10,NaN}'", array([decimal("1.10"), decimal("NaN")])),
            ("text[]", "'{\"a,b\",\"\"}'", array([Value::from("a,b"), Value::from("")])),
            ("mood", "'happy'", Value::from("happy")),
            ("mood[]", "'{sad}'", array([Value::from("sad")])),
            ("cents", "5", decimal("5.00")),
            ("pair", "ROW(1, NULL)", tuple([Value::Int(1), Value::Null])),
            ("pair[]", "ARRAY[ROW(1, 'x')::pair]", array([tuple([Value::Int(1), Value::from("x")])])),
            ("int4range", "'[1,5]'", tuple([Value::Int(1), Value::Int(6), Value::from("[)")])),
            ("daterange", "'[2024-01-01,)'", tuple([date("2024-01-01"), Value::Null, Value::from("[)")])),
            ("span", "'(1.5,2.5]'", tuple([decimal("1.5"), decimal("2.5"), Value::from("(]")])),
            ("int4range", "'empty'", tuple([Value::Null, Value::Null, Value::from("empty")])),
            ("inet", "'192.168.0.1/24'", Value::from("192.168.0.1/24")),
            ("inet", "'::1'", Value::from("::1")),
            ("cidr", "'10.0.0.0/8'", Value::from("10.0.0.0/8")),
            ("macaddr", "'08:00:2b:01:02:03'", Value::from("08:00:2b:01:02:03")),
            ("bit(3)", "B'101'", Value::from("101")),
            ("varbit", "B'1010101011'", Value::from("1010101011")),
            ("point", "'(1,2)'", Value::from("(1,2)")),
            ("tsvector", "'a b'", Value::from("'a' 'b'")),
            ("pg_lsn", "'16/B374D848'", Value::from("16/B374D848")),
        ],
    )
    .await;
    let warned: Vec<_> = ["point", "tsvector", "pg_lsn"].map(|name| format!("the type `{name}`")).into();
    assert_eq!(rows.warnings.len(), warned.len(), "{:?}", rows.warnings);
    for name in warned {
        assert!(rows.warnings.iter().any(|warning| warning.contains(&name)), "{:?}", rows.warnings);
    }
    assert_eq!(rows.columns[1].type_name, "int2");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_multirange_of_postgres_does_not_stop_the_query() {
    let scratch = Scratch::new(Dialect::Postgres).await;
    scratch.execute("CREATE TABLE types AS SELECT 7 AS id, '{[1,3),[5,9)}'::int4multirange AS spans").await;
    let rows = run(&*scratch.open(&[]), "SELECT id, spans FROM types", &WIDE).await.unwrap();
    assert_eq!(rows.cells, [Value::Int(7), Value::from("{[1,3),[5,9)}")]);
    assert_eq!(rows.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>(), ["id", "spans"]);
    assert_eq!(rows.warnings.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn columns_of_one_name_stay_apart_when_one_must_be_shown_as_text() {
    let scratch = Scratch::new(Dialect::Postgres).await;
    scratch.execute("CREATE TABLE types AS SELECT 1 AS a, '(1,2)'::point AS b").await;
    let rows = run(&*scratch.open(&[]), "SELECT a AS x, b AS x FROM types;", &WIDE).await.unwrap();
    assert_eq!(rows.cells, [Value::Int(1), Value::from("(1,2)")]);
    assert!(rows.columns.iter().all(|column| column.name == "x"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn mysql() {
    let scratch = Scratch::new(Dialect::Mysql).await;
    check(
        &scratch,
        &[
            ("TINYINT", "-128", Value::Int(-128)),
            ("TINYINT UNSIGNED", "255", Value::Int(255)),
            ("SMALLINT", "-32768", Value::Int(-32768)),
            ("SMALLINT UNSIGNED", "65535", Value::Int(65535)),
            ("MEDIUMINT", "-8388608", Value::Int(-8_388_608)),
            ("INT", "2147483647", Value::Int(2_147_483_647)),
            ("INT UNSIGNED", "4294967295", Value::Int(4_294_967_295)),
            ("BIGINT", "-9223372036854775808", Value::Int(i64::MIN)),
            ("BIGINT UNSIGNED", "18446744073709551615", Value::UInt(u64::MAX)),
            ("BOOLEAN", "TRUE", Value::Bool(true)),
            ("TINYINT(1)", "5", Value::Int(5)),
            ("BIT(1)", "b'1'", Value::Int(1)),
            ("BIT(64)", "b'1111111111111111111111111111111111111111111111111111111111111111'", Value::UInt(u64::MAX)),
            ("FLOAT", "1.1", Value::Float(1.1)),
            ("DOUBLE", "-2.5e300", Value::Float(-2.5e300)),
            (
                "DECIMAL(40,10)",
                "123456789012345678901234567890.0123456789",
                decimal("123456789012345678901234567890.0123456789"),
            ),
            ("DECIMAL(10,2)", "1.1", decimal("1.10")),
            ("CHAR(3)", "'a'", Value::from("a")),
            ("VARCHAR(20) CHARACTER SET latin1", "'äé'", Value::from("äé")),
            ("VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "'Ä😀'", Value::from("Ä😀")),
            ("LONGTEXT", "''", Value::from("")),
            ("ENUM('s','m')", "'m'", Value::from("m")),
            ("SET('a','b','c')", "'a,c'", Value::from("a,c")),
            ("BINARY(3)", "X'00FF'", bytes(&[0, 255, 0])),
            ("VARBINARY(3)", "X'00FF'", bytes(&[0, 255])),
            ("LONGBLOB", "X'FF'", bytes(&[255])),
            ("DATE", "'2024-02-29'", date("2024-02-29")),
            ("DATETIME(6)", "'2024-02-29 12:34:56.789012'", naive("2024-02-29T12:34:56.789012")),
            ("DATETIME", "'2024-02-29 00:00:00'", naive("2024-02-29T00:00:00")),
            ("TIMESTAMP", "'2024-07-01 10:00:00'", aware("2024-07-01T10:00:00+00:00")),
            ("TIME(1)", "'-100:34:56.5'", span(-362_096.5)),
            ("TIME", "'00:00:00'", span(0.0)),
            ("YEAR", "2024", Value::Int(2024)),
            (
                "GEOMETRY",
                "ST_GeomFromText('POINT(1 2)')",
                bytes(&[0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 240, 63, 0, 0, 0, 0, 0, 0, 0, 64]),
            ),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn mysql_dates_that_are_none() {
    let scratch = Scratch::new(Dialect::Mysql).await;
    scratch
        .execute(
            "SET sql_mode = ''; CREATE TABLE types (a DATE, b DATETIME, c DATE); \
             INSERT INTO types VALUES ('0000-00-00', '0000-00-00 00:00:00', '2024-02-00')",
        )
        .await;
    let rows = run(&*scratch.open(&[]), "SELECT a, b, c FROM types", &WIDE).await.unwrap();
    assert_eq!(rows.cells, [Value::Null, Value::Null, Value::from("2024-02-00")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn mariadb_types_of_its_own_come_as_text() {
    let scratch = Scratch::new(Dialect::Mysql).await;
    scratch
        .execute(
            "CREATE TABLE types (a JSON, b UUID, c INET6); INSERT INTO types VALUES \
             ('{\"a\": 1}', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '::1')",
        )
        .await;
    let rows = run(&*scratch.open(&[]), "SELECT a, b, c FROM types", &WIDE).await.unwrap();
    let texts = ["{\"a\": 1}", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "::1"];
    assert_eq!(rows.cells, texts.map(Value::from));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn expressions_have_types_too() {
    for dialect in [Dialect::Postgres, Dialect::Mysql] {
        let scratch = Scratch::new(dialect).await;
        scratch
            .execute("CREATE TABLE numbers (n int, d decimal(6,2)); INSERT INTO numbers VALUES (1, 2.5), (2, 3.5)")
            .await;
        let sql = "SELECT count(*), sum(n), sum(d), avg(n), max(n), 'x', NULL FROM numbers";
        let rows = run(&*scratch.open(&[]), sql, &WIDE).await.unwrap();
        let [count, sum, total, average, most, text, null] = rows.cells.as_slice() else { panic!("{rows:?}") };
        assert_eq!((count, most, text, null), (&Value::Int(2), &Value::Int(2), &Value::from("x"), &Value::Null));
        assert_eq!((sum.as_f64(), total, average.as_f64()), (Some(3.0), &decimal("6.00"), Some(1.5)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_result_without_rows_has_its_columns() {
    for dialect in [Dialect::Postgres, Dialect::Mysql] {
        let scratch = Scratch::new(dialect).await;
        scratch.execute("CREATE TABLE nothing (a int, b varchar(5))").await;
        let rows = run(&*scratch.open(&[]), "SELECT a, b FROM nothing", &WIDE).await.unwrap();
        assert_eq!(rows.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert!(rows.is_empty() && !rows.truncated);
    }
}
