//! Masks: what is put in the place of values that a caller may use and not see.

use super::Rows;
use crate::error::{Code, Error, Result};
use crate::guard::ApprovedSql;
use crate::value::Value;

/// What stands in the place of a masked value.
pub const MASK: &str = "***";

/// Rows as the engine sent them. Nothing but [`super::Database::run`] can look into them.
#[derive(Debug)]
pub struct Fetched(Rows);

impl Fetched {
    pub(super) fn new(rows: Rows) -> Self {
        Self(rows)
    }

    /// The rows with a mask in the place of each value that `statement` may not show; what is not there
    /// (NULL) stays so.
    pub(super) fn masked(self, statement: &ApprovedSql) -> Result<Rows> {
        mask(self.0, statement.masked())
    }
}

fn mask(mut rows: Rows, masked: &[bool]) -> Result<Rows> {
    if rows.cells.is_empty() || !masked.contains(&true) {
        return Ok(rows);
    }
    if rows.columns.len() != masked.len() {
        let message = "the result has other columns than the guard expected, so it is open which ones are to be masked";
        return Err(Error::new(Code::SqlRejected, message)
            .with_rule("allowed_column")
            .with_hint("name the columns, and leave out those that are masked"));
    }
    for (cell, masked) in rows.cells.iter_mut().zip(masked.iter().cycle()) {
        if *masked && *cell != Value::Null {
            *cell = MASK.into();
        }
    }
    let named = rows.columns.iter().zip(masked).filter(|(_, masked)| **masked);
    rows.warnings.extend(named.map(|(column, _)| format!("column `{}` is masked", column.name)));
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::mask;
    use crate::database::{ResultColumn, Rows};
    use crate::value::Value;

    fn rows(cells: Vec<Value>) -> Rows {
        let column = |name: &str| ResultColumn { name: name.to_owned(), type_name: String::new() };
        Rows { columns: vec![column("id"), column("email")], cells, ..Rows::default() }
    }

    #[test]
    fn every_value_of_a_masked_column_is_replaced_and_what_is_not_there_stays() {
        let given = rows(vec![Value::Int(1), "a@b".into(), Value::Int(2), Value::Null]);
        let masked = mask(given, &[false, true]).unwrap();
        assert_eq!(masked.cells, [Value::Int(1), "***".into(), Value::Int(2), Value::Null]);
        assert_eq!(masked.warnings, ["column `email` is masked"]);
    }

    #[test]
    fn another_number_of_columns_shows_nothing() {
        for masked in [&[true][..], &[false, true, false]] {
            assert!(mask(rows(vec![Value::Int(1), "a@b".into()]), masked).is_err());
        }
    }
}
