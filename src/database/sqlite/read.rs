//! Runs one statement of the guard's from its text to its rows.

use libsqlite3_sys as ffi;

use super::authorizer::Phase;
use super::bind::bind;
use super::decode::Decoder;
use super::failure::Failure;
use super::reads::{self, FUNCTIONS};
use super::session::Session;
use super::statement::{Cell, Statement};
use crate::database::collect::TOO_WIDE;
use crate::database::{Limits, Opinion, ResultColumn, Rows};
use crate::dialect::Dialect;
use crate::error::{Code, Error, Result};
use crate::guard::{ApprovedSql, Relation};
use crate::value::Value;

/// How often a statement is prepared anew when other processes keep changing the schema.
const ATTEMPTS: usize = 3;

/// The rows of `sql` within `limits`, if it reads none but the relations that were `approved`.
pub(super) fn read(
    session: &Session,
    sql: &str,
    parameters: &[Value],
    approved: &[Relation],
    limits: &Limits,
) -> Result<Rows> {
    let fail = |failure: Failure| failure.into_error(sql, session.is_cancelled());
    // Old views may hold text in double quotes; a statement that has none itself can let them.
    session.allow_double_quoted_text(!sql.contains('"'));
    for _ in 0..ATTEMPTS {
        let (mut statement, _relations) = prepare(session, sql, parameters.len(), approved)?;
        bind(&mut statement, parameters, fail)?;
        let _fence = session.fence().raise(Phase::Stepping);
        let first = statement.step().map_err(fail)?;
        // SQLite has asked the looser fence of a running statement: prepare it under the strict one.
        if !statement.was_prepared_again() {
            return collect(&mut statement, first, limits).map_err(fail);
        }
    }
    Err(Error::new(Code::StaleSchema, "the schema kept changing while the statement was prepared").with_sql(sql))
}

/// What SQLite says that `statement` reads; it is prepared and not stepped.
pub(super) fn consult(session: &Session, statement: &ApprovedSql) -> Result<Opinion> {
    let sql = statement.statement();
    session.allow_double_quoted_text(!sql.contains('"'));
    let (_statement, relations) = prepare(session, sql, statement.parameters().len(), statement.relations())?;
    Ok(Opinion { relations, is_complete: true, ..Opinion::default() })
}

/// How the result of a statement is read, wherever it runs.
pub(in crate::database) struct Described {
    pub(in crate::database) columns: Vec<ResultColumn>,
    pub(in crate::database) decoders: Vec<Decoder>,
    /// Those of the approved relations that it reads.
    pub(in crate::database) relations: Vec<Relation>,
}

/// Prepares `statement` under the strict fence and gives what its result will be; it is not stepped.
pub(super) fn describe(session: &Session, statement: &ApprovedSql) -> Result<Described> {
    let sql = statement.statement();
    session.allow_double_quoted_text(!sql.contains('"'));
    let (prepared, relations) = prepare(session, sql, statement.parameters().len(), statement.relations())?;
    let (columns, decoders) = head(&prepared);
    Ok(Described { columns, decoders, relations })
}

/// The columns of a statement and how their cells are read.
fn head(statement: &Statement<'_>) -> (Vec<ResultColumn>, Vec<Decoder>) {
    let column = |column| {
        let declared = statement.declared_type(column);
        let decoder = Decoder::of(declared.as_deref());
        (ResultColumn { name: statement.name(column), type_name: declared.unwrap_or_default() }, decoder)
    };
    statement.columns().map(column).unzip()
}

/// Prepares `sql` under the strict fence, and gives those of the `approved` relations that it reads.
fn prepare<'s>(
    session: &'s Session,
    sql: &str,
    parameters: usize,
    approved: &[Relation],
) -> Result<(Statement<'s>, Vec<Relation>)> {
    session.fence().take_noted();
    let fence = session.fence().raise(Phase::Preparing);
    let statement = match Statement::prepare(session, sql) {
        Err(failure) if may_be_about_a_virtual_table(&failure) => {
            drop(fence);
            connect_virtual_tables(session);
            let _fence = session.fence().raise(Phase::Preparing);
            Statement::prepare(session, sql)
        }
        prepared => prepared,
    }
    .map_err(|failure| failure.into_error(sql, session.is_cancelled()))?;
    session.fence().raise(Phase::Own);
    let relations = reads::check(session, &statement, sql, parameters, approved)?;
    Ok((statement, relations))
}

/// Whether setting up a virtual table may be what the fence refused. SQLite says it in both ways.
fn may_be_about_a_virtual_table(failure: &Failure) -> bool {
    failure.primary() == ffi::SQLITE_AUTH || failure.message.starts_with("vtable constructor failed")
}

fn collect(statement: &mut Statement<'_>, first: bool, limits: &Limits) -> Result<Rows, Failure> {
    let (columns, decoders) = head(statement);
    let mut rows = Rows { columns, ..Rows::default() };
    let (mut more, mut count, mut bytes) = (first, 0, 0_usize);
    while more {
        let start = rows.cells.len();
        if count == limits.rows {
            rows.truncated = true;
            break;
        }
        for (column, decoder) in statement.columns().zip(&decoders) {
            let cell = statement.cell(column)?;
            bytes = bytes.saturating_add(size(cell));
            if bytes > limits.bytes {
                break;
            }
            rows.cells.push(decoder.decode(cell));
        }
        if bytes > limits.bytes {
            rows.cells.truncate(start);
            rows.truncated = true;
            if count == 0 {
                rows.warnings.push(TOO_WIDE.to_owned());
            }
            break;
        }
        count += 1;
        more = statement.step()?;
    }
    Ok(rows)
}

/// What keeping `cell` costs.
fn size(cell: Cell<'_>) -> usize {
    size_of::<Value>()
        + match cell {
            Cell::Text(bytes) | Cell::Blob(bytes) => bytes.len(),
            Cell::Null | Cell::Integer(_) | Cell::Real(_) => 0,
        }
}

/// Lets SQLite set up the virtual tables that a statement may read.
///
/// Setting one up asks for rights to "create" it, which the fence cannot tell from a statement that
/// creates; so it is done once per handle by statements of this module, which never run.
fn connect_virtual_tables(session: &Session) {
    let mut names: Vec<String> = FUNCTIONS.iter().map(|&name| name.to_owned()).collect();
    // Virtual tables store nothing themselves, so they have no page.
    let catalogue = "SELECT name FROM sqlite_schema WHERE type = 'table' AND coalesce(rootpage, 0) = 0";
    if let Ok(mut statement) = Statement::prepare(session, catalogue) {
        while let Ok(true) = statement.step() {
            if let Ok(Cell::Text(name)) = statement.cell(0) {
                names.push(String::from_utf8_lossy(name).into_owned());
            }
        }
    }
    for name in names {
        // One that cannot be set up fails again, with its reason, when the statement is prepared.
        let _ = Statement::prepare(session, &format!("SELECT * FROM {}", Dialect::Sqlite.quote(&name)));
    }
}

const _: () = assert!(ffi::SQLITE_VERSION_NUMBER >= 3_037_000, "`PRAGMA table_list` came with 3.37");
