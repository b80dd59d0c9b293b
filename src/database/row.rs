//! A row as text, whoever read it: the drivers in here, or a connection that the application lent.

use sqlx::mysql::MySqlRow;
use sqlx::postgres::PgRow;
use sqlx::{Decode, MySql, Row as _, ValueRef as _};

/// A row of a statement of this module's own, cell by cell.
pub(super) trait TextRow {
    /// The cell at `index` as the server writes it; `None` for NULL.
    fn cell(&self, index: usize) -> Result<Option<&str>, sqlx::Error>;
}

/// A row of the simple protocol.
impl TextRow for PgRow {
    fn cell(&self, index: usize) -> Result<Option<&str>, sqlx::Error> {
        let raw = self.try_get_raw(index)?;
        if raw.is_null() { Ok(None) } else { raw.as_str().map(Some).map_err(sqlx::Error::Decode) }
    }
}

/// A row of the text protocol.
impl TextRow for MySqlRow {
    fn cell(&self, index: usize) -> Result<Option<&str>, sqlx::Error> {
        let raw = self.try_get_raw(index)?;
        if raw.is_null() {
            return Ok(None);
        }
        <&str as Decode<MySql>>::decode(raw).map(Some).map_err(sqlx::Error::Decode)
    }
}

/// A row that somebody else has read.
#[derive(Clone, Debug)]
pub(super) struct Told(pub(super) Vec<Option<String>>);

impl TextRow for Told {
    fn cell(&self, index: usize) -> Result<Option<&str>, sqlx::Error> {
        let missing = || sqlx::Error::ColumnIndexOutOfBounds { index, len: self.0.len() };
        self.0.get(index).map(Option::as_deref).ok_or_else(missing)
    }
}
