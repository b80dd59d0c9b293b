//! Running one statement over the extended protocol and reading its rows up to the limits.

use sqlx::postgres::{PgConnection, PgStatement, PgTypeInfo};
use sqlx::{AssertSqlSafe, Column as _, Executor as _, Row as _, SqlSafeStr as _, Statement as _, TypeInfo as _};
use sqlx::{ValueRef as _, postgres::PgTypeKind};

use super::bind;
use super::decode::Decoder;
use super::wrap::{Wrapped, bare, wrap};
use crate::database::collect::{Collector, Read, collect};
use crate::database::{Limits, ResultColumn, Rows};
use crate::value::Value;

/// Types up to this number are PostgreSQL's own (`FirstNormalObjectId` in `transam.h`).
const LAST_BUILTIN_TYPE: u32 = 16383;
/// `money`, whose binary form hides how many decimals the server's locale gives it.
const MONEY: u32 = 790;

/// A statement that the server has parsed, and how to read what it returns.
struct Prepared {
    statement: PgStatement,
    columns: Vec<ResultColumn>,
    decoders: Vec<Decoder>,
    warnings: Vec<String>,
    /// Whether one column more says that the row was too heavy.
    weighed: bool,
}

/// Runs `sql`, which the guard approved.
pub(super) async fn run(
    connection: &mut PgConnection,
    sql: &str,
    parameters: &[Value],
    limits: &Limits,
) -> Result<Read, sqlx::Error> {
    match prepare(connection, sql, parameters, limits.bytes).await {
        Ok(prepared) => read(connection, prepared, parameters, limits).await,
        // sqlx cannot read the catalogue's entry of a multirange (its issue 2223) and fails before
        // it tells the columns; as JSON the row has only a type that it knows.
        Err(sqlx::Error::ColumnDecode { .. }) => {
            let wrapped = format!("SELECT pg_catalog.row_to_json(q) FROM (\n{}\n) AS q", bare(sql));
            let prepared = prepare(connection, &wrapped, parameters, limits.bytes).await?;
            let read = read(connection, prepared, parameters, limits).await?;
            Ok(Read { rows: unfold(read.rows), ..read })
        }
        Err(error) => Err(error),
    }
}

/// Has the server parse `sql`. Columns whose binary form nobody here can read are asked for as text.
/// A row whose computed cells have more than `most` bytes is left out by the server.
async fn prepare(
    connection: &mut PgConnection,
    sql: &str,
    parameters: &[Value],
    most: usize,
) -> Result<Prepared, sqlx::Error> {
    let types = bind::types(parameters);
    let statement = parse(connection, sql.to_owned(), &types).await?;
    let mut columns = Vec::with_capacity(statement.columns().len());
    let mut wrapped = Vec::with_capacity(statement.columns().len());
    let mut warnings = Vec::new();
    for column in statement.columns() {
        let (name, info) = (column.name(), column.type_info());
        let type_name = type_name(info);
        let cast = match Decoder::of(info) {
            Some(_) => "",
            None if info.oid().is_some_and(|oid| oid.0 == MONEY) => "::pg_catalog.numeric",
            None => {
                warnings.push(format!("column `{name}` has the type `{type_name}`, which is shown as text"));
                "::pg_catalog.text"
            }
        };
        wrapped.push(Wrapped::new(column, cast));
        columns.push(ResultColumn { name: name.to_owned(), type_name });
    }
    let statement = if wrapped.iter().any(Wrapped::is_needed) {
        parse(connection, wrap(sql, &wrapped, most), &types).await?
    } else {
        statement
    };
    let weighed = wrapped.iter().any(Wrapped::is_weighed);
    let own = statement.columns().iter().take(columns.len());
    let decoders = own.map(|column| Decoder::of(column.type_info())).collect::<Option<_>>();
    let decoders = decoders.ok_or_else(|| sqlx::Error::Decode("a type has no text form".into()))?;
    Ok(Prepared { statement, columns, decoders, warnings, weighed })
}

/// Has the server parse `sql`, with parameters of these types.
pub(super) async fn parse(
    connection: &mut PgConnection,
    sql: String,
    types: &[PgTypeInfo],
) -> Result<PgStatement, sqlx::Error> {
    connection.prepare_with(AssertSqlSafe(sql).into_sql_str(), types).await
}

async fn read(
    connection: &mut PgConnection,
    prepared: Prepared,
    parameters: &[Value],
    limits: &Limits,
) -> Result<Read, sqlx::Error> {
    let arguments = bind::arguments(parameters)?;
    let Prepared { statement, columns, decoders, warnings, weighed } = prepared;
    let collector = Collector::new(columns, warnings, *limits);
    collect(statement.query_with(arguments).fetch(connection), collector, |collector, row| {
        if weighed && row.try_get_raw(decoders.len())?.as_bytes().map_err(sqlx::Error::Decode)? == [1] {
            collector.overflow();
            return Ok(());
        }
        for (index, decoder) in decoders.iter().enumerate() {
            let raw = row.try_get_raw(index)?;
            let value = if raw.is_null() {
                Value::Null
            } else {
                let bytes = raw.as_bytes().map_err(sqlx::Error::Decode)?;
                decoder.decode(bytes).ok_or_else(|| malformed(index))?
            };
            collector.push(value);
        }
        Ok(())
    })
    .await
}

fn malformed(index: usize) -> sqlx::Error {
    sqlx::Error::Decode(format!("the value in column {} is malformed", index + 1).into())
}

/// The name as SQL writes it: sqlx shouts those it knows by heart.
fn type_name(info: &PgTypeInfo) -> String {
    let builtin = info.oid().is_some_and(|oid| oid.0 <= LAST_BUILTIN_TYPE);
    let name = info.name();
    match (builtin, info.kind()) {
        (true, PgTypeKind::Array(_)) => name.to_lowercase().replace('_', ""),
        (true, _) => name.trim_matches('"').to_lowercase(),
        (false, _) => name.to_owned(),
    }
}

/// Rows of one JSON object each as rows of its members.
fn unfold(rows: Rows) -> Rows {
    let mut unfolded = Rows { truncated: rows.truncated, ..Rows::default() };
    unfolded.warnings.push("a multirange cannot be read in binary, so the result was read as JSON".to_owned());
    for cell in rows.cells {
        let Value::Json(object) = cell else { continue };
        let serde_json::Value::Object(members) = *object else { continue };
        if unfolded.columns.is_empty() {
            let column = |name: &String| ResultColumn { name: name.clone(), type_name: "json".to_owned() };
            unfolded.columns = members.keys().map(column).collect();
        }
        unfolded.cells.extend(members.into_iter().map(|(_name, member)| from_json(member)));
    }
    unfolded
}

fn from_json(json: serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(truth),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Value::Int(integer),
            (None, Some(float)) => Value::Float(float),
            (None, None) => Value::Null,
        },
        Json::String(text) => Value::from(text),
        nested @ (Json::Array(_) | Json::Object(_)) => Value::Json(Box::new(nested)),
    }
}
