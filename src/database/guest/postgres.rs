//! PostgreSQL over a lent connection, in an explicit read-only transaction, always rolled back.
//!
//! A driver may send several statements in one text, fetch a whole result at once, and convert values as its
//! application likes. So the statement goes to the server as a parameter, and PL/pgSQL opens a cursor on it, which
//! takes one statement that reads and its parameters; and the rows come in the server's binary form
//! (`record_send`), which is read as on connections of our own.

use std::time::Duration;

use super::loan::Run;
use super::{Failure, Manner, Wire, done, told};
use crate::config::DatabaseConfig;
use crate::database::collect::Collector;
use crate::database::parameter::Unbound;
use crate::database::postgres::decode::Decoder;
use crate::database::postgres::decode::catalogue::{self, Types};
use crate::database::postgres::introspect::{Catalogue, queries};
use crate::database::postgres::opinion::{Heard, LOCKED, expected};
use crate::database::postgres::{PINNED_PATH, error, milliseconds, rights};
use crate::database::row::{TextRow as _, Told};
use crate::database::{Limits, Opinion, ResultColumn, Rights, Rows};
use crate::dialect::Dialect;
use crate::error::{Code, Error, Result};
use crate::guard::ApprovedSql;
use crate::schema::Schema;
use crate::value::Value;

/// The statement and the same with its rows in binary form, as settings of the transaction.
const STATEMENT: &str = "db_query_agent.statement";
const BINARY: &str = "db_query_agent.binary";
/// Rows that are asked for first, and most; between them as many as have about so many bytes.
const FIRST_ROWS: usize = 16;
const MOST_ROWS: usize = 2000;
const BYTES: usize = 4 << 20;

/// How statements run.
pub(super) struct Postgres {
    /// The schemas to read; `None` for all but the system's.
    schemas: Option<Vec<String>>,
}

impl Postgres {
    pub(super) fn new(config: &DatabaseConfig) -> Self {
        Self { schemas: config.schemas.clone() }
    }
}

impl Manner for Postgres {
    type Before = ();

    const DIALECT: Dialect = Dialect::Postgres;

    fn begin(&self, wire: &mut dyn Wire, limit: Duration) -> Result<(u64, ())> {
        // Else the driver begins one by itself before the first statement.
        let begin = if wire.commits_by_itself() { "BEGIN TRANSACTION READ ONLY" } else { "SET TRANSACTION READ ONLY" };
        done(wire, begin, &[]).map_err(explain)?;
        let limit = milliseconds(limit);
        // The first look at the data: a transaction that has a snapshot stays read-only.
        let fence = format!(
            "SELECT pg_catalog.set_config('statement_timeout', '{limit}', true), \
             pg_catalog.set_config('lock_timeout', '{limit}', true), \
             pg_catalog.set_config('standard_conforming_strings', 'on', true), \
             pg_catalog.set_config('client_min_messages', 'error', true), {PINNED_PATH}, \
             pg_catalog.current_setting('transaction_read_only'), pg_catalog.pg_backend_pid()"
        );
        let rows = told(wire, &fence, &[]).map_err(explain)?;
        let cell = |at| rows.first().and_then(|row| row.cell(at).ok().flatten());
        if cell(5) != Some("on") {
            return Err(Error::new(Code::ConnectionFailed, "the engine's connection takes no read-only fence"));
        }
        Ok((cell(6).and_then(|pid| pid.parse().ok()).unwrap_or_default(), ()))
    }

