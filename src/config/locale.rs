//! How numbers and dates are written in a language and region.
//!
//! The table is from CLDR 48 (Unicode License), `latn` digits: `decimal` and `group` of `<symbols>`, the sizes of groups
//! from the standard `<decimalFormat>`, `minimumGroupingDigits`, and the short `<dateFormat>` with a full year. Dates
//! stay in ISO 8601 where a region writes them with slashes or words, since those are read in two orders or translated.

use chrono::NaiveDate;

use super::read::{Given, Source};
use crate::error::{Code, Error, Result};

/// How a region writes numbers and dates. `Locale::default()` is English with dates in ISO 8601.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locale(&'static Entry);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    /// Its tag in lower case: a language, or a language and a region.
    tag: &'static str,
    decimal: char,
    group: char,
    /// Digits of every group but the one before the decimal sign.
    size: usize,
    /// Digits before the first group sign at least.
    least: usize,
    /// A pattern of `chrono`; `None`: ISO 8601.
    date: Option<&'static str>,
}

const fn plain(tag: &'static str, decimal: char, group: char) -> Entry {
    Entry { tag, decimal, group, size: 3, least: 1, date: None }
}

const fn dated(tag: &'static str, decimal: char, group: char, date: &'static str) -> Entry {
    Entry { date: Some(date), ..plain(tag, decimal, group) }
}

const fn sparing(entry: &Entry) -> Entry {
    Entry { least: 2, ..*entry }
}

const BLANK: char = '\u{a0}';
const NARROW: char = '\u{202f}';
const APOSTROPHE: char = '\'';
const DAY_FIRST: &str = "%d.%m.%Y";

/// English stands first.
const ENTRIES: &[Entry] = &[
    plain("en", '.', ','),
    Entry { size: 2, ..plain("en-in", '.', ',') },
    plain("en-za", ',', BLANK),
    plain("af", ',', BLANK),
    sparing(&dated("bg", ',', BLANK, "%-d.%m.%Y г.")),
    plain("ca", ',', '.'),
    dated("cs", ',', BLANK, DAY_FIRST),
    dated("da", ',', '.', DAY_FIRST),
    dated("de", ',', '.', DAY_FIRST),
    dated("de-at", ',', BLANK, DAY_FIRST),
    dated("de-ch", '.', APOSTROPHE, DAY_FIRST),
    dated("de-li", '.', APOSTROPHE, DAY_FIRST),
    plain("el", ',', '.'),
    sparing(&plain("es", ',', '.')),
    plain("es-mx", '.', ','),
    plain("es-us", '.', ','),
    sparing(&dated("et", ',', BLANK, DAY_FIRST)),
    dated("fi", ',', BLANK, "%-d.%-m.%Y"),
    plain("fr", ',', NARROW),
    plain("fr-ca", ',', BLANK),
    dated("fr-ch", ',', NARROW, DAY_FIRST),
    Entry { size: 2, ..plain("hi", '.', ',') },
    dated("hr", ',', '.', "%d. %m. %Y."),
    sparing(&dated("hu", ',', BLANK, "%Y. %m. %d.")),
    plain("id", ',', '.'),
    sparing(&plain("it", ',', '.')),
    sparing(&dated("it-ch", '.', APOSTROPHE, DAY_FIRST)),
    plain("ja", '.', ','),
    plain("ko", '.', ','),
    plain("lt", ',', BLANK),
    sparing(&dated("lv", ',', BLANK, DAY_FIRST)),
    dated("nb", ',', BLANK, DAY_FIRST),
    plain("nl", ',', '.'),
    dated("no", ',', BLANK, DAY_FIRST),
    sparing(&dated("pl", ',', BLANK, "%-d.%m.%Y")),
    plain("pt", ',', '.'),
    sparing(&plain("pt-pt", ',', BLANK)),
    dated("ro", ',', '.', DAY_FIRST),
    dated("ru", ',', BLANK, DAY_FIRST),
    dated("sk", ',', BLANK, "%-d. %-m. %Y"),
    sparing(&dated("sl", ',', '.', "%-d. %-m. %Y")),
    plain("sv", ',', BLANK),
    plain("th", '.', ','),
    dated("tr", ',', '.', "%-d.%m.%Y"),
    dated("uk", ',', BLANK, DAY_FIRST),
    plain("vi", ',', '.'),
    plain("zh", '.', ','),
];

impl Default for Locale {
    fn default() -> Self {
        Self(&ENTRIES[0])
    }
}

