//! What PostgreSQL says a statement reads, and what it expects of it.
//!
//! To parse a statement PostgreSQL opens views, applies row security, and locks every relation that it finds
//! there until the transaction ends. That list is asked for, not the plan: a plan leaves out what was optimised
//! away, names partitions instead of their table, and prints constants that were computed for it, up to a
//! gigabyte each. The plan is made only where an estimate is wanted.

use std::collections::HashSet;

use futures::TryStreamExt as _;
use serde_json::Value as Json;
use sqlx::postgres::PgConnection;
use sqlx::{Either, Executor as _, Row as _, Statement as _};

use super::{bind, run};
use crate::database::opinion::{Estimate, Opinion};
use crate::database::row::TextRow;
use crate::guard::{ApprovedSql, Relation};

/// Two texts in one message. The first names what is locked without locking anything itself: it reads functions
/// only. The second tells what comes with these relations: the heirs of a table, and what its row security reads.
pub(in crate::database) const LOCKED: &str = "
SELECT i.type, i.schema, i.name
FROM pg_catalog.pg_lock_status() AS l,
    LATERAL pg_catalog.pg_identify_object('pg_catalog.pg_class'::pg_catalog.regclass, l.relation, 0) AS i
WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation';

WITH RECURSIVE locked AS (
    SELECT DISTINCT l.relation AS oid FROM pg_catalog.pg_lock_status() AS l
    WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.relation >= 16384
), heirs AS (
    SELECT i.inhrelid AS oid FROM pg_catalog.pg_inherits i JOIN locked p ON p.oid = i.inhparent
    UNION
    SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN heirs p ON p.oid = i.inhparent
), secured AS (
    SELECT d.refobjid AS oid
    FROM pg_catalog.pg_policy p
    JOIN locked l ON l.oid = p.polrelid
    JOIN pg_catalog.pg_class c ON c.oid = p.polrelid AND c.relrowsecurity
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass AND d.objid = p.oid
        AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid <> p.polrelid
)
SELECT k.kind, n.nspname, c.relname
FROM (SELECT 'heir' AS kind, oid FROM heirs UNION SELECT 'secured', oid FROM secured) AS k
JOIN pg_catalog.pg_class c ON c.oid = k.oid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace";

/// What the driver reads itself to know the types of columns.
const OF_THE_DRIVER: [&str; 5] = ["pg_attribute", "pg_class", "pg_enum", "pg_range", "pg_type"];

/// Has the server parse `statement` and tells what it found there. Nothing is run.
pub(super) async fn consult(
    connection: &mut PgConnection,
    statement: &ApprovedSql,
    estimate: bool,
) -> Result<Opinion, sqlx::Error> {
    run::parse(connection, statement.statement().to_owned(), &bind::types(statement.parameters())).await?;
    let mut heard = Heard::default();
    let mut query = 0;
    let mut results = connection.fetch_many(sqlx::raw_sql(LOCKED));
    while let Some(step) = results.try_next().await? {
        match step {
            Either::Left(_done) => query += 1,
            Either::Right(row) => heard.take(query, &row)?,
        }
    }
    drop(results);
    let mut opinion = heard.into_opinion();
    if estimate {
        opinion.estimate = Some(plan(connection, statement).await?);
    }
    Ok(opinion)
}

/// What [`LOCKED`] told so far.
#[derive(Default)]
pub(in crate::database) struct Heard {
    opinion: Opinion,
    secured: HashSet<Relation>,
}

impl Heard {
    /// Takes one row of the query at that place in [`LOCKED`].
    pub(in crate::database) fn take(&mut self, query: usize, row: &dyn TextRow) -> Result<(), sqlx::Error> {
        let (kind, namespace, name) = (text(row, 0)?, text(row, 1)?, text(row, 2)?);
        if query == 0 {
            let relation = Relation { namespace: unquoted(&namespace), name: unquoted(&name) };
            take_locked(&mut self.opinion, &kind, relation);
        } else if kind == "heir" {
            self.opinion.children.push(Relation { namespace, name });
        } else {
            self.secured.insert(Relation { namespace, name });
        }
        Ok(())
    }

    /// The opinion without an estimate.
    pub(in crate::database) fn into_opinion(self) -> Opinion {
        let Self { mut opinion, secured } = self;
        // What row security reads decides which rows there are, and none of it gets into the result.
        opinion.relations.retain(|relation| !secured.contains(relation));
        opinion.views.retain(|view| !secured.contains(view));
        opinion.is_complete = true;
        opinion
    }
}

fn take_locked(opinion: &mut Opinion, kind: &str, relation: Relation) {
    let list = match kind {
        "index" | "composite type" => return,
        "view" => &mut opinion.views,
        _ if relation.namespace == "pg_catalog" && OF_THE_DRIVER.contains(&relation.name.as_str()) => return,
        _ => &mut opinion.relations,
    };
    if !list.contains(&relation) {
        list.push(relation);
    }
}

