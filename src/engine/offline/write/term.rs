//! Terms, literals and conditions as text.

use crate::dialect::Dialect;
use crate::engine::offline::ir::{
    Aggregate, Arithmetic, Condition, Figure, Formula, Grain, Item, Operand, Piece, Query, Term, Verbatim,
};
use crate::grounding::ColumnId;
use crate::schema::TypeClass;

use super::clause::Writer;
use super::once::rows_once;

impl Writer<'_> {
    pub(super) fn item(&self, item: &Item) -> String {
        let inner = self.term(&item.term);
        let distinct = if item.distinct { "DISTINCT " } else { "" };
        match item.aggregate {
            None => inner,
            Some(Aggregate::Count) if matches!(item.term, Term::Row | Term::Every(_)) => "COUNT(*)".to_owned(),
            Some(Aggregate::Count) => format!("COUNT({distinct}{inner})"),
            Some(Aggregate::Sum) => format!("SUM({inner})"),
            Some(Aggregate::Average) => format!("AVG({distinct}{})", self.floating(&inner)),
            Some(Aggregate::Minimum) => format!("MIN({inner})"),
            Some(Aggregate::Maximum) => format!("MAX({inner})"),
        }
    }

    /// A number as a double: MySQL's average of whole numbers keeps four digits only, PostgreSQL's is exact decimal.
    fn floating(&self, inner: &str) -> String {
        match self.dialect() {
            Dialect::Sqlite => inner.to_owned(),
            Dialect::Postgres => format!("CAST({inner} AS double precision)"),
            Dialect::Mysql => format!("{inner} * 1e0"),
            Dialect::Mssql => format!("CAST({inner} AS float)"),
        }
    }

    pub(super) fn term(&self, term: &Term) -> String {
        match term {
            Term::Row => "*".to_owned(),
            Term::Every(table) => self.every(*table),
            Term::Column(id) => self.column(*id),
            Term::Part(id, grain) => part(self.dialect(), &self.column(*id), *grain),
            Term::Formula(formula) => self.formula(formula),
            Term::Product(left, right) => format!("{} * {}", self.column(*left), self.column(*right)),
            Term::Verbatim(verbatim) => self.verbatim(verbatim),
        }
    }

    fn verbatim(&self, verbatim: &Verbatim) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Sql(text) => text.clone(),
            Piece::Column(id) => self.column(*id),
        };
        verbatim.pieces.iter().map(piece).collect()
    }

    /// Nothing to divide by gives no number rather than an error; whole numbers are not divided as such.
    fn formula(&self, formula: &Formula) -> String {
        let (left, right) = (self.figure(&formula.left), self.figure(&formula.right));
        let float = |text: &str| match self.dialect() {
            Dialect::Sqlite => format!("{text} * 1.0"),
            _ => self.floating(text),
        };
        match formula.operator {
            Arithmetic::Plus => format!("{left} + {right}"),
            Arithmetic::Minus => format!("{left} - {right}"),
            Arithmetic::Over | Arithmetic::Share => format!("{} / NULLIF({right}, 0)", float(&left)),
            Arithmetic::Percent if self.dialect() == Dialect::Sqlite => format!("100.0 * {left} / NULLIF({right}, 0)"),
            Arithmetic::Percent => format!("100 * {} / NULLIF({right}, 0)", self.floating(&left)),
        }
    }

    fn figure(&self, figure: &Figure) -> String {
        match figure {
            Figure::Item(item) => self.item(item),
            Figure::Query(query) => {
                let query = rows_once(query, self.catalog());
                let text = Writer::inner(&query, self.catalog()).and_then(|writer| writer.select());
                text.map_or_else(|| "NULL".to_owned(), |text| format!("({text})"))
            }
        }
    }

    pub(super) fn operand(&self, operand: &Operand) -> Option<String> {
        Some(match operand {
            Operand::Number(number) => number_text(*number),
            Operand::Text(text) => self.dialect().literal(text),
            Operand::Flag(flag) => match (self.dialect(), flag) {
                (Dialect::Mssql, flag) => u8::from(*flag).to_string(),
                (_, true) => "TRUE".to_owned(),
                (_, false) => "FALSE".to_owned(),
            },
            Operand::Day(day) => format!("'{day}'"),
            Operand::Query(query) => format!("({})", Writer::inner(query, self.catalog())?.select()?),
            Operand::Term(term) => self.term(term),
        })
    }

    pub(super) fn condition(&self, condition: &Condition) -> Option<String> {
        let not = |negated: bool| if negated { "NOT " } else { "" };
        Some(match condition {
            Condition::Compare {
                left: Item { term: Term::Verbatim(verbatim), .. },
                right: Operand::Flag(true),
                ..
            } => self.verbatim(verbatim),
            Condition::Compare { left, operator, right } => {
                format!("{} {} {}", self.item(left), operator.as_str(), self.fitting(left, right)?)
            }
            Condition::Between { left, low, high } => {
                let (low, high) = (self.fitting(left, low)?, self.fitting(left, high)?);
                format!("{} BETWEEN {low} AND {high}", self.item(left))
            }
            Condition::Like { term, pattern, negated } => {
                let word = if self.dialect() == Dialect::Postgres { "ILIKE" } else { "LIKE" };
                format!("{} {}{word} {}", self.term(term), not(*negated), self.dialect().literal(pattern))
            }
            Condition::In { term, values, negated } => {
                let item = Item::term(term.clone());
                let list: Option<Vec<String>> = values.iter().map(|value| self.fitting(&item, value)).collect();
                format!("{} {}IN ({})", self.term(term), not(*negated), list?.join(", "))
            }
            Condition::Among { column, query, negated } => {
                format!(
                    "{} {}IN ({})",
                    self.column(*column),
                    not(*negated),
                    Writer::inner(query, self.catalog())?.select()?
                )
            }
            Condition::Peak { column, per, high } => self.peak(*column, *per, *high)?,
            Condition::Null { term, negated } => format!("{} IS {}NULL", self.term(term), not(*negated)),
            Condition::Any(parts) => self.joined(parts, " OR ")?,
            Condition::All(parts) => self.joined(parts, " AND ")?,
        })
    }

    /// `(per, column) IN (SELECT per, MAX(column) … GROUP BY per)`
    fn peak(&self, column: ColumnId, per: ColumnId, high: bool) -> Option<String> {
        let aggregate = if high { Aggregate::Maximum } else { Aggregate::Minimum };
        let ends = Query {
            select: vec![Item::column(per), Item::of(aggregate, Term::Column(column))],
            tables: vec![column.table],
            group: vec![Term::Column(per)],
            ..Query::default()
        };
        let ends = Writer::inner(&ends, self.catalog())?.select()?;
        // SQL Server compares no rows.
        (self.dialect() != Dialect::Mssql)
            .then(|| format!("({}, {}) IN ({ends})", self.column(per), self.column(column)))
    }

    fn joined(&self, parts: &[Condition], word: &str) -> Option<String> {
        let parts: Option<Vec<String>> = parts.iter().map(|part| self.condition(part)).collect();
        let parts = parts?;
        Some(if parts.len() == 1 { parts.into_iter().next()? } else { format!("({})", parts.join(word)) })
    }

    /// A literal in the type of what it is compared with: engines differ in what they convert.
    fn fitting(&self, left: &Item, operand: &Operand) -> Option<String> {
        if let (None, Term::Column(id), Operand::Number(number)) = (left.aggregate, &left.term, operand)
            && matches!(self.catalog().column(*id).class, TypeClass::Text)
        {
            return Some(self.dialect().literal(&number_text(*number)));
        }
        self.operand(operand)
    }
}

