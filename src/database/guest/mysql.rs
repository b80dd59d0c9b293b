//! MySQL and MariaDB over a lent connection, in a read-only transaction of a read-only session, always rolled back.
//!
//! A driver may write parameters into the text itself, and some send several statements in one. So the statement and
//! its parameters go into variables of the session, and the server prepares it from there, which takes one
//! statement. What the session had before is put back afterwards.

mod decode;

use std::collections::HashMap;
use std::sync::OnceLock;
use std::time::Duration;

use super::loan::Run;
use super::{Failure, Header, Manner, Wire, done, told};
use crate::config::DatabaseConfig;
use crate::database::collect::Collector;
use crate::database::mysql::introspect::{Catalogue, queries};
use crate::database::mysql::opinion::{NOTE, VIEW_NOT_EXPLAINED, measure, relations_of};
use crate::database::mysql::{SQL_MODE, SQL_MODE_MYSQL, WRONG_MODES, error, rights};
use crate::database::parameter::{Number, Unbound};
use crate::database::rights::{About, Finding, Verdict};
use crate::database::row::{TextRow as _, Told};
use crate::database::{Limits, Opinion, ResultColumn, Rights, Rows};
use crate::dialect::Dialect;
use crate::error::{Code, Error, Result};
use crate::guard::ApprovedSql;
use crate::schema::Schema;
use crate::value::Value;

/// Rows that are asked for at a time, and the bytes at which fewer are.
const ROWS: usize = 256;
const BYTES: usize = 1 << 20;
/// How much of the rest of a cut result is read and thrown away, so that the connection can be kept.
const REST_ROWS: usize = 1000;
/// What to do where a fence is down.
const FENCE: &str = "look for a proxy between here and the server that changes settings";

/// How statements run.
pub(super) struct Mysql {
    /// The database of the URL.
    database: Option<String>,
    /// The databases to read; `None` for the one of the URL, or without one all but the system's.
    schemas: Option<Vec<String>>,
    is_mariadb: OnceLock<bool>,
}

/// What a session had before.
pub(super) struct Before {
    mode: Value,
    zone: Value,
    /// In the engine's own units.
    limit: String,
    is_read_only: bool,
}

impl Mysql {
    pub(super) fn new(config: &DatabaseConfig) -> Self {
        Self { database: config.url.database.clone(), schemas: config.schemas.clone(), is_mariadb: OnceLock::new() }
    }

    fn is_mariadb(&self, wire: &mut dyn Wire) -> Result<bool> {
        if let Some(known) = self.is_mariadb.get() {
            return Ok(*known);
        }
        let version = one(wire, "SELECT VERSION()")?;
        Ok(*self.is_mariadb.get_or_init(|| text(&version, 0).to_ascii_lowercase().contains("mariadb")))
    }

    /// The variables that hold the time limit and whether the session is read-only.
    fn variables(&self, wire: &mut dyn Wire) -> Result<(&'static str, &'static str)> {
        Ok(if self.is_mariadb(wire)? {
            ("max_statement_time", "tx_read_only")
        } else {
            ("max_execution_time", "transaction_read_only")
        })
    }
}

impl Manner for Mysql {
    type Before = Before;

    const DIALECT: Dialect = Dialect::Mysql;

