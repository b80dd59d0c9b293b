//! Where the databases are.

use std::collections::HashMap;
use std::path::PathBuf;

use db_query_agent::Error;
use db_query_agent::config::Config;
use serde_json::json;

/// A folder of SQLite files, or the databases of a server.
pub enum Source {
    Folder(PathBuf),
    /// A URL with `{}` in the place of the database's name.
    Server(String),
}

impl Source {
    pub fn new(databases: &str) -> Self {
        if databases.contains("://") { Self::Server(databases.to_owned()) } else { Self::Folder(databases.into()) }
    }

    /// The configuration of an agent on `database`, without a model and without a file for its conversations, that
    /// knows nothing of `hide`: a table, a column as `table.column`, or nothing.
    pub fn config(&self, database: &str, hide: &str) -> Result<Config, Error> {
        let url = match self {
            Self::Folder(folder) => {
                let file = folder.join(format!("{database}.sqlite"));
                let file = std::path::absolute(&file).unwrap_or(file);
                format!("sqlite:///{}?immutable=1", file.display())
            }
            Self::Server(url) => url.replace("{}", database),
        };
        let blocked = |columns: bool| (!hide.is_empty() && hide.contains('.') == columns).then_some([hide]);
        let options = json!({
            "database_url": url,
            "model_strategy": "offline",
            "session_backend": "memory",
            "blocked_tables": blocked(false),
            "blocked_columns": blocked(true),
            "conceal_forbidden": !hide.is_empty(),
        });
        Config::build(&options.as_object().cloned().unwrap_or_default(), &HashMap::new())
    }
}
