//! Names as the engine resolves them: quoting, letter case, common table expressions in their scope,
//! the default namespace, views down to what they read.
//!
//! Where engines or their settings could read a name in two ways, both readings must be allowed.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::rc::Rc;

use sqlparser::ast::{Ident, ObjectName, ObjectNamePart};

use super::access::Access;
use super::policy::{bases_of, is_view};
use super::rules::{allowed_relation, catalogue, clause, known_relation, reserved_word, understood};
use super::shape::Shape;
use super::{ColumnAccess, Rejection, Relation};
use crate::dialect::Dialect;
use crate::schema::{Schema, Table, TableKind};

/// The names that a statement may use, and those it has used.
pub(super) struct Names<'a> {
    pub dialect: Dialect,
    access: &'a Access,
    schema: &'a Schema,
    database: Option<&'a str>,
    /// Whether the schema is known; without it a name is judged by the policy alone.
    pub resolved: bool,
    expressions: Vec<CommonTable<'a>>,
    /// The names of all common table expressions, lower case.
    defined: BTreeSet<String>,
    relations: BTreeSet<Relation>,
}

/// A common table expression in scope.
struct CommonTable<'a> {
    name: String,
    certain: bool,
    columns: Columns<'a>,
}

/// The columns of a common table expression; `None` until it has been walked.
pub(super) type Columns<'a> = Option<Rc<Shape<'a>>>;

/// What a relation's name turned out to mean.
pub(super) enum Meaning<'a> {
    /// A common table expression, or something like it.
    Common(Columns<'a>),
    /// One relation of the schema, or several where letter case leaves it open.
    Tables(Vec<&'a Table>),
    /// A name that the policy allows, without a schema to know more.
    Named(Relation),
}

/// An identifier as written: its text without quotes, and whether it had some.
pub(super) struct Written<'a> {
    pub text: Cow<'a, str>,
    pub quoted: bool,
}

impl<'a> Names<'a> {
    pub fn new(
        access: &'a Access,
        schema: &'a Schema,
        dialect: Dialect,
        database: Option<&'a str>,
        resolved: bool,
    ) -> Self {
        Self {
            dialect,
            access,
            schema,
            database,
            resolved,
            expressions: Vec::new(),
            defined: BTreeSet::new(),
            relations: BTreeSet::new(),
        }
    }

