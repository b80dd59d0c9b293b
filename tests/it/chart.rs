//! Which chart a result becomes: each rule and each kind of column by an example, and what becomes of odd values.

use std::collections::BTreeSet;

use db_query_agent::answer::chart::{Chart, Form, KINDS, MOST_ROWS, RULES, Role, Wish, chart};
use db_query_agent::database::{ResultColumn, Rows};
use db_query_agent::error::Code;
use db_query_agent::value::Value;
use serde_json::{Value as Json, json};

/// Rows from JSON: whole numbers, doubles, texts, truth values and NULL; `@2024-03-01` is a date.
fn rows(names: &[&str], cells: &Json) -> Rows {
    let value = |cell: &Json| match cell {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => number.as_i64().map_or_else(|| Value::Float(number.as_f64().unwrap()), Value::Int),
        Json::String(text) => {
            text.strip_prefix('@').map_or_else(|| text.as_str().into(), |day| Value::Date(day.parse().unwrap()))
        }
        other => Value::Json(Box::new(other.clone())),
    };
    let columns = names.iter().map(|name| ResultColumn { name: (*name).into(), type_name: String::new() }).collect();
    let cells: Vec<Value> =
        cells.as_array().unwrap().iter().flat_map(|row| row.as_array().unwrap()).map(value).collect();
    assert_eq!(cells.len() % names.len().max(1), 0, "each row has a cell for each column");
    Rows { columns, cells, ..Rows::default() }
}

fn drawn(names: &[&str], cells: &Json) -> Chart {
    let rows = rows(names, cells);
    chart(&rows, rows.len(), &Wish::default()).unwrap()
}

fn values(chart: &Chart) -> &Vec<Json> {
    chart.specification["data"]["values"].as_array().unwrap()
}

fn notes(chart: &Chart) -> &Json {
    &chart.specification["title"]["subtitle"]
}

