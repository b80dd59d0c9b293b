//! Query shapes of our own on a shop that two tenants share.

use db_query_agent::dialect::Dialect;
use db_query_agent::guard::{Guard, Policy};
use db_query_agent::value::Value;

use super::{ENGINES, Outcome, Place, caller, policy};

/// Tables as every engine takes them; `{q}` quotes a name, `note` and `secret` are the columns denied.
const TABLES: &str = "
CREATE TABLE customers (id INTEGER PRIMARY KEY, tenant_id INTEGER, name VARCHAR(40), city VARCHAR(40){secret});
CREATE TABLE orders (id INTEGER PRIMARY KEY, tenant_id INTEGER, customer_id INTEGER, total DECIMAL(10,2),
  status VARCHAR(20), placed DATE{note});
CREATE TABLE items (id INTEGER PRIMARY KEY, order_id INTEGER, product_id INTEGER, quantity INTEGER);
CREATE TABLE products (id INTEGER PRIMARY KEY, name VARCHAR(40), price DECIMAL(10,2));
CREATE TABLE staff (id INTEGER PRIMARY KEY, tenant_id INTEGER, manager_id INTEGER, name VARCHAR(40));
CREATE TABLE {q}Order Log{q} (id INTEGER PRIMARY KEY, tenant_id INTEGER, {q}Key{q} VARCHAR(20));
CREATE VIEW placed_orders AS SELECT id, tenant_id, total FROM orders WHERE status <> 'open';
";

/// Thirty orders whose tenants alternate unevenly, so that no statement finds the right rows by chance.
fn statements(dialect: Dialect, all: bool) -> String {
    let quote = if dialect == Dialect::Mysql { "`" } else { "\"" };
    let extra = |name: &str| if all { format!(", {name} VARCHAR(40)") } else { String::new() };
    let mut text = TABLES.replace("{q}", quote).replace("{secret}", &extra("secret")).replace("{note}", &extra("note"));
    let denied = if all { ", 'S3CR3T'" } else { "" };
    let has = |tenant: usize| all || tenant == 1;
    for id in 1..=8 {
        let tenant = 1 + id % 2;
        if has(tenant) {
            text +=
                &format!("INSERT INTO customers VALUES ({id}, {tenant}, 'Name {id}', 'City {}'{denied});\n", id % 3);
            let manager = if id <= 2 { "NULL".to_owned() } else { (id - 2).to_string() };
            text += &format!("INSERT INTO staff VALUES ({id}, {tenant}, {manager}, 'Staff {id}');\n");
            text += &format!("INSERT INTO {quote}Order Log{quote} VALUES ({id}, {tenant}, 'key {id}');\n");
        }
    }
    for id in 1..=5 {
        text += &format!("INSERT INTO products VALUES ({id}, 'Product {id}', {id}.50);\n");
    }
    for id in 1..=30 {
        let customer = 1 + id % 8;
        let tenant = 1 + customer % 2;
        if has(tenant) {
            let status = ["open", "paid", "sent"][id % 3];
            let (total, day) = (id * 7 % 50, 1 + id % 28);
            text += &format!(
                "INSERT INTO orders VALUES ({id}, {tenant}, {customer}, {total}.25, '{status}', '2024-03-{day:02}'{denied});\n"
            );
            for line in 1..=2 {
                let (item, product) = (id * 2 + line, 1 + (id + line) % 5);
                text += &format!("INSERT INTO items VALUES ({item}, {id}, {product}, {line});\n");
            }
        }
    }
    text
}

