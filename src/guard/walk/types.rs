//! Types in casts and column lists.

use sqlparser::ast::{ArrayElemTypeDef, DataType, ObjectName, ObjectNamePart};

use super::{Verdict, Walk};
use crate::dialect::Dialect;
use crate::guard::resolve::fold;
use crate::guard::rules::data_type;

/// Types that the parser has no node for and that hold plain values.
const POSTGRES: &[&str] = &[
    "bpchar",
    "name",
    "\"char\"",
    "money",
    "inet",
    "cidr",
    "macaddr",
    "macaddr8",
    "xml",
    "jsonpath",
    "citext",
    "hstore",
    "ltree",
    "lquery",
    "timestamptz",
    "timetz",
    "int4range",
    "int8range",
    "numrange",
    "tsrange",
    "tstzrange",
    "daterange",
    "int4multirange",
    "int8multirange",
    "nummultirange",
    "tsmultirange",
    "tstzmultirange",
    "datemultirange",
    "point",
    "line",
    "lseg",
    "box",
    "path",
    "polygon",
    "circle",
    "geometry",
    "geography",
    "vector",
    "halfvec",
    "sparsevec",
    "cube",
    "float",
    "serial",
    "bigserial",
    "smallserial",
    "oid",
    "varbit",
    "bool",
    "int2",
    "int4",
    "int8",
    "float4",
    "float8",
    "text",
    "varchar",
    "date",
    "time",
    "timestamp",
    "interval",
    "uuid",
    "json",
    "jsonb",
    "bytea",
    "numeric",
    "decimal",
    "bit",
    "tsvector",
    "tsquery",
];
const MYSQL: &[&str] =
    &["year", "geometry", "point", "nchar", "inet4", "inet6", "uuid", "double", "signed", "unsigned"];
const MSSQL: &[&str] = &[
    "money",
    "smallmoney",
    "smalldatetime",
    "datetime2",
    "datetimeoffset",
    "sql_variant",
    "uniqueidentifier",
    "nchar",
    "ntext",
    "image",
    "xml",
    "hierarchyid",
    "geometry",
    "geography",
    "rowversion",
    "sysname",
    "json",
    "vector",
    "bit",
    "datetime",
    "time",
    "float",
    "real",
    "nvarchar",
    "varbinary",
];

