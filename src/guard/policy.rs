//! What a caller may read.

use unicode_normalization::UnicodeNormalization;

use super::glob::{exact, glob, same_letter};
use super::row_filter::RowFilter;
use crate::schema::{Schema, Table, TableKind};

/// Which relations, columns and rows may be read.
///
/// An entry for a table is `name` or `namespace.name`; `*` stands for any run of characters in either
/// part. Blocking wins over allowing. A bare name in the allow list means the default namespace; a bare
/// name in the block list means that name in every namespace. Allow entries are compared as the
/// catalogue spells names (another letter case is accepted where no table has the exact spelling), block
/// entries without letter case and with compatible Unicode forms folded.
///
/// An entry for a column is an entry for a table, a dot and the column: `users.email`, `hr.*.salary`. A
/// bare `password` means that column in every table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Policy {
    /// What may be read; `None` allows all that is not blocked.
    pub allowed_tables: Option<Vec<String>>,
    /// What may not be read, neither by name nor through a view.
    pub blocked_tables: Vec<String>,
    /// A table that an entry names shows only the columns that entries name; other tables show all.
    pub allowed_columns: Vec<String>,
    /// Columns that no statement may refer to, not even with `*`.
    pub blocked_columns: Vec<String>,
    /// Columns that statements may use and whose values, and all that is computed from them, come out
    /// masked.
    pub masked_columns: Vec<String>,
    /// Which rows of a table there are for the caller. Where several name a table, all must hold.
    pub row_filters: Vec<RowFilter>,
}

/// What a caller may do with a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ColumnAccess {
    /// Read it.
    #[default]
    Clear,
    /// Use it, and see a mask in its place.
    Masked,
    /// Nothing, not even know of it.
    Blocked,
}

impl Policy {
    /// Whether `table` may be read, so also whether it may be shown. A view may not be when something
    /// under it is blocked, has a row filter or has columns that are blocked or masked, unless the policy
    /// has rules of that kind for the view itself. Where the engine does not tell what is under a view,
    /// the allow list must name it.
    ///
    /// ```
    /// use db_query_agent::guard::Policy;
    /// let policy = Policy { blocked_tables: vec!["audit_*".into()], ..Policy::default() };
    /// assert!(policy.allows_name("public", "public", "orders"));
    /// assert!(!policy.allows_name("public", "public", "audit_log"));
    /// ```
    #[must_use]
    pub fn allows(&self, schema: &Schema, table: &Table) -> bool {
        if self.blocks(&table.namespace, &table.name) || !self.lists(schema, table) {
            return false;
        }
        if !is_view(table) || self.is_only_a_list() {
            return true;
        }
        if table.reads.is_empty() {
            return self.allowed_tables.is_some();
        }
        let filtered = self.filters(&table.namespace, &table.name);
        let limited = self.limits_columns_of(schema, table) || self.lists_columns_of(&table.namespace, &table.name);
        let mut bases = Vec::new();
        bases_of(schema, table, &mut bases);
        !bases.iter().any(|(namespace, name)| {
            let known = schema.tables.iter().find(|base| base.name == *name && base.namespace == *namespace);
            let hides = || match known {
                Some(base) => self.limits_columns_of(schema, base),
                None => self.limits_columns(),
            };
            self.blocks(namespace, name) || (!filtered && self.filters(namespace, name)) || (!limited && hides())
        })
    }

    /// Whether it says nothing but which tables are allowed.
    fn is_only_a_list(&self) -> bool {
        self.blocked_tables.is_empty() && self.row_filters.is_empty() && !self.limits_columns()
    }

    /// Whether it says anything about columns.
    #[must_use]
    pub fn limits_columns(&self) -> bool {
        !(self.allowed_columns.is_empty() && self.blocked_columns.is_empty() && self.masked_columns.is_empty())
    }

    /// Whether an entry for columns names that table.
    pub(super) fn names_columns_of(&self, namespace: &str, table: &str) -> bool {
        let (namespace, table) = (folded(namespace), folded(table));
        self.allowed_columns.iter().chain(&self.blocked_columns).chain(&self.masked_columns).any(|entry| {
            let entry = folded(entry);
            column_parts(&entry).any(|(tables, _)| {
                entry_parts(tables, "*")
                    .any(|(spaces, names)| glob(spaces, &namespace, exact) && glob(names, &table, exact))
            })
        })
    }

