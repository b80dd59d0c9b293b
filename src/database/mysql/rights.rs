//! What the login may do and which fences stand, asked of MySQL or MariaDB inside the fence.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::mysql::{MySqlConnection, MySqlRow};
use sqlx::{AssertSqlSafe, Decode, MySql, Row as _, ValueRef as _};

use super::{MysqlConnection, WRONG_MODES};
use crate::database::rights::{About, Finding, Rights, Verdict};
use crate::dialect::Dialect;

/// Rights with which nothing can be changed, nor anything read but what the login sees anyway
/// (<https://mariadb.com/kb/en/grant/>, <https://dev.mysql.com/doc/refman/8.0/en/privileges-provided.html>).
const READING: [&str; 9] = [
    "USAGE",
    "SELECT",
    "SHOW VIEW",
    "SHOW DATABASES",
    "SHOW CREATE ROUTINE",
    "PROCESS",
    "REPLICATION CLIENT",
    "BINLOG MONITOR",
    "SLAVE MONITOR",
];
/// Rights to change rows, tables, or what stands for one.
const WRITING: [&str; 18] = [
    "ALL",
    "ALL PRIVILEGES",
    "INSERT",
    "UPDATE",
    "DELETE",
    "CREATE",
    "DROP",
    "ALTER",
    "INDEX",
    "REFERENCES",
    "CREATE VIEW",
    "TRIGGER",
    "EVENT",
    "CREATE ROUTINE",
    "ALTER ROUTINE",
    "CREATE TEMPORARY TABLES",
    "LOCK TABLES",
    "DELETE HISTORY",
];
/// The session and the transaction are read-only: `ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION`.
const READ_ONLY: u16 = 1792;
/// What to do where a fence is down.
const FENCE: &str = "look for a proxy between here and the server that changes settings";
/// Roles of roles are followed no further than this.
const ROLES: usize = 64;

/// Asks for everything.
pub(super) async fn rights(connection: &mut MysqlConnection) -> Result<Rights, sqlx::Error> {
    let is_mariadb = connection.is_mariadb;
    let wire = &mut connection.wire;
    let (read_only, limit) = if is_mariadb {
        ("tx_read_only", "max_statement_time")
    } else {
        ("transaction_read_only", "max_execution_time")
    };
    let sql = format!(
        "SELECT VERSION(), CURRENT_USER(), @@SESSION.{read_only}, @@SESSION.{limit}, @@SESSION.sql_mode, @@max_allowed_packet, {}",
        if is_mariadb { "CURRENT_ROLE()" } else { "''" }
    );
    let row = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_one(&mut *wire).await?;
    let mode = text(&row, 4)?;
    let time = text(&row, 3)?;
    // Nothing has that name, so this does nothing at all where the fence is down.
    let probe = format!("DROP TABLE IF EXISTS db_query_agent_{}", uuid::Uuid::new_v4().simple());
    let refused = match sqlx::raw_sql(AssertSqlSafe(probe)).execute(&mut *wire).await {
        Ok(_) => None,
        Err(sqlx::Error::Database(error)) => {
            error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>().map(sqlx::mysql::MySqlDatabaseError::number)
        }
        Err(error) => return Err(error),
    };
    let wrong: Vec<&str> = WRONG_MODES.into_iter().filter(|wrong| mode.contains(wrong)).collect();
    let limited = time.parse::<f64>().is_ok_and(|time| time > 0.0);
    let ddl = match refused {
        Some(READ_ONLY) => "DROP TABLE is refused as read-only",
        Some(_) => "DROP TABLE is refused to this login",
        None => "DROP TABLE is not refused",
    };
    let mut findings = vec![
        Finding::fence("read_only_session", About::ReadOnly, text(&row, 2)? == "1", format!("@@{read_only}"), FENCE),
        Finding::fence("no_ddl", About::ReadOnly, refused.is_some(), ddl, FENCE),
        Finding::fence("time_limit", About::Session, limited, format!("{limit} is {time}"), FENCE),
        Finding::fence("sql_mode", About::Session, wrong.is_empty(), mode, FENCE),
        Finding::fence(
            "cell_limit",
            About::Session,
            true,
            format!("max_allowed_packet is {} bytes", text(&row, 5)?),
            "",
        ),
    ];
    let grants = grants(wire, is_mariadb).await;
    if is_mariadb {
        let role = text(&row, 6)?;
        let role = if role.is_empty() { "NONE".to_owned() } else { Dialect::Mysql.quote(&role) };
        sqlx::raw_sql(AssertSqlSafe(format!("SET ROLE {role}"))).execute(&mut *wire).await?;
    }
    findings.extend(match grants {
        Ok(grants) => login_rights(&grants),
        Err(sqlx::Error::Database(_)) => vec![Finding {
            name: "grants",
            about: About::Login,
            verdict: Verdict::Unknown,
            detail: "the server does not show what this login was granted".to_owned(),
            advice: "let the login see the grants of its roles, or grant it rights directly",
        }],
        Err(error) => return Err(error),
    });
    let engine = format!("{} {}", if is_mariadb { "MariaDB" } else { "MySQL" }, text(&row, 0)?);
    Ok(Rights { engine, login: text(&row, 1)?, findings })
}

