//! Expressions.

use sqlparser::ast::{
    AccessExpr, Array, CaseWhen, CastFormat, CastKind, CeilFloorKind, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArguments, Ident, Interval, MemberOf, ObjectName, ObjectNamePart, Subscript, TypedString, Value,
};

use super::{Verdict, Walk};
use crate::dialect::Dialect;
use crate::guard::rewrite::Prefix;
use crate::guard::rules::{clause, function, understood, variable};

/// Where the walk goes after a node: on to one operand, or back.
type Next<'n> = Result<Option<&'n Expr>, crate::guard::Rejection>;

impl Walk<'_> {
    pub(super) fn expressions<'n>(&mut self, expressions: impl IntoIterator<Item = &'n Expr>) -> Verdict {
        self.each(expressions, Self::expression)
    }

    /// Looks at an expression. A chain such as `1 + 1 + …` leans to the left as deep as it is long, so
    /// the left operand is the next turn of a loop and only the others are calls.
    pub(super) fn expression(&mut self, expression: &Expr) -> Verdict {
        let mut next = Some(expression);
        while let Some(expression) = next {
            next = self.node(expression)?;
        }
        Ok(())
    }

    #[expect(clippy::too_many_lines, reason = "one arm an expression, so that a new one fails to compile")]
    fn node<'n>(&mut self, expression: &'n Expr) -> Next<'n> {
        match expression {
            Expr::Identifier(ident) => self.identifier(ident).map(|()| None),
            Expr::CompoundIdentifier(parts) => self.path(parts).map(|()| None),
            Expr::CompoundFieldAccess { root, access_chain } => self.access(root, access_chain),
            Expr::IsFalse(inner)
            | Expr::IsNotFalse(inner)
            | Expr::IsTrue(inner)
            | Expr::IsNotTrue(inner)
            | Expr::IsNull(inner)
            | Expr::IsNotNull(inner)
            | Expr::IsUnknown(inner)
            | Expr::IsNotUnknown(inner)
            | Expr::IsJson { expr: inner, kind: _, unique_keys: _, negated: _ }
            | Expr::IsNormalized { expr: inner, form: _, negated: _ }
            | Expr::Collate { expr: inner, collation: _ }
            | Expr::Nested(inner) => Ok(Some(inner)),
            Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right) => self.both(left, right),
            Expr::AtTimeZone { timestamp, time_zone } => self.both(timestamp, time_zone),
            Expr::MemberOf(MemberOf { value, array }) => self.both(value, array),
            Expr::InList { expr, list, negated: _ } => {
                self.expressions(list)?;
                Ok(Some(expr))
            }
            Expr::InSubquery { expr, subquery, negated: _ } => {
                self.query(subquery)?;
                Ok(Some(expr))
            }
            Expr::Between { expr, negated: _, low, high } => {
                self.expression(low)?;
                self.both(expr, high)
            }
            Expr::BinaryOp { left, op, right } => {
                self.binary_operator(op)?;
                self.both(left, right)
            }
            Expr::AnyOp { left, compare_op, right, is_some: _ } | Expr::AllOp { left, compare_op, right } => {
                self.binary_operator(compare_op)?;
                self.both(left, right)
            }
            Expr::Like { negated: _, any, expr, pattern, escape_char }
            | Expr::ILike { negated: _, any, expr, pattern, escape_char } => {
                clause::foreign(*any && !self.is(Dialect::Postgres), "LIKE ANY")?;
                self.optional(escape_char.as_deref())?;
                self.both(expr, pattern)
            }
            Expr::SimilarTo { negated: _, expr, pattern, escape_char } => {
                self.optional(escape_char.as_deref())?;
                self.both(expr, pattern)
            }
            Expr::RLike { negated: _, expr, pattern, regexp: _ } => self.both(expr, pattern),
            Expr::UnaryOp { op, expr } => {
                Self::unary_operator(*op);
                Ok(Some(expr))
            }
            Expr::Convert { is_try: _, expr, data_type, charset: _, target_before_value: _, styles } => {
                if let Some(data_type) = data_type {
                    self.data_type(data_type)?;
                }
                self.expressions(styles)?;
                Ok(Some(expr))
            }
            Expr::Cast { kind, expr, data_type, format } => {
                match kind {
                    CastKind::Cast | CastKind::TryCast | CastKind::SafeCast | CastKind::DoubleColon => {}
                }
                match format {
                    None => {}
                    Some(CastFormat::Value(_) | CastFormat::ValueAtTimeZone(..)) => {
                        return Err(clause::refuse("FORMAT in a cast"));
                    }
                }
                self.data_type(data_type)?;
                Ok(Some(expr))
            }
            Expr::Extract { field: _, syntax: _, expr } => Ok(Some(expr)),
            Expr::Ceil { expr, field } | Expr::Floor { expr, field } => {
                match field {
                    CeilFloorKind::DateTimeField(_) => {}
                    CeilFloorKind::Scale(scale) => Self::value(&scale.value)?,
                }
                Ok(Some(expr))
            }
            Expr::Position { expr, r#in } => self.both(expr, r#in),
            Expr::Substring { expr, substring_from, substring_for, special: _, shorthand: _ } => {
                self.optional(substring_from.as_deref())?;
                self.optional(substring_for.as_deref())?;
                Ok(Some(expr))
            }
            Expr::Trim { trim_where: _, trim_what, expr, trim_characters } => {
                self.optional(trim_what.as_deref())?;
                self.expressions(trim_characters.iter().flatten())?;
                Ok(Some(expr))
            }
            Expr::Overlay { expr, overlay_what, overlay_from, overlay_for } => {
                self.expression(overlay_what)?;
                self.expression(overlay_from)?;
                self.optional(overlay_for.as_deref())?;
                Ok(Some(expr))
            }
            Expr::Value(value) => Self::value(&value.value).map(|()| None),
            Expr::Prefixed { prefix, value } => self.prefixed(prefix, value).map(|()| None),
            Expr::TypedString(TypedString { data_type, value, uses_odbc_syntax }) => {
                clause::absent(*uses_odbc_syntax, "an ODBC escape")?;
                self.data_type(data_type)?;
                Self::value(&value.value).map(|()| None)
            }
            Expr::Function(call) => self.function(call).map(|()| None),
            Expr::Case { case_token: _, end_token: _, operand, conditions, else_result } => {
                self.optional(operand.as_deref())?;
                self.each(conditions, |walk, CaseWhen { condition, result }| {
                    walk.expression(condition)?;
                    walk.expression(result)
                })?;
                Ok(else_result.as_deref())
            }
            Expr::Exists { subquery, negated: _ } | Expr::Subquery(subquery) => self.query(subquery).map(|()| None),
            Expr::GroupingSets(sets) | Expr::Cube(sets) | Expr::Rollup(sets) => {
                self.each(sets, Self::expressions).map(|()| None)
            }
            Expr::Tuple(expressions) => self.expressions(expressions).map(|()| None),
            Expr::Array(Array { elem, named: _ }) => {
                clause::foreign(!self.is(Dialect::Postgres), "ARRAY")?;
                self.expressions(elem).map(|()| None)
            }
            Expr::Interval(interval) => {
                let Interval {
                    value,
                    leading_field: _,
                    leading_precision: _,
                    last_field: _,
                    fractional_seconds_precision: _,
                } = interval;
                Ok(Some(value))
            }
            Expr::MatchAgainst { columns, match_value, opt_search_modifier: _ } => {
                clause::foreign(!self.is(Dialect::Mysql), "MATCH … AGAINST")?;
                self.each(columns, Self::column)?;
                Self::value(&match_value.value).map(|()| None)
            }
            Expr::Wildcard(_) => self.every_row("").map(|()| None),
            Expr::QualifiedWildcard(name, _) => self.row_of(name).map(|()| None),
            Expr::JsonAccess { .. } => Err(clause::refuse("a path behind `:`")),
            Expr::InUnnest { .. } => Err(clause::refuse("IN UNNEST")),
            Expr::Struct { .. } => Err(clause::refuse("STRUCT")),
            Expr::Named { .. } => Err(clause::refuse("a named value")),
            Expr::Dictionary(_) => Err(clause::refuse("a dictionary")),
            Expr::Map(_) => Err(clause::refuse("MAP")),
            Expr::OuterJoin(_) => Err(clause::refuse("`(+)`")),
            Expr::Prior(_) => Err(clause::refuse("PRIOR")),
            Expr::Lambda(_) => Err(clause::refuse("a lambda")),
        }
    }

    /// Looks at `right` and goes on with `left`.
    fn both<'n>(&mut self, left: &'n Expr, right: &'n Expr) -> Next<'n> {
        self.expression(right)?;
        Ok(Some(left))
    }

    fn optional(&mut self, expression: Option<&Expr>) -> Verdict {
        expression.map_or(Ok(()), |expression| self.expression(expression))
    }

    /// A bare name: a column, or a function that is called without parentheses.
    fn identifier(&mut self, ident: &Ident) -> Verdict {
        if ident.quote_style.is_some() {
            return self.bare(ident);
        }
        if ident.value.starts_with('@') {
            return Err(variable::symbol(b'@'));
        }
        let without_parentheses = ["current_user", "session_user", "system_user", "current_role", "current_catalog"];
        if without_parentheses.iter().any(|name| ident.value.eq_ignore_ascii_case(name)) {
            return function::check(self.dialect, &ident.value.to_ascii_lowercase());
        }
        self.bare(ident)
    }

    /// A name with dots in it.
    fn path(&mut self, parts: &[Ident]) -> Verdict {
        if let [first, .., source, _] = parts {
            self.prefixes.push(Prefix::new(self.dialect, first, source));
        }
        match parts {
            [.., qualifier, column] => self.qualified(qualifier, column),
            [column] => self.bare(column),
            [] => Ok(()),
        }
    }

    /// A column by its name, with or without what stands before it.
    fn column(&mut self, name: &ObjectName) -> Verdict {
        let part = |part: &ObjectNamePart| part.as_ident().cloned();
        let parts: Option<Vec<Ident>> = name.0.iter().map(part).collect();
        parts.map_or_else(|| Err(clause::refuse("a name that a function makes")), |parts| self.path(&parts))
    }

    /// Notes what stands before a source's name.
    pub(super) fn prefix(&mut self, name: &ObjectName) {
        if let [ObjectNamePart::Identifier(first), .., ObjectNamePart::Identifier(source)] = name.0.as_slice() {
            self.prefixes.push(Prefix::new(self.dialect, first, source));
        }
    }

    /// Every column of the source of that name.
    pub(super) fn row_of(&mut self, name: &ObjectName) -> Verdict {
        self.prefix(name);
        let Some(ident) = name.0.last().and_then(ObjectNamePart::as_ident) else { return Ok(()) };
        let rows = self.sources.named(self.dialect, &self.folded(ident));
        if rows.is_empty() {
            return self.bare(ident);
        }
        rows.into_iter().try_for_each(|at| self.whole_row(at))
    }

    /// Subscripts and fields behind a value.
    fn access<'n>(&mut self, root: &'n Expr, chain: &'n [AccessExpr]) -> Next<'n> {
        if self.is(Dialect::Mssql) && chain.iter().all(is_xml_method) {
            return Ok(Some(root));
        }
        clause::foreign(!self.is(Dialect::Postgres), "a subscript or a field of a value")?;
        // `t.tags[1]` is a column of a source first.
        let mut before = match root {
            Expr::Identifier(ident) => Some(ident),
            Expr::CompoundIdentifier(parts) => parts.last(),
            _ => None,
        };
        let within_name = matches!(root, Expr::Identifier(_));
        let names_source = within_name && matches!(chain.first(), Some(AccessExpr::Dot(_)));
        for (at, access) in chain.iter().enumerate() {
            match access {
                AccessExpr::Dot(Expr::Identifier(field)) => {
                    match before {
                        Some(qualifier) if within_name && at == 0 => self.qualified(qualifier, field)?,
                        _ => self.field(field)?,
                    }
                    before = Some(field);
                }
                AccessExpr::Dot(_) => return Err(understood::RULE.refuse("something else than a name follows a dot")),
                AccessExpr::Subscript(Subscript::Index { index }) => self.expression(index)?,
                AccessExpr::Subscript(Subscript::Slice { lower_bound, upper_bound, stride }) => {
                    clause::absent(stride.is_some(), "a stride")?;
                    self.expressions(lower_bound.iter().chain(upper_bound))?;
                }
            }
        }
        Ok((!names_source).then_some(root))
    }
}

/// A method of SQL Server's `xml` that reads it: `.value('(/a/b)[1]', 'int')`. A colon in its path could name a
/// column or a variable (`sql:column`).
fn is_xml_method(access: &AccessExpr) -> bool {
    let AccessExpr::Dot(Expr::Function(Function { name, args: FunctionArguments::List(list), .. })) = access else {
        return false;
    };
    let text = |argument: &FunctionArg| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Value(value))) => match &value.value {
            Value::SingleQuotedString(text) | Value::NationalStringLiteral(text) => !text.contains(':'),
            _ => false,
        },
        _ => false,
    };
    let name = name.to_string();
    ["value", "query", "exist"].iter().any(|known| name.eq_ignore_ascii_case(known)) && list.args.iter().all(text)
}