impl Locale {
    /// The locale of a tag as `de`, `de-CH` or `de_CH.UTF-8`; a region that is not known writes as its language does.
    /// `None` where the language is not known.
    ///
    /// ```
    /// use db_query_agent::config::Locale;
    ///
    /// assert_eq!(Locale::parse("de_DE.UTF-8").unwrap().number("-1234567.5"), "-1.234.567,5");
    /// assert_eq!(Locale::parse("en-IN").unwrap().number("1234567.5"), "12,34,567.5");
    /// assert_eq!(Locale::parse("es").unwrap().number("1234"), "1234");
    /// assert!(Locale::parse("tlh").is_none());
    /// ```
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        let tag = tag.trim().split(['.', '@']).next().unwrap_or_default().to_ascii_lowercase().replace('_', "-");
        let language = tag.split('-').next().unwrap_or_default();
        let find = |wanted: &str| ENTRIES.iter().find(|entry| entry.tag == wanted).map(Self);
        find(&tag).or_else(|| find(language))
    }

    /// Its tag, in lower case.
    #[must_use]
    pub fn tag(self) -> &'static str {
        self.0.tag
    }

    /// The sign before a fraction.
    #[must_use]
    pub fn decimal(self) -> char {
        self.0.decimal
    }

    /// The sign between groups of digits.
    #[must_use]
    pub fn group(self) -> char {
        self.0.group
    }

    /// A number that is given as `-1234.5`; what is no number in digits stays as it is.
    #[must_use]
    pub fn number(self, digits: &str) -> String {
        self.written(digits, true)
    }

    /// The same with or without signs between groups.
    #[must_use]
    pub fn written(self, digits: &str, grouped: bool) -> String {
        let (sign, rest) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
        let (whole, fraction) = rest.split_once('.').map_or((rest, None), |(whole, fraction)| (whole, Some(fraction)));
        if whole.is_empty() || !whole.bytes().chain(fraction.unwrap_or("0").bytes()).all(|byte| byte.is_ascii_digit()) {
            return digits.to_owned();
        }
        let mut text = sign.to_owned();
        let grouped = grouped && whole.len() >= 3 + self.0.least;
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && grouped && self.begins_group(whole.len() - index) {
                text.push(self.0.group);
            }
            text.push(digit);
        }
        if let Some(fraction) = fraction {
            text.push(self.0.decimal);
            text.push_str(fraction);
        }
        text
    }

    /// A day.
    #[must_use]
    pub fn date(self, date: NaiveDate) -> String {
        self.0.date.map_or_else(|| date.to_string(), |pattern| date.format(pattern).to_string())
    }

    /// Whether its dates stay in ISO 8601.
    #[must_use]
    pub fn has_iso_dates(self) -> bool {
        self.0.date.is_none()
    }

    /// Whether a sign stands before the last `left` digits.
    fn begins_group(self, left: usize) -> bool {
        left == 3 || (left > 3 && (left - 3).is_multiple_of(self.0.size))
    }
}

/// The locale that the option or its variable names.
pub(super) fn of(tag: &Given<String>) -> Result<Locale> {
    let name = if tag.source == Source::Environment { "ANSWER_LOCALE" } else { "locale" };
    Locale::parse(&tag.value).ok_or_else(|| {
        let what = format!("`{name}` must be a language, or a language and a region, that is known");
        Error::new(Code::InvalidOption, what)
            .with_hint("write it as `en`, `de` or `pt-BR`; numbers are written in that way, the words stay English")
    })
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::{ENTRIES, Locale};

    #[test]
    fn each_region_writes_numbers_in_its_own_way() {
        for (tag, digits, expected) in [
            ("en", "0", "0"),
            ("en", "999", "999"),
            ("en", "1000", "1,000"),
            ("en", "-1234567.5", "-1,234,567.5"),
            ("en", "NaN", "NaN"),
            ("en", "1e30", "1e30"),
            ("en-IN", "123456789", "12,34,56,789"),
            ("de", "1234567.89", "1.234.567,89"),
            ("de-CH", "1234567.89", "1'234'567.89"),
            ("fr", "1234567.89", "1\u{202f}234\u{202f}567,89"),
            ("pl", "1234", "1234"),
            ("pl", "12345", "12\u{a0}345"),
            ("pt-BR", "1234.5", "1.234,5"),
        ] {
            assert_eq!(Locale::parse(tag).unwrap().number(digits), expected, "{tag}");
        }
    }

    #[test]
    fn dates_are_iso_unless_the_region_says_otherwise() {
        let day = NaiveDate::from_ymd_opt(2024, 3, 5).unwrap();
        for (tag, expected) in [("en", "2024-03-05"), ("fr", "2024-03-05"), ("de", "05.03.2024"), ("fi", "5.3.2024")] {
            assert_eq!(Locale::parse(tag).unwrap().date(day), expected, "{tag}");
        }
        for entry in ENTRIES {
            assert_eq!(Locale::parse(entry.tag), Some(Locale(entry)));
            assert!(Locale(entry).date(day).contains("2024"), "{}", entry.tag);
        }
    }
}
