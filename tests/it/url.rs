//! Database URLs in SQLAlchemy's spelling, and the law that printing one never prints its password.

use db_query_agent::config::DatabaseUrl;
use db_query_agent::dialect::Dialect;
use db_query_agent::error::Code;
use proptest::prelude::*;

/// Dialect, user, password, host, port, database.
type Parts<'a> = (Dialect, Option<&'a str>, Option<&'a str>, Option<&'a str>, Option<u16>, Option<&'a str>);

fn parts(url: &DatabaseUrl) -> Parts<'_> {
    let password = url.password.as_ref().map(db_query_agent::redact::Secret::expose);
    (url.dialect, url.user.as_deref(), password, url.host.as_deref(), url.port, url.database.as_deref())
}

#[test]
fn the_spellings_that_sqlalchemy_takes() {
    use Dialect::{Mssql, Mysql, Postgres, Sqlite};
    let cases: [(&str, Parts<'_>); 30] = [
        ("postgresql://u:p@h:5433/d", (Postgres, Some("u"), Some("p"), Some("h"), Some(5433), Some("d"))),
        ("postgresql+psycopg2://u:p@h/d", (Postgres, Some("u"), Some("p"), Some("h"), None, Some("d"))),
        ("postgres+asyncpg://h/d", (Postgres, None, None, Some("h"), None, Some("d"))),
        ("postgresql://h", (Postgres, None, None, Some("h"), None, None)),
        ("postgresql:///d", (Postgres, None, None, None, None, Some("d"))),
        ("postgresql://", (Postgres, None, None, None, None, None)),
        ("postgresql://u:@h/d", (Postgres, Some("u"), Some(""), Some("h"), None, Some("d"))),
        ("postgresql://u@h/d", (Postgres, Some("u"), None, Some("h"), None, Some("d"))),
        ("postgresql://u:p%40%2F%3A%25@h/d", (Postgres, Some("u"), Some("p@/:%"), Some("h"), None, Some("d"))),
        ("postgresql://u:p:q/r?s@h/d", (Postgres, Some("u"), Some("p:q/r?s"), Some("h"), None, Some("d"))),
        ("postgresql://u:p@ss@h/d", (Postgres, Some("u"), Some("p@ss"), Some("h"), None, Some("d"))),
        ("postgresql://u:100%@h/d", (Postgres, Some("u"), Some("100%"), Some("h"), None, Some("d"))),
        ("postgresql://u:a+b@h/d", (Postgres, Some("u"), Some("a+b"), Some("h"), None, Some("d"))),
        ("postgresql://us%40er:p@h/my%20db", (Postgres, Some("us@er"), Some("p"), Some("h"), None, Some("my db"))),
        ("postgresql://u:p@[::1]:5432/d", (Postgres, Some("u"), Some("p"), Some("::1"), Some(5432), Some("d"))),
        ("postgresql://[fe80::1]/d", (Postgres, None, None, Some("fe80::1"), None, Some("d"))),
        ("postgresql://u:@/d?host=/run/pg", (Postgres, Some("u"), Some(""), Some("/run/pg"), None, Some("d"))),
        ("postgresql://u@/d?host=h2:6432", (Postgres, Some("u"), None, Some("h2"), Some(6432), Some("d"))),
        ("postgresql:///d?user=u&password=p&port=5", (Postgres, Some("u"), Some("p"), None, Some(5), Some("d"))),
        ("postgresql://h:5432/d?options=a@b", (Postgres, None, None, Some("h"), Some(5432), Some("d"))),
        ("postgresql://h/d?application_name=a@b", (Postgres, None, None, Some("h"), None, Some("d"))),
        (
            "mysql+pymysql://root:@127.0.0.1:3306/t",
            (Mysql, Some("root"), Some(""), Some("127.0.0.1"), Some(3306), Some("t")),
        ),
        ("mariadb+mariadbconnector://u:p@h", (Mysql, Some("u"), Some("p"), Some("h"), None, None)),
        ("sqlite:///rel/a b.db", (Sqlite, None, None, None, None, Some("rel/a b.db"))),
        ("sqlite:////abs/a%20b.db", (Sqlite, None, None, None, None, Some("/abs/a%20b.db"))),
        ("sqlite://", (Sqlite, None, None, None, None, None)),
        ("sqlite+aiosqlite:///:memory:", (Sqlite, None, None, None, None, Some(":memory:"))),
        ("sqlite:///C:\\data\\a.db", (Sqlite, None, None, None, None, Some("C:\\data\\a.db"))),
        (
            "mssql+pyodbc://sa:p@h:1433/d?driver=ODBC+Driver+18+for+SQL+Server",
            (Mssql, Some("sa"), Some("p"), Some("h"), Some(1433), Some("d")),
        ),
        (
            "mssql+pyodbc:///?odbc_connect=DRIVER%3D%7BODBC+Driver+18%7D%3BSERVER%3Dtcp%3Ah%2C1433%3BDATABASE%3Dd\
             %3BUID%3Dsa%3BPWD%3D%7Bp%3Bq%7D%7Dr%7D%3BEncrypt%3Dyes",
            (Mssql, Some("sa"), Some("p;q}r"), Some("h"), Some(1433), Some("d")),
        ),
    ];
    for (text, expected) in cases {
        let url = DatabaseUrl::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(parts(&url), expected, "{text}");
    }
}

#[test]
fn parameters_keep_their_order_and_are_found_under_any_spelling() {
    let url = DatabaseUrl::parse("mysql://h/d?ssl-ca=/ca.pem&charset=utf8mb4&SSL_MODE=a%20b&empty").unwrap();
    assert_eq!(url.parameters[0], ("ssl-ca".to_owned(), "/ca.pem".to_owned()));
    assert_eq!(url.parameter("ssl_ca"), Some("/ca.pem"));
    assert_eq!(url.parameter("ssl_mode"), Some("a b"));
    assert_eq!(url.parameter("empty"), Some(""));
    assert_eq!(url.parameter("none"), None);
}

#[test]
fn wrong_urls_are_told_apart_and_not_repeated() {
    for (text, code) in [
        ("", Code::InvalidUrl),
        ("hunter2", Code::InvalidUrl),
        ("postgresql:u:hunter2@h/d", Code::InvalidUrl),
        ("u:hunter2@h://d", Code::InvalidUrl),
        ("://u:hunter2@h/d", Code::InvalidUrl),
        ("mongodb://u:hunter2@h/d", Code::UnsupportedScheme),
        ("oracle+cx_oracle://u:hunter2@h/d", Code::UnsupportedScheme),
        ("postgresql://u:x@y:hunter2/d", Code::InvalidUrl),
        ("postgresql://u:hunter2@h:99999/d", Code::InvalidUrl),
        ("postgresql://u:hunter2@h:0/d", Code::InvalidUrl),
        ("postgresql://u:hunter2@[::1/d", Code::InvalidUrl),
        ("postgresql://u:hunter2%FF@h/d", Code::InvalidUrl),
        ("sqlite://hunter2/a.db", Code::InvalidUrl),
    ] {
        let error = DatabaseUrl::parse(text).unwrap_err();
        assert_eq!(error.code(), code, "{text}");
        let shown = format!("{error} {error:?} {}", error.hint());
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}

#[test]
fn what_is_shown_reads_back_as_the_same_place() {
    for text in [
        "postgresql://u@h:1/my%20db?sslmode=require",
        "mysql://u@/d?host=/run/s&charset=a",
        "mysql://[::1]:3306/d",
        "sqlite:////abs/a b.db",
        "mysql://",
    ] {
        let url = DatabaseUrl::parse(text).unwrap();
        let again = DatabaseUrl::parse(&url.to_string()).unwrap();
        assert_eq!(parts(&again), parts(&url), "{text}");
        assert_eq!(again.parameters, url.parameters, "{text}");
    }
}

/// Percent-encodes everything, which each reader must undo.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |encoded, byte| format!("{encoded}%{byte:02x}"))
}

proptest! {
    /// The mark stands for a password that can be recognised wherever it turns up.
    #[test]
    fn a_password_is_read_and_never_shown(before in "[ -~äß€]{0,8}", after in "[ -~äß€]{0,8}", raw in any::<bool>()) {
        let password = format!("{before}Zq7{after}");
        // In the clear a `@` ends it, a `%` starts a code, and `/` and `?` may look like a path.
        let plain = raw && !password.contains(['@', '%', '/', '?', '#']);
        let written = if plain { password.clone() } else { encoded(&password) };
        let query = encoded(&password);
        for text in [
            format!("postgresql://u:{written}@h:5432/d?sslmode=require"),
            format!("postgresql://u@h/d?password={query}"),
            format!("mysql+pymysql://u@h/d?passwd={query}&charset=utf8mb4"),
        ] {
            let url = DatabaseUrl::parse(&text).unwrap();
            prop_assert_eq!(url.password.as_ref().map(db_query_agent::redact::Secret::expose), Some(password.as_str()));
            for shown in [format!("{url}"), format!("{url:?}"), format!("{:?}", url.password), format!("{:?}", url.parameters)] {
                prop_assert!(!shown.contains("Zq7"), "{}", shown);
            }
        }
        for text in [
            format!("postgresql://u@h/d?sslpassword={query}&token={query}&odbc_connect=PWD%3D{query}"),
            format!("mssql+pyodbc:///?odbc_connect=SERVER%3Dh%3BPWD%3D{query}"),
        ] {
            let url = DatabaseUrl::parse(&text).unwrap();
            let shown = format!("{url} {url:?}");
            prop_assert!(!shown.contains("Zq7"), "{}", shown);
        }
    }

    #[test]
    fn no_text_breaks_the_reader_and_no_error_repeats_it(text in "[ -~]{0,40}") {
        for text in [text.clone(), format!("postgresql://Zq7{text}"), format!("mysql://u:Zq7{text}@h")] {
            if let Err(error) = DatabaseUrl::parse(&text) {
                let shown = format!("{error} {error:?}");
                prop_assert!(!shown.contains("Zq7"), "{}", shown);
            }
        }
    }
}
