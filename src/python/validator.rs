//! The guard, for statements that somebody else wrote.

use std::collections::BTreeSet;

use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::error::raise;
use super::schema;
use crate::dialect::Dialect;
use crate::error::{Code, Error};
use crate::guard::{self, ApprovedSql, Everywhere, Guard, Policy, ReadColumn, Rejection, Relation};
use crate::schema::Schema;

/// Reads statements of one dialect, or of all, under one policy, without a database.
#[pyclass(frozen, module = "db_query_agent._core")]
pub struct Validator {
    reader: Reader,
    /// The schema as each dialect takes it; empty where none is known.
    schemas: Vec<Schema>,
}

enum Reader {
    One(Guard),
    All(Everywhere),
}

#[pymethods]
impl Validator {
    #[new]
    #[pyo3(signature = (dialect, allowed_tables, blocked_tables, schema=None))]
    fn new(
        py: Python<'_>,
        dialect: Option<&str>,
        allowed_tables: Option<Vec<String>>,
        blocked_tables: Vec<String>,
        schema: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let dialect = match dialect {
            None => schema.map(schema::dialect).transpose()?.flatten(),
            Some(name) => Some(Dialect::from_name(name).ok_or_else(|| {
                let error = Error::new(Code::InvalidOption, format!("no dialect is called `{name}`"));
                raise(py, &error.with_hint("use `sqlite`, `postgres`, `mysql` or `mssql`"))
            })?),
        };
        let policy = Policy { allowed_tables, blocked_tables, ..Policy::default() };
        let (reader, dialects) = match dialect {
            Some(dialect) => (Reader::One(Guard::new(dialect, policy).remarking()), vec![dialect]),
            None => (Reader::All(Everywhere::new(&policy)), Dialect::ALL.to_vec()),
        };
        let schemas = match schema {
            Some(given) => dialects.into_iter().map(|dialect| schema::from_dictionary(given, dialect)).collect(),
            None => Ok(Vec::new()),
        };
        Ok(Self { reader, schemas: schemas? })
    }

    /// `{"tables": […], …}` when it may run, else `{"rule": …, "error": …, "hint": …}`; `kind` in both.
    fn validate<'py>(&self, py: Python<'py>, sql: &str) -> PyResult<Bound<'py, PyDict>> {
        let verdict = py.detach(|| self.judge(sql));
        let result = PyDict::new(py);
        result.set_item("kind", guard::kind(sql))?;
        match verdict {
            Ok(approved) => {
                let of = |read: fn(&Self, Dialect, &ApprovedSql) -> Vec<String>| -> BTreeSet<String> {
                    approved.iter().flat_map(|(dialect, one)| read(self, *dialect, one)).collect()
                };
                result.set_item("tables", Vec::from_iter(of(Self::tables)))?;
                result.set_item("columns", Vec::from_iter(of(Self::columns)))?;
                result.set_item("functions", Vec::from_iter(of(|_, _, one| one.functions().to_vec())))?;
                result.set_item("warnings", approved.first().map(|(_, one)| one.remarks()))?;
            }
            Err(rejection) => {
                result.set_item("rule", rejection.rule)?;
                result.set_item("error", rejection.message)?;
                result.set_item("hint", rejection.hint)?;
            }
        }
        Ok(result)
    }

    /// The text without comments and needless blanks.
    fn sanitize(&self, py: Python<'_>, sql: &str) -> PyResult<String> {
        let clean = match &self.reader {
            Reader::One(guard) => guard.sanitize(sql),
            Reader::All(everywhere) => everywhere.sanitize(sql),
        };
        clean.map_err(|rejection| raise(py, &rejection.into()))
    }
}

impl Validator {
    fn judge(&self, sql: &str) -> Result<Vec<(Dialect, ApprovedSql)>, Rejection> {
        match &self.reader {
            Reader::One(guard) => {
                let verdict = match self.schemas.first() {
                    Some(schema) => guard.approve(sql, schema),
                    None => guard.approve_unresolved(sql),
                };
                verdict.map(|approved| vec![(guard.dialect(), approved)])
            }
            Reader::All(everywhere) => {
                everywhere.approve(sql, |dialect| self.schemas.iter().find(|schema| schema.dialect == dialect))
            }
        }
    }

    fn tables(&self, dialect: Dialect, approved: &ApprovedSql) -> Vec<String> {
        approved.relations().iter().map(|relation| self.name(dialect, relation)).collect()
    }

    fn columns(&self, dialect: Dialect, approved: &ApprovedSql) -> Vec<String> {
        let name = |column: &ReadColumn| format!("{}.{}", self.name(dialect, &column.relation), column.name);
        approved.columns().iter().map(name).collect()
    }

    /// What people call a relation: its bare name in the default namespace, else `namespace.name`.
    fn name(&self, dialect: Dialect, relation: &Relation) -> String {
        let schema = self.schemas.iter().find(|schema| schema.dialect == dialect);
        if relation.namespace == schema.map_or(dialect.default_namespace(), |schema| &schema.default_namespace) {
            relation.name.clone()
        } else {
            format!("{}.{}", relation.namespace, relation.name)
        }
    }
}