    fn begin(&self, wire: &mut dyn Wire, limit: Duration) -> Result<(u64, Before)> {
        let (time, read_only) = self.variables(wire)?;
        let had = one(
            wire,
            &format!(
                "SELECT CONNECTION_ID(), @@SESSION.sql_mode, @@SESSION.time_zone, @@SESSION.{time}, @@SESSION.{read_only}"
            ),
        )?;
        let before = Before {
            mode: Value::from(text(&had, 1)),
            zone: Value::from(text(&had, 2)),
            limit: text(&had, 3).to_owned(),
            is_read_only: text(&had, 4) == "1",
        };
        // 0 would mean no limit to both.
        let (mode, limit) = if self.is_mariadb(wire)? {
            (SQL_MODE, format!("{:.3}", limit.as_secs_f64().clamp(0.001, 31_536_000.0)))
        } else {
            (SQL_MODE_MYSQL, limit.as_millis().clamp(1, 4_294_967_295).to_string())
        };
        let fence = format!("SET SESSION sql_mode = '{mode}', SESSION time_zone = '+00:00', SESSION {time} = {limit}");
        // The session as well, because DDL commits the transaction and then runs outside of it.
        for sql in [&*fence, "SET SESSION TRANSACTION READ ONLY", "START TRANSACTION READ ONLY"] {
            done(wire, sql, &[]).map_err(explain)?;
        }
        let has = one(wire, &format!("SELECT @@SESSION.sql_mode, @@SESSION.{read_only}"))?;
        if WRONG_MODES.iter().any(|wrong| text(&has, 0).contains(wrong)) || text(&has, 1) != "1" {
            return Err(Error::new(Code::ConnectionFailed, "the engine's connection takes no read-only fence"));
        }
        Ok((text(&had, 0).parse().unwrap_or_default(), before))
    }

    fn read(&self, wire: &mut dyn Wire, statement: &ApprovedSql, limits: &Limits, run: &Run) -> Result<Rows> {
        let rows = rows(wire, statement, limits, run);
        wire.end();
        forget(wire, statement.parameters().len());
        rows
    }

    fn consult(&self, wire: &mut dyn Wire, statement: &ApprovedSql, _estimate: bool) -> Result<Opinion> {
        let extended = if self.is_mariadb(wire)? { "EXTENDED " } else { "" };
        let explained = format!("EXPLAIN {extended}{}", statement.statement());
        let opinion = opinion(wire, &explained, statement.parameters());
        wire.end();
        forget(wire, statement.parameters().len());
        opinion
    }

    fn introspect(&self, wire: &mut dyn Wire) -> Result<Schema> {
        let mut catalogue = Catalogue::default();
        for (place, query) in queries::each(self.database.as_deref(), self.schemas.as_deref()).iter().enumerate() {
            // A lent connection is in the database that the application chose.
            if place == 0 {
                continue;
            }
            for row in told(wire, query, &[]).map_err(explain)? {
                catalogue.take(place, &row).map_err(|_unread| malformed())?;
            }
        }
        Ok(catalogue.into_schema(self.schemas.as_deref()))
    }

    fn rights(&self, wire: &mut dyn Wire, _run: &Run) -> Result<Rights> {
        let (time, read_only) = self.variables(wire)?;
        let sql = format!(
            "SELECT VERSION(), CURRENT_USER(), @@SESSION.{read_only}, @@SESSION.{time}, @@SESSION.sql_mode, \
             @@max_allowed_packet"
        );
        let session = one(wire, &sql)?;
        // Nothing has that name, so this does nothing at all where the fence is down.
        let probe = format!("DROP TABLE IF EXISTS db_query_agent_{}", uuid::Uuid::new_v4().simple());
        let refused = done(wire, &probe, &[]).is_err();
        let ddl = if refused { "DROP TABLE is refused" } else { "DROP TABLE is not refused" };
        let (mode, limit) = (text(&session, 4), text(&session, 3));
        let plain = !WRONG_MODES.iter().any(|wrong| mode.contains(wrong));
        let limited = limit.parse::<f64>().is_ok_and(|limit| limit > 0.0);
        let mut findings = vec![
            Finding::fence(
                "read_only_session",
                About::ReadOnly,
                text(&session, 2) == "1",
                format!("@@{read_only}"),
                FENCE,
            ),
            Finding::fence("no_ddl", About::ReadOnly, refused, ddl, FENCE),
            Finding::fence("time_limit", About::Session, limited, format!("{time} is {limit}"), FENCE),
            Finding::fence("sql_mode", About::Session, plain, mode, FENCE),
        ];
        let cells = format!("max_allowed_packet is {} bytes", text(&session, 5));
        findings.push(Finding::fence("cell_limit", About::Session, true, cells, ""));
        findings.extend(grants(wire));
        let title = if self.is_mariadb(wire)? { "MariaDB" } else { "MySQL" };
        let engine = format!("{title} {}", text(&session, 0));
        Ok(Rights { engine, login: text(&session, 1).to_owned(), findings })
    }