impl Walk<'_> {
    #[expect(clippy::too_many_lines, reason = "one arm a type, so that a new one fails to compile")]
    pub(super) fn data_type(&self, of: &DataType) -> Verdict {
        match of {
            DataType::Character(_)
            | DataType::Char(_)
            | DataType::CharacterVarying(_)
            | DataType::CharVarying(_)
            | DataType::Varchar(_)
            | DataType::Nvarchar(_)
            | DataType::Uuid
            | DataType::CharacterLargeObject(_)
            | DataType::CharLargeObject(_)
            | DataType::Clob(_)
            | DataType::Binary(_)
            | DataType::Varbinary(_)
            | DataType::Blob(_)
            | DataType::TinyBlob
            | DataType::MediumBlob
            | DataType::LongBlob
            | DataType::Bytes(_)
            | DataType::Numeric(_)
            | DataType::Decimal(_)
            | DataType::DecimalUnsigned(_)
            | DataType::BigNumeric(_)
            | DataType::BigDecimal(_)
            | DataType::Dec(_)
            | DataType::DecUnsigned(_)
            | DataType::Float(_)
            | DataType::FloatUnsigned(_)
            | DataType::TinyInt(_)
            | DataType::TinyIntUnsigned(_)
            | DataType::UTinyInt
            | DataType::Int2(_)
            | DataType::Int2Unsigned(_)
            | DataType::SmallInt(_)
            | DataType::SmallIntUnsigned(_)
            | DataType::USmallInt
            | DataType::MediumInt(_)
            | DataType::MediumIntUnsigned(_)
            | DataType::Int(_)
            | DataType::Int4(_)
            | DataType::Int8(_)
            | DataType::Int16
            | DataType::Int32
            | DataType::Int64
            | DataType::Int128
            | DataType::Int256
            | DataType::Integer(_)
            | DataType::IntUnsigned(_)
            | DataType::Int4Unsigned(_)
            | DataType::IntegerUnsigned(_)
            | DataType::HugeInt
            | DataType::UHugeInt
            | DataType::UInt8
            | DataType::UInt16
            | DataType::UInt32
            | DataType::UInt64
            | DataType::UInt128
            | DataType::UInt256
            | DataType::BigInt(_)
            | DataType::BigIntUnsigned(_)
            | DataType::UBigInt
            | DataType::Int8Unsigned(_)
            | DataType::Signed
            | DataType::SignedInteger
            | DataType::Unsigned
            | DataType::UnsignedInteger
            | DataType::Float4
            | DataType::Float32
            | DataType::Float64
            | DataType::Real
            | DataType::RealUnsigned
            | DataType::Float8
            | DataType::Double(_)
            | DataType::DoubleUnsigned(_)
            | DataType::DoublePrecision
            | DataType::DoublePrecisionUnsigned
            | DataType::Bool
            | DataType::Boolean
            | DataType::Date
            | DataType::Date32
            | DataType::Time(..)
            | DataType::Datetime(_)
            | DataType::Datetime64(..)
            | DataType::Timestamp(..)
            | DataType::TimestampNtz(_)
            | DataType::Interval { .. }
            | DataType::JSON
            | DataType::JSONB
            | DataType::Text
            | DataType::TinyText
            | DataType::MediumText
            | DataType::LongText
            | DataType::String(_)
            | DataType::FixedString(_)
            | DataType::Bytea
            | DataType::Bit(_)
            | DataType::BitVarying(_)
            | DataType::VarBit(_)
            | DataType::GeometricType(_)
            | DataType::TsVector
            | DataType::TsQuery => Ok(()),
            DataType::Custom(name, _) => self.named_type(name),
            DataType::Array(element) => match element {
                ArrayElemTypeDef::SquareBracket(element, _) | ArrayElemTypeDef::Qualified(element, _) => {
                    self.data_type(element)
                }
                ArrayElemTypeDef::None | ArrayElemTypeDef::AngleBracket(_) | ArrayElemTypeDef::Parenthesis(_) => {
                    Err(data_type::refuse("ARRAY"))
                }
            },
            DataType::Regclass => Err(data_type::refuse("regclass")),
            DataType::Table(_) | DataType::NamedTable { .. } => Err(data_type::refuse("TABLE")),
            DataType::Map(..) => Err(data_type::refuse("MAP")),
            DataType::Tuple(_) => Err(data_type::refuse("TUPLE")),
            DataType::Nested(_) => Err(data_type::refuse("NESTED")),
            DataType::Enum(..) => Err(data_type::refuse("ENUM")),
            DataType::Set(_) => Err(data_type::refuse("SET")),
            DataType::Struct(..) => Err(data_type::refuse("STRUCT")),
            DataType::Union(_) => Err(data_type::refuse("UNION")),
            DataType::Nullable(_) | DataType::LowCardinality(_) => Err(data_type::refuse("Nullable")),
            DataType::Unspecified | DataType::Trigger | DataType::AnyType => Err(data_type::refuse("ANY")),
        }
    }

    /// A type by name: a plain one of the engine, or one that a column of the schema has.
    fn named_type(&self, name: &ObjectName) -> Verdict {
        let mut parts = Vec::with_capacity(2);
        for part in &name.0 {
            match part {
                ObjectNamePart::Identifier(ident) => parts.push(fold(self.dialect, ident)),
                ObjectNamePart::Function(_) => return Err(data_type::refuse("of a function")),
            }
        }
        let (schema, name) = match parts.as_slice() {
            [name] => (None, name.as_ref()),
            [schema, name] => (Some(schema.as_ref()), name.as_ref()),
            _ => return Err(data_type::refuse("of another database")),
        };
        let plain = match self.dialect {
            // SQLite takes any words for a type and keeps only its affinity.
            Dialect::Sqlite => return Ok(()),
            Dialect::Postgres => POSTGRES,
            Dialect::Mysql => MYSQL,
            Dialect::Mssql => MSSQL,
        };
        let system = matches!(schema, None | Some("pg_catalog"));
        if system && plain.iter().any(|known| name.eq_ignore_ascii_case(known)) {
            return Ok(());
        }
        let in_use = self.names.schema().is_some_and(|known| {
            known.tables.iter().flat_map(|table| &table.columns).any(|column| {
                let bare = column.type_name.rsplit_once('.').map_or(column.type_name.as_str(), |(_, bare)| bare);
                bare.trim_matches('"') == name && !name.starts_with("reg")
            })
        });
        if in_use { Ok(()) } else { Err(data_type::refuse(name)) }
    }
}