/// `{p}` qualifies a table, `{q}` quotes a name.
const SHAPES: &[&str] = &[
    "SELECT id, total FROM orders",
    "SELECT count(*) FROM orders",
    "SELECT count(*) AS n, sum(total) AS s, min(id) AS a, max(id) AS z FROM {p}.orders",
    "SELECT o.id, o.status FROM orders o WHERE o.total > 10",
    "SELECT o.id FROM orders AS o WHERE o.status = 'paid' OR o.id > 0",
    "SELECT orders.id, orders.total FROM orders ORDER BY orders.total DESC, orders.id LIMIT 5",
    "SELECT {p}.orders.id FROM {p}.orders ORDER BY {p}.orders.id",
    "SELECT {q}id{q}, {q}total{q} FROM {q}orders{q} ORDER BY {q}id{q}",
    "SELECT * FROM {q}Order Log{q} ORDER BY id",
    "SELECT l.* FROM {q}Order Log{q} l WHERE l.{q}Key{q} LIKE 'key%' ORDER BY l.id",
    "SELECT {q}Order Log{q}.{q}Key{q} FROM {q}Order Log{q} ORDER BY 1",
    "SELECT * FROM items",
    "SELECT items.* FROM items JOIN products ON products.id = items.product_id",
    "SELECT * FROM staff s1, staff s2 WHERE s1.manager_id = s2.id",
    "SELECT DISTINCT status FROM orders ORDER BY status",
    "SELECT status, count(*) AS n FROM orders GROUP BY status HAVING count(*) > 1 ORDER BY n DESC, status",
    "SELECT c.city, sum(o.total) AS s FROM customers c JOIN orders o ON o.customer_id = c.id GROUP BY c.city ORDER BY c.city",
    "SELECT c.name, o.id FROM customers c LEFT JOIN orders o ON o.customer_id = c.id AND o.status = 'open' ORDER BY c.id, o.id",
    "SELECT c.name, o.id FROM orders o RIGHT JOIN customers c ON o.customer_id = c.id AND o.total > 40 ORDER BY c.id, o.id",
    "SELECT p.name, i.id FROM products p LEFT JOIN items i ON i.product_id = p.id AND i.quantity = 2 ORDER BY p.id, i.id",
    "SELECT o.id, i.quantity, p.name FROM orders o JOIN items i ON i.order_id = o.id JOIN products p ON p.id = i.product_id",
    "SELECT a.id, b.id AS other FROM orders a JOIN orders b ON a.customer_id = b.customer_id AND a.id < b.id",
    "SELECT count(*) FROM orders a CROSS JOIN orders b",
    "SELECT count(*) FROM orders, customers",
    "SELECT (SELECT count(*) FROM orders) AS orders, (SELECT count(*) FROM customers) AS customers",
    "SELECT c.id, (SELECT max(o.total) FROM orders o WHERE o.customer_id = c.id) AS best FROM customers c",
    "SELECT id FROM customers WHERE id IN (SELECT customer_id FROM orders WHERE status = 'sent')",
    "SELECT id FROM products WHERE id NOT IN (SELECT product_id FROM items WHERE quantity > 1)",
    "SELECT c.id FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id AND o.total > 30)",
    "SELECT c.id FROM customers c WHERE NOT EXISTS (SELECT 1 FROM items i JOIN orders o ON o.id = i.order_id WHERE o.customer_id = c.id AND i.quantity = 3)",
    "SELECT total FROM orders WHERE total > (SELECT avg(total) FROM orders) ORDER BY total, id",
    "SELECT x.n FROM (SELECT count(*) AS n FROM orders GROUP BY customer_id) x ORDER BY x.n",
    "SELECT x.id FROM (SELECT id, total FROM orders WHERE total > 5) AS x JOIN (SELECT id FROM orders) AS y ON x.id = y.id",
    "WITH big AS (SELECT id, customer_id FROM orders WHERE total > 20) SELECT c.name, big.id FROM big JOIN customers c ON c.id = big.customer_id",
    "WITH a AS (SELECT id FROM orders), b AS (SELECT id FROM a WHERE id > 3) SELECT count(*) FROM a, b",
    "WITH RECURSIVE chain AS (SELECT id, manager_id, name, 0 AS depth FROM staff WHERE manager_id IS NULL UNION ALL SELECT s.id, s.manager_id, s.name, chain.depth + 1 FROM staff s JOIN chain ON s.manager_id = chain.id) SELECT id, name, depth FROM chain ORDER BY depth, id",
    "SELECT id FROM orders WHERE status = 'open' UNION SELECT id FROM customers",
    "SELECT tenant_id FROM orders UNION ALL SELECT tenant_id FROM customers UNION ALL SELECT tenant_id FROM staff",
    "SELECT customer_id FROM orders INTERSECT SELECT id FROM customers WHERE city = 'City 1'",
    "SELECT id FROM customers EXCEPT SELECT customer_id FROM orders WHERE total < 25",
    "SELECT id, row_number() OVER (ORDER BY total, id) AS place FROM orders",
    "SELECT id, sum(total) OVER (PARTITION BY customer_id ORDER BY id) AS running FROM orders ORDER BY id",
    "SELECT id, rank() OVER w AS place FROM orders WINDOW w AS (PARTITION BY status ORDER BY total DESC) ORDER BY id",
    "SELECT CASE WHEN total > 25 THEN 'high' ELSE 'low' END AS class, count(*) AS n FROM orders GROUP BY 1 ORDER BY 1",
    "SELECT o.id FROM orders o ORDER BY (SELECT c.name FROM customers c WHERE c.id = o.customer_id), o.id",
    "SELECT status FROM orders GROUP BY status HAVING sum(total) > (SELECT avg(total) FROM orders) ORDER BY status",
    "SELECT id, total FROM placed_orders ORDER BY id",
    "SELECT v.id, c.name FROM placed_orders v JOIN orders o ON o.id = v.id JOIN customers c ON c.id = o.customer_id",
    "SELECT o.id FROM (orders o JOIN customers c ON c.id = o.customer_id) ORDER BY o.id",
    "SELECT id FROM orders WHERE (status, customer_id) IN (SELECT status, customer_id FROM orders WHERE total > 30)",
    "SELECT count(*) FROM orders WHERE tenant_id = 2",
    "SELECT count(*) FROM orders WHERE tenant_id <> 1 OR 1 = 1",
    "SELECT o.tenant_id, count(*) AS n FROM orders o GROUP BY o.tenant_id",
    "SELECT id FROM orders o WHERE total = (SELECT max(total) FROM orders i WHERE i.customer_id = o.customer_id)",
    "SELECT c.id, o.id AS o FROM customers c JOIN orders o ON c.id = o.customer_id AND c.tenant_id <> o.tenant_id",
];

