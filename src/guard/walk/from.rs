//! FROM: relations, functions that give rows, derived tables, joins.

use sqlparser::ast::{
    Expr, ExprWithAlias, Join, JoinConstraint, JoinOperator, JsonTableColumn, JsonTableNamedColumn,
    JsonTableNestedColumn, ObjectName, OpenJsonTableColumn, PivotValueSource, TableAlias, TableFactor,
    TableFunctionArgs, TableSample, TableSampleKind, TableSampleQuantity, TableVersion, TableWithJoins,
    XmlNamespaceDefinition, XmlPassingArgument, XmlTableColumn, XmlTableColumnOption,
};

use super::source::Row;
use super::{Verdict, Walk};
use crate::dialect::Dialect;
use crate::guard::resolve::Meaning;
use crate::guard::rules::{clause, no_locks};

impl<'a> Walk<'a> {
    pub(super) fn table_with_joins(&mut self, table: &TableWithJoins) -> Verdict {
        let TableWithJoins { relation, joins } = table;
        self.table_factor(relation)?;
        self.each(joins, Self::join)
    }

    fn join(&mut self, join: &Join) -> Verdict {
        let Join { relation, global, join_operator } = join;
        clause::absent(*global, "GLOBAL")?;
        self.table_factor(relation)?;
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
            JoinConstraint::Using(_) | JoinConstraint::Natural | JoinConstraint::None => Ok(()),
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
                partitions: _,
                json_path,
                sample,
                index_hints: _,
            } => {
                clause::absent(json_path.is_some(), "a path behind a table")?;
                with_hints.iter().try_for_each(Self::table_hint)?;
                self.version(version.as_ref())?;
                self.sample(sample.as_ref())?;
                match args {
                    Some(TableFunctionArgs { args, settings }) => {
                        clause::absent(settings.is_some(), "SETTINGS")?;
                        if self.is_full_text_search(name) {
                            self.each(args, Self::argument)?;
                            return self.relation(name, alias.as_ref());
                        }
                        self.row_function(name, args, alias.as_ref(), *with_ordinality)
                    }
                    None => self.relation(name, alias.as_ref()),
                }
            }
            TableFactor::Derived { lateral: _, subquery, alias, sample } => {
                self.sample(sample.as_ref())?;
                self.query(subquery)?;
                let columns = self.sources.output.take();
                self.source(alias.as_ref(), Row::Query(columns))
            }
            TableFactor::Function { lateral: _, name, args, with_ordinality, alias } => {
                self.row_function(name, args, alias.as_ref(), *with_ordinality)
            }
            TableFactor::UNNEST { alias, array_exprs, with_offset, with_offset_alias, with_ordinality: _ } => {
                clause::absent(*with_offset || with_offset_alias.is_some(), "WITH OFFSET")?;
                clause::foreign(!self.is(Dialect::Postgres), "UNNEST")?;
                self.expressions(array_exprs)?;
                self.source(alias.as_ref(), Row::Function("unnest".to_owned()))
            }
            TableFactor::JsonTable { json_expr, json_path, columns, alias } => {
                self.expression(json_expr)?;
                Self::value(&json_path.value)?;
                self.each(columns, Self::json_column)?;
                self.source(alias.as_ref(), Row::Query(None))
            }
            TableFactor::OpenJsonTable { json_expr, json_path, columns, alias } => {
                clause::foreign(!self.is(Dialect::Mssql), "OPENJSON")?;
                self.expression(json_expr)?;
                if let Some(path) = json_path {
                    Self::value(&path.value)?;
                }
                self.each(columns, |walk, OpenJsonTableColumn { name: _, r#type, path: _, as_json: _ }| {
                    walk.data_type(r#type)
                })?;
                self.source(alias.as_ref(), Row::Query(None))
            }
            TableFactor::NestedJoin { table_with_joins, alias } => {
                self.table_with_joins(table_with_joins)?;
                match alias {
                    Some(_) => self.source(alias.as_ref(), Row::Query(None)),
                    None => Ok(()),
                }
            }
            TableFactor::Pivot { table, aggregate_functions, value_column, value_source, default_on_null, alias } => {
                clause::absent(!self.is(Dialect::Mssql) || default_on_null.is_some(), "PIVOT")?;
                self.table_factor(table)?;
                self.each(aggregate_functions, Self::aliased)?;
                self.expressions(value_column)?;
                match value_source {
                    PivotValueSource::List(values) => self.each(values, Self::aliased)?,
                    PivotValueSource::Any(_) | PivotValueSource::Subquery(_) => {
                        return Err(clause::refuse("PIVOT over values that are not listed"));
                    }
                }
                self.source(alias.as_ref(), Row::Query(None))
            }
            TableFactor::Unpivot { table, value, name: _, columns, null_inclusion: _, alias } => {
                clause::foreign(!self.is(Dialect::Mssql), "UNPIVOT")?;
                self.table_factor(table)?;
                self.expression(value)?;
                self.each(columns, Self::aliased)?;
                self.source(alias.as_ref(), Row::Query(None))
            }
            TableFactor::XmlTable { namespaces, row_expression, passing, columns, alias } => {
                clause::foreign(!self.is(Dialect::Postgres), "XMLTABLE")?;
                self.each(namespaces, |walk, XmlNamespaceDefinition { uri, name: _ }| walk.expression(uri))?;
                self.expression(row_expression)?;
                self.each(&passing.arguments, |walk, XmlPassingArgument { expr, alias: _, by_value: _ }| {
                    walk.expression(expr)
                })?;
                self.each(columns, Self::xml_column)?;
                self.source(alias.as_ref(), Row::Query(None))
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

    fn relation(&mut self, name: &ObjectName, alias: Option<&TableAlias>) -> Verdict {
        let row = match self.names.relation(name)? {
            Meaning::Common(columns) => Row::Query(columns),
            Meaning::Tables(tables) => Row::Tables(tables),
            Meaning::Named => Row::Unknown,
        };
        match (alias, name.0.last().and_then(|part| part.as_ident())) {
            (Some(_), _) => self.source(alias, row),
            (None, Some(ident)) => {
                let name = self.folded(ident);
                self.sources.add(name, row, Vec::new());
                Ok(())
            }
            (None, None) => Ok(()),
        }
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
