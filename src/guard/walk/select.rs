//! One SELECT: its list, its conditions, its grouping and its windows.

use sqlparser::ast::{
    Distinct, ExceptSelectItem, Expr, GroupByExpr, GroupByWithModifier, NamedWindowDefinition, NamedWindowExpr, Select,
    SelectFlavor, SelectModifiers, Top, TopQuantity, WildcardAdditionalOptions,
};

use super::{Verdict, Walk};
use crate::dialect::Dialect;
use crate::guard::rules::{clause, variable};
use crate::guard::shape::Shape;

impl Walk<'_> {
    pub(super) fn select(&mut self, select: &Select) -> Verdict {
        let Select {
            select_token: _,
            optimizer_hints,
            distinct,
            select_modifiers,
            top,
            top_before_distinct: _,
            projection,
            exclude,
            into,
            from,
            lateral_views,
            prewhere,
            selection,
            connect_by,
            group_by,
            cluster_by,
            distribute_by,
            sort_by,
            having,
            named_window,
            qualify,
            window_before_qualify: _,
            value_table_mode,
            flavor,
        } = select;
        clause::absent(into.is_some(), "INTO")?;
        clause::absent(!optimizer_hints.is_empty(), "an optimizer hint")?;
        clause::absent(exclude.is_some(), "EXCLUDE")?;
        clause::absent(!lateral_views.is_empty(), "LATERAL VIEW")?;
        clause::absent(prewhere.is_some(), "PREWHERE")?;
        clause::absent(!connect_by.is_empty(), "CONNECT BY")?;
        clause::absent(!cluster_by.is_empty(), "CLUSTER BY")?;
        clause::absent(!distribute_by.is_empty(), "DISTRIBUTE BY")?;
        clause::absent(!sort_by.is_empty(), "SORT BY")?;
        clause::absent(qualify.is_some(), "QUALIFY")?;
        clause::absent(value_table_mode.is_some(), "AS STRUCT or AS VALUE")?;
        match flavor {
            SelectFlavor::Standard => {}
            SelectFlavor::FromFirst | SelectFlavor::FromFirstNoSelect => {
                return Err(clause::refuse("FROM before SELECT"));
            }
        }
        if let Some(modifiers) = select_modifiers {
            Self::modifiers(modifiers)?;
        }
        // FROM comes first, because the rest names what it brings.
        self.sources.open();
        let read = self.read.len();
        self.from(from)?;
        match distinct {
            None | Some(Distinct::All | Distinct::Distinct) => {}
            Some(Distinct::On(expressions)) => self.expressions(expressions)?,
        }
        if let Some(Top { with_ties: _, percent: _, quantity }) = top {
            clause::foreign(!self.is(Dialect::Mssql), "TOP")?;
            match quantity {
                None | Some(TopQuantity::Constant(_)) => {}
                Some(TopQuantity::Expr(expression)) => self.expression(expression)?,
            }
        }
        self.sources.scope().masked_window = self.touching(|walk| {
            walk.each(named_window, |walk, NamedWindowDefinition(_, window)| match window {
                NamedWindowExpr::NamedWindow(_) => Ok(()),
                NamedWindowExpr::WindowSpec(window) => walk.window(window),
            })
        })?;
        let mut output = Shape::empty();
        for item in projection {
            self.select_item(item, &mut output)?;
        }
        if let Some(selection) = selection {
            self.expression(selection)?;
        }
        self.group_by(group_by)?;
        if let Some(having) = having {
            self.expression(having)?;
        }
        self.group_by_key(select, read);
        self.sources.output = output;
        Ok(())
    }

    fn modifiers(modifiers: &SelectModifiers) -> Verdict {
        let SelectModifiers {
            high_priority: _,
            straight_join: _,
            sql_small_result: _,
            sql_big_result: _,
            sql_buffer_result: _,
            sql_no_cache: _,
            sql_calc_found_rows,
        } = modifiers;
        clause::absent(*sql_calc_found_rows, "SQL_CALC_FOUND_ROWS")
    }

    /// SQL Server writes an alias as `alias = expression` too; a variable there is an assignment.
    pub(super) fn without_assigned_alias<'n>(&self, expression: &'n Expr) -> Result<&'n Expr, crate::guard::Rejection> {
        if let Expr::BinaryOp { left, op: sqlparser::ast::BinaryOperator::Eq, right: _ } = expression
            && self.is(Dialect::Mssql)
            && let Expr::Identifier(alias) = left.as_ref()
        {
            if alias.value.starts_with('@') {
                return Err(variable::symbol(b'@'));
            }
            self.alias(alias)?;
        }
        Ok(expression)
    }

    pub(super) fn wildcard(options: &WildcardAdditionalOptions) -> Verdict {
        let WildcardAdditionalOptions {
            wildcard_token: _,
            opt_ilike,
            opt_exclude,
            opt_except,
            opt_replace,
            opt_rename,
            opt_alias,
        } = options;
        clause::absent(opt_ilike.is_some(), "ILIKE behind `*`")?;
        clause::absent(opt_exclude.is_some(), "EXCLUDE")?;
        clause::absent(opt_except.as_ref().is_some_and(|_: &ExceptSelectItem| true), "EXCEPT behind `*`")?;
        clause::absent(opt_replace.is_some(), "REPLACE behind `*`")?;
        clause::absent(opt_rename.is_some(), "RENAME")?;
        clause::absent(opt_alias.is_some(), "an alias of `*`")
    }

    fn group_by(&mut self, group_by: &GroupByExpr) -> Verdict {
        let modifiers = match group_by {
            GroupByExpr::All(_) => return Err(clause::refuse("GROUP BY ALL")),
            GroupByExpr::Expressions(expressions, modifiers) => {
                self.expressions(expressions)?;
                modifiers
            }
        };
        self.each(modifiers, |walk, modifier| match modifier {
            GroupByWithModifier::Rollup | GroupByWithModifier::Cube => Ok(()),
            GroupByWithModifier::Totals => Err(clause::refuse("WITH TOTALS")),
            GroupByWithModifier::GroupingSets(sets) => walk.expression(sets),
        })
    }
}
