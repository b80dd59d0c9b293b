//! The text that reads the catalogue. The order of the queries is the contract with the reader.

use crate::dialect::Dialect;

/// 16384 is `FirstNormalObjectId` (`access/transam.h`): smaller numbers are the system's own, which have more
/// columns and comments than most databases. A default names no column, so it is printed without opening its
/// table (`pg_get_expr(…, 0)`). Types are spelled and rights looked up once each and not once a column, which
/// is most of the time it would take. `{schemas}` becomes the condition on `n.nspname`.
const QUERIES: &str = "
SELECT s FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) WITH ORDINALITY AS p (s, n)
WHERE s <> 'pg_catalog' AND pg_catalog.left(s, 8) <> 'pg_temp_' ORDER BY n LIMIT 1;

SELECT e.enumtypid, e.enumlabel FROM pg_catalog.pg_enum e ORDER BY e.enumtypid, e.enumsortorder;

SELECT x.atttypid, x.atttypmod, pg_catalog.format_type(x.atttypid, x.atttypmod), COALESCE(b.typname, t.typname),
    t.typcategory, t.typnotnull, CASE WHEN t.typcategory = 'E' THEN COALESCE(b.oid, t.oid) END
FROM (
    SELECT DISTINCT a.atttypid, a.atttypmod
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE a.attrelid >= 16384 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND {schemas}
) x
JOIN pg_catalog.pg_type t ON t.oid = x.atttypid
LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype;

SELECT c.oid, n.nspname, c.relname, c.relkind, d.description,
    pg_catalog.has_schema_privilege(n.oid, 'USAGE')
        AND (pg_catalog.has_table_privilege(c.oid, 'SELECT')
            OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT')),
    CASE c.relkind WHEN 'v' THEN NULL WHEN 'p' THEN p.tuples::bigint ELSE c.reltuples::bigint END
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = c.oid AND d.objoid >= 16384 AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = 0
LEFT JOIN (
    SELECT pg_catalog.pg_partition_root(oid) AS root, sum(CASE WHEN reltuples > 0 THEN reltuples ELSE 0 END) AS tuples
    FROM pg_catalog.pg_class WHERE relispartition AND relkind IN ('r', 'f') GROUP BY 1
) p ON p.root = c.oid
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND {schemas}
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend e
        WHERE e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND e.deptype = 'e'
            AND e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND e.objid = c.oid)
ORDER BY n.nspname, c.relname;

SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull,
    pg_catalog.pg_get_expr(f.adbin, CASE WHEN a.attgenerated = '' THEN 0 ELSE f.adrelid END), a.attidentity <> '' OR a.attgenerated <> '', d.description
FROM pg_catalog.pg_attribute a
JOIN (
    SELECT c.oid, pg_catalog.has_table_privilege(c.oid, 'SELECT') AS whole
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND {schemas}
    OFFSET 0
) c ON c.oid = a.attrelid
LEFT JOIN pg_catalog.pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = a.attrelid AND d.objoid >= 16384 AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = a.attnum
WHERE a.attrelid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped
    AND (c.whole OR pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'SELECT'));

SELECT k.conrelid, k.conname, k.contype, pg_catalog.array_to_string(k.conkey, ' '),
    k.confrelid, pg_catalog.array_to_string(k.confkey, ' ')
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_namespace n ON n.oid = k.connamespace
WHERE k.contype IN ('p', 'f') AND k.conrelid <> 0 AND k.conparentid = 0 AND {schemas}
ORDER BY k.conrelid, k.conname;

SELECT i.indrelid, x.relname, i.indisunique AND i.indpred IS NULL,
    pg_catalog.array_to_string((i.indkey::smallint[])[0:i.indnkeyatts - 1], ' '),
    CASE WHEN i.indexprs IS NOT NULL THEN (
        SELECT pg_catalog.string_agg(pg_catalog.pg_get_indexdef(i.indexrelid, k, true), pg_catalog.chr(31) ORDER BY k)
        FROM pg_catalog.generate_series(1, i.indnkeyatts::integer) AS k)
    END
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
JOIN pg_catalog.pg_namespace n ON n.oid = x.relnamespace
WHERE NOT i.indisprimary AND i.indisvalid AND NOT x.relispartition AND {schemas}
ORDER BY i.indrelid, x.relname;

SELECT DISTINCT r.ev_class, m.nspname, s.relname
FROM pg_catalog.pg_rewrite r
JOIN pg_catalog.pg_class c ON c.oid = r.ev_class AND c.relkind IN ('v', 'm')
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_depend d
    ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
    AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid <> r.ev_class
JOIN pg_catalog.pg_class s ON s.oid = d.refobjid
JOIN pg_catalog.pg_namespace m ON m.oid = s.relnamespace
WHERE {schemas}
ORDER BY 1, 2, 3";

/// All queries as one text: the default schema, enumerations, types, relations, columns, keys, indexes, and
/// what views read.
pub(super) fn all(schemas: Option<&[String]>) -> String {
    each(schemas).join(";")
}

/// The same one by one.
pub(in crate::database) fn each(schemas: Option<&[String]>) -> Vec<String> {
    // Names that start with `pg_` are reserved for the system.
    let condition = schemas.map_or_else(
        || "n.nspname <> 'information_schema' AND pg_catalog.left(n.nspname, 3) <> 'pg_'".to_owned(),
        |names| {
            // The fence has set `standard_conforming_strings`, and a name cannot hold a zero byte.
            let literals = names.iter().filter(|name| !name.contains('\0')).map(|name| Dialect::Postgres.literal(name));
            let list = literals.collect::<Vec<_>>().join(", ");
            if list.is_empty() { "false".to_owned() } else { format!("n.nspname IN ({list})") }
        },
    );
    QUERIES.split(';').map(|query| query.replace("{schemas}", &condition)).collect()
}
