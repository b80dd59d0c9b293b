//! FROM: relations, functions that give rows, derived tables, joins.

use sqlparser::ast::{
    BinaryOperator, Expr, ExprWithAlias, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Join,
    JoinConstraint, JoinOperator, JsonTableColumn, JsonTableNamedColumn, JsonTableNestedColumn, ObjectName,
    ObjectNamePart, OpenJsonTableColumn, PivotValueSource, TableAlias, TableFactor, TableFunctionArgs, TableSample,
    TableSampleKind, TableSampleQuantity, TableVersion, TableWithJoins, XmlNamespaceDefinition, XmlPassingArgument,
    XmlTableColumn, XmlTableColumnOption,
};

use std::rc::Rc;

use super::source::Row;
use super::{Verdict, Walk};
use crate::dialect::Dialect;
use crate::guard::resolve::Meaning;
use crate::guard::rewrite::Filtered;
use crate::guard::rules::{clause, no_locks, row_filter};
use crate::guard::shape::Shape;
use crate::guard::{Rejection, Relation};
use crate::schema::Table;

/// A source of which nothing is known but whether something masked may be in it.
fn open<'a>(masked: bool) -> Row<'a> {
    Row::Query(Rc::new(Shape::open(masked)))
}

impl<'a> Walk<'a> {
    /// Everything that FROM brings, then what it is joined on: SQLite lets a condition or an argument of
    /// a function name a table that comes later.
    pub(super) fn from(&mut self, tables: &[TableWithJoins]) -> Verdict {
        self.each(tables, Self::sources_of)?;
        if self.is(Dialect::Sqlite) && self.names.access().limits_columns() {
            let masked = self.touching(|walk| {
                walk.each(tables, |walk, table| {
                    walk.arguments_of(&table.relation)?;
                    walk.each(&table.joins, |walk, join| walk.arguments_of(&join.relation))
                })
            })?;
            if masked {
                self.sources.mask_functions();
            }
        }
        self.each(tables, |walk, TableWithJoins { relation: _, joins }| walk.each(joins, Self::condition))
    }

    fn sources_of(&mut self, table: &TableWithJoins) -> Verdict {
        let TableWithJoins { relation, joins } = table;
        self.table_factor(relation)?;
        self.each(joins, |walk, Join { relation, global, join_operator: _ }| {
            clause::absent(*global, "GLOBAL")?;
            walk.table_factor(relation)
        })
    }

    /// The arguments of a function in FROM, once all that they may name is there.
    fn arguments_of(&mut self, factor: &TableFactor) -> Verdict {
        if let TableFactor::Table { name, args: Some(TableFunctionArgs { args, settings: _ }), .. }
        | TableFactor::Function { name, args, .. } = factor
            && !self.is_full_text_search(name)
        {
            return self.each(args, |walk, argument| walk.argument("", argument));
        }
        if let TableFactor::NestedJoin { table_with_joins, alias: _ } = factor {
            self.arguments_of(&table_with_joins.relation)?;
            return self.each(&table_with_joins.joins, |walk, join| walk.arguments_of(&join.relation));
        }
        Ok(())
    }

    fn condition(&mut self, join: &Join) -> Verdict {
        let Join { relation: _, global: _, join_operator } = join;
        match join_operator {
            JoinOperator::Join(constraint)
            | JoinOperator::Inner(constraint)
            | JoinOperator::Left(constraint)
            | JoinOperator::LeftOuter(constraint)
            | JoinOperator::Right(constraint)
            | JoinOperator::RightOuter(constraint)
            | JoinOperator::FullOuter(constraint)
            | JoinOperator::CrossJoin(constraint) => self.constraint(constraint),
            JoinOperator::StraightJoin(constraint) if self.is(Dialect::Mysql) => self.constraint(constraint),
            JoinOperator::CrossApply | JoinOperator::OuterApply if self.is(Dialect::Mssql) => Ok(()),
            JoinOperator::StraightJoin(_)
            | JoinOperator::CrossApply
            | JoinOperator::OuterApply
            | JoinOperator::Semi(_)
            | JoinOperator::LeftSemi(_)
            | JoinOperator::RightSemi(_)
            | JoinOperator::Anti(_)
            | JoinOperator::LeftAnti(_)
            | JoinOperator::RightAnti(_)
            | JoinOperator::AsOf { .. }
            | JoinOperator::ArrayJoin
            | JoinOperator::LeftArrayJoin
            | JoinOperator::InnerArrayJoin => Err(clause::refuse("a join of this kind")),
        }
    }

