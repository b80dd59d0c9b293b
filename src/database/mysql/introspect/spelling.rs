//! What the spelling of a type or of a view tells.

use crate::schema::TypeClass;

/// The class of a column by its data type and the full spelling of it.
pub(super) fn class(data_type: &str, type_name: &str) -> TypeClass {
    match data_type.to_ascii_lowercase().as_str() {
        "tinyint" if type_name.starts_with("tinyint(1)") => TypeClass::Boolean,
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "year" | "bit" => TypeClass::Integer,
        "decimal" | "float" | "double" => TypeClass::Number,
        "date" => TypeClass::Date,
        "time" => TypeClass::Time,
        "datetime" | "timestamp" => TypeClass::DateTime,
        "json" => TypeClass::Json,
        "uuid" => TypeClass::Uuid,
        "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" => TypeClass::Bytes,
        "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" | "enum" | "set" | "inet4" | "inet6" => {
            TypeClass::Text
        }
        _ => TypeClass::Other,
    }
}

/// The values of `enum('a','it''s')` and of `set(…)`; none for any other type.
pub(super) fn enum_values(type_name: &str) -> Vec<String> {
    let inside = ["enum(", "set("].iter().find_map(|start| type_name.strip_prefix(start));
    let Some(inside) = inside.and_then(|rest| rest.strip_suffix(')')) else { return Vec::new() };
    let mut values = Vec::new();
    let mut rest = inside;
    while let Some(text) = rest.strip_prefix('\'') {
        let (value, after) = read_quoted(text, '\'');
        values.push(value);
        rest = after.strip_prefix(',').unwrap_or(after);
    }
    values
}

/// Each `` `database`.`name` `` in the definition of a view, as the server spells it out.
///
/// Columns and aliases are among the pairs, so the reader keeps those that are relations. A pair too
/// many makes the guard stricter, a pair too few would open a door.
pub(super) fn quoted_pairs(definition: &str) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut previous: Option<String> = None;
    let mut rest = definition;
    while let Some(start) = rest.find(['`', '\'']) {
        let mark = if rest[start..].starts_with('`') { '`' } else { '\'' };
        let joined = start == 1 && rest.starts_with('.');
        let (name, after) = read_quoted(&rest[start + 1..], mark);
        rest = after;
        if mark == '\'' {
            previous = None;
            continue;
        }
        if let Some(before) = previous.take().filter(|_| joined) {
            pairs.push((before, name.clone()));
        }
        previous = Some(name);
    }
    pairs
}

/// The text up to the closing mark, which stands doubled inside, and what follows. A backslash
/// escapes only between apostrophes.
fn read_quoted(text: &str, mark: char) -> (String, &str) {
    let mut value = String::new();
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        if letter == '\\' && mark == '\'' {
            value.extend(letters.next().map(|(_, escaped)| escaped));
        } else if letter != mark {
            value.push(letter);
        } else if letters.next_if(|(_, next)| *next == mark).is_some() {
            value.push(mark);
        } else {
            return (value, &text[at + mark.len_utf8()..]);
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enumerations_may_hold_commas_and_apostrophes() {
        assert_eq!(enum_values("enum('a','b,c','it''s')"), ["a", "b,c", "it's"]);
        assert_eq!(enum_values("set('x','y')"), ["x", "y"]);
        assert!(enum_values("varchar(10)").is_empty());
    }

    #[test]
    fn every_relation_of_a_view_is_among_the_pairs() {
        let definition = "select `t`.`a` AS `a`,'`x`.`y`' from (`shop`.`or``ders` `t` join `shop`.`items`)";
        let pairs = quoted_pairs(definition);
        for name in ["or`ders", "items"] {
            assert!(pairs.contains(&("shop".to_owned(), name.to_owned())), "{pairs:?}");
        }
        assert!(!pairs.contains(&("x".to_owned(), "y".to_owned())));
    }
}
