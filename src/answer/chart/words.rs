//! What a column's name says of its values.

use std::ops::RangeInclusive;

/// Last words of names whose numbers name a thing, a place in an order or a place on the map: nothing to measure.
const KEYS: &[&str] = &[
    "id",
    "ids",
    "uuid",
    "guid",
    "key",
    "pk",
    "fk",
    "code",
    "zip",
    "zipcode",
    "postcode",
    "phone",
    "fax",
    "sku",
    "isbn",
    "ean",
    "iban",
    "number",
    "num",
    "no",
    "nr",
    "rank",
    "ranking",
    "latitude",
    "longitude",
    "lat",
    "lon",
    "lng",
];

/// Last words of names whose texts are keys as well; a `country_code` in letters is a name like any other.
const TEXT_KEYS: &[&str] = &["id", "ids", "uuid", "guid"];

/// First or last words of a computed column.
const AGGREGATES: &[&str] = &[
    "count",
    "sum",
    "total",
    "avg",
    "average",
    "mean",
    "median",
    "min",
    "max",
    "minimum",
    "maximum",
    "share",
    "ratio",
    "percent",
    "percentage",
];

/// Parts of a date that stand alone as whole numbers, with the numbers they have, from coarse to fine.
const PARTS: &[(&[&str], RangeInclusive<i64>)] = &[
    (&["year", "yr"], 1000..=2999),
    (&["quarter", "qtr"], 1..=4),
    (&["month", "mon"], 1..=12),
    (&["week", "wk"], 0..=53),
    (&["day"], 1..=31),
    (&["weekday", "dow"], 0..=7),
    (&["hour", "hr"], 0..=23),
    (&["minute"], 0..=59),
];

/// Words of the two parts of a person's name.
const FIRST: &[&str] = &["first", "given", "forename", "firstname"];
const LAST: &[&str] = &["last", "family", "surname", "lastname"];

/// Words beside which a text like `2024-03` is a month.
const PERIODS: &[&str] = &["month", "quarter", "period", "date", "time", "ym", "day"];

/// A part of a date that a column of whole numbers holds; the coarser part is the smaller one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Part(usize);

impl Part {
    /// Whether it can have this number.
    pub(super) fn has(self, number: i64) -> bool {
        PARTS[self.0].1.contains(&number)
    }
}

/// The words of a name, in lower case.
#[derive(Clone, Debug)]
pub(super) struct Words {
    words: Vec<String>,
    /// A name as `count(*)`, which databases give to an expression without an alias.
    expression: bool,
}

impl Words {
    pub(super) fn of(name: &str) -> Self {
        let mut words = vec![String::new()];
        let mut was_lower = false;
        for letter in name.chars() {
            if !letter.is_alphanumeric() || (letter.is_uppercase() && was_lower) {
                words.push(String::new());
            }
            if let (true, Some(word)) = (letter.is_alphanumeric(), words.last_mut()) {
                word.extend(letter.to_lowercase());
            }
            was_lower = letter.is_lowercase();
        }
        words.retain(|word| !word.is_empty());
        Self { words, expression: name.contains('(') }
    }

    fn first(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    fn last(&self) -> &str {
        self.words.last().map_or("", String::as_str)
    }

    /// Whether the column was computed over rows, as far as its name tells.
    pub(super) fn aggregate(&self) -> bool {
        let counts = self.first() == "number" && self.words.get(1).is_some_and(|word| word == "of");
        self.expression || counts || AGGREGATES.contains(&self.first()) || AGGREGATES.contains(&self.last())
    }

    /// Whether numbers under this name are no measure.
    pub(super) fn key(&self) -> bool {
        // `number` alone is what some call a count.
        !self.aggregate() && self.words != ["number"] && KEYS.contains(&self.last())
    }

    /// Whether texts under this name are keys.
    pub(super) fn text_key(&self) -> bool {
        !self.aggregate() && TEXT_KEYS.contains(&self.last())
    }

    /// Whether a text like `2024-03` is a month here.
    pub(super) fn period(&self) -> bool {
        self.words.iter().any(|word| PERIODS.contains(&word.as_str()))
    }

    /// Whether it speaks of quarters.
    pub(super) fn quarter(&self) -> bool {
        self.words.iter().any(|word| word == "quarter" || word == "qtr")
    }

    /// Whether it is the first part of a person's name whose second part is `other`, as `first_name` and `last_name` are.
    pub(super) fn begins_name(&self, other: &Self) -> bool {
        let differing: Vec<(&str, &str)> = self
            .words
            .iter()
            .zip(&other.words)
            .map(|(one, other)| (one.as_str(), other.as_str()))
            .filter(|(one, other)| one != other)
            .collect();
        self.words.len() == other.words.len()
            && matches!(differing[..], [(first, last)] if FIRST.contains(&first) && LAST.contains(&last))
    }

    /// What both parts of a name are called together: `customer name` for `customer_first_name`.
    pub(super) fn whole_name(&self) -> String {
        let mut words: Vec<&str> = self.words.iter().map(String::as_str).filter(|word| !FIRST.contains(word)).collect();
        if words.last() != Some(&"name") {
            words.push("name");
        }
        words.join(" ")
    }

    /// The part of a date that it names: `order_year`, `day_of_week`, `MonthNumber`; not `orders_per_day`.
    pub(super) fn part(&self) -> Option<Part> {
        if self.aggregate() || self.words.iter().any(|word| word == "per") {
            return None;
        }
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        let name = match &words[..] {
            [.., "day", "of", "week"] => "weekday",
            [.., "day", "of", "month"] => "day",
            [.., word, "number" | "num" | "no" | "nr"] => word,
            [.., word] => word,
            [] => return None,
        };
        PARTS.iter().position(|(names, _)| names.contains(&name)).map(Part)
    }
}

#[cfg(test)]
mod tests {
    use super::Words;

    #[test]
    fn keys_and_aggregates_are_told_apart() {
        for name in ["id", "user_id", "userId", "UserID", "order number", "zip", "rank", "longitude", "country_code"] {
            assert!(Words::of(name).key(), "{name}");
        }
        for name in ["count(id)", "number_of_orders", "id_count", "total", "number", "price", "max(order_id)", "paid"] {
            assert!(!Words::of(name).key(), "{name}");
        }
        assert!(Words::of("session_uuid").text_key() && !Words::of("country_code").text_key());
    }

    #[test]
    fn halves_of_a_name_belong_together() {
        let begins = |first: &str, last: &str| Words::of(first).begins_name(&Words::of(last));
        assert!(begins("first_name", "last_name") && begins("customerFirstName", "customer_last_name"));
        assert!(begins("forename", "surname"));
        assert!(
            !begins("last_name", "first_name") && !begins("first_name", "name") && !begins("first_day", "last_name")
        );
    }

    #[test]
    fn parts_of_dates_are_named_last() {
        let part = |name: &str| Words::of(name).part();
        for name in ["year", "order_year", "MonthNumber", "day_of_week", "hour"] {
            assert!(part(name).is_some(), "{name}");
        }
        for name in ["orders_per_day", "hours", "year_total", "count(year)", "total_year", ""] {
            assert!(part(name).is_none(), "{name}");
        }
        assert!(part("year") < part("month") && part("month") < part("hour"));
        assert!(part("month").is_some_and(|month| month.has(12) && !month.has(13)));
    }
}