/// What the planner expects.
async fn plan(connection: &mut PgConnection, statement: &ApprovedSql) -> Result<Estimate, sqlx::Error> {
    let explain = format!("EXPLAIN (FORMAT JSON) {}", statement.statement());
    let explained = run::parse(connection, explain, &bind::types(statement.parameters())).await?;
    let row = explained.query_with(bind::arguments(statement.parameters())?).fetch_one(connection).await?;
    let plans: Json = row.try_get(0)?;
    Ok(expected(&plans))
}

/// What the planner expects, out of `EXPLAIN (FORMAT JSON)`.
pub(in crate::database) fn expected(plans: &Json) -> Estimate {
    let mut estimate = Estimate { cost: Some(0.0), ..Estimate::default() };
    measure(&plans[0]["Plan"], &mut estimate);
    estimate
}

fn measure(node: &Json, estimate: &mut Estimate) {
    let number = |name: &str| node[name].as_f64().unwrap_or(0.0);
    estimate.rows = estimate.rows.max(number("Plan Rows"));
    estimate.cost = estimate.cost.map(|cost| cost.max(number("Total Cost")));
    let children = children(node);
    if let ("Nested Loop", [outer, inner]) = (node["Node Type"].as_str().unwrap_or_default(), children)
        && node["Join Filter"].is_null()
    {
        let many = |input: &Json| input["Plan Rows"].as_f64().unwrap_or(0.0) > 1.0;
        estimate.is_cartesian |= many(outer) && many(inner) && !depends(inner, &aliases(outer));
    }
    for child in children {
        measure(child, estimate);
    }
}

fn children(node: &Json) -> &[Json] {
    node["Plans"].as_array().map_or(&[], Vec::as_slice)
}

/// The names under which a part of the plan gives columns.
fn aliases(node: &Json) -> Vec<String> {
    let own = node["Alias"].as_str().map(|alias| format!("{alias}."));
    own.into_iter().chain(children(node).iter().flat_map(aliases)).collect()
}

/// Whether a part of the plan uses a column of the other side, or may: what a function takes is not shown.
fn depends(node: &Json, aliases: &[String]) -> bool {
    let shown =
        ["Index Cond", "Recheck Cond", "Filter", "Cache Key", "TID Cond", "Hash Cond", "Merge Cond", "Join Filter"];
    let uses = |name: &str| node[name].as_str().is_some_and(|text| aliases.iter().any(|alias| text.contains(alias)));
    matches!(node["Node Type"].as_str(), Some("Function Scan" | "Table Function Scan"))
        || shown.iter().any(|name| uses(name))
        || children(node).iter().any(|child| depends(child, aliases))
}

/// A name without the quotes that the server puts where they are needed.
fn unquoted(name: &str) -> String {
    match name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => name.to_owned(),
    }
}

/// A cell in the simple protocol's text form; what is not known is no name of anything.
fn text(row: &dyn TextRow, index: usize) -> Result<String, sqlx::Error> {
    Ok(row.cell(index)?.unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn estimate(plan: &Json) -> Estimate {
        let mut estimate = Estimate { cost: Some(0.0), ..Estimate::default() };
        measure(plan, &mut estimate);
        estimate
    }

    #[test]
    fn the_largest_step_counts() {
        let scan = json!({"Node Type": "Seq Scan", "Alias": "t", "Plan Rows": 5000, "Total Cost": 80.5});
        let plan = json!({"Node Type": "Limit", "Plan Rows": 1, "Total Cost": 0.1, "Plans": [scan]});
        assert_eq!(estimate(&plan), Estimate { rows: 5000.0, cost: Some(80.5), is_cartesian: false });
    }

    #[test]
    fn a_loop_without_a_condition_is_cartesian() {
        let scan = |alias: &str| json!({"Node Type": "Seq Scan", "Alias": alias, "Plan Rows": 10});
        let join = |inner: Json| json!({"Node Type": "Nested Loop", "Plan Rows": 100, "Plans": [scan("a"), inner]});
        assert!(
            estimate(&join(json!({"Node Type": "Materialize", "Plan Rows": 10, "Plans": [scan("b")]}))).is_cartesian
        );
        let lookup = json!({"Node Type": "Index Scan", "Alias": "b", "Plan Rows": 2, "Index Cond": "(id = a.id)"});
        assert!(!estimate(&join(lookup)).is_cartesian);
        let mut one = scan("b");
        one["Plan Rows"] = json!(1);
        assert!(!estimate(&join(one)).is_cartesian, "a join with one row repeats nothing");
    }

    #[test]
    fn names_lose_their_quotes() {
        assert_eq!(unquoted("orders"), "orders");
        assert_eq!(unquoted(r#""a ""b"" c""#), r#"a "b" c"#);
    }
}
