//! The schema in the shape the Python methods promise.
//!
//! A thousand tables are a hundred thousand small objects, so they are made without a detour and
//! what repeats (keys, names of types) is made once.

use std::collections::HashMap;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};

use super::paused::Paused;
use crate::schema::{Column, ForeignKey, Index, Schema, Table, TableKind};

/// `{"dialect": …, "warnings": […], "tables": {name: table}}`, tables by the name people use.
pub(super) fn dictionary<'py>(py: Python<'py>, schema: &Schema) -> PyResult<Bound<'py, PyAny>> {
    let _paused = Paused::new(py, schema.tables.iter().map(|table| table.columns.len()).sum())?;
    let names = schema
        .tables
        .iter()
        .map(|table| ((table.namespace.as_str(), table.name.as_str()), schema.display_name(table)))
        .collect();
    let mut shaper = Shaper { py, names, types: HashMap::new() };
    let tables = PyDict::new(py);
    for table in &schema.tables {
        tables.set_item(schema.display_name(table), shaper.table(table)?)?;
    }
    let whole = PyDict::new(py);
    whole.set_item(intern!(py, "dialect"), schema.dialect.as_str())?;
    whole.set_item(intern!(py, "warnings"), &schema.warnings)?;
    whole.set_item(intern!(py, "tables"), tables)?;
    Ok(whole.into_any())
}

struct Shaper<'py, 'schema> {
    py: Python<'py>,
    /// What people call a relation, by namespace and name.
    names: HashMap<(&'schema str, &'schema str), String>,
    types: HashMap<&'schema str, Bound<'py, PyString>>,
}

impl<'py, 'schema> Shaper<'py, 'schema> {
    fn table(&mut self, table: &'schema Table) -> PyResult<Bound<'py, PyDict>> {
        let py = self.py;
        let columns: Vec<_> = table.columns.iter().map(|column| self.column(table, column)).collect::<PyResult<_>>()?;
        let keys: Vec<_> = table.foreign_keys.iter().map(|key| self.foreign_key(key)).collect::<PyResult<_>>()?;
        let indexes: Vec<_> = table.indexes.iter().map(|index| self.index(index)).collect::<PyResult<_>>()?;
        let kind = match table.kind {
            TableKind::Table => intern!(py, "table"),
            TableKind::View => intern!(py, "view"),
            TableKind::MaterializedView => intern!(py, "materialized_view"),
            TableKind::ForeignTable => intern!(py, "foreign_table"),
        };
        let shape = PyDict::new(py);
        shape.set_item(intern!(py, "name"), self.name(&table.namespace, &table.name))?;
        shape.set_item(intern!(py, "kind"), kind)?;
        shape.set_item(intern!(py, "comment"), table.comment.as_deref())?;
        shape.set_item(intern!(py, "columns"), PyList::new(py, columns)?)?;
        shape.set_item(intern!(py, "primary_keys"), &table.primary_key)?;
        shape.set_item(intern!(py, "foreign_keys"), PyList::new(py, keys)?)?;
        shape.set_item(intern!(py, "indexes"), PyList::new(py, indexes)?)?;
        shape.set_item(intern!(py, "row_estimate"), table.row_estimate)?;
        Ok(shape)
    }

    fn column(&mut self, table: &Table, column: &'schema Column) -> PyResult<Bound<'py, PyDict>> {
        let py = self.py;
        let type_name = self.types.entry(&column.type_name).or_insert_with(|| PyString::new(py, &column.type_name));
        let shape = PyDict::new(py);
        shape.set_item(intern!(py, "name"), &column.name)?;
        shape.set_item(intern!(py, "type"), &*type_name)?;
        shape.set_item(intern!(py, "nullable"), column.nullable)?;
        shape.set_item(intern!(py, "default"), column.default.as_deref())?;
        shape.set_item(intern!(py, "primary_key"), table.primary_key.contains(&column.name))?;
        shape.set_item(intern!(py, "generated"), column.generated)?;
        shape.set_item(intern!(py, "comment"), column.comment.as_deref())?;
        shape.set_item(intern!(py, "enum_values"), &column.enum_values)?;
        Ok(shape)
    }

    fn foreign_key(&self, key: &ForeignKey) -> PyResult<Bound<'py, PyDict>> {
        let py = self.py;
        let shape = PyDict::new(py);
        shape.set_item(intern!(py, "name"), key.name.as_deref())?;
        shape.set_item(intern!(py, "columns"), &key.columns)?;
        shape.set_item(intern!(py, "referred_table"), self.name(&key.referred_namespace, &key.referred_table))?;
        shape.set_item(intern!(py, "referred_columns"), &key.referred_columns)?;
        Ok(shape)
    }

    fn index(&self, index: &Index) -> PyResult<Bound<'py, PyDict>> {
        let py = self.py;
        let shape = PyDict::new(py);
        shape.set_item(intern!(py, "name"), &index.name)?;
        shape.set_item(intern!(py, "columns"), &index.columns)?;
        shape.set_item(intern!(py, "unique"), index.unique)?;
        Ok(shape)
    }

    /// A relation that the policy hides keeps its bare name.
    fn name<'a>(&'a self, namespace: &'a str, name: &'a str) -> &'a str {
        self.names.get(&(namespace, name)).map_or(name, String::as_str)
    }
}
