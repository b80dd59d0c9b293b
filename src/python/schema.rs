//! The schema in the shape the Python methods promise.

use pyo3::prelude::*;
use serde_json::{Map, Value as Json, json};

use super::convert;
use crate::schema::{Schema, Table, TableKind};

/// `{"dialect": …, "warnings": […], "tables": {name: table}}`, tables by the name people use.
pub(super) fn dictionary<'py>(py: Python<'py>, schema: &Schema) -> PyResult<Bound<'py, PyAny>> {
    let tables: Map<String, Json> =
        schema.tables.iter().map(|table| (schema.display_name(table), shape(schema, table))).collect();
    let whole = json!({ "dialect": schema.dialect.as_str(), "warnings": schema.warnings, "tables": tables });
    convert::json(py, &whole)
}

fn shape(schema: &Schema, table: &Table) -> Json {
    let columns: Vec<Json> = table
        .columns
        .iter()
        .map(|column| {
            json!({
                "name": column.name,
                "type": column.type_name,
                "nullable": column.nullable,
                "default": column.default,
                "primary_key": table.primary_key.contains(&column.name),
                "generated": column.generated,
                "comment": column.comment,
                "enum_values": column.enum_values,
            })
        })
        .collect();
    let foreign_keys: Vec<Json> = table
        .foreign_keys
        .iter()
        .map(|key| {
            let referred = schema.table(Some(&key.referred_namespace), &key.referred_table);
            json!({
                "name": key.name,
                "columns": key.columns,
                "referred_table": referred.map_or_else(|| key.referred_table.clone(), |table| schema.display_name(table)),
                "referred_columns": key.referred_columns,
            })
        })
        .collect();
    json!({
        "name": schema.display_name(table),
        "kind": match table.kind {
            TableKind::Table => "table",
            TableKind::View => "view",
            TableKind::MaterializedView => "materialized_view",
            TableKind::ForeignTable => "foreign_table",
        },
        "comment": table.comment,
        "columns": columns,
        "primary_keys": table.primary_key,
        "foreign_keys": foreign_keys,
        "indexes": table.indexes,
        "row_estimate": table.row_estimate,
    })
}
