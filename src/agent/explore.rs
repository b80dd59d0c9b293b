//! What a model may do by itself while it works on a question: look at the schema, look for stored values, try a
//! statement. Everything passes the guard of the one who asks, and no row value leaves that may not.

use std::fmt;

use async_trait::async_trait;
use serde_json::{Map, Value as Json, json};

use super::run::Walk;
use super::tools::OWN;
use crate::answer::plain;
use crate::database::{Limits, Rows};
use crate::engine::{Piece, Told, Toolbox};
use crate::error::{Code, Error, Result};
use crate::grounding::{Catalog, ColumnId};
use crate::llm::Tool;
use crate::schema::{Schema, Shown, Table};

/// Rows that a model is shown of a statement.
const ROWS: usize = 20;
/// Bytes of such rows.
const BYTES: usize = 16 * 1024;
/// Tables listed, and stored values found, at most.
const TABLES: usize = 200;
const VALUES: usize = 20;
/// Stored values that are looked at for one search; beyond it the nearest of those are given.
const LOOKED_AT: usize = 200_000;
/// From this likeness on (Jaro and Winkler's, 0 to 1) a stored value is near.
const NEAR: f64 = 0.87;

/// The tools of one question.
pub(super) struct Explorer<'a> {
    walk: &'a Walk<'a>,
    catalog: &'a Catalog,
}

impl<'a> Explorer<'a> {
    pub(super) fn new(walk: &'a Walk<'a>, catalog: &'a Catalog) -> Self {
        Self { walk, catalog }
    }

    async fn execute(&self, sql: &str) -> Result<Told> {
        let walk = self.walk;
        let schema = walk.agent.knowledge.full_schema().await?;
        let approved = walk.admitted.approve(sql, &schema)?;
        let timeout = walk.agent.limits().timeout;
        let limits = Limits { rows: ROWS, bytes: BYTES, timeout };
        let rows = walk.agent.examiner.run(&approved, &walk.admitted.guard, &schema, &limits).await?;
        Ok(Told { pieces: described(&rows, walk.agent.config.share_results), ran: Some(approved.text().to_owned()) })
    }

    async fn validate(&self, sql: &str) -> Result<Told> {
        let schema = self.walk.agent.knowledge.full_schema().await?;
        let approved = self.walk.admitted.approve(sql, &schema)?;
        let reads: Vec<&str> = approved.relations().iter().map(|relation| relation.name.as_str()).collect();
        Ok(format!("This statement may run. It reads: {}.", reads.join(", ")).into())
    }

    fn schema_info(&self, tables: &[&str]) -> Result<Told> {
        let schema = self.catalog.schema();
        if tables.is_empty() {
            return Ok(listed(schema).into());
        }
        let find = |name: &&str| {
            let (namespace, bare) = name.rsplit_once('.').map_or((None, *name), |(before, last)| (Some(before), last));
            let is = |table: &&Table| {
                table.name.eq_ignore_ascii_case(bare)
                    && namespace.is_none_or(|namespace| table.namespace.eq_ignore_ascii_case(namespace))
            };
            schema.tables.iter().find(is).ok_or_else(|| {
                Error::new(Code::ModelBadResponse, format!("there is no table `{name}`"))
                    .with_hint("call `get_schema_info` without a table for all names")
            })
        };
        let tables: Vec<&Table> = tables.iter().map(find).collect::<Result<_>>()?;
        let shown: Vec<Shown<'_>> =
            tables.iter().map(|table| Shown { table, columns: table.columns.iter().collect() }).collect();
        let mut text = schema.render(&shown);
        let keys = tables.iter().flat_map(|table| table.foreign_keys.iter().map(move |key| (table, key)));
        for (table, key) in keys {
            text.push_str(&format!(
                "\n{}({}) refers to {}({})",
                table.name,
                key.columns.join(", "),
                key.referred_table,
                key.referred_columns.join(", ")
            ));
        }
        Ok(text.into())
    }

