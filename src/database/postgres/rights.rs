//! What the login may do and which fences stand, asked of PostgreSQL inside the fence.

use sqlx::postgres::PgConnection;

use crate::database::rights::{About, Finding, Rights};
use crate::database::row::TextRow;

/// The session as it is now. Schemas of the path in which anyone may create objects, and functions and
/// operators there that share their name with one of PostgreSQL's own and take only built-in types: they could
/// be called in its place. What belongs to an extension was put there by an administrator.
pub(in crate::database) const SESSION: &str = "
SELECT pg_catalog.current_setting('server_version'), current_user, pg_catalog.current_setting('transaction_read_only'),
    pg_catalog.current_setting('statement_timeout'), pg_catalog.current_setting('standard_conforming_strings'),
    pg_catalog.current_setting('search_path'),
    (SELECT pg_catalog.string_agg(n.nspname, ', ' ORDER BY n.nspname) FROM pg_catalog.pg_namespace n
     WHERE n.nspname = ANY (pg_catalog.current_schemas(false)) AND pg_catalog.has_schema_privilege('public', n.oid, 'CREATE')),
    (SELECT pg_catalog.string_agg(DISTINCT s.name, ', ') FROM (
        SELECT p.pronamespace AS space, p.proname AS name, p.proargtypes::pg_catalog.oid[] AS types, p.oid,
            'pg_catalog.pg_proc'::pg_catalog.regclass AS class FROM pg_catalog.pg_proc p
        UNION ALL
        SELECT o.oprnamespace, o.oprname, ARRAY[o.oprleft, o.oprright], o.oid, 'pg_catalog.pg_operator'::pg_catalog.regclass
        FROM pg_catalog.pg_operator o
     ) s JOIN pg_catalog.pg_namespace n ON n.oid = s.space
     WHERE n.nspname = ANY (pg_catalog.current_schemas(false)) AND n.nspname <> 'pg_catalog'
        AND s.types <> '{}' AND 16384 > ALL (s.types)
        AND (s.name IN (SELECT proname FROM pg_catalog.pg_proc WHERE oid < 16384)
            OR s.name IN (SELECT oprname FROM pg_catalog.pg_operator WHERE oid < 16384))
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = s.class AND d.objid = s.oid AND d.deptype = 'e'))";

/// The login's rights; each NULL or a text that says what they cover.
pub(in crate::database) const LOGIN: &str = "
SELECT
    (SELECT pg_catalog.string_agg(m.rolname, ', ' ORDER BY m.rolname) FROM pg_catalog.pg_roles m
     WHERE m.rolsuper AND (m.rolname = current_user OR m.rolname = session_user OR pg_catalog.pg_has_role(m.oid, 'MEMBER'))),
    (SELECT pg_catalog.string_agg(a.name, ', ') FROM pg_catalog.pg_roles r, LATERAL (VALUES ('CREATEROLE', r.rolcreaterole),
        ('CREATEDB', r.rolcreatedb), ('REPLICATION', r.rolreplication), ('BYPASSRLS', r.rolbypassrls)) AS a (name, has)
     WHERE a.has AND pg_catalog.pg_has_role(r.oid, 'MEMBER') AND (r.rolname = current_user OR NOT r.rolsuper)),
    (SELECT pg_catalog.count(*) || ', for example ' || pg_catalog.min(pg_catalog.format('%I.%I', n.nspname, c.relname))
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname <> 'information_schema' AND pg_catalog.left(n.nspname, 3) <> 'pg_'
        AND (pg_catalog.pg_has_role(c.relowner, 'USAGE') OR CASE c.relkind
            WHEN 'S' THEN pg_catalog.has_sequence_privilege(c.oid, 'UPDATE, USAGE')
            ELSE pg_catalog.has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')
                OR pg_catalog.has_any_column_privilege(c.oid, 'INSERT, UPDATE') END)
     HAVING pg_catalog.count(*) > 0),
    (SELECT pg_catalog.string_agg(x.place, ', ' ORDER BY x.place) FROM (
        SELECT 'schema ' || n.nspname AS place FROM pg_catalog.pg_namespace n
        WHERE pg_catalog.left(n.nspname, 3) <> 'pg_' AND n.nspname <> 'information_schema'
            AND pg_catalog.has_schema_privilege(n.oid, 'CREATE')
        UNION ALL
        SELECT 'database ' || pg_catalog.current_database() WHERE pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')
     ) x),
    (SELECT pg_catalog.string_agg(x.name, ', ' ORDER BY x.name) FROM (
        SELECT m.rolname::text AS name FROM pg_catalog.pg_roles m
        WHERE m.rolname IN ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program')
            AND pg_catalog.pg_has_role(m.oid, 'MEMBER')
        UNION
        SELECT p.proname || '()' FROM pg_catalog.pg_proc p
        WHERE p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace AND pg_catalog.has_function_privilege(p.oid, 'EXECUTE')
            AND p.proname IN ('pg_read_file', 'pg_read_binary_file', 'pg_stat_file', 'pg_ls_dir', 'lo_import', 'lo_export')
     ) x),
    (SELECT pg_catalog.count(*) || ', for example ' || pg_catalog.min(pg_catalog.format('%I.%I', n.nspname, p.proname))
     FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
     WHERE p.prosecdef AND p.oid >= 16384 AND NOT pg_catalog.pg_has_role(p.proowner, 'USAGE')
        AND pg_catalog.has_function_privilege(p.oid, 'EXECUTE') AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
     HAVING pg_catalog.count(*) > 0),
    CASE WHEN pg_catalog.has_database_privilege(pg_catalog.current_database(), 'TEMPORARY') THEN 'temporary tables' END";

