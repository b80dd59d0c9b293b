//! Who may read what: the policy of a caller is chosen by role, before anything is read.

use std::sync::Arc;

use crate::config::{AccessConfig, RoleConfig, SafetyConfig};
use crate::dialect::Dialect;
use crate::error::{Code, Error, Result};
use crate::guard::{ApprovedSql, Caller, Guard, Policy, RowFilter};
use crate::schema::Schema;

/// The policies of an agent: the one that holds for everyone alone, or one a role.
#[derive(Debug)]
pub(super) struct Access {
    everyone: Guard,
    roles: Vec<(String, Guard)>,
}

/// A caller who may ask.
#[derive(Clone, Debug)]
pub(super) struct Admitted {
    /// Which of [`Access::guards`] was chosen.
    pub place: usize,
    pub role: Option<String>,
    pub caller: Option<Arc<Caller>>,
    /// The chosen guard with the caller's attributes.
    pub guard: Guard,
}

impl Admitted {
    /// What the guard makes of `sql` for the caller.
    ///
    /// # Errors
    /// [`Code::SqlRejected`].
    pub(super) fn approve(&self, sql: &str, schema: &Schema) -> Result<ApprovedSql> {
        self.guard.approve(sql, schema).map_err(|rejection| Error::from(rejection).with_sql(sql))
    }
}

impl Access {
    /// Reads the policies of `safety`.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] for a row filter that the guard cannot read.
    pub(super) fn new(safety: &SafetyConfig, dialect: Dialect, database: Option<&str>) -> Result<Self> {
        let base = policy(dialect, &safety.access).map_err(|(table, reason)| {
            Error::new(Code::InvalidOption, format!("`row_filters` of `{table}`: {reason}"))
        })?;
        let mut everyone = Guard::new(dialect, base);
        if let Some(database) = database {
            everyone = everyone.in_database(database);
        }
        if safety.conceal_forbidden {
            everyone = everyone.concealing();
        }
        let role = |role: &RoleConfig| {
            let policy = policy(dialect, &role.access).map_err(|(table, reason)| {
                let what = format!("`roles`: `row_filters` of `{table}` of role `{}`: {reason}", role.name);
                Error::new(Code::InvalidOption, what)
            })?;
            Ok((role.name.clone(), everyone.clone().and(policy)))
        };
        let roles = safety.roles.iter().map(role).collect::<Result<_>>()?;
        Ok(Self { everyone, roles })
    }

    /// The guard of what holds for everyone.
    pub(super) fn everyone(&self) -> &Guard {
        &self.everyone
    }

    /// Every guard that a caller may get, in the order of [`Admitted::place`].
    pub(super) fn guards(&self) -> Vec<Guard> {
        match self.roles.as_slice() {
            [] => vec![self.everyone.clone()],
            roles => roles.iter().map(|(_, guard)| guard.clone()).collect(),
        }
    }

    /// Chooses the policy of `caller`: the first declared role that it has.
    ///
    /// # Errors
    /// [`Code::NoRole`], [`Code::InvalidCaller`], or a row filter's [`Code::SqlRejected`] for want of an
    /// attribute.
    pub(super) fn admit(&self, caller: Option<&Arc<Caller>>) -> Result<Admitted> {
        if caller.is_some_and(|caller| caller.id.trim().is_empty()) {
            return Err(Error::new(Code::InvalidCaller, "the caller has no id")
                .with_hint("give each caller an id, since conversations are kept apart by it"));
        }
        let has = |name: &str| {
            name == RoleConfig::EVERYONE || caller.is_some_and(|caller| caller.roles.iter().any(|role| role == name))
        };
        let chosen = self.roles.iter().enumerate().find(|(_, (name, _))| has(name));
        let (place, role, guard) = match (chosen, caller) {
            (Some((place, (name, guard))), _) => (place, Some(name.clone()), guard),
            (None, _) if self.roles.is_empty() => (0, None, &self.everyone),
            (None, None) => {
                return Err(Error::new(
                    Code::NoRole,
                    "nobody is named as the caller, and what may be read depends on the caller's role",
                ));
            }
            (None, Some(_)) => {
                return Err(Error::new(Code::NoRole, "the caller has none of the roles that may ask here"));
            }
        };
        let guard = match caller {
            Some(caller) => guard.clone().for_caller(Arc::clone(caller)),
            None => guard.clone(),
        };
        guard.check_caller()?;
        Ok(Admitted { place, role, caller: caller.cloned(), guard })
    }
}

/// The guard's form of `access`, or the table whose filter cannot be read and why.
fn policy(dialect: Dialect, access: &AccessConfig) -> Result<Policy, (String, String)> {
    let filter = |(table, condition): &(String, String)| {
        RowFilter::new(dialect, table, condition).map_err(|rejection| (table.clone(), rejection.message))
    };
    Ok(Policy {
        allowed_tables: access.allowed_tables.clone(),
        blocked_tables: access.blocked_tables.clone(),
        allowed_columns: access.allowed_columns.clone(),
        blocked_columns: access.blocked_columns.clone(),
        masked_columns: access.masked_columns.clone(),
        row_filters: access.row_filters.iter().map(filter).collect::<Result<_, _>>()?,
    })
}
