//! The schema in the shape the Python methods promise.
//!
//! A thousand tables are a hundred thousand small objects, so they are made without a detour and
//! what repeats (keys, names of types) is made once.

use std::collections::HashMap;

use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};

use super::error::raise;
use super::paused::Paused;
use crate::dialect::Dialect;
use crate::error::{Code, Error};
use crate::schema::{Column, ForeignKey, Index, Schema, Table, TableKind, TypeClass};

/// `{"dialect": …, "default_schema": …, "warnings": […], "tables": {name: table}}`, tables by the name people use.
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
    whole.set_item(intern!(py, "default_schema"), &schema.default_namespace)?;
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
        shape.set_item(intern!(py, "schema"), &table.namespace)?;
        shape.set_item(intern!(py, "kind"), kind)?;
        shape.set_item(intern!(py, "reads"), self.reads(table))?;
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

    /// What a view reads; `None` where it is not known or not all of it may be seen.
    fn reads(&self, table: &'schema Table) -> Option<Vec<&str>> {
        let name = |(namespace, name): &'schema (String, String)| {
            self.names.get(&(namespace.as_str(), name.as_str())).map(String::as_str)
        };
        if table.reads.is_empty() { None } else { table.reads.iter().map(name).collect() }
    }

    /// A relation that the policy hides keeps its bare name.
    fn name<'a>(&'a self, namespace: &'a str, name: &'a str) -> &'a str {
        self.names.get(&(namespace, name)).map_or(name, String::as_str)
    }
}

/// The dialect that a dictionary of [`dictionary`]'s shape was made from, where it says.
pub(super) fn dialect(given: &Bound<'_, PyDict>) -> PyResult<Option<Dialect>> {
    let name: Option<String> = optional(given, "dialect")?.map(|name| name.extract()).transpose()?;
    Ok(name.as_deref().and_then(Dialect::from_name))
}

/// The way back from [`dictionary`], as far as the guard needs it: names, columns, and what views read.
/// The tables may also stand alone, without what is around them.
pub(super) fn from_dictionary(given: &Bound<'_, PyDict>, dialect: Dialect) -> PyResult<Schema> {
    let py = given.py();
    read(given, dialect).map_err(|error| {
        if error.is_instance_of::<PyTypeError>(py) {
            unreadable(given, "a name or a list is something else")
        } else {
            error
        }
    })
}

fn read(given: &Bound<'_, PyDict>, dialect: Dialect) -> PyResult<Schema> {
    let whole = optional(given, "tables")?.and_then(|tables| tables.cast_into::<PyDict>().ok());
    let tables = whole.filter(|tables| !tables.contains("columns").unwrap_or(false)).unwrap_or_else(|| given.clone());
    let default: Option<String> = optional(given, "default_schema")?.map(|name| name.extract()).transpose()?;
    let default = match default {
        Some(default) => default,
        None => bare_namespace(&tables)?.unwrap_or_else(|| dialect.default_namespace().to_owned()),
    };
    let mut places = HashMap::new();
    for (key, table) in &tables {
        let (key, table) = (key.extract::<String>()?, entry(&table)?);
        let place = match optional(table, "schema")? {
            Some(namespace) => {
                let namespace: String = namespace.extract()?;
                let bare = key.strip_prefix(&namespace).and_then(|rest| rest.strip_prefix('.'));
                let name = bare.filter(|_| namespace != default).unwrap_or(&key).to_owned();
                (namespace, name)
            }
            None => place(&key, &default),
        };
        places.insert(key, place);
    }
    let mut schema = Schema::empty(dialect, default);
    for (key, table) in &tables {
        let (key, table) = (key.extract::<String>()?, entry(&table)?);
        let kind: Option<String> = optional(table, "kind")?.map(|kind| kind.extract()).transpose()?;
        let kind = match kind.as_deref() {
            None | Some("table") => TableKind::Table,
            Some("view") => TableKind::View,
            Some("materialized_view") => TableKind::MaterializedView,
            Some("foreign_table") => TableKind::ForeignTable,
            Some(_) => return Err(unreadable(table, "a table has an unknown `kind`")),
        };
        let reads: Vec<String> = optional(table, "reads")?.map_or_else(|| Ok(Vec::new()), |reads| reads.extract())?;
        let reads = reads
            .iter()
            .map(|name| places.get(name).cloned().unwrap_or_else(|| place(name, &schema.default_namespace)));
        let (namespace, name) = places.get(&key).cloned().unwrap_or_default();
        schema.tables.push(Table {
            reads: reads.collect(),
            partial: false,
            namespace,
            name,
            kind,
            comment: None,
            columns: columns_of(table)?,
            primary_key: Vec::new(),
            foreign_keys: Vec::new(),
            indexes: Vec::new(),
            row_estimate: None,
        });
    }
    Ok(schema)
}

/// The namespace of a table that stands under its bare name.
fn bare_namespace(tables: &Bound<'_, PyDict>) -> PyResult<Option<String>> {
    for (key, table) in tables {
        if let Some(namespace) = optional(entry(&table)?, "schema")? {
            let (key, namespace) = (key.extract::<String>()?, namespace.extract::<String>()?);
            if !key.strip_prefix(&namespace).is_some_and(|rest| rest.starts_with('.')) {
                return Ok(Some(namespace));
            }
        }
    }
    Ok(None)
}

fn columns_of(table: &Bound<'_, PyDict>) -> PyResult<Vec<Column>> {
    let Some(columns) = optional(table, "columns")? else { return Ok(Vec::new()) };
    columns
        .try_iter()?
        .map(|column| {
            let column = column?;
            let (name, type_name) = match column.cast::<PyDict>() {
                Ok(column) => {
                    let name = optional(column, "name")?;
                    let name = name.ok_or_else(|| unreadable(column, "a column has no `name`"))?;
                    (name.extract()?, optional(column, "type")?.map(|name| name.str()?.extract()).transpose()?)
                }
                Err(_) => (column.extract()?, None),
            };
            let type_name: Option<String> = type_name;
            Ok(Column {
                name,
                type_name: type_name.unwrap_or_default(),
                class: TypeClass::Other,
                nullable: true,
                default: None,
                generated: false,
                comment: None,
                enum_values: Vec::new(),
            })
        })
        .collect()
}

/// The namespace and the name of a relation that is written with or without one.
fn place(name: &str, default: &str) -> (String, String) {
    let (namespace, name) = name.split_once('.').unwrap_or((default, name));
    (namespace.to_owned(), name.to_owned())
}

fn entry<'a, 'py>(table: &'a Bound<'py, PyAny>) -> PyResult<&'a Bound<'py, PyDict>> {
    table.cast::<PyDict>().map_err(|_| unreadable(table, "a table is not described by a dictionary"))
}

/// The value of `key`, if there is one and it is not `None`.
fn optional<'py>(given: &Bound<'py, PyDict>, key: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
    Ok(given.get_item(key)?.filter(|value| !value.is_none()))
}

fn unreadable(at: &Bound<'_, impl Sized>, what: &str) -> PyErr {
    let error = Error::new(Code::InvalidOption, format!("`schema` cannot be read: {what}"));
    raise(at.py(), &error.with_hint("give what `agent.get_schema_info()` returns"))
}