    fn constraint(&mut self, constraint: &JoinConstraint) -> Verdict {
        match constraint {
            JoinConstraint::On(condition) => self.expression(condition),
            JoinConstraint::Using(columns) => self.each(columns, |walk, column| {
                column.0.last().and_then(ObjectNamePart::as_ident).map_or(Ok(()), |column| walk.joined(column))
            }),
            JoinConstraint::Natural => self.naturally_joined(),
            JoinConstraint::None => Ok(()),
        }
    }

    #[expect(clippy::too_many_lines, reason = "one arm a table expression, so that a new one fails to compile")]
    fn table_factor(&mut self, factor: &TableFactor) -> Verdict {
        match factor {
            TableFactor::Table {
                name,
                alias,
                args,
                with_hints,
                version,
                with_ordinality,
                partitions,
                json_path,
                sample,
                index_hints,
            } => {
                let plain = with_hints.is_empty()
                    && version.is_none()
                    && sample.is_none()
                    && partitions.is_empty()
                    && index_hints.is_empty();
                clause::absent(json_path.is_some(), "a path behind a table")?;
                with_hints.iter().try_for_each(Self::table_hint)?;
                self.version(version.as_ref())?;
                self.sample(sample.as_ref())?;
                match args {
                    Some(TableFunctionArgs { args, settings }) => {
                        clause::absent(settings.is_some(), "SETTINGS")?;
                        if self.is_full_text_search(name) {
                            self.each(args, |walk, argument| walk.argument("", argument))?;
                            self.relation(name, alias.as_ref(), false)?;
                            // The word is looked for in every column.
                            return self.whole_row(self.sources.count() - 1);
                        }
                        self.row_function(name, args, alias.as_ref(), *with_ordinality)
                    }
                    None => self.relation(name, alias.as_ref(), plain),
                }
            }
            TableFactor::Derived { lateral: _, subquery, alias, sample } => {
                self.sample(sample.as_ref())?;
                self.query(subquery)?;
                let columns = std::mem::replace(&mut self.sources.output, Shape::empty());
                self.source(alias.as_ref(), Row::Query(Rc::new(columns)))
            }
            TableFactor::Function { lateral: _, name, args, with_ordinality, alias } => {
                self.row_function(name, args, alias.as_ref(), *with_ordinality)
            }
            TableFactor::UNNEST { alias, array_exprs, with_offset, with_offset_alias, with_ordinality: _ } => {
                clause::absent(*with_offset || with_offset_alias.is_some(), "WITH OFFSET")?;
                clause::foreign(!self.is(Dialect::Postgres), "UNNEST")?;
                let masked = self.touching(|walk| walk.expressions(array_exprs))?;
                self.source(alias.as_ref(), Row::Function { name: "unnest".to_owned(), masked })
            }
            TableFactor::JsonTable { json_expr, json_path, columns, alias } => {
                let masked = self.touching(|walk| walk.expression(json_expr))?;
                Self::value(&json_path.value)?;
                self.each(columns, Self::json_column)?;
                self.source(alias.as_ref(), open(masked))
            }
            TableFactor::OpenJsonTable { json_expr, json_path, columns, alias } => {
                clause::foreign(!self.is(Dialect::Mssql), "OPENJSON")?;
                let masked = self.touching(|walk| walk.expression(json_expr))?;
                if let Some(path) = json_path {
                    Self::value(&path.value)?;
                }
                self.each(columns, |walk, OpenJsonTableColumn { name: _, r#type, path: _, as_json: _ }| {
                    walk.data_type(r#type)
                })?;
                self.source(alias.as_ref(), open(masked))
            }
            TableFactor::NestedJoin { table_with_joins, alias } => {
                let first = self.sources.count();
                self.from(std::slice::from_ref(table_with_joins))?;
                match alias {
                    Some(_) => {
                        let columns = self.joined_columns(first)?;
                        self.source(alias.as_ref(), Row::Query(Rc::new(columns)))
                    }
                    None => Ok(()),
                }
            }
            TableFactor::Pivot { table, aggregate_functions, value_column, value_source, default_on_null, alias } => {
                clause::absent(!self.is(Dialect::Mssql) || default_on_null.is_some(), "PIVOT")?;
                let masked = self.touching(|walk| {
                    walk.every_column_of(table)?;
                    walk.each(aggregate_functions, Self::aliased)?;
                    walk.expressions(value_column)
                })?;
                match value_source {
                    PivotValueSource::List(values) => self.each(values, Self::aliased)?,
                    PivotValueSource::Any(_) | PivotValueSource::Subquery(_) => {
                        return Err(clause::refuse("PIVOT over values that are not listed"));
                    }
                }
                self.source(alias.as_ref(), open(masked))
            }
            TableFactor::Unpivot { table, value, name: _, columns, null_inclusion: _, alias } => {
                clause::foreign(!self.is(Dialect::Mssql), "UNPIVOT")?;
                let masked = self.touching(|walk| {
                    walk.every_column_of(table)?;
                    walk.each(columns, Self::aliased)
                })?;
                // A new name, behind which stands the value of the columns.
                match value {
                    Expr::Identifier(_) => {}
                    _ => self.expression(value)?,
                }
                self.source(alias.as_ref(), open(masked))
            }
            TableFactor::XmlTable { namespaces, row_expression, passing, columns, alias } => {
                clause::foreign(!self.is(Dialect::Postgres), "XMLTABLE")?;
                let masked = self.touching(|walk| {
                    walk.each(namespaces, |walk, XmlNamespaceDefinition { uri, name: _ }| walk.expression(uri))?;
                    walk.expression(row_expression)?;
                    walk.each(&passing.arguments, |walk, XmlPassingArgument { expr, alias: _, by_value: _ }| {
                        walk.expression(expr)
                    })?;
                    walk.each(columns, Self::xml_column)
                })?;
                self.source(alias.as_ref(), open(masked))
            }
            TableFactor::TableFunction { .. } => Err(clause::refuse("TABLE(…)")),
            TableFactor::UnpivotExpr { .. } => Err(clause::refuse("UNPIVOT of an expression")),
            TableFactor::MatchRecognize { .. } => Err(clause::refuse("MATCH_RECOGNIZE")),
            TableFactor::SemanticView { .. } => Err(clause::refuse("SEMANTIC_VIEW")),
        }
    }

    /// SQLite searches a full-text table when it is called: `documents('word')`.
    fn is_full_text_search(&self, name: &ObjectName) -> bool {
        self.is(Dialect::Sqlite)
            && name.0.last().and_then(|part| part.as_ident()).is_some_and(|ident| {
                self.names.schema().is_some_and(|schema| schema.table(None, &self.folded(ident)).is_some())
            })
    }

    /// A relation by its name; `plain` when nothing but an alias stands behind it.
    fn relation(&mut self, name: &ObjectName, alias: Option<&TableAlias>, plain: bool) -> Verdict {
        let row = match self.names.relation(name)? {
            Meaning::Common(Some(columns)) => Row::Query(columns),
            Meaning::Common(None) => {
                self.guesses += 1;
                open(false)
            }
            Meaning::Tables(tables) => {
                self.filter(name, &tables, alias.is_some(), plain)?;
                Row::Tables(tables)
            }
            Meaning::Named(relation) => {
                self.filter_named(&relation)?;
                Row::Named(relation)
            }
        };
        match (alias, name.0.last().and_then(ObjectNamePart::as_ident)) {
            (Some(_), _) => self.source(alias, row),
            (None, Some(ident)) => {
                let name = self.folded(ident);
                self.sources.add(name, row, Vec::new());
                Ok(())
            }
            (None, None) => Ok(()),
        }
    }

    /// Notes that a table is named where its row filters must hold.
    fn filter(&mut self, name: &ObjectName, tables: &[&'a Table], aliased: bool, plain: bool) -> Verdict {
        let access = self.names.access();
        let filters = |table: &&'a Table| access.filters_of(&table.namespace, &table.name).collect::<Vec<_>>();
        match tables {
            [] => Ok(()),
            [table] => match filters(table) {
                filters if filters.is_empty() => Ok(()),
                _ if !plain => Err(row_filter::RULE.refuse("a table with a row filter is not named plainly")),
                filters => {
                    self.filtered.push(Filtered::new(name, table, filters, aliased));
                    Ok(())
                }
            },
            [first, others @ ..] => {
                let same = |table: &&'a Table| filters(table) == filters(first);
                if filters(first).is_empty() && others.iter().all(same) {
                    return Ok(());
                }
                Err(row_filter::RULE.refuse("it is not clear which of several tables with row filters is meant"))
            }
        }
    }

    /// Refuses a table with a row filter whose columns are not known.
    fn filter_named(&self, relation: &Relation) -> Verdict {
        match self.names.access().filters_of(&relation.namespace, &relation.name).next() {
            Some(_) => Err(row_filter::RULE.refuse("a table with a row filter needs a schema to be read")),
            None => Ok(()),
        }
    }

    /// The columns of all that was joined since `first`, in place of what was joined.
    fn joined_columns(&mut self, first: usize) -> Result<Shape<'a>, Rejection> {
        let mut columns = Shape::empty();
        let touched = self.touched;
        for at in first..self.sources.count() {
            columns.append(self.columns_of(at, "an alias of a join")?);
        }
        self.touched = touched;
        columns.in_order &= !self.sources.scope().merges;
        self.sources.drop_from(first);
        Ok(columns)
    }

    /// A table of which every column is read.
    fn every_column_of(&mut self, table: &TableFactor) -> Verdict {
        let first = self.sources.count();
        self.table_factor(table)?;
        (first..self.sources.count()).try_for_each(|at| self.whole_row(at))
    }

    /// Notes what FROM brings under an alias.
    fn source(&mut self, alias: Option<&TableAlias>, row: Row<'a>) -> Verdict {
        let Some(alias) = alias else { return Ok(()) };
        self.table_alias(alias)?;
        let columns = alias.columns.iter().map(|column| self.folded(&column.name)).collect();
        let name = self.folded(&alias.name);
        self.sources.add(name, row, columns);
        Ok(())
    }

    fn aliased(&mut self, aliased: &ExprWithAlias) -> Verdict {
        let ExprWithAlias { expr, alias } = aliased;
        if let Some(alias) = alias {
            self.alias(alias)?;
        }
        self.expression(expr)
    }

    /// A hint of SQL Server: a bare word, or a call such as `INDEX(name)`.
    fn table_hint(hint: &Expr) -> Verdict {
        match hint {
            Expr::Identifier(word) => no_locks::hint(&word.value),
            // `INDEX(name, 1)` and `INDEX = name` name indexes, which hold no rows of others.
            Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => match (left.as_ref(), right.as_ref()) {
                (Expr::Identifier(word), Expr::Identifier(_)) => no_locks::index_hint(&word.value),
                _ => Err(no_locks::RULE.refuse("a table hint is not known")),
            },
            Expr::Function(Function { name, args: FunctionArguments::List(list), .. }) => {
                let named = |argument: &FunctionArg| {
                    matches!(
                        argument,
                        FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Identifier(_) | Expr::Value(_)))
                    )
                };
                if !list.args.iter().all(named) {
                    return Err(no_locks::RULE.refuse("a table hint is not known"));
                }
                no_locks::index_hint(&name.to_string())
            }
            _ => Err(no_locks::RULE.refuse("a table hint takes a lock or is not known")),
        }
    }

    fn version(&mut self, version: Option<&TableVersion>) -> Verdict {
        match version {
            None => Ok(()),
            Some(TableVersion::ForSystemTimeAsOf(expression)) if self.is(Dialect::Mssql) => self.expression(expression),
            Some(
                TableVersion::ForSystemTimeAsOf(_)
                | TableVersion::TimestampAsOf(_)
                | TableVersion::VersionAsOf(_)
                | TableVersion::Function(_)
                | TableVersion::Changes { .. },
            ) => Err(clause::refuse("a version of a table")),
        }
    }

    fn sample(&mut self, sample: Option<&TableSampleKind>) -> Verdict {
        let Some(TableSampleKind::BeforeTableAlias(sample) | TableSampleKind::AfterTableAlias(sample)) = sample else {
            return Ok(());
        };
        let TableSample { modifier: _, name: _, quantity, seed, bucket, offset } = sample.as_ref();
        clause::absent(bucket.is_some() || offset.is_some(), "BUCKET")?;
        if let Some(TableSampleQuantity { parenthesized: _, value, unit: _ }) = quantity {
            self.expression(value)?;
        }
        match seed {
            Some(seed) => Self::value(&seed.value.value),
            None => Ok(()),
        }
    }

    fn json_column(&mut self, column: &JsonTableColumn) -> Verdict {
        match column {
            JsonTableColumn::Named(JsonTableNamedColumn {
                name: _,
                r#type,
                path,
                exists: _,
                on_empty: _,
                on_error: _,
            }) => {
                self.data_type(r#type)?;
                Self::value(&path.value)
            }
            JsonTableColumn::ForOrdinality(_) => Ok(()),
            JsonTableColumn::Nested(JsonTableNestedColumn { path, columns }) => {
                Self::value(&path.value)?;
                self.each(columns, Self::json_column)
            }
        }
    }

    fn xml_column(&mut self, column: &XmlTableColumn) -> Verdict {
        let XmlTableColumn { name: _, option } = column;
        match option {
            XmlTableColumnOption::NamedInfo { r#type, path, default, nullable: _ } => {
                self.data_type(r#type)?;
                self.each(path.iter().chain(default), Self::expression)
            }
            XmlTableColumnOption::ForOrdinality => Ok(()),
        }
    }
}