    fn read(&self, wire: &mut dyn Wire, statement: &ApprovedSql, limits: &Limits, _run: &Run) -> Result<Rows> {
        let sql = bare(statement.statement());
        let binary = binary(sql, &[], limits.bytes);
        open(wire, sql, Some(&binary), statement.parameters())?;
        let headers = wire.execute("FETCH FORWARD 0 FROM db_query_agent_statement", &[]).map_err(explain)?;
        wire.end();
        let types = types(wire, headers.iter().filter_map(|header| header.type_code))?;
        let mut columns = Vec::with_capacity(headers.len());
        let mut decoders = Vec::with_capacity(headers.len());
        let mut casts = vec![""; headers.len()];
        let mut warnings = Vec::new();
        for (header, cast) in headers.into_iter().zip(&mut casts) {
            let oid = header.type_code.and_then(|code| u32::try_from(code).ok()).unwrap_or_default();
            let (type_name, name) = (types.name(oid), header.name);
            decoders.push(types.decoder(oid).unwrap_or_else(|| {
                // `money` hides how many decimals the server's locale gives it.
                *cast = if type_name == "money" { "::pg_catalog.numeric" } else { "::pg_catalog.text" };
                if type_name == "money" {
                    return Decoder::Numeric;
                }
                warnings.push(format!("column `{name}` has the type `{type_name}`, which is shown as text"));
                Decoder::Text
            }));
            columns.push(ResultColumn { name, type_name });
        }
        if casts.iter().any(|cast| !cast.is_empty()) {
            close(wire)?;
            open(wire, sql, Some(&self::binary(sql, &casts, limits.bytes)), statement.parameters())?;
        }
        let mut collector = Collector::new(columns, warnings, *limits);
        let decoder = Decoder::Composite(decoders.into());
        let mut count = FIRST_ROWS;
        loop {
            wire.execute(&format!("FETCH FORWARD {count} FROM db_query_agent_binary"), &[]).map_err(explain)?;
            let rows = wire.fetch(count, usize::MAX).map_err(explain)?;
            wire.end();
            let (some, mut bytes) = (rows.len(), 0);
            for row in rows {
                if !collector.wants_row() {
                    return Ok(collector.into_rows());
                }
                match row.first() {
                    Some(Value::Bytes(record)) => {
                        bytes += record.len();
                        let Some(Value::Tuple(cells)) = decoder.decode(record) else { return Err(malformed()) };
                        cells.into_iter().for_each(|cell| collector.push(cell));
                    }
                    // The server left it out, since it is too heavy.
                    _ => collector.overflow(),
                }
                if !collector.end_row() {
                    return Ok(collector.into_rows());
                }
            }
            if some < count {
                return Ok(collector.into_rows());
            }
            count = (BYTES / (bytes / some).max(1)).clamp(1, MOST_ROWS);
        }
    }

    fn consult(&self, wire: &mut dyn Wire, statement: &ApprovedSql, estimate: bool) -> Result<Opinion> {
        open(wire, bare(statement.statement()), None, statement.parameters())?;
        let mut heard = Heard::default();
        for (place, query) in LOCKED.split(';').enumerate() {
            for row in told(wire, query, &[]).map_err(explain)? {
                heard.take(place, &row).map_err(|_unread| malformed())?;
            }
        }
        close(wire)?;
        let mut opinion = heard.into_opinion();
        if estimate {
            let explained = format!("EXPLAIN (FORMAT JSON) {}", statement.statement());
            open(wire, &explained, None, statement.parameters())?;
            let rows = told(wire, "FETCH ALL FROM db_query_agent_statement", &[]).map_err(explain)?;
            close(wire)?;
            opinion.estimate = Some(expected(&plan(&rows)?));
        }
        Ok(opinion)
    }

    fn introspect(&self, wire: &mut dyn Wire) -> Result<Schema> {
        let mut catalogue = Catalogue::default();
        for (place, query) in queries::each(self.schemas.as_deref()).iter().enumerate() {
            for row in told(wire, query, &[]).map_err(explain)? {
                catalogue.take(place, &row).map_err(|_unread| malformed())?;
            }
        }
        Ok(catalogue.into_schema(self.schemas.as_deref()))
    }

    fn rights(&self, wire: &mut dyn Wire, _run: &Run) -> Result<Rights> {
        let mut one = |sql: &str| told(wire, sql, &[]).map_err(explain)?.into_iter().next().ok_or_else(malformed);
        let (session, login) = (one(rights::SESSION)?, one(rights::LOGIN)?);
        let pinned = match done(wire, "SET TRANSACTION READ WRITE", &[]) {
            Ok(()) => false,
            Err(refused) => refused.code == rights::PINNED,
        };
        rights::told(&session, &login, pinned).map_err(|_unread| malformed())
    }

    fn end(&self, wire: &mut dyn Wire, (): ()) -> Result<()> {
        // Settings and cursors end with it.
        done(wire, "ROLLBACK", &[]).map_err(explain)
    }
}

/// Opens a cursor on `sql` and one on `binary`, with the parameters bound. Neither is run yet.
fn open(wire: &mut dyn Wire, sql: &str, binary: Option<&str>, parameters: &[Value]) -> Result<()> {
    let mut settings = vec![(STATEMENT.to_owned(), Value::from(sql))];
    settings.extend(binary.map(|binary| (BINARY.to_owned(), Value::from(binary))));
    let mut using = Vec::new();
    for (place, value) in parameters.iter().enumerate() {
        let Some((text, type_name)) = written(value)? else {
            using.push("NULL".to_owned());
            continue;
        };
        let setting = format!("db_query_agent.p{place}");
        using.push(format!("pg_catalog.current_setting('{setting}')::pg_catalog.{type_name}"));
        settings.push((setting, Value::from(text)));
    }
    let set: Vec<String> =
        settings.iter().map(|(name, _)| format!("pg_catalog.set_config('{name}', %s, true)")).collect();
    let values: Vec<Value> = settings.into_iter().map(|(_, value)| value).collect();
    done(wire, &format!("SELECT {}", set.join(", ")), &values).map_err(explain)?;
    let using = if using.is_empty() { String::new() } else { format!(" USING {}", using.join(", ")) };
    let cursor = |name: &str| format!("{name} pg_catalog.refcursor := 'db_query_agent_{name}';");
    let opening = |name: &str, setting: &str| {
        format!("OPEN {name} NO SCROLL FOR EXECUTE pg_catalog.current_setting('{setting}'){using};")
    };
    let (mut declared, mut opened) = (cursor("statement"), opening("statement", STATEMENT));
    if binary.is_some() {
        declared += &cursor("binary");
        opened += &opening("binary", BINARY);
    }
    done(wire, &format!("DO $db_query_agent$ DECLARE {declared} BEGIN {opened} END $db_query_agent$"), &[])
        .map_err(explain)
}