    /// Whether an entry for allowed columns is about that table by its name, not by a pattern.
    fn lists_columns_of(&self, namespace: &str, table: &str) -> bool {
        let (namespace, table) = (folded(namespace), folded(table));
        self.allowed_columns.iter().any(|entry| {
            let entry = folded(entry);
            column_parts(&entry).filter(|(tables, _)| !tables.contains('*')).any(|(tables, _)| {
                entry_parts(tables, "*")
                    .any(|(spaces, name)| glob(spaces, &namespace, exact) && glob(name, &table, exact))
            })
        })
    }

    /// Whether a column of that table is blocked or masked.
    fn limits_columns_of(&self, schema: &Schema, table: &Table) -> bool {
        self.limits_columns()
            && (table.columns.is_empty()
                || table.columns.iter().any(|column| {
                    let default = &schema.default_namespace;
                    self.column(default, &table.namespace, &table.name, &column.name) != ColumnAccess::Clear
                }))
    }

    /// What may be done with a column, judged by its name.
    ///
    /// ```
    /// use db_query_agent::guard::{ColumnAccess, Policy};
    /// let policy = Policy { blocked_columns: vec!["users.*_hash".into()], ..Policy::default() };
    /// assert_eq!(policy.column("public", "public", "users", "name"), ColumnAccess::Clear);
    /// assert_eq!(policy.column("public", "public", "users", "pin_hash"), ColumnAccess::Blocked);
    /// ```
    #[must_use]
    pub fn column(&self, default_namespace: &str, namespace: &str, table: &str, column: &str) -> ColumnAccess {
        let (space, name, folded_column) = (folded(namespace), folded(table), folded(column));
        let holds = |entries: &[String]| {
            entries.iter().any(|entry| {
                let entry = folded(entry);
                column_parts(&entry).any(|(tables, columns)| {
                    glob(columns, &folded_column, exact)
                        && entry_parts(tables, "*")
                            .any(|(spaces, names)| glob(spaces, &space, exact) && glob(names, &name, exact))
                })
            })
        };
        if holds(&self.blocked_columns) {
            return ColumnAccess::Blocked;
        }
        let (mut limited, mut listed) = (false, false);
        for (tables, columns) in self.allowed_columns.iter().flat_map(|entry| column_parts(entry)) {
            let here = entry_parts(tables, default_namespace)
                .any(|(spaces, names)| glob(spaces, namespace, same_letter) && glob(names, table, same_letter));
            limited |= here;
            listed |= here && glob(columns, column, same_letter);
        }
        if limited && !listed {
            ColumnAccess::Blocked
        } else if holds(&self.masked_columns) {
            ColumnAccess::Masked
        } else {
            ColumnAccess::Clear
        }
    }

    /// Whether a row filter names that relation.
    #[must_use]
    pub fn filters(&self, namespace: &str, name: &str) -> bool {
        self.filters_of(namespace, name).next().is_some()
    }