    /// Stored values like `text`, in `within`, a table or `table.column`, where that is given.
    fn search(&self, text: &str, within: Option<&str>) -> Told {
        let wanted = text.to_lowercase();
        let mut left = LOOKED_AT;
        let mut found: Vec<(f64, ColumnId, &str)> = Vec::new();
        for table in 0..self.catalog.schema().tables.len() {
            for column in self.catalog.columns_of(table).filter(|column| self.is_in(*column, within)) {
                for value in self.catalog.values().values(column).iter().take(left) {
                    left = left.saturating_sub(1);
                    let lower = value.to_lowercase();
                    let alike = if lower == wanted {
                        2.0
                    } else if lower.contains(&wanted) {
                        1.0 + NEAR
                    } else {
                        strsim::jaro_winkler(&lower, &wanted)
                    };
                    if alike >= NEAR {
                        found.push((alike, column, value));
                    }
                }
            }
        }
        found.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)).then(left.2.cmp(right.2)));
        if found.is_empty() {
            return "Nothing like it is stored, as far as values were read.".to_owned().into();
        }
        let line = |(_, column, value): &(f64, ColumnId, &str)| {
            let place = format!("{} = '", self.place(*column));
            [Piece::Text(place), Piece::Value((*value).to_owned()), Piece::Text("'\n".to_owned())]
        };
        Told { pieces: found.iter().take(VALUES).flat_map(line).collect(), ran: None }
    }

    fn is_in(&self, column: ColumnId, within: Option<&str>) -> bool {
        let Some(within) = within else { return true };
        let (table, named) = (self.catalog.table(column.table), self.catalog.column(column));
        within.eq_ignore_ascii_case(&table.name)
            || within.rsplit_once('.').is_some_and(|(owner, name)| {
                name.eq_ignore_ascii_case(&named.name) && owner.eq_ignore_ascii_case(&table.name)
            })
    }

    fn place(&self, column: ColumnId) -> String {
        let schema = self.catalog.schema();
        let (table, named) = (self.catalog.table(column.table), self.catalog.column(column));
        format!("{}.{}", schema.relation(&table.namespace, &table.name), schema.dialect.written(&named.name))
    }
}

#[async_trait]
impl Toolbox for Explorer<'_> {
    fn tools(&self, explore: bool) -> Vec<Tool> {
        let own = self.walk.agent.tools.all().into_iter().map(|tool| tool.tool().clone());
        let mine = OWN.into_iter().filter(|_| explore).map(tool);
        mine.chain(own).collect()
    }

    async fn call(&self, name: &str, arguments: &Map<String, Json>) -> Result<Told> {
        let text =
            |name: &str| arguments.get(name).and_then(Json::as_str).map(str::trim).filter(|text| !text.is_empty());
        let demanded = |argument: &str| {
            let missing = || Error::new(Code::ModelBadResponse, format!("`{name}` needs the argument `{argument}`"));
            text(argument).ok_or_else(missing)
        };
        match name {
            "execute_query" => self.execute(demanded("sql")?).await,
            "validate_query" => self.validate(demanded("sql")?).await,
            "get_schema_info" => {
                let many = arguments.get("tables").and_then(Json::as_array);
                let names = many.into_iter().flatten().filter_map(Json::as_str).chain(text("table_name"));
                self.schema_info(&names.collect::<Vec<_>>())
            }
            "search_values" => Ok(self.search(demanded("text")?, text("within"))),
            _ => {
                let tool = self.walk.agent.tools.all().into_iter().find(|tool| tool.tool().name == name);
                let unknown = || Error::new(Code::ModelBadResponse, format!("there is no tool `{name}`"));
                Ok(tool.ok_or_else(unknown)?.call(arguments).await?.into())
            }
        }
    }
}

impl fmt::Debug for Explorer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Explorer").field("user", &self.walk.agent.tools).finish_non_exhaustive()
    }
}

/// What a model is told of the agent's own tool `name`.
fn tool(name: &'static str) -> Tool {
    let text = |about: &str| json!({"type": "string", "description": about});
    let sql = || json!({"type": "object", "properties": {"sql": text("one SELECT")}, "required": ["sql"], "additionalProperties": false});
    let (description, parameters) = match name {
        "execute_query" => ("Run one SELECT and see what it gives.", sql()),
        "validate_query" => ("Check whether a SELECT may run, without running it.", sql()),
        "get_schema_info" => (
            "Columns and keys of tables; without arguments the names of all tables.",
            json!({"type": "object", "additionalProperties": false, "properties":
                {"tables": {"type": "array", "items": {"type": "string"}}}}),
        ),
        _ => (
            "Find stored texts like a text, and the columns that hold them.",
            json!({"type": "object", "additionalProperties": false, "required": ["text"], "properties":
                {"text": text("what to look for"), "within": text("a table or table.column")}}),
        ),
    };
    Tool { name: name.to_owned(), description: description.to_owned(), parameters }
}

fn listed(schema: &Schema) -> String {
    let mut names: Vec<String> =
        schema.tables.iter().take(TABLES).map(|table| schema.relation(&table.namespace, &table.name)).collect();
    let left = schema.tables.len().saturating_sub(TABLES);
    if left > 0 {
        names.push(format!("and {left} more"));
    }
    names.join(", ")
}

/// The columns of `rows` and how many there are; with `share` the rows themselves.
fn described(rows: &Rows, share: bool) -> Vec<Piece> {
    let columns: Vec<&str> = rows.columns.iter().map(|column| column.name.as_str()).collect();
    let more = if rows.truncated { " or more" } else { "" };
    let mut text = format!("{}{more} rows of ({}).", rows.len(), columns.join(", "));
    if !share {
        text.push_str(" Values are not shown.");
        return vec![Piece::Text(text)];
    }
    for row in rows.iter() {
        let cells: Vec<String> = row.iter().map(plain).collect();
        text.push_str(&format!("\n{}", cells.join(" | ")));
    }
    vec![Piece::Text(text)]
}