fn close(wire: &mut dyn Wire) -> Result<()> {
    done(wire, "CLOSE ALL", &[]).map_err(explain)
}

/// `sql` with each row as one value in binary form, columns cast; a row of more than `most` bytes as NULL.
fn binary(sql: &str, casts: &[&str], most: usize) -> String {
    let rows = if casts.iter().all(|cast| cast.is_empty()) {
        format!("(\n{sql}\n) AS q")
    } else {
        let names = |write: &dyn Fn(usize, &str) -> String| {
            casts.iter().enumerate().map(|(at, cast)| write(at, cast)).collect::<Vec<_>>().join(", ")
        };
        let (cast, plain) = (names(&|at, cast| format!("p.c{at}{cast}")), names(&|at, _| format!("c{at}")));
        format!("(SELECT {cast} FROM (\n{sql}\n) AS p ({plain})) AS q")
    };
    format!(
        "SELECT CASE WHEN pg_catalog.octet_length(r.b) > {most} THEN NULL ELSE r.b END \
         FROM (SELECT pg_catalog.record_send(q) AS b FROM {rows} OFFSET 0) AS r"
    )
}

/// A parameter as text and its type; `None` for NULL, whose type the server finds.
fn written(value: &Value) -> Result<Option<(String, &'static str)>> {
    Ok(Some(match value {
        Value::Null => return Ok(None),
        Value::Bool(truth) => (truth.to_string(), "bool"),
        Value::Int(number) => (number.to_string(), "int8"),
        Value::UInt(number) => (number.to_string(), "numeric"),
        Value::Float(number) => (number.to_string(), "float8"),
        Value::Decimal(digits) => (digits.to_string(), "numeric"),
        Value::Text(text) => (text.to_string(), "text"),
        Value::Date(date) => (date.to_string(), "date"),
        Value::DateTime(moment) => (moment.to_string(), "timestamp"),
        Value::DateTimeTz(moment) => (moment.to_rfc3339(), "timestamptz"),
        Value::Uuid(uuid) => (uuid.to_string(), "uuid"),
        Value::Bytes(_) | Value::Time(_) | Value::Interval(_) | Value::Json(_) | Value::Array(_) | Value::Tuple(_) => {
            return Err(Error::new(Code::InvalidCaller, Unbound::new(value).to_string()));
        }
    }))
}

/// What the catalogue says of these types and of all that they are made of.
fn types(wire: &mut dyn Wire, wanted: impl Iterator<Item = i64>) -> Result<Types> {
    let mut types = Types::default();
    let mut open: Vec<i64> = wanted.collect();
    while !open.is_empty() {
        let list = open.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        open.clear();
        for row in told(wire, &catalogue::query(&list), &[]).map_err(explain)? {
            open.extend(types.take(&row).map_err(|_unread| malformed())?);
        }
    }
    Ok(types)
}

/// The plan: a driver may have read the JSON, and then it is text again here.
fn plan(rows: &[Told]) -> Result<serde_json::Value> {
    let text = rows.first().and_then(|row| row.cell(0).ok().flatten()).ok_or_else(malformed)?;
    serde_json::from_str(text).map_err(|_unread| malformed())
}

/// Without the semicolon that a cursor cannot have.
fn bare(sql: &str) -> &str {
    sql.trim_end_matches(|end: char| end == ';' || end.is_whitespace())
}

fn malformed() -> Error {
    Error::new(Code::ExecutionFailed, "the engine's driver gave something else than the server sends")
}

fn explain(failure: Failure) -> Error {
    if failure.is_lost {
        return Error::new(Code::ConnectionFailed, "the engine's connection was closed");
    }
    if failure.code.is_empty() {
        return Error::new(Code::ExecutionFailed, failure.message);
    }
    error::of_state(&failure.code, &failure.message)
}