/// A rule, a result that it draws, and what it draws: form, x, y, series.
type Example = (&'static str, Vec<&'static str>, Json, (Form, &'static str, &'static str, &'static str));

fn examples() -> Vec<Example> {
    let months = || (1..=4).map(|month| format!("@2024-{month:02}-01"));
    let pairs = || months().flat_map(|month| ["paid", "open"].map(|state| json!([month, state, 3]))).collect::<Json>();
    let years = (2023..=2024).flat_map(|year| (1..=3).map(move |month| json!([year, month, year - month])));
    let people: Vec<Json> =
        (0..40).map(|age| json!([age % 7, f64::from(age) * 1.5, if age % 2 == 0 { "a" } else { "b" }])).collect();
    let ages: Json = (18..60).map(|age| json!([age, age % 5])).collect();
    let shop = json!([["Berlin", "paid", 3], ["Berlin", "open", 1], ["Rome", "paid", 2], ["Rome", "open", 5]]);
    let repeated = json!([["@2024-03-01", 5.5], ["@2024-03-01", 2.5], ["@2024-03-02", 7.0]]);
    vec![
        ("nothing", vec!["city", "total"], json!([]), (Form::Table, "", "", "")),
        ("one number", vec!["count"], json!([[7]]), (Form::Number, "", "count", "")),
        ("one number", vec!["id", "name", "total"], json!([[3, "Ann", 7.5]]), (Form::Number, "", "total", "")),
        ("one number", vec!["first_year"], json!([[2019]]), (Form::Number, "", "first_year", "")),
        ("one row", vec!["name"], json!([["Ann"]]), (Form::Table, "", "", "")),
        ("one row", vec!["low", "high"], json!([[1, 9]]), (Form::Table, "", "", "")),
        (
            "listing",
            vec!["id", "name", "city", "age"],
            json!([[1, "A", "x", 3], [2, "B", "y", 4]]),
            (Form::Table, "", "", ""),
        ),
        (
            "listing",
            vec!["a", "b", "c", "d", "e"],
            json!([[1, 2, 3, 4, 5], [6, 7, 8, 9, 0]]),
            (Form::Table, "", "", ""),
        ),
        (
            "ranked times",
            vec!["month", "revenue"],
            json!([["@2024-03-01", 9], ["@2024-01-01", 7], ["@2024-02-01", 4]]),
            (Form::Bar, "month", "revenue", ""),
        ),
        (
            "trend",
            vec!["month", "revenue"],
            months().map(|month| json!([month, 3])).collect(),
            (Form::Line, "month", "revenue", ""),
        ),
        ("trend", vec!["year", "total"], json!([[2022, 5], [2023, 6], [2024, 2]]), (Form::Line, "year", "total", "")),
        ("trend", vec!["month", "n"], json!([["2024-03", 5], ["2024-04", 6]]), (Form::Line, "month", "n", "")),
        ("trends", vec!["month", "status", "total"], pairs(), (Form::Line, "month", "total", "status")),
        ("trends", vec!["year", "month", "total"], years.collect(), (Form::Line, "month", "total", "year")),
        ("comparison", vec!["city", "total"], json!([["Rome", 3], [null, 9]]), (Form::Bar, "city", "total", "")),
        (
            "comparison",
            vec!["id", "name", "units", "revenue"],
            json!([[7, "A", 3, 90], [4, "B", 8, 70], [5, "C", 2, 60]]),
            (Form::Bar, "name", "revenue", ""),
        ),
        ("groups", vec!["city", "status", "orders"], shop, (Form::GroupedBar, "city", "orders", "status")),
        (
            "numbers as groups",
            vec!["rating", "count"],
            json!([[1, 7], [2, 3], [5, 4]]),
            (Form::Bar, "rating", "count", ""),
        ),
        ("distribution", vec!["age", "count"], ages, (Form::Line, "age", "count", "")),
        ("two measures", vec!["age", "income", "sex"], people.into(), (Form::Scatter, "age", "income", "sex")),
        ("dots over time", vec!["day", "amount"], repeated, (Form::Scatter, "day", "amount", "")),
        ("keys", vec!["customer_id", "total"], json!([[17, 3.5], [4, 9.0]]), (Form::Bar, "customer_id", "total", "")),
        (
            "the rest",
            vec!["name", "born"],
            json!([["Ann", "@1990-01-05"], ["Bob", "@1984-11-30"]]),
            (Form::Table, "", "", ""),
        ),
        ("the rest", vec!["city", "age"], json!([["Rome", 3], ["Rome", 4]]), (Form::Table, "", "", "")),
    ]
}

#[test]
fn each_rule_draws_its_examples() {
    let mut seen = BTreeSet::new();
    for (rule, names, cells, (form, x, y, series)) in examples() {
        let drawn = drawn(&names, &cells);
        let given = |name: &Option<String>| name.clone().unwrap_or_default();
        assert_eq!(
            (drawn.rule, drawn.form, given(&drawn.x).as_str(), given(&drawn.y).as_str(), given(&drawn.series).as_str()),
            (Some(rule), form, x, y, series),
            "{names:?}"
        );
        seen.insert(rule);
    }
    assert_eq!(seen, RULES.iter().map(|rule| rule.name).collect::<BTreeSet<_>>(), "a rule has no example");
    assert!(
        RULES.iter().all(|rule| examples().iter().all(|(name, .., drawn)| *name != rule.name || drawn.0 == rule.form))
    );
}

#[test]
fn each_kind_of_column_is_told_by_an_example() {
    // A column beside a measure: what it is shows in what is drawn.
    let role = |name: &str, first: Json, second: Json| {
        let chart = drawn(&[name, "total"], &json!([[first, 5.5], [second, 7.25], [null, 3.5]]));
        match (chart.rule.unwrap(), chart.form) {
            ("trend", _) if values(&chart)[0]["x"].is_number() => Role::Part,
            ("trend", _) => Role::Time,
            ("keys", _) => Role::Key,
            ("comparison", _) => Role::Category,
            (_, Form::Table) => Role::Other,
            _ => Role::Measure,
        }
    };
    let told = [
        (Role::Other, "document", json!([1]), json!([2])),
        (Role::Other, "remark", json!("x".repeat(81)), json!("y".repeat(81))),
        (Role::Time, "day", json!("@2024-03-07"), json!("@2024-03-09")),
        (Role::Time, "x", json!("2024-03-07 10:00"), json!("2024-03-07 11:00")),
        (Role::Part, "hour", json!("07"), json!("08")),
        (Role::Part, "order_year", json!(2023), json!(2024)),
        (Role::Key, "user_id", json!(3), json!(4)),
        (Role::Key, "uuid", json!("3f"), json!("4a")),
        (Role::Category, "country_code", json!("DE"), json!("IT")),
        (Role::Category, "active", json!(true), json!(false)),
        (Role::Category, "mixed", json!(1), json!("one")),
        (Role::Category, "year", json!("old"), json!("new")),
        (Role::Measure, "price", json!(1.5), json!(2)),
        (Role::Measure, "hour", json!(7), json!(24)),
    ];
    for (wanted, name, first, second) in &told {
        assert_eq!(role(name, first.clone(), second.clone()), *wanted, "{name}");
    }
    for kind in KINDS {
        assert!(told.iter().any(|(role, ..)| *role == kind.role), "`{}` has no example", kind.name);
    }
}

#[test]
fn bars_stand_as_the_query_sorted_them_and_lie_down_where_labels_are_long() {
    let short = drawn(&["city", "total"], &json!([["Rome", 3], ["Berlin", 9]]));
    assert_eq!(short.specification["encoding"]["x"]["sort"], Json::Null);
    assert_eq!(values(&short)[0], json!({ "x": "Rome", "y": 3 }));
    assert_eq!(short.specification["encoding"]["y"]["field"], "y");
    let long = drawn(&["product", "total"], &json!([["Ergonomic office chair", 3], ["Desk", 9]]));
    assert_eq!(long.specification["encoding"]["y"]["field"], "x");
    let many: Json = (0..9).map(|city| json!([format!("c{city}"), city])).collect();
    assert_eq!(drawn(&["city", "total"], &many).specification["encoding"]["y"]["field"], "x");
}

#[test]
fn a_person_is_called_by_both_names() {
    let people = json!([["Ann", "Ito", 9], ["Ann", "Poe", 7], ["Bob", null, 5], [null, "Low", 2]]);
    let drawn = drawn(&["first_name", "last_name", "total"], &people);
    assert_eq!((drawn.rule, drawn.x.as_deref()), (Some("comparison"), Some("first_name")));
    let labels: Vec<&Json> = values(&drawn).iter().map(|point| &point["x"]).collect();
    assert_eq!(labels, ["Ann Ito", "Ann Poe", "Bob", "Low"]);
    assert_eq!(
        (drawn.title.as_str(), &drawn.specification["encoding"]["x"]["title"]),
        ("Total by name", &json!("Name"))
    );
}

#[test]
fn what_is_too_much_is_cut_and_said() {
    let bars: Json = (0..120).map(|city| json!([format!("c{city}"), 200 - city])).collect();
    let chart_of_bars = drawn(&["city", "total"], &bars);
    assert_eq!((values(&chart_of_bars).len(), notes(&chart_of_bars)), (30, &json!(["the first 30 of 120 bars"])));

    let lines: Json = (1..=4)
        .flat_map(|month| (0..25).map(move |land| json!([format!("@2024-{month:02}-01"), format!("l{land}"), land])))
        .collect();
    let chart_of_lines = drawn(&["month", "land", "total"], &lines);
    assert_eq!((values(&chart_of_lines).len(), notes(&chart_of_lines)), (40, &json!(["the 10 largest of 25 groups"])));
    assert!(values(&chart_of_lines).iter().all(|point| point["y"].as_i64() >= Some(15)));

    let dots: Json = (0..6_000).map(|dot| json!([f64::from(dot) / 7.0, f64::from(dot % 13) / 2.0])).collect();
    let chart_of_dots = drawn(&["weight", "price"], &dots);
    assert_eq!(values(&chart_of_dots).len(), MOST_ROWS);
    assert_eq!(notes(&chart_of_dots), &json!(["made from the first 5,000 of 6,000 rows"]));

    let cut = Rows { truncated: true, ..rows(&["city", "total"], &json!([["Rome", 3], ["Oslo", 4]])) };
    let cut = chart(&cut, 2, &Wish::default()).unwrap();
    assert_eq!(notes(&cut), &json!(["more rows match than were read"]));
}

#[test]
fn numbers_are_exact_and_what_is_none_is_said() {
    let columns = ["name", "big"].map(|name| ResultColumn { name: name.into(), type_name: String::new() }).to_vec();
    let cells = vec![
        "a".into(),
        Value::UInt(u64::MAX),
        "b".into(),
        Value::Decimal("12345678901234567.25".into()),
        "c".into(),
        Value::Decimal("NaN".into()),
        "d".into(),
        Value::Float(f64::INFINITY),
        "e".into(),
        Value::Decimal("1.50".into()),
    ];
    let rows = Rows { columns, cells, ..Rows::default() };
    let drawn = chart(&rows, 5, &Wish::default()).unwrap();
    let exact: Vec<&Json> = values(&drawn).iter().map(|point| &point["exact"]).collect();
    assert_eq!(exact[..2], [&json!("18,446,744,073,709,551,615"), &json!("12,345,678,901,234,567.25")]);
    assert_eq!(values(&drawn)[0]["y"], json!(u64::MAX));
    assert_eq!((&values(&drawn)[2]["y"], &values(&drawn)[3]["y"]), (&Json::Null, &Json::Null));
    assert_eq!(values(&drawn)[4], json!({ "x": "e", "y": 1.5, "exact": "1.5" }));
    assert_eq!(notes(&drawn), &json!(["no number for Big in 2 rows"]));

    let gaps = self::drawn(&["month", "total"], &json!([["@2024-01-01", 3], [null, 5], ["@2024-03-01", null]]));
    assert_eq!(values(&gaps).len(), 2, "a time without a number is a gap, a number without a time is left out");
    assert_eq!(notes(&gaps), &json!(["1 row without Month left out", "no number for Total in 1 row"]));
}

#[test]
fn names_never_reach_a_place_where_they_are_read_as_more_than_text() {
    let names =
        ["a.b[0]", "x\"+datum.y+\"", "back\\slash", "two\nlines", "", "constructor", "__proto__", "total", "total"];
    for name in names {
        let drawn = drawn(&[name, "total"], &json!([["toString", 3], ["b", 4]]));
        let text = drawn.specification["encoding"].to_string();
        for title in ["x", "y"].map(|channel| drawn.specification["encoding"][channel]["title"].as_str().unwrap()) {
            assert!(!title.contains(['"', '\\', '\n']) && !title.is_empty(), "{title}");
            assert!(title.starts_with(|letter: char| !letter.is_lowercase() && letter != '_'), "{title}");
        }
        let fields: Vec<&str> = text.split("\"field\":\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(fields.len() >= 4 && fields.iter().all(|field| ["x", "y"].contains(field)), "{fields:?}");
    }
    let twice = drawn(&["name", "total", "total"], &json!([["a", 1, 9], ["b", 5, 4], ["c", 2, 3]]));
    assert_eq!(twice.y.as_deref(), Some("total_1"), "the one that the rows are ordered by");
}

#[test]
fn a_wish_is_followed_or_refused_with_the_reason() {
    let sales =
        rows(&["city", "status", "orders", "revenue"], &json!([["Rome", "paid", 3, 7.5], ["Oslo", "paid", 4, 2.5]]));
    let ask = |form, x, y, series| chart(&sales, 2, &Wish { form, x, y, series });
    let revenue = ask(None, None, Some("Revenue"), None).unwrap();
    assert_eq!((revenue.form, revenue.x.as_deref(), revenue.y.as_deref()), (Form::Bar, Some("city"), Some("revenue")));
    let stacked = ask(Some("bar"), Some("status"), Some("orders"), Some("city")).unwrap();
    assert_eq!(notes(&stacked), &json!(["rows of the same name are stacked"]));
    assert_eq!(ask(Some("scatter"), None, None, None).unwrap().x.as_deref(), Some("revenue"));
    assert_eq!(ask(Some("table"), None, None, None).unwrap().form, Form::Table);

    let refused = |form, x, y| ask(form, x, y, None).unwrap_err();
    for (error, part) in [
        (refused(Some("pie"), None, None), "no chart is called `pie`"),
        (refused(None, Some("town"), None), "no column `town`"),
        (refused(Some("bar"), None, Some("city")), "numbers in the column of `y`"),
        (refused(Some("number"), None, None), "a single row"),
        (refused(Some("bar"), Some("orders"), Some("orders")), "another column in each place"),
    ] {
        assert_eq!(error.code(), Code::InvalidOption);
        assert!(error.to_string().contains(part), "{error}");
        assert!(!error.hint().is_empty());
    }
    let nothing = rows(&["city", "total"], &json!([]));
    let nothing = chart(&nothing, 0, &Wish { form: Some("bar"), ..Wish::default() }).unwrap();
    assert_eq!((nothing.form, nothing.title.as_str()), (Form::Table, "No rows"));
}
