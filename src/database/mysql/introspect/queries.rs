//! The text that reads the catalogue. The order of the queries is the contract with the reader.

use crate::dialect::Dialect;

/// `{enter}` gives no rows, `{schemas}` becomes the condition on `TABLE_SCHEMA`. The first two columns of
/// each query behind `DATABASE()` name the relation. A sequence of MariaDB is a relation, but not one to ask about.
const QUERIES: &str = "
{enter};

SELECT DATABASE();

SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, TABLE_COMMENT, TABLE_ROWS
FROM information_schema.TABLES
WHERE TABLE_TYPE <> 'SEQUENCE' AND {schemas}
ORDER BY TABLE_SCHEMA, TABLE_NAME;

SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, DATA_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA,
    COLUMN_COMMENT
FROM information_schema.COLUMNS
WHERE FIND_IN_SET('select', PRIVILEGES) > 0 AND {schemas}
ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION;

SELECT TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, COLUMN_NAME, REFERENCED_TABLE_SCHEMA, REFERENCED_TABLE_NAME,
    REFERENCED_COLUMN_NAME
FROM information_schema.KEY_COLUMN_USAGE
WHERE (CONSTRAINT_NAME = 'PRIMARY' OR REFERENCED_TABLE_NAME IS NOT NULL) AND {schemas}
ORDER BY TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION;

SELECT TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, NON_UNIQUE, COLUMN_NAME
FROM information_schema.STATISTICS
WHERE INDEX_NAME <> 'PRIMARY' AND {schemas}
ORDER BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX;

SELECT TABLE_SCHEMA, TABLE_NAME, VIEW_DEFINITION
FROM information_schema.VIEWS
WHERE {schemas}";

/// All queries as one text: entering the database, the default database, relations, columns, keys, indexes, definitions of views.
pub(super) fn all(database: Option<&str>, schemas: Option<&[String]>) -> String {
    each(database, schemas).join(";")
}

/// The same one by one.
pub(in crate::database) fn each(database: Option<&str>, schemas: Option<&[String]>) -> Vec<String> {
    // The catalogue of a database that was dropped since the connection was made is empty, as that of a
    // new one is; only entering it tells.
    let enter = database.map_or_else(|| "DO 0".to_owned(), |name| format!("USE {}", Dialect::Mysql.quote(name)));
    let condition = schemas.map_or_else(
        // Without a database in the URL `DATABASE()` is NULL.
        || {
            "(TABLE_SCHEMA = DATABASE() OR (DATABASE() IS NULL \
             AND TABLE_SCHEMA NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')))"
                .to_owned()
        },
        |names| {
            // The fence has set a mode in which a literal ends where it should.
            let list = names.iter().map(|name| Dialect::Mysql.literal(name)).collect::<Vec<_>>().join(", ");
            if list.is_empty() { "FALSE".to_owned() } else { format!("TABLE_SCHEMA IN ({list})") }
        },
    );
    let written = |query: &str| query.replace("{schemas}", &condition).replacen("{enter}", &enter, 1);
    QUERIES.split(';').map(written).collect()
}