    fn end(&self, wire: &mut dyn Wire, before: Before) -> Result<()> {
        let (time, _) = self.variables(wire)?;
        done(wire, "ROLLBACK", &[]).map_err(explain)?;
        if !before.is_read_only {
            done(wire, "SET SESSION TRANSACTION READ WRITE", &[]).map_err(explain)?;
        }
        let restore = format!("SET SESSION sql_mode = %s, SESSION time_zone = %s, SESSION {time} = {}", before.limit);
        done(wire, &restore, &[before.mode, before.zone]).map_err(explain)
    }
}

/// The rows of a statement up to the limits.
fn rows(wire: &mut dyn Wire, statement: &ApprovedSql, limits: &Limits, run: &Run) -> Result<Rows> {
    let headers = execute(wire, statement.statement(), statement.parameters())?;
    let column = |header: &Header| ResultColumn { name: header.name.clone(), type_name: decode::type_name(header) };
    let mut collector = Collector::new(headers.iter().map(column).collect(), Vec::new(), *limits);
    'rows: loop {
        let rows = wire.fetch(ROWS, BYTES.min(limits.bytes)).map_err(explain)?;
        if rows.is_empty() {
            return Ok(collector.into_rows());
        }
        for row in rows {
            if !collector.wants_row() {
                break 'rows;
            }
            for (cell, header) in row.into_iter().zip(&headers) {
                collector.push(decode::value(header, cell));
            }
            if !collector.end_row() {
                break 'rows;
            }
        }
    }
    // To end a result the driver reads all of it.
    let mut rest = 0;
    while rest < REST_ROWS {
        match wire.fetch(REST_ROWS, BYTES) {
            Ok(rows) if !rows.is_empty() => rest += rows.len(),
            // An error is an end as well.
            _ => return Ok(collector.into_rows()),
        }
    }
    run.stop_now();
    Ok(collector.into_rows())
}

/// What the server says of the statement that it explains.
fn opinion(wire: &mut dyn Wire, explained: &str, parameters: &[Value]) -> Result<Opinion> {
    let headers = match prepared(wire, explained, parameters) {
        Ok(headers) => headers,
        Err(Refused::Parameter(error)) => return Err(error),
        Err(Refused::Server(failure)) if failure.code == VIEW_NOT_EXPLAINED.to_string() => {
            return Ok(Opinion::default());
        }
        Err(Refused::Server(failure)) => return Err(explain(failure)),
    };
    let places: HashMap<&str, usize> = headers.iter().enumerate().map(|(at, header)| (&*header.name, at)).collect();
    let steps = super::rest(wire).map_err(explain)?;
    let column = |row: &Told, name: &str| match places.get(name) {
        Some(place) => Ok(row.cell(*place)?.map(str::to_owned)),
        None => Err(sqlx::Error::ColumnNotFound(name.to_owned())),
    };
    let estimate = measure(&steps, column).map_err(|_unread| malformed())?;
    let notes = told(wire, "SHOW WARNINGS", &[]).map_err(explain)?;
    let notes = notes.iter().filter(|note| text(note, 1) == NOTE);
    let relations = notes.flat_map(|note| relations_of(text(note, 2))).collect();
    Ok(Opinion { relations, estimate: Some(estimate), ..Opinion::default() })
}

/// Why a statement was not begun.
enum Refused {
    Server(Failure),
    Parameter(Error),
}

fn execute(wire: &mut dyn Wire, sql: &str, parameters: &[Value]) -> Result<Vec<Header>> {
    prepared(wire, sql, parameters).map_err(|refused| match refused {
        Refused::Server(failure) => explain(failure),
        Refused::Parameter(error) => error,
    })
}