/// The state of a transaction that is read-only and stays so: `active_sql_transaction`.
pub(in crate::database) const PINNED: &str = "25001";

/// What to do where a fence is down.
const FENCE: &str = "look for a proxy between here and the server that changes settings";

/// Asks for everything. The transaction is of no use afterwards: the last question is one it must refuse.
pub(super) async fn rights(connection: &mut PgConnection) -> Result<Rights, sqlx::Error> {
    let session = sqlx::raw_sql(SESSION).fetch_one(&mut *connection).await?;
    let login = sqlx::raw_sql(LOGIN).fetch_one(&mut *connection).await?;
    let pinned = match sqlx::raw_sql("SET TRANSACTION READ WRITE").execute(&mut *connection).await {
        Ok(_) => false,
        Err(sqlx::Error::Database(refused)) => refused.code().is_some_and(|state| state == PINNED),
        Err(error) => return Err(error),
    };
    told(&session, &login, pinned)
}

/// What the answers to [`SESSION`] and [`LOGIN`] amount to; `pinned`: whether the transaction stays read-only.
pub(in crate::database) fn told(
    session: &dyn TextRow,
    login: &dyn TextRow,
    pinned: bool,
) -> Result<Rights, sqlx::Error> {
    let mut findings = fences(session, pinned)?;
    findings.extend(login_rights(login)?);
    let engine = format!("PostgreSQL {}", text(session, 0)?.unwrap_or_default());
    Ok(Rights { engine, login: text(session, 1)?.unwrap_or_default(), findings })
}

fn fences(row: &dyn TextRow, pinned: bool) -> Result<Vec<Finding>, sqlx::Error> {
    let is = |index: usize, wanted: &str| Ok::<_, sqlx::Error>(text(row, index)?.as_deref() == Some(wanted));
    let timeout = text(row, 3)?.unwrap_or_default();
    let path = text(row, 5)?.unwrap_or_default();
    let path_is_pinned = path.starts_with("pg_catalog") && path.ends_with("pg_temp");
    let creators = text(row, 6)?;
    let shadows = text(row, 7)?;
    let session = |name, holds, detail: String, advice| Finding::fence(name, About::Session, holds, detail, advice);
    Ok(vec![
        Finding::fence("read_only_transaction", About::ReadOnly, is(2, "on")?, "transaction_read_only", FENCE),
        Finding::fence(
            "read_only_pinned",
            About::ReadOnly,
            pinned,
            if pinned { "SET TRANSACTION READ WRITE is refused" } else { "SET TRANSACTION READ WRITE is not refused" },
            FENCE,
        ),
        session("time_limit", timeout != "0" && !timeout.is_empty(), format!("statement_timeout is {timeout}"), FENCE),
        session("plain_strings", is(4, "on")?, "standard_conforming_strings".to_owned(), FENCE),
        session("search_path_pinned", path_is_pinned, path, FENCE),
        session(
            "search_path_private",
            creators.is_none(),
            creators.map_or_else(
                || "nobody but grantees creates there".to_owned(),
                |names| format!("anyone may create in: {names}"),
            ),
            "REVOKE CREATE ON SCHEMA … FROM PUBLIC; before PostgreSQL 15 everyone has it on `public`",
        ),
        session(
            "functions_not_shadowed",
            shadows.is_none(),
            shadows.map_or_else(
                || "no function of PostgreSQL has a namesake".to_owned(),
                |names| format!("namesakes of: {names}"),
            ),
            "rename these functions and operators, or take their schema off the search path",
        ),
    ])
}

fn login_rights(row: &dyn TextRow) -> Result<Vec<Finding>, sqlx::Error> {
    let mut findings = vec![
        Finding::right("superuser", text(row, 0)?, "log in as a role that is no superuser and can become none"),
        Finding::right(
            "role_attributes",
            text(row, 1)?,
            "ALTER ROLE … NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS",
        ),
        Finding::right(
            "writes",
            text(row, 2)?,
            "REVOKE INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER on them, and do not own them",
        ),
        Finding::right(
            "creates",
            text(row, 3)?,
            "REVOKE CREATE on them; before PostgreSQL 15 also FROM PUBLIC on `public`",
        ),
        Finding::right("server_files", text(row, 4)?, "REVOKE the role or the function"),
        Finding::right(
            "definer_functions",
            text(row, 5)?,
            "REVOKE EXECUTE ON FUNCTION … FROM PUBLIC: they run with the rights of their owner",
        ),
    ];
    if let Some(detail) = text(row, 6)? {
        findings.push(Finding::note("temporary", detail, "REVOKE TEMPORARY ON DATABASE … FROM PUBLIC, if you mind"));
    }
    Ok(findings)
}

/// A cell in the simple protocol's text form.
fn text(row: &dyn TextRow, index: usize) -> Result<Option<String>, sqlx::Error> {
    Ok(row.cell(index)?.map(str::to_owned))
}
