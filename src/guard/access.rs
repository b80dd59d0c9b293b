//! Several policies at once: what may be read, each must allow.

use std::sync::Arc;

use super::policy::{ColumnAccess, Policy};
use super::row_filter::RowFilter;
use crate::schema::{Schema, Table};

/// The policies that hold for a statement.
#[derive(Clone, Debug)]
pub(super) struct Access {
    policies: Arc<[Policy]>,
    /// Whether what is forbidden is said not to exist.
    pub conceals: bool,
}

impl Access {
    pub fn new(policy: Policy) -> Self {
        Self { policies: Arc::new([policy]), conceals: false }
    }

    pub fn and(&self, policy: Policy) -> Self {
        Self { policies: self.policies.iter().cloned().chain([policy]).collect(), conceals: self.conceals }
    }

    pub fn restricts(&self) -> bool {
        self.policies.iter().any(|policy| *policy != Policy::default())
    }

    pub fn limits_columns(&self) -> bool {
        self.policies.iter().any(Policy::limits_columns)
    }

    pub fn allows(&self, schema: &Schema, table: &Table) -> bool {
        self.policies.iter().all(|policy| policy.allows(schema, table))
    }

    pub fn allows_name(&self, default_namespace: &str, namespace: &str, name: &str) -> bool {
        self.policies.iter().all(|policy| policy.allows_name(default_namespace, namespace, name))
    }

    pub fn blocks(&self, namespace: &str, name: &str) -> bool {
        self.policies.iter().any(|policy| policy.blocks(namespace, name))
    }

    /// Whether each list of allowed tables that there is holds `name` exactly; false when there is none.
    pub fn lists_exactly(&self, name: &str) -> bool {
        let mut lists = self.policies.iter().filter_map(|policy| policy.allowed_tables.as_ref()).peekable();
        lists.peek().is_some() && lists.all(|list| list.iter().any(|entry| entry == name))
    }

    /// The strictest of what the policies say.
    pub fn column(&self, schema: &Schema, table: &Table, column: &str) -> ColumnAccess {
        self.column_named(&schema.default_namespace, &table.namespace, &table.name, column)
    }

    /// The same, judged by names alone.
    pub fn column_named(&self, default_namespace: &str, namespace: &str, table: &str, column: &str) -> ColumnAccess {
        let says = |policy: &Policy| policy.column(default_namespace, namespace, table, column);
        self.policies.iter().filter(|policy| policy.limits_columns()).map(says).max().unwrap_or_default()
    }

    pub fn filters(&self) -> impl Iterator<Item = &RowFilter> {
        self.policies.iter().flat_map(|policy| &policy.row_filters)
    }

    /// Whether a policy says something about columns of that relation.
    pub fn limits_columns_of(&self, namespace: &str, name: &str) -> bool {
        self.policies.iter().any(|policy| policy.names_columns_of(namespace, name))
    }

    pub fn filters_of(&self, namespace: &str, name: &str) -> impl Iterator<Item = &RowFilter> {
        self.policies.iter().flat_map(move |policy| policy.filters_of(namespace, name))
    }
}