/// What was granted to the login and to every role that it has or may take, as `GRANT` statements.
async fn grants(wire: &mut MySqlConnection, is_mariadb: bool) -> Result<Vec<String>, sqlx::Error> {
    let mut lines = shown(wire, "SHOW GRANTS").await?;
    if is_mariadb {
        let mut known = BTreeSet::new();
        let mut at = 0;
        while at < lines.len() && known.len() < ROLES {
            if let Some(role) = role(&lines[at]).map(str::to_owned)
                && known.insert(role.clone())
            {
                // What an inactive role may do is shown only to whoever takes it on.
                sqlx::raw_sql(AssertSqlSafe(format!("SET ROLE {role}"))).execute(&mut *wire).await?;
                lines.extend(shown(wire, "SHOW GRANTS").await?);
            }
            at += 1;
        }
    } else {
        let roles: Vec<&str> = lines.iter().filter_map(|line| role(line)).collect();
        if !roles.is_empty() {
            let sql = format!("SHOW GRANTS FOR CURRENT_USER() USING {}", roles.join(", "));
            lines = shown(wire, &sql).await?;
        }
    }
    Ok(lines)
}

async fn shown(wire: &mut MySqlConnection, sql: &str) -> Result<Vec<String>, sqlx::Error> {
    let rows = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).fetch_all(wire).await?;
    rows.iter().map(|row| text(row, 0)).collect()
}

/// The role or roles that a line of `SHOW GRANTS` gives; a line that gives rights has an `ON`.
pub(in crate::database) fn role(line: &str) -> Option<&str> {
    let granted = line.strip_prefix("GRANT ")?;
    if privileges(line).is_some() {
        return None;
    }
    Some(granted.split_once(" TO ")?.0)
}

/// The rights of a line, without their columns, and the place that they are for.
fn privileges(line: &str) -> Option<(Vec<String>, &str)> {
    let (list, rest) = line.strip_prefix("GRANT ")?.split_once(" ON ")?;
    let place = rest.split_once(" TO ").map_or(rest, |(place, _)| place);
    let mut plain = String::new();
    let mut depth = 0_usize;
    for letter in list.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => plain.push(letter),
            _ => {}
        }
    }
    Some((plain.split(',').map(|right| right.trim().to_ascii_uppercase()).collect(), place))
}

/// What the lines amount to.
pub(in crate::database) fn login_rights(lines: &[String]) -> Vec<Finding> {
    let mut found: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (rights, place) in lines.iter().filter_map(|line| privileges(line)) {
        for right in rights {
            let kind = match right.as_str() {
                reading if READING.contains(&reading) => continue,
                writing if WRITING.contains(&writing) => "writes",
                "FILE" => "server_files",
                "EXECUTE" => "definer_functions",
                _ => "administers",
            };
            if right.starts_with("ALL") && place.starts_with("*.*") {
                found.entry("superuser").or_default().insert(format!("{right} on {place}"));
            }
            found.entry(kind).or_default().insert(format!("{right} on {place}"));
        }
    }
    if lines.iter().any(|line| line.ends_with("WITH GRANT OPTION")) {
        found.entry("administers").or_default().insert("GRANT OPTION".to_owned());
    }
    let mut covers = |name: &str| found.remove(name).map(|all| all.into_iter().collect::<Vec<_>>().join(", "));
    vec![
        Finding::right("superuser", covers("superuser"), "log in as a user with SELECT on the tables it needs"),
        Finding::right("writes", covers("writes"), "REVOKE everything but SELECT and SHOW VIEW"),
        Finding::right("server_files", covers("server_files"), "REVOKE FILE ON *.*"),
        Finding::right(
            "definer_functions",
            covers("definer_functions"),
            "REVOKE EXECUTE: routines run with the rights of their definer",
        ),
        Finding::right("administers", covers("administers"), "REVOKE these rights and grant options"),
    ]
}

fn text(row: &MySqlRow, index: usize) -> Result<String, sqlx::Error> {
    let raw = row.try_get_raw(index)?;
    if raw.is_null() {
        return Ok(String::new());
    }
    <&str as Decode<MySql>>::decode(raw).map(str::to_owned).map_err(sqlx::Error::Decode)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn risks(lines: &[&str]) -> Vec<&'static str> {
        let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        let findings = login_rights(&lines);
        findings.iter().filter(|finding| finding.verdict == Verdict::Risk).map(|finding| finding.name).collect()
    }

    #[test]
    fn reading_is_no_risk() {
        let lines = [
            "GRANT USAGE ON *.* TO `r`@`%` IDENTIFIED BY PASSWORD '*0'",
            "GRANT SELECT, SHOW VIEW ON `shop`.* TO `r`@`%`",
            "GRANT SELECT (`id`, `update`) ON `shop`.`orders` TO `r`@`%`",
            "GRANT `readers` TO `r`@`%`",
        ];
        assert_eq!(risks(&lines), Vec::<&str>::new());
        assert_eq!(lines.iter().filter_map(|line| role(line)).collect::<Vec<_>>(), ["`readers`"]);
    }

    #[test]
    fn each_kind_of_right_has_its_finding() {
        assert_eq!(risks(&["GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost`"]), ["superuser", "writes"]);
        assert_eq!(risks(&["GRANT SELECT, UPDATE (`a`) ON `shop`.`t` TO `r`@`%`"]), ["writes"]);
        assert_eq!(risks(&["GRANT FILE ON *.* TO `r`@`%`"]), ["server_files"]);
        assert_eq!(risks(&["GRANT EXECUTE ON `shop`.* TO `r`@`%`"]), ["definer_functions"]);
        assert_eq!(risks(&["GRANT SUPER, RELOAD ON *.* TO `r`@`%`"]), ["administers"]);
        assert_eq!(risks(&["GRANT SELECT ON `shop`.* TO `r`@`%` WITH GRANT OPTION"]), ["administers"]);
        assert_eq!(risks(&["GRANT A RIGHT OF TOMORROW ON *.* TO `r`@`%`"]), ["administers"]);
    }
}