const POSTGRES: &[&str] = &[
    "WITH orders AS (SELECT id, total FROM orders WHERE total > 20) SELECT id, total FROM orders",
    "SELECT c.id, l.id AS o FROM customers c, LATERAL (SELECT o.id FROM orders o WHERE o.customer_id = c.id ORDER BY o.total DESC LIMIT 1) l",
    "SELECT c.id, l.n FROM customers c LEFT JOIN LATERAL (SELECT count(*) AS n FROM orders o WHERE o.customer_id = c.id) l ON true",
    "SELECT c.name, o.id FROM customers c FULL JOIN orders o ON o.customer_id = c.id AND o.total > 45 ORDER BY c.id, o.id",
    "SELECT DISTINCT ON (customer_id) customer_id, id FROM orders ORDER BY customer_id, total DESC",
    "SELECT status, count(*) FILTER (WHERE total > 20) AS n FROM orders GROUP BY ROLLUP (status) ORDER BY status",
    "SELECT array_agg(id ORDER BY id) AS ids FROM orders",
    "SELECT id FROM orders WHERE id = ANY (SELECT order_id FROM items)",
    "SELECT x.id FROM orders AS x (id, tenant, buyer) WHERE x.tenant > 0 ORDER BY x.id",
];

const MYSQL: &[&str] = &[
    "SELECT STRAIGHT_JOIN o.id FROM orders o JOIN customers c ON c.id = o.customer_id ORDER BY o.id",
    "SELECT group_concat(id ORDER BY id) AS ids FROM orders GROUP BY customer_id",
    "SELECT status, count(*) AS n FROM orders GROUP BY status WITH ROLLUP",
    "SELECT ORDERS.ID FROM orders ORDERS ORDER BY ORDERS.ID",
];

