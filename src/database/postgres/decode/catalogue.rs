//! How a type is read, by what the catalogue says of it: for those who have no type of the driver at hand.

use std::collections::HashMap;

use super::Decoder;
use crate::database::row::TextRow;

/// How deep types are looked into: an array of a domain over a composite of ranges has four levels.
const DEPTH: usize = 16;

/// Types by their number, with all that they are made of.
#[derive(Default)]
pub(in crate::database) struct Types(HashMap<u32, Told>);

/// What one row of [`query`] says.
struct Told {
    name: String,
    kind: String,
    /// What an array or a range is made of, or a domain is based on; 0 for none.
    base: u32,
    /// The members of a composite type.
    members: Vec<u32>,
}

/// Asks for the types with the numbers in `list`, which has commas between them.
pub(in crate::database) fn query(list: &str) -> String {
    format!(
        "SELECT t.oid, t.typname, CASE WHEN t.typelem <> 0 AND t.typlen = -1 THEN 'a' ELSE t.typtype::text END, \
         CASE WHEN t.typtype = 'd' THEN t.typbasetype::bigint WHEN t.typtype = 'r' THEN r.rngsubtype::bigint \
         ELSE t.typelem::bigint END, \
         (SELECT pg_catalog.string_agg(a.atttypid::text, ' ' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a \
         WHERE a.attrelid = t.typrelid AND t.typrelid <> 0 AND a.attnum > 0 AND NOT a.attisdropped) \
         FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_range r ON r.rngtypid = t.oid WHERE t.oid IN ({list})"
    )
}

impl Types {
    /// Takes a row of [`query`]; gives the types that have to be asked for next.
    pub(in crate::database) fn take(&mut self, row: &dyn TextRow) -> Result<Vec<i64>, sqlx::Error> {
        let text = |at| row.cell(at).map(Option::unwrap_or_default);
        let number = |text: &str| text.parse::<u32>().unwrap_or_default();
        let told = Told {
            name: text(1)?.to_owned(),
            kind: text(2)?.to_owned(),
            base: number(text(3)?),
            members: text(4)?.split_whitespace().map(number).collect(),
        };
        let parts = std::iter::once(told.base).chain(told.members.iter().copied());
        let next = parts.filter(|part| *part != 0 && !self.0.contains_key(part)).map(i64::from).collect();
        self.0.insert(number(text(0)?), told);
        Ok(next)
    }

    /// The name as SQL writes it.
    pub(in crate::database) fn name(&self, oid: u32) -> String {
        match self.0.get(&oid) {
            Some(told) if told.kind == "a" => format!("{}[]", self.name(told.base)),
            Some(told) if told.name == "bpchar" => "char".to_owned(),
            Some(told) => told.name.clone(),
            None => String::new(),
        }
    }

    /// How its cells are read; `None` when they have to come as text.
    pub(in crate::database) fn decoder(&self, oid: u32) -> Option<Decoder> {
        self.within(oid, DEPTH)
    }

    fn within(&self, oid: u32, depth: usize) -> Option<Decoder> {
        if let Some(decoder) = Decoder::of_builtin(oid) {
            return Some(decoder);
        }
        let (told, depth) = (self.0.get(&oid)?, depth.checked_sub(1)?);
        match told.kind.as_str() {
            "e" => Some(Decoder::Text),
            "d" => self.within(told.base, depth),
            "a" => Some(Decoder::Array(Box::new(self.within(told.base, depth)?))),
            "r" => Some(Decoder::Range(Box::new(self.within(told.base, depth)?))),
            "c" => {
                let members = told.members.iter().map(|member| self.within(*member, depth));
                members.collect::<Option<Box<[_]>>>().map(Decoder::Composite)
            }
            // The extension's type has no fixed number; what it sends is the text itself.
            _ if told.name == "citext" => Some(Decoder::Text),
            _ => None,
        }
    }
}
