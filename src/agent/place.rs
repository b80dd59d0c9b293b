//! Which database it is, for a store that many agents share.

use std::path::Path;

use crate::config::DatabaseUrl;
use crate::dialect::Dialect;

/// A text that is the same for every agent on the database at `url`, and on no other; without its password. `None`
/// where nobody else can reach it. What is only reached from one machine is named with it: `localhost` of two machines
/// are two databases.
pub(super) fn place(url: &DatabaseUrl) -> Option<String> {
    // Its value is hidden in print and says which schema unqualified names mean.
    let options = url.parameter("options").unwrap_or_default();
    match (url.dialect, url.database.as_deref()) {
        (Dialect::Sqlite, None | Some("" | ":memory:")) => None,
        (Dialect::Sqlite, Some(_)) if url.parameter("mode") == Some("memory") => None,
        (Dialect::Sqlite, Some(path)) => {
            let absolute = std::fs::canonicalize(path).or_else(|_| std::path::absolute(Path::new(path)));
            Some(format!("sqlite {} {}", machine(), absolute.ok()?.display()))
        }
        _ if is_local(url.host.as_deref()) => Some(format!("{url} {options} {}", machine())),
        _ => Some(format!("{url} {options}")),
    }
}

fn is_local(host: Option<&str>) -> bool {
    host.is_none_or(|host| {
        host.starts_with('/') || host.eq_ignore_ascii_case("localhost") || host.starts_with("127.") || host == "::1"
    })
}

/// The name of this machine; a container has one of its own.
fn machine() -> String {
    whoami::hostname().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str) -> Option<String> {
        DatabaseUrl::parse(url).ok().and_then(|url| place(&url))
    }

    #[test]
    fn one_database_has_one_place() {
        assert_eq!(of("sqlite:///:memory:"), None);
        assert_eq!(of("sqlite:///data.db"), of("sqlite:///./data.db"));
        assert_ne!(of("sqlite:///data.db"), of("sqlite:///other.db"));
        let shop = of("postgresql://ann:one@db.example/shop");
        assert_eq!(shop, of("postgresql+psycopg://ann:two@db.example/shop"), "whatever the password");
        assert!(shop.is_some_and(|shop| !shop.contains("one")));
        assert_ne!(of("postgresql://ann@db/shop"), of("postgresql://bob@db/shop"), "a login may see other rows");
        let schema = |name: &str| of(&format!("postgresql://ann@db/shop?options=-csearch_path%3D{name}"));
        assert_ne!(schema("one"), schema("two"));
        assert!(of("mysql://root@localhost/shop").is_some_and(|local| local.ends_with(&machine())));
    }
}
