//! What a declared type promises. SQLite keeps the words of `CREATE TABLE` and enforces none of
//! them, so this is what people mean by the names, then the affinity rules of
//! <https://www.sqlite.org/datatype3.html#determination_of_column_affinity>.

use crate::schema::TypeClass;

/// The class of a declared type; `None` or empty is a column without one.
pub(super) fn class(declared: Option<&str>) -> TypeClass {
    let Some(declared) = declared else { return TypeClass::Other };
    let name = declared.split('(').next().unwrap_or_default().trim().to_ascii_uppercase();
    match name.as_str() {
        "" | "ANY" | "POINT" | "MULTIPOINT" => return TypeClass::Other,
        "BOOL" | "BOOLEAN" => return TypeClass::Boolean,
        "DATE" => return TypeClass::Date,
        "DATETIME" | "DATETIME2" | "SMALLDATETIME" | "DATETIMEOFFSET" => return TypeClass::DateTime,
        "INTERVAL" => return TypeClass::Interval,
        "UUID" | "GUID" | "UNIQUEIDENTIFIER" => return TypeClass::Uuid,
        "JSON" | "JSONB" => return TypeClass::Json,
        "YEAR" | "SERIAL" | "BIGSERIAL" | "BIT" => return TypeClass::Integer,
        "STRING" | "ENUM" | "SET" | "XML" => return TypeClass::Text,
        "BINARY" | "VARBINARY" | "BYTEA" => return TypeClass::Bytes,
        _ if name.starts_with("TIMESTAMP") => return TypeClass::DateTime,
        _ if name == "TIME" || name.starts_with("TIME ") || name == "TIMETZ" => return TypeClass::Time,
        _ => {}
    }
    let has = |part: &str| name.contains(part);
    if has("INT") {
        TypeClass::Integer
    } else if has("CHAR") || has("CLOB") || has("TEXT") {
        TypeClass::Text
    } else if has("BLOB") {
        TypeClass::Bytes
    } else if ["REAL", "FLOA", "DOUB", "DEC", "NUM", "MONEY", "CURRENCY"].into_iter().any(has) {
        TypeClass::Number
    } else {
        TypeClass::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_first_then_affinity() {
        for (declared, expected) in [
            ("INTEGER", TypeClass::Integer),
            ("unsigned big int", TypeClass::Integer),
            ("VARCHAR(20)", TypeClass::Text),
            ("native character(70)", TypeClass::Text),
            ("DECIMAL(10, 2)", TypeClass::Number),
            ("double precision", TypeClass::Number),
            ("Boolean", TypeClass::Boolean),
            ("date", TypeClass::Date),
            ("timestamp with time zone", TypeClass::DateTime),
            ("TIME", TypeClass::Time),
            ("BLOB", TypeClass::Bytes),
            ("geometry", TypeClass::Other),
            ("", TypeClass::Other),
        ] {
            assert_eq!(class(Some(declared)), expected, "{declared}");
        }
        assert_eq!(class(None), TypeClass::Other);
    }
}
