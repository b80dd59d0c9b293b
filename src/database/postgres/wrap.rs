//! The statement as a subquery, where its columns need a cast or a look at their size.
//!
//! The driver reads a whole row before anybody can count its bytes, and one computed cell may have a gigabyte:
//! `repeat('x', 500000000)`. So the server is asked to weigh the cells of a row that the statement computes, and
//! to leave out those of a row that is too heavy. Cells that stand in a table are sent as they are.

use sqlx::postgres::{PgColumn, PgTypeInfo, PgTypeKind};
use sqlx::{Column as _, TypeInfo as _};

/// What is to be done about a column.
pub(super) struct Wrapped {
    /// Put behind it: the type that can be read in place of its own; empty for none.
    pub(super) cast: &'static str,
    /// The function that tells its size, where it may be of any size.
    weigh: Option<&'static str>,
}

impl Wrapped {
    pub(super) fn new(column: &PgColumn, cast: &'static str) -> Self {
        let is_stored = column.relation_id().is_some_and(|table| table.0 != 0);
        Self { cast, weigh: if is_stored { None } else { scales(column.type_info()) } }
    }

    /// Whether the statement has to be wrapped for it.
    pub(super) fn is_needed(&self) -> bool {
        !self.cast.is_empty() || self.weigh.is_some()
    }

    pub(super) fn is_weighed(&self) -> bool {
        self.weigh.is_some()
    }
}

/// `sql` as a subquery with its columns cast. Column names may repeat, so each gets a new one. Where a column is
/// weighed there is one column more: whether the row has more than `most` bytes, and was left out.
///
/// `OFFSET 0` keeps the server from computing a cell twice, once to weigh and once to send it.
pub(super) fn wrap(sql: &str, columns: &[Wrapped], most: usize) -> String {
    let list = |write: &dyn Fn(usize, &Wrapped) -> String| {
        columns.iter().enumerate().map(|(index, column)| write(index, column)).collect::<Vec<_>>().join(", ")
    };
    let names = list(&|index, _| format!("c{index}"));
    let sql = bare(sql);
    let weights: Vec<String> = (columns.iter().enumerate())
        .filter_map(|(index, column)| Some(format!("COALESCE({}(q.c{index}), 0)::pg_catalog.int8", column.weigh?)))
        .collect();
    if weights.is_empty() {
        let selected = list(&|index, column| format!("q.c{index}{}", column.cast));
        return format!("SELECT {selected} FROM (\n{sql}\n) AS q ({names})");
    }
    let selected = list(&|index, column| match column.weigh {
        Some(_) => format!("CASE WHEN s.heavy THEN NULL ELSE s.c{index} END{}", column.cast),
        None => format!("s.c{index}{}", column.cast),
    });
    format!(
        "SELECT {selected}, s.heavy FROM (SELECT q.*, {} > {most} AS heavy \
         FROM (SELECT * FROM (\n{sql}\n) AS p OFFSET 0) AS q ({names}) OFFSET 0) AS s",
        weights.join(" + ")
    )
}

/// Without the semicolon that a subquery cannot have.
pub(super) fn bare(sql: &str) -> &str {
    sql.trim_end_matches(|end: char| end == ';' || end.is_whitespace())
}

/// The function that tells the size of a value, for types that have no bound of their own. Of a stored text it
/// needs the head only.
fn scales(info: &PgTypeInfo) -> Option<&'static str> {
    const BYTES: &str = "pg_catalog.octet_length";
    const MEMORY: &str = "pg_catalog.pg_column_size";
    match info.kind() {
        PgTypeKind::Enum(_) => return None,
        PgTypeKind::Domain(base) => return scales(base),
        _ => {}
    }
    match info.oid().map(|oid| oid.0) {
        // bool, "char", name, integers, oid, xid, cid, floats, money, network addresses, dates and times, numeric,
        // void, uuid, xid8: at most what a few thousand digits take.
        Some(
            16 | 18 | 19 | 20 | 21 | 23 | 26 | 28 | 29 | 700 | 701 | 790 | 650 | 869 | 774 | 829 | 1082 | 1083 | 1114
            | 1184 | 1186 | 1266 | 1700 | 2278 | 2950 | 5069,
        ) => None,
        // bytea, text, bpchar, varchar
        Some(17 | 25 | 1042 | 1043) => Some(BYTES),
        _ if info.name().eq_ignore_ascii_case("unknown") => None,
        _ => Some(MEMORY),
    }
}