    /// The schema, when names are resolved in one.
    pub fn schema(&self) -> Option<&'a Schema> {
        self.resolved.then_some(self.schema)
    }

    /// What the policies let be read.
    pub fn access(&self) -> &'a Access {
        self.access
    }

    /// What the policies say about a column.
    pub fn column_access(&self, namespace: &str, table: &str, column: &str) -> ColumnAccess {
        self.access.column_named(&self.schema.default_namespace, namespace, table, column)
    }

    /// Whether the statement has a common table expression of that name, given in lower case.
    pub fn defines(&self, name: &str) -> bool {
        self.defined.contains(name)
    }

    /// The base relations that were read.
    pub fn into_relations(self) -> Vec<Relation> {
        self.relations.into_iter().collect()
    }

    /// How many common table expressions are in scope, to return to with [`Names::leave`].
    pub fn mark(&self) -> usize {
        self.expressions.len()
    }

    /// Forgets the common table expressions of an inner scope.
    pub fn leave(&mut self, mark: usize) {
        self.expressions.truncate(mark);
    }

    /// Brings a common table expression into scope. `certain` is false for a name that only some
    /// engines see at this place: then the table of that name must be allowed too.
    pub fn enter(&mut self, name: &Ident, certain: bool, columns: Columns<'a>) {
        let name = fold(self.dialect, name).into_owned();
        self.defined.insert(name.to_lowercase());
        self.expressions.push(CommonTable { name, certain, columns });
    }

    /// Says what columns the common table expression at `place` has, once that is known.
    pub fn describe(&mut self, place: usize, columns: Columns<'a>) {
        if let Some(expression) = self.expressions.get_mut(place) {
            expression.columns = columns;
        }
    }

    /// Takes every column of the common table expressions from `first` on for masked.
    pub fn mask(&mut self, first: usize) {
        for expression in self.expressions.iter_mut().skip(first) {
            let columns = expression.columns.take();
            expression.columns = columns.map(|shape| Rc::new(Shape::clone(&shape).all_masked()));
        }
    }

    /// Resolves the name of a relation and asks the policy.
    pub fn relation(&mut self, name: &ObjectName) -> Result<Meaning<'a>, Rejection> {
        let mut parts = Vec::with_capacity(name.0.len());
        for part in &name.0 {
            match part {
                ObjectNamePart::Identifier(ident) => parts.push(self.relation_part(ident)?),
                ObjectNamePart::Function(_) => return Err(clause::refuse("a name that a function makes")),
            }
        }
        let (namespace, name) = match parts.as_slice() {
            [name] => (None, name),
            [namespace, name] => (Some(namespace), name),
            [database, namespace, name] if self.database.is_some_and(|known| self.same(known, &database.text)) => {
                (Some(namespace), name)
            }
            _ => return Err(known_relation::too_many_parts()),
        };
        let namespace = namespace.map(|namespace| namespace.text.as_ref());
        let mut possible = false;
        if namespace.is_none() {
            match self.common(&name.text) {
                Some((true, columns)) => return Ok(Meaning::Common(columns)),
                Some((false, _)) => possible = true,
                None => {}
            }
            // MySQL's table of one row and no column.
            if self.dialect == Dialect::Mysql && !name.quoted && name.text.eq_ignore_ascii_case("dual") {
                return Ok(Meaning::Common(None));
            }
            if self.dialect == Dialect::Postgres && !name.quoted {
                reserved_word::relation(&name.text)?;
            }
        }
        if !possible {
            catalogue::check(self.dialect, namespace, &name.text)?;
        }
        if self.resolved {
            self.in_schema(namespace, &name.text, possible)
        } else {
            self.by_name(namespace, &name.text, possible)
        }
    }

    /// Whether an unqualified name is a common table expression: surely, perhaps, or not.
    fn common(&self, name: &str) -> Option<(bool, Columns<'a>)> {
        let mut perhaps = None;
        for expression in self.expressions.iter().rev() {
            let same = expression.name == name;
            if same && expression.certain {
                return Some((true, expression.columns.clone()));
            }
            if same || (self.dialect != Dialect::Postgres && expression.name.eq_ignore_ascii_case(name)) {
                if self.dialect == Dialect::Sqlite && expression.certain {
                    return Some((true, expression.columns.clone()));
                }
                perhaps = Some((false, None));
            }
        }
        perhaps
    }

    fn in_schema(&mut self, namespace: Option<&str>, name: &str, possible: bool) -> Result<Meaning<'a>, Rejection> {
        let space = namespace.unwrap_or(&self.schema.default_namespace);
        let here = |table: &&Table| self.same(&table.namespace, space);
        // The name first: most tables differ in its length.
        let exact: Vec<&Table> = self.schema.tables.iter().filter(|table| table.name == name).filter(here).collect();
        let tables = if exact.is_empty() && self.dialect != Dialect::Postgres {
            self.schema.tables.iter().filter(|table| table.name.eq_ignore_ascii_case(name)).filter(here).collect()
        } else {
            exact
        };
        if tables.is_empty() {
            return if possible { Ok(Meaning::Common(None)) } else { Err(self.unknown(name)) };
        }
        for table in &tables {
            if self.dialect == Dialect::Sqlite && is_shadow(self.schema, table) {
                return Err(catalogue::RULE.refuse("a table holds the index of a full-text table"));
            }
            if !self.access.allows(self.schema, table) {
                return Err(self.forbidden(name));
            }
            if possible && self.access.limits_columns() {
                let message = "a name may mean a common table expression or a table";
                return Err(clause::RULE.refuse_with(message, "give the common table expression another name"));
            }
            self.record(table);
        }
        Ok(Meaning::Tables(tables))
    }

    fn by_name(&mut self, namespace: Option<&str>, name: &str, possible: bool) -> Result<Meaning<'a>, Rejection> {
        let default = self.schema.default_namespace.as_str();
        let space = namespace.unwrap_or(default);
        if possible {
            return if self.access.blocks(space, name) { Err(self.forbidden(name)) } else { Ok(Meaning::Common(None)) };
        }
        let plain = name.is_ascii() || self.access.lists_exactly(name);
        if !plain || !self.access.allows_name(default, space, name) {
            return Err(self.forbidden(name));
        }
        let relation = Relation { namespace: space.to_owned(), name: name.to_owned() };
        self.relations.insert(relation.clone());
        Ok(Meaning::Named(relation))
    }

    /// Notes the tables under a relation.
    pub fn record(&mut self, table: &Table) {
        // A materialized view stores rows of its own.
        if !is_view(table) || table.kind == TableKind::MaterializedView || table.reads.is_empty() {
            self.relations.insert(Relation { namespace: table.namespace.clone(), name: table.name.clone() });
        }
        if is_view(table) {
            let mut bases = Vec::new();
            bases_of(self.schema, table, &mut bases);
            for (namespace, name) in bases {
                let known = self.schema.tables.iter().find(|other| other.name == name && other.namespace == namespace);
                if !known.is_some_and(|table| is_view(table) && !table.reads.is_empty()) {
                    self.relations.insert(Relation { namespace, name });
                }
            }
        }
    }

    /// A refusal of what the policy does not show.
    fn forbidden(&self, name: &str) -> Rejection {
        if self.access.conceals { self.unknown(name) } else { allowed_relation::refuse(name) }
    }

    /// A refusal with the closest names that the policy shows.
    fn unknown(&self, name: &str) -> Rejection {
        let lower = name.to_lowercase();
        let mut near: Vec<(f64, String)> = self
            .schema
            .tables
            .iter()
            .map(|table| (strsim::jaro_winkler(&lower, &table.name.to_lowercase()), table))
            .filter(|(likeness, table)| *likeness > 0.8 && self.access.allows(self.schema, table))
            .map(|(likeness, table)| (likeness, self.schema.display_name(table)))
            .collect();
        near.sort_by(|one, other| other.0.total_cmp(&one.0));
        let names: Vec<String> = near.into_iter().take(3).map(|(_, name)| name).collect();
        known_relation::unknown(name, &names)
    }

    /// Whether two namespaces or databases are the same to the engine.
    fn same(&self, one: &str, other: &str) -> bool {
        match self.dialect {
            Dialect::Postgres => one == other,
            Dialect::Sqlite | Dialect::Mysql | Dialect::Mssql => one.eq_ignore_ascii_case(other),
        }
    }

    fn relation_part<'n>(&self, ident: &'n Ident) -> Result<Written<'n>, Rejection> {
        let quotes_names = match ident.quote_style {
            None => true,
            // SQLite takes a text literal for a table's name.
            Some('\'') => self.dialect == Dialect::Sqlite,
            Some('"') => self.dialect != Dialect::Mysql,
            Some('`') => matches!(self.dialect, Dialect::Mysql | Dialect::Sqlite),
            Some('[') => matches!(self.dialect, Dialect::Mssql | Dialect::Sqlite),
            Some(_) => false,
        };
        if !quotes_names || ident.value.is_empty() {
            return Err(understood::RULE.refuse("a table's name is empty or stands in quotes that do not quote names"));
        }
        Ok(Written { text: fold(self.dialect, ident), quoted: ident.quote_style.is_some() })
    }
}

