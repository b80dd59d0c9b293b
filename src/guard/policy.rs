//! What a caller may read.

use crate::schema::{Schema, Table};

/// Which relations may be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// `name` or `namespace.name`; `None` allows all. Blocking wins over allowing.
    pub allowed_tables: Option<Vec<String>>,
    pub blocked_tables: Vec<String>,
}

impl Policy {
    /// Whether `table` may be read, so also whether it may be shown.
    #[must_use]
    pub fn allows(&self, schema: &Schema, table: &Table) -> bool {
        let named = |entry: &String| match entry.rsplit_once('.') {
            Some((namespace, name)) => {
                table.namespace.eq_ignore_ascii_case(namespace) && table.name.eq_ignore_ascii_case(name)
            }
            None => table.namespace == schema.default_namespace && table.name.eq_ignore_ascii_case(entry),
        };
        !self.blocked_tables.iter().any(named) && self.allowed_tables.as_ref().is_none_or(|list| list.iter().any(named))
    }
}
