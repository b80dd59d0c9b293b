//! What SQLite says a statement reads, held against what was approved.
//!
//! The guard's parser and SQLite's may understand a text differently, and a view may have changed
//! since the schema was read. SQLite is the one who runs it, so its word counts: this is the second
//! opinion on every statement, and it knows nothing of the first.

use super::failure::Failure;
use super::session::Session;
use super::statement::{Cell, Statement};
use crate::dialect::Dialect;
use crate::error::{Code, Error, Result};
use crate::guard::Relation;

/// Table-valued functions that are part of SQLite and only compute.
pub(super) const FUNCTIONS: [&str; 4] = ["json_each", "json_tree", "jsonb_each", "jsonb_tree"];

/// Refuses what is more than one plain query on the relations that were `approved`; gives those of them that
/// SQLite reads.
///
/// `statement` is `sql`, just prepared with the fence noting what it reads.
///
/// # Errors
/// [`Code::SqlRejected`] with the rule `engine_fence`.
pub(super) fn check(
    session: &Session,
    statement: &Statement<'_>,
    sql: &str,
    parameters: usize,
    approved: &[Relation],
) -> Result<Vec<Relation>> {
    let mut found: Vec<Relation> = Vec::new();
    let refuse = |reason: &str| {
        let message = format!("the read-only fence refused the statement: {reason}");
        Err(Error::new(Code::SqlRejected, message).with_rule("engine_fence").with_sql(sql))
    };
    let rest = sql.get(statement.tail()..).unwrap_or("?");
    if rest.chars().any(|letter| !letter.is_ascii_whitespace() && letter != ';') {
        return refuse("there is more than one statement");
    }
    if !statement.is_plain_read(parameters) {
        return refuse("it is not a plain query");
    }
    for noted in session.fence().take_noted() {
        if let Some(relation) = approved.iter().find(|relation| relation.name.eq_ignore_ascii_case(&noted.name)) {
            if !found.contains(relation) {
                found.push(relation.clone());
            }
            continue;
        }
        if is_function(&noted.name) {
            continue;
        }
        let read = match kind(session, &noted.name) {
            // A view is approved by what it reads, and a CTE is none; both show their tables here.
            Ok(Kind::View | Kind::None) => Ok(false),
            Ok(Kind::Storage) => Ok(!approved.iter().any(|relation| is_storage_of(&noted.name, &relation.name))),
            Ok(Kind::Table) if noted.column => Ok(true),
            Ok(Kind::Table) => opens(session, sql, &noted.name),
            Err(failure) => Err(failure),
        };
        match read {
            Ok(false) => {}
            Ok(true) => return refuse(&format!("it reads `{}`, which was not approved", noted.name)),
            Err(failure) => return Err(failure.into_error(sql, session.is_cancelled())),
        }
    }
    Ok(found)
}

enum Kind {
    Table,
    View,
    /// A table in which a virtual table keeps its data, and which it reads by itself.
    Storage,
    /// Nothing in the catalogue has that name.
    None,
}

fn kind(session: &Session, name: &str) -> Result<Kind, Failure> {
    let name = Dialect::Sqlite.literal(name);
    let sql = format!("SELECT type FROM pragma_table_list WHERE schema = 'main' AND name = {name} COLLATE NOCASE");
    let mut statement = Statement::prepare(session, &sql)?;
    if !statement.step()? {
        return Ok(Kind::None);
    }
    Ok(match statement.cell(0)? {
        Cell::Text(b"view") => Kind::View,
        Cell::Text(b"shadow") => Kind::Storage,
        _ => Kind::Table,
    })
}

fn is_function(name: &str) -> bool {
    FUNCTIONS.iter().any(|function| function.eq_ignore_ascii_case(name))
}

/// SQLite names it `table_suffix`, which `PRAGMA table_list` has already verified.
fn is_storage_of(storage: &str, table: &str) -> bool {
    storage
        .get(..table.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(table) && storage[table.len()..].starts_with('_'))
}

/// Whether the program that SQLite made of `sql` opens the table called `name` or one of its indexes.
fn opens(session: &Session, sql: &str, name: &str) -> Result<bool, Failure> {
    let mut pages = Vec::new();
    let mut program = Statement::prepare(session, &format!("EXPLAIN {sql}"))?;
    while program.step()? {
        // The columns are addr, opcode, p1, p2, …; p2 of an opening instruction is the root page.
        let opening = matches!(program.cell(1)?, Cell::Text(b"OpenRead" | b"ReopenIdx" | b"OpenWrite"));
        if opening && let Cell::Integer(page) = program.cell(3)? {
            pages.push(page.to_string());
        }
        if matches!(program.cell(1)?, Cell::Text(b"VOpen")) {
            // A virtual table has no page to tell it by.
            pages.push("0".to_owned());
        }
    }
    let (name, pages) = (Dialect::Sqlite.literal(name), pages.join(", "));
    let sql = format!(
        "SELECT 1 FROM sqlite_schema WHERE tbl_name = {name} COLLATE NOCASE AND coalesce(rootpage, 0) IN ({pages})"
    );
    Statement::prepare(session, &sql)?.step()
}