/// A day cut to a grain: the same text on every engine, and in the order of time.
pub(super) fn part(dialect: Dialect, column: &str, grain: Grain) -> String {
    match dialect {
        Dialect::Sqlite => match grain {
            Grain::Day => format!("strftime('%Y-%m-%d', {column})"),
            Grain::Week => format!("strftime('%G-W%V', {column})"),
            Grain::Month => format!("strftime('%Y-%m', {column})"),
            Grain::Quarter => {
                format!("strftime('%Y', {column}) || '-Q' || ((CAST(strftime('%m', {column}) AS INTEGER) + 2) / 3)")
            }
            Grain::Year => format!("strftime('%Y', {column})"),
        },
        Dialect::Postgres => {
            let format = match grain {
                Grain::Day => "YYYY-MM-DD",
                Grain::Week => "IYYY-\"W\"IW",
                Grain::Month => "YYYY-MM",
                Grain::Quarter => "YYYY-\"Q\"Q",
                Grain::Year => "YYYY",
            };
            format!("to_char({column}, '{format}')")
        }
        Dialect::Mysql => match grain {
            Grain::Day => format!("DATE_FORMAT({column}, '%Y-%m-%d')"),
            Grain::Week => format!("DATE_FORMAT({column}, '%x-W%v')"),
            Grain::Month => format!("DATE_FORMAT({column}, '%Y-%m')"),
            Grain::Quarter => format!("CONCAT(YEAR({column}), '-Q', QUARTER({column}))"),
            Grain::Year => format!("DATE_FORMAT({column}, '%Y')"),
        },
        Dialect::Mssql => match grain {
            Grain::Day => format!("CONVERT(char(10), {column}, 23)"),
            Grain::Week => {
                format!("CONCAT(YEAR({column}), '-W', RIGHT(CONCAT('0', DATEPART(iso_week, {column})), 2))")
            }
            Grain::Month => format!("CONVERT(char(7), {column}, 23)"),
            Grain::Quarter => format!("CONCAT(YEAR({column}), '-Q', DATEPART(quarter, {column}))"),
            Grain::Year => format!("CONVERT(char(4), {column}, 23)"),
        },
    }
}

/// Whole numbers without a point.
fn number_text(number: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
    if number.fract() == 0.0 && number.abs() < 9e15 { (number as i64).to_string() } else { number.to_string() }
}

/// The comparison operators keep their meaning when both sides change places.
#[cfg(test)]
mod tests {
    use super::number_text;
    use crate::engine::offline::ir::Operator;

    #[test]
    fn numbers_print_plainly() {
        assert_eq!(number_text(7.0), "7");
        assert_eq!(number_text(0.25), "0.25");
        assert_eq!(Operator::More.negated().as_str(), "<=");
    }
}