const SQLITE: &[&str] = &[
    "SELECT ID, Total FROM ORDERS ORDER BY Id",
    "SELECT group_concat(id) AS ids FROM (SELECT id FROM orders ORDER BY id)",
    "SELECT c.name, o.id FROM customers c FULL JOIN orders o ON o.customer_id = c.id ORDER BY c.id, o.id",
    "SELECT [id], `total` FROM main.[orders] ORDER BY 1",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_gets_exactly_its_rows_through_every_shape() {
    let mut wrong = Vec::new();
    for dialect in ENGINES {
        let (all, own) = (
            Place::new(dialect, &statements(dialect, true)).await,
            Place::new(dialect, &statements(dialect, false)).await,
        );
        let filters = [
            ("customers", "tenant_id = :tenant"),
            ("orders", "tenant_id IN (:tenants) AND tenant_id = :tenant"),
            ("items", "order_id IN (SELECT id FROM orders WHERE tenant_id = :tenant)"),
            ("staff", "tenant_id = :tenant"),
            ("Order Log", "tenant_id = :tenant"),
            ("placed_orders", "tenant_id = :tenant"),
        ];
        let mut restricted = policy(dialect, &filters, &["orders.note", "secret"]);
        // What a view makes of hidden columns is for whoever lists the view to say.
        restricted.allowed_columns = vec!["placed_orders.*".to_owned()];
        let list = Value::Array([Value::Int(1), Value::Int(7)].into());
        let guard = Guard::new(dialect, restricted).for_caller(caller(&[("tenant", Value::Int(1)), ("tenants", list)]));
        let free = Guard::new(dialect, Policy::default());
        let extra = match dialect {
            Dialect::Postgres => POSTGRES,
            Dialect::Mysql => MYSQL,
            _ => SQLITE,
        };
        assert!(SHAPES.len() + extra.len() > 40);
        for shape in SHAPES.iter().chain(extra) {
            let quote = if dialect == Dialect::Mysql { "`" } else { "\"" };
            let text = |place: &Place| shape.replace("{p}", &place.namespace).replace("{q}", quote);
            let expected = match own.ask(&free, &text(&own)).await {
                Ok(rows @ Outcome::Rows(_)) => rows,
                other => {
                    wrong.push(format!(
                        "{dialect}: {shape}
  on the copies {other:?}"
                    ));
                    continue;
                }
            };
            let ordered = shape.contains("ORDER BY") && !shape.contains("OVER");
            match all.ask(&guard, &text(&all)).await {
                Ok(got) if got.written(ordered) == expected.written(ordered) => {}
                got => wrong.push(format!("{dialect}: {shape}\n  got {got:?}\n  not {:?}", expected.written(ordered))),
            }
        }
        for denied in
            ["SELECT note FROM orders", "SELECT * FROM orders", "SELECT id FROM customers WHERE secret LIKE 'S%'"]
        {
            let rejection = all.ask(&guard, denied).await.unwrap_err();
            assert_eq!(rejection.rule, "allowed_column", "{dialect}: {denied}: {}", rejection.message);
        }
    }
    assert!(wrong.is_empty(), "{} shapes gave other rows:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_without_a_value_gets_no_row_and_without_an_attribute_no_answer() {
    for dialect in ENGINES {
        let place = Place::new(dialect, &statements(dialect, true)).await;
        let restricted =
            policy(dialect, &[("orders", "tenant_id = :tenant"), ("staff", "tenant_id IN (:tenants)")], &[]);
        let guard = Guard::new(dialect, restricted);
        let nobody = guard.clone().for_caller(caller(&[]));
        assert_eq!(nobody.approve("SELECT count(*) FROM orders", &place.schema).unwrap_err().rule, "row_filter");
        assert_eq!(nobody.check_caller().unwrap_err().rule, "row_filter");
        let empty = caller(&[("tenant", Value::Null), ("tenants", Value::Array([].into()))]);
        let guard = guard.for_caller(empty);
        for table in ["orders", "staff"] {
            let got = place.ask(&guard, &format!("SELECT id FROM {table}")).await.unwrap();
            assert!(matches!(&got, Outcome::Rows(rows) if rows.is_empty()), "{dialect}: {table}: {got:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn masked_values_and_what_is_made_of_them_are_masked_on_every_engine() {
    for dialect in ENGINES {
        let place = Place::new(dialect, &statements(dialect, true)).await;
        let masked =
            Policy { masked_columns: vec!["secret".to_owned(), "orders.note".to_owned()], ..Policy::default() };
        let guard = Guard::new(dialect, masked);
        let (one, mask) = (Value::Int(1), Value::from("***"));
        for (sql, expected) in [
            (
                "SELECT id, secret, upper(secret) AS u FROM customers WHERE id = 1",
                vec![one.clone(), mask.clone(), mask.clone()],
            ),
            (
                "SELECT concat(name, '-', secret) AS c, name FROM customers WHERE id = 1",
                vec![mask.clone(), "Name 1".into()],
            ),
            (
                "SELECT x.s, x.id FROM (SELECT secret AS s, id FROM customers) x WHERE x.id = 1",
                vec![mask.clone(), one.clone()],
            ),
            (
                "SELECT note FROM orders WHERE id = 1 UNION SELECT name FROM customers WHERE id = 1",
                vec![mask.clone(); 2],
            ),
            (
                "SELECT id, CASE WHEN secret = 'S3CR3T' THEN 1 ELSE 0 END AS h FROM customers WHERE id = 1",
                vec![one.clone(), mask],
            ),
        ] {
            match place.ask(&guard, sql).await.unwrap() {
                Outcome::Rows(rows) => {
                    assert_eq!(rows.cells, expected, "{dialect}: {sql}");
                    assert!(rows.warnings.iter().any(|warning| warning.ends_with("is masked")), "{:?}", rows.warnings);
                }
                failed @ Outcome::Failed(_) => panic!("{dialect}: {sql}: {failed:?}"),
            }
        }
    }
}
