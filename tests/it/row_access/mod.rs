//! A caller with row filters and denied columns gets exactly its rows: the same query gives the same rows
//! under the policy, and without one on copies of the tables that hold nothing else.

mod corpus;
mod shapes;

use std::collections::BTreeMap;
use std::sync::Arc;

use db_query_agent::Error;
use db_query_agent::database::{Database, Rows};
use db_query_agent::dialect::Dialect;
use db_query_agent::guard::{Caller, Guard, Policy, Rejection, RowFilter};
use db_query_agent::schema::Schema;
use db_query_agent::value::Value;

use crate::scratch::{Scratch, WIDE};
use crate::sqlite::File;

const ENGINES: [Dialect; 3] = [Dialect::Sqlite, Dialect::Postgres, Dialect::Mysql];

/// A database of its own on a real engine.
struct Place {
    database: Arc<dyn Database>,
    schema: Schema,
    /// What its tables can be qualified with.
    namespace: String,
    _home: Home,
}

/// What goes away with the place.
#[expect(dead_code, reason = "they are only dropped")]
enum Home {
    File(File),
    Server(Scratch),
}

impl Place {
    async fn new(dialect: Dialect, statements: &str) -> Self {
        let (home, database, namespace) = if dialect == Dialect::Sqlite {
            let file = File::new(statements).await;
            let database = file.open();
            (Home::File(file), database, "main".to_owned())
        } else {
            let scratch = Scratch::new(dialect).await;
            scratch.execute(statements).await;
            let (database, namespace) = (scratch.open(&[]), scratch.name.clone());
            (Home::Server(scratch), database, namespace)
        };
        let schema = database.introspect().await.unwrap();
        Self { database, schema, namespace, _home: home }
    }

    async fn ask(&self, guard: &Guard, sql: &str) -> Result<Outcome, Rejection> {
        let approved = guard.approve(sql, &self.schema)?;
        Ok(match self.database.run(&approved, &WIDE).await {
            Ok(rows) => Outcome::Rows(rows),
            Err(error) => Outcome::Failed(Box::new(error)),
        })
    }
}

/// What became of a statement that was let through.
#[derive(Debug)]
enum Outcome {
    Rows(Rows),
    Failed(Box<Error>),
}

impl Outcome {
    /// The names of the columns, and the rows in an order of their own unless the statement gives one.
    fn written(&self, ordered: bool) -> (Vec<String>, Vec<String>) {
        let rows = match self {
            Self::Rows(rows) => rows,
            Self::Failed(error) => return (vec![error.to_string()], Vec::new()),
        };
        // MariaDB writes a name as the statement or as the table does, depending on where it comes from.
        let columns = rows.columns.iter().map(|column| column.name.to_lowercase()).collect();
        let mut lines: Vec<String> = rows.iter().map(|row| format!("{row:?}")).collect();
        if !ordered {
            lines.sort_unstable();
        }
        (columns, lines)
    }
}

fn caller(attributes: &[(&str, Value)]) -> Arc<Caller> {
    let attributes: BTreeMap<String, Value> =
        attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Arc::new(Caller { id: "ann".to_owned(), roles: Vec::new(), attributes })
}

fn policy(dialect: Dialect, filters: &[(&str, &str)], blocked_columns: &[&str]) -> Policy {
    Policy {
        row_filters: filters.iter().map(|(table, text)| RowFilter::new(dialect, *table, text).unwrap()).collect(),
        blocked_columns: blocked_columns.iter().map(ToString::to_string).collect(),
        ..Policy::default()
    }
}
