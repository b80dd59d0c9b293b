//! System catalogues.

use super::Rule;
use crate::dialect::Dialect;
use crate::guard::Rejection;

pub const RULE: Rule = Rule {
    slug: "catalogue",
    law: "System catalogues and statistics views are refused: they show other users' queries, source code, settings, \
          password hashes and samples of blocked tables.",
    hint: "ask the agent for the schema instead",
};

/// Refuses a relation of the system, by its folded namespace and name.
pub(in crate::guard) fn check(dialect: Dialect, namespace: Option<&str>, name: &str) -> Result<(), Rejection> {
    if is_system(dialect, namespace, name) {
        Err(RULE.refuse(format!("`{name}` belongs to the system")))
    } else {
        Ok(())
    }
}

/// Whether the engine keeps this relation for itself.
pub(in crate::guard) fn is_system(dialect: Dialect, namespace: Option<&str>, name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let namespace = namespace.map(str::to_ascii_lowercase);
    let namespace = namespace.as_deref();
    if namespace == Some("information_schema") {
        return true;
    }
    match dialect {
        // `pg_catalog` is searched before every other schema, so an unqualified `pg_…` is always its.
        Dialect::Postgres => {
            namespace.is_some_and(|namespace| namespace.starts_with("pg_"))
                || (namespace.is_none() && name.starts_with("pg_"))
        }
        Dialect::Mysql => {
            matches!(
                namespace,
                Some("mysql" | "performance_schema" | "sys" | "ndbinfo" | "mysql_innodb_cluster_metadata")
            )
        }
        Dialect::Sqlite => {
            name.starts_with("sqlite_")
                || name.starts_with("pragma_")
                || matches!(
                    name.as_str(),
                    "dbstat" | "bytecode" | "tables_used" | "sqlite_dbpage" | "completion" | "fsdir"
                )
        }
        Dialect::Mssql => {
            matches!(namespace, Some("sys" | "guest" | "db_owner" | "cdc"))
                || [
                    "sysobjects",
                    "syscolumns",
                    "sysusers",
                    "sysindexes",
                    "syscomments",
                    "sysprocesses",
                    "syslogins",
                    "sysdatabases",
                    "sysfiles",
                    "sysdepends",
                    "systypes",
                    "syspermissions",
                    "sysmembers",
                    "sysforeignkeys",
                    "sysreferences",
                    "sysconfigures",
                    "sysservers",
                    "sysaltfiles",
                    "syscacheobjects",
                    "syslockinfo",
                    "sysmessages",
                    "sysperfinfo",
                    "sysprotects",
                    "sysxlogins",
                    "syscharsets",
                    "sysconstraints",
                    "syscurconfigs",
                    "sysdevices",
                    "sysfilegroups",
                    "sysfulltextcatalogs",
                    "sysindexkeys",
                    "syslanguages",
                    "sysoledbusers",
                    "sysopentapes",
                    "sysremotelogins",
                    "sysfulltextnotify",
                ]
                .contains(&name.as_str())
        }
    }
}