/// An identifier's text without quotes, in the letter case that the dialect gives it.
pub(super) fn fold(dialect: Dialect, ident: &Ident) -> Cow<'_, str> {
    let close = match ident.quote_style {
        None => {
            return if dialect == Dialect::Postgres && ident.value.bytes().any(|byte| byte.is_ascii_uppercase()) {
                Cow::Owned(ident.value.to_ascii_lowercase())
            } else {
                Cow::Borrowed(&ident.value)
            };
        }
        Some('[') => ']',
        Some(quote) => quote,
    };
    if ident.value.contains(close) {
        // The parser keeps the doubled quote as it was written.
        Cow::Owned(ident.value.replace(&format!("{close}{close}"), &close.to_string()))
    } else {
        Cow::Borrowed(&ident.value)
    }
}

/// Whether a table of SQLite holds the index of a full-text table beside it
/// (<https://www.sqlite.org/fts5.html#fts5_data_structures>).
fn is_shadow(schema: &Schema, table: &Table) -> bool {
    let has = |name: &str| schema.tables.iter().any(|other| other.name.eq_ignore_ascii_case(name));
    ["_data", "_idx", "_content", "_docsize", "_config", "_segments", "_segdir", "_stat"].iter().any(|ending| {
        table.name.strip_suffix(ending).is_some_and(|owner| {
            has(owner)
                && ((has(&format!("{owner}_data")) && has(&format!("{owner}_idx")) && has(&format!("{owner}_config")))
                    || (has(&format!("{owner}_segments")) && has(&format!("{owner}_segdir"))))
        })
    })
}