/// Has the server prepare `sql` and runs it; [`forget`] takes away what it needs in the session.
fn prepared(wire: &mut dyn Wire, sql: &str, parameters: &[Value]) -> Result<Vec<Header>, Refused> {
    let names: Vec<String> = (0..parameters.len()).map(|place| format!("@db_query_agent_{place}")).collect();
    let mut values = vec![Value::from(sql)];
    for value in parameters {
        values.push(bound(value).map_err(Refused::Parameter)?);
    }
    let set: Vec<String> = std::iter::once("@db_query_agent")
        .chain(names.iter().map(String::as_str))
        .map(|name| format!("{name} = %s"))
        .collect();
    done(wire, &format!("SET {}", set.join(", ")), &values).map_err(Refused::Server)?;
    let using = if names.is_empty() { String::new() } else { format!(" USING {}", names.join(", ")) };
    done(wire, "PREPARE db_query_agent FROM @db_query_agent", &[]).map_err(Refused::Server)?;
    wire.execute(&format!("EXECUTE db_query_agent{using}"), &[]).map_err(Refused::Server)
}

/// Leaves nothing of the statement in the session. Where that fails the connection is of no more use, which the end
/// of the fence notices.
fn forget(wire: &mut dyn Wire, parameters: usize) {
    let mut variables = vec!["@db_query_agent = NULL".to_owned()];
    variables.extend((0..parameters).map(|place| format!("@db_query_agent_{place} = NULL")));
    let _ = done(wire, &format!("SET {}", variables.join(", ")), &[]);
    let _ = done(wire, "DEALLOCATE PREPARE db_query_agent", &[]);
}

/// A parameter as the driver writes it.
fn bound(value: &Value) -> Result<Value> {
    let unbound = || Error::new(Code::InvalidCaller, Unbound::new(value).to_string());
    Ok(match value {
        // A double, as on connections of our own.
        Value::Decimal(digits) => match Number::of(digits).ok_or_else(unbound)? {
            Number::Whole(number) => Value::Int(number),
            Number::Double(number) => Value::Float(number),
        },
        // The session's time zone is UTC.
        Value::DateTimeTz(moment) => Value::DateTime(moment.naive_utc()),
        Value::Uuid(uuid) => Value::from(uuid.to_string()),
        Value::Bytes(_) | Value::Time(_) | Value::Interval(_) | Value::Json(_) | Value::Array(_) | Value::Tuple(_) => {
            return Err(unbound());
        }
        plain => plain.clone(),
    })
}

/// What the login was granted. Roles are not taken on: the session is the application's.
fn grants(wire: &mut dyn Wire) -> Vec<Finding> {
    let unknown = |detail: &str| Finding {
        name: "grants",
        about: About::Login,
        verdict: Verdict::Unknown,
        detail: detail.to_owned(),
        advice: "give the agent the URL of the database, or grant the login its rights directly",
    };
    let Ok(lines) = told(wire, "SHOW GRANTS", &[]) else {
        return vec![unknown("the server does not show what this login was granted")];
    };
    let lines: Vec<String> = lines.iter().map(|line| text(line, 0).to_owned()).collect();
    let mut findings = rights::login_rights(&lines);
    if lines.iter().any(|line| rights::role(line).is_some()) {
        findings.push(unknown("what the roles of the login may do was not asked"));
    }
    findings
}

/// The first row of a statement of this module's own.
fn one(wire: &mut dyn Wire, sql: &str) -> Result<Told> {
    told(wire, sql, &[]).map_err(explain)?.into_iter().next().ok_or_else(malformed)
}

/// A cell; empty where there is none.
fn text(row: &Told, index: usize) -> &str {
    row.cell(index).ok().flatten().unwrap_or_default()
}

fn malformed() -> Error {
    Error::new(Code::ExecutionFailed, "the engine's driver gave something else than the server sends")
}

fn explain(failure: Failure) -> Error {
    if failure.is_lost {
        return Error::new(Code::ConnectionFailed, "the engine's connection was closed");
    }
    match failure.code.parse() {
        Ok(number) => error::of_number(number, &failure.message),
        Err(_) => Error::new(Code::ExecutionFailed, failure.message),
    }
}
