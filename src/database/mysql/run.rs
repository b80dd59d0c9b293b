//! Running one statement over the prepared-statement protocol and reading its rows up to the limits.

use sqlx::mysql::{MySqlColumn, MySqlConnection};
use sqlx::{AssertSqlSafe, Column as _, Decode, Executor as _, MySql, Row as _, SqlSafeStr as _};
use sqlx::{Statement as _, TypeInfo as _, ValueRef as _};

use super::bind;
use super::decode::Decoder;
use crate::database::collect::{Collector, Read, collect};
use crate::database::{Limits, ResultColumn};
use crate::value::Value;

/// Runs `sql`, which the guard approved.
pub(super) async fn run(
    connection: &mut MySqlConnection,
    sql: &str,
    parameters: &[Value],
    limits: &Limits,
) -> Result<Read, sqlx::Error> {
    let arguments = bind::arguments(parameters)?;
    let statement = connection.prepare(AssertSqlSafe(sql.to_owned()).into_sql_str()).await?;
    let collector = Collector::new(result_columns(statement.columns()), Vec::new(), *limits);
    let mut decoders: Vec<Decoder> = Vec::new();
    collect(statement.query_with(arguments).fetch(connection), collector, |collector, row| {
        if decoders.is_empty() {
            // The types that come with the rows count; those of the preparation are a forecast.
            decoders = row.columns().iter().map(|column| Decoder::of(column.type_info())).collect();
            collector.set_columns(result_columns(row.columns()));
        }
        for (index, decoder) in decoders.iter().enumerate() {
            let raw = row.try_get_raw(index)?;
            // A date of zeros counts as NULL.
            let value = if raw.is_null() {
                Value::Null
            } else {
                let bytes = <&[u8] as Decode<MySql>>::decode(raw).map_err(sqlx::Error::Decode)?;
                decoder.decode(bytes).ok_or_else(|| malformed(index))?
            };
            collector.push(value);
        }
        Ok(())
    })
    .await
}

fn result_columns(columns: &[MySqlColumn]) -> Vec<ResultColumn> {
    let column = |column: &MySqlColumn| ResultColumn {
        name: column.name().to_owned(),
        type_name: column.type_info().name().to_lowercase(),
    };
    columns.iter().map(column).collect()
}

fn malformed(index: usize) -> sqlx::Error {
    sqlx::Error::Decode(format!("the value in column {} is malformed", index + 1).into())
}