    /// The row filters of that relation.
    pub(super) fn filters_of<'p>(&'p self, namespace: &str, name: &str) -> impl Iterator<Item = &'p RowFilter> {
        let (namespace, name) =
            if self.row_filters.is_empty() { Default::default() } else { (folded(namespace), folded(name)) };
        self.row_filters.iter().filter(move |filter| {
            let entry = folded(&filter.table);
            entry_parts(&entry, "*").any(|(spaces, names)| glob(spaces, &namespace, exact) && glob(names, &name, exact))
        })
    }

    /// Whether a relation of that name may be read, judged by the name alone.
    #[must_use]
    pub fn allows_name(&self, default_namespace: &str, namespace: &str, name: &str) -> bool {
        let listed = |entry: &String| {
            entry_parts(entry, default_namespace)
                .any(|(spaces, names)| glob(spaces, namespace, same_letter) && glob(names, name, same_letter))
        };
        !self.blocks(namespace, name) && self.allowed_tables.as_ref().is_none_or(|list| list.iter().any(listed))
    }

    /// Whether the block list holds that name.
    #[must_use]
    pub fn blocks(&self, namespace: &str, name: &str) -> bool {
        if self.blocked_tables.is_empty() {
            return false;
        }
        let (namespace, name) = (folded(namespace), folded(name));
        self.blocked_tables.iter().any(|entry| {
            let entry = folded(entry);
            entry_parts(&entry, "*").any(|(spaces, names)| glob(spaces, &namespace, exact) && glob(names, &name, exact))
        })
    }

    fn lists(&self, schema: &Schema, table: &Table) -> bool {
        let Some(list) = &self.allowed_tables else { return true };
        list.iter().any(|entry| {
            entry_parts(entry, &schema.default_namespace).any(|(spaces, names)| {
                if !glob(spaces, &table.namespace, same_letter) {
                    return false;
                }
                let another_has_it =
                    || schema.tables.iter().any(|other| other.name == names && other.namespace == table.namespace);
                glob(names, &table.name, exact) || (glob(names, &table.name, same_letter) && !another_has_it())
            })
        })
    }
}

/// The relations under a view, down to tables; what the schema does not have stays as it is named.
pub(super) fn bases_of(schema: &Schema, table: &Table, found: &mut Vec<(String, String)>) {
    for (namespace, name) in &table.reads {
        let next = (namespace.clone(), name.clone());
        if found.contains(&next) {
            continue;
        }
        found.push(next);
        let under = schema.tables.iter().find(|other| other.name == *name && other.namespace == *namespace);
        if let Some(view) = under.filter(|view| is_view(view)) {
            bases_of(schema, view, found);
        }
    }
}

/// Whether the relation computes its rows.
pub(super) fn is_view(table: &Table) -> bool {
    matches!(table.kind, TableKind::View | TableKind::MaterializedView)
}

/// The ways to read an entry as (namespace, name): a name may hold a dot itself.
fn entry_parts<'a>(entry: &'a str, default_namespace: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let bare = std::iter::once((default_namespace, entry));
    bare.chain(entry.match_indices('.').map(|(at, _)| (&entry[..at], &entry[at + 1..])))
}

/// The ways to read an entry as (table, column).
fn column_parts(entry: &str) -> impl Iterator<Item = (&str, &str)> {
    let bare = (!entry.contains('.')).then_some(("*", entry));
    bare.into_iter().chain(entry.match_indices('.').map(|(at, _)| (&entry[..at], &entry[at + 1..])))
}

/// Compatible forms (full width, long s, ligatures) and letter case folded, invisible hyphens dropped:
/// what a database's collation may take for equal.
fn folded(name: &str) -> String {
    // SQL Server compares names without trailing blanks.
    let name = name.trim();
    if name.is_ascii() {
        name.to_ascii_lowercase()
    } else {
        name.nfkc().filter(|letter| *letter != '\u{ad}').flat_map(char::to_lowercase).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Policy;

    fn policy(allowed: Option<&[&str]>, blocked: &[&str]) -> Policy {
        let own = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        Policy { allowed_tables: allowed.map(own), blocked_tables: own(blocked), ..Policy::default() }
    }

    #[test]
    fn globs_stand_for_runs_of_characters() {
        let policy = policy(Some(&["sales.*", "dim_*_v?", "*_log"]), &["sales.secret*"]);
        assert!(policy.allows_name("public", "sales", "orders"));
        assert!(!policy.allows_name("public", "sales", "secret_plans"));
        assert!(policy.allows_name("public", "public", "audit_log"));
        assert!(!policy.allows_name("public", "hr", "audit_log"));
        assert!(!policy.allows_name("public", "public", "dim_x_v1"), "a question mark is no wildcard");
    }

    #[test]
    fn a_bare_block_entry_holds_everywhere_and_in_every_spelling() {
        let policy = policy(None, &["secrets"]);
        for name in ["secrets", "SECRETS", "\u{ff53}ecrets", "\u{17f}ecrets", "sec\u{ad}rets"] {
            assert!(policy.blocks("any", name), "{name}");
        }
        assert!(!policy.blocks("any", "secret"));
    }
}
