//! Which SQL a database speaks.

use std::fmt;

/// A SQL dialect: how the guard reads a statement and how the engines write one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// SQLite 3
    Sqlite,
    /// PostgreSQL 12 and later
    Postgres,
    /// MySQL 8 and MariaDB 10.5 and later
    Mysql,
    /// SQL Server 2016 and later
    Mssql,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Self; 4] = [Self::Sqlite, Self::Postgres, Self::Mysql, Self::Mssql];

    /// SQLAlchemy's name of it, which is also the scheme of its URLs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgresql",
            Self::Mysql => "mysql",
            Self::Mssql => "mssql",
        }
    }

    /// The name people know it by.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
            Self::Mysql => "MySQL",
            Self::Mssql => "SQL Server",
        }
    }

    /// The dialect of that name, with any `+driver` behind it cut off.
    ///
    /// ```
    /// use db_query_agent::dialect::Dialect;
    /// assert_eq!(Dialect::from_name("postgresql+psycopg2"), Some(Dialect::Postgres));
    /// assert_eq!(Dialect::from_name("mariadb"), Some(Dialect::Mysql));
    /// assert_eq!(Dialect::from_name("tsql"), Some(Dialect::Mssql));
    /// assert_eq!(Dialect::from_name("mongodb"), None);
    /// ```
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.split_once('+').map_or(name, |(dialect, _driver)| dialect);
        match name.to_ascii_lowercase().as_str() {
            "sqlite" | "sqlite3" => Some(Self::Sqlite),
            "postgresql" | "postgres" | "psql" | "pg" | "psycopg" | "psycopg2" | "asyncpg" => Some(Self::Postgres),
            "mysql" | "mariadb" | "pymysql" => Some(Self::Mysql),
            "mssql" | "sqlserver" | "tsql" | "pymssql" => Some(Self::Mssql),
            _ => None,
        }
    }

    /// The namespace that a name without one means where nobody says another; MySQL has none.
    #[must_use]
    pub fn default_namespace(self) -> &'static str {
        match self {
            Self::Sqlite => "main",
            Self::Postgres => "public",
            Self::Mysql => "",
            Self::Mssql => "dbo",
        }
    }

    /// `name` written as a quoted identifier, which no keyword and no odd character can break.
    ///
    /// ```
    /// use db_query_agent::dialect::Dialect;
    /// assert_eq!(Dialect::Postgres.quote("order"), r#""order""#);
    /// assert_eq!(Dialect::Mysql.quote("a`b"), "`a``b`");
    /// ```
    #[must_use]
    pub fn quote(self, name: &str) -> String {
        match self {
            Self::Sqlite | Self::Postgres => format!("\"{}\"", name.replace('"', "\"\"")),
            Self::Mysql => format!("`{}`", name.replace('`', "``")),
            Self::Mssql => format!("[{}]", name.replace(']', "]]")),
        }
    }

    /// `text` written as a string literal.
    ///
    /// MySQL reads a backslash as an escape, so it is doubled there; PostgreSQL runs with
    /// `standard_conforming_strings` on, which the connector sets.
    #[must_use]
    pub fn literal(self, text: &str) -> String {
        match self {
            Self::Mysql => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''")),
            Self::Sqlite | Self::Postgres => format!("'{}'", text.replace('\'', "''")),
            Self::Mssql => format!("N'{}'", text.replace('\'', "''")),
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}
