//! One number that changes when the schema does: the key of every cache that depends on it.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::Schema;

impl Schema {
    /// Equal for equal tables, columns, keys and comments. Row estimates do not count: they drift
    /// while the schema stays. Good within one process; not a cryptographic digest.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.dialect.hash(&mut hasher);
        self.default_namespace.hash(&mut hasher);
        for table in &self.tables {
            (&table.namespace, &table.name, table.kind, &table.comment).hash(&mut hasher);
            (&table.columns, &table.primary_key, &table.foreign_keys, &table.indexes).hash(&mut hasher);
        }
        hasher.finish()
    }
}
