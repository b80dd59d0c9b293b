//! Texts out of fragments: mostly statements that could be meant, with something odd put in.

use std::sync::LazyLock;

use db_query_agent::dialect::Dialect;

use crate::law::unescaped;

/// Chance from a seed: `SplitMix64` (<https://prng.di.unimi.it/splitmix64.c>).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `sides`, which is not 0.
    pub fn below(&mut self, sides: usize) -> usize {
        usize::try_from(self.next() % sides as u64).unwrap_or(0)
    }

    /// True so many times in a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }

    fn odd(&mut self) -> &'static str {
        let list: &'static [String] = &ODD;
        &list[self.below(list.len())]
    }
}

const TABLES: &[&str] = &[
    "users",
    "products",
    "orders",
    "order_items",
    "payments",
    "employees",
    "accounts",
    "v_users",
    "products_fts",
    "v_staff",
    "v_accounts",
    "badges",
    "notes_fts",
];
const HIDDEN: &[&str] = &[
    "secrets",
    "v_secrets",
    "v_deep",
    "v_opaque",
    "secrets_fts",
    "m_secrets",
    "vault.keys",
    "\"secrets\"",
    "`secrets`",
    "[secrets]",
    "SECRETS",
    "public.secrets",
    "main.secrets",
    "'secrets'",
    "sqlite_master",
    "pg_class",
    "information_schema.tables",
];
const COLUMNS: &[&str] = &[
    "id",
    "name",
    "u.id",
    "u.name",
    "t.id",
    "email",
    "price",
    "total",
    "status",
    "ssn",
    "card_number",
    "owner",
    "note",
    "balance",
    "tenant_id",
    "user_id",
    "order_id",
    "secret_value",
    "s.secret_value",
    "created_at",
    "u.email",
    "t.name",
    "\"name\"",
    "`name`",
    "[name]",
];
const VALUES: &[&str] = &[
    "1",
    "2",
    "0",
    "-1",
    "1.5",
    "1e1",
    "'a'",
    "'it''s'",
    "''",
    "NULL",
    "TRUE",
    "'%a%'",
    "\"x\"",
    "0x41",
    "x'41'",
    "CURRENT_DATE",
    ".5",
    "1.",
];
const CALLS: &[&str] = &[
    "count(*)",
    "count(",
    "max(",
    "min(",
    "sum(",
    "lower(",
    "upper(",
    "length(",
    "coalesce(",
    "abs(",
    "round(",
    "substr(",
    "concat(",
    "group_concat(",
    "string_agg(",
    "json_agg(",
    "array_agg(",
    "row_to_json(",
    "to_json(",
    "json_group_array(",
    "cast(",
    "hex(",
    "reverse(",
    "if(",
    "ifnull(",
    "nullif(",
    "replace(",
    "trim(",
    "exists(",
    "row(",
    "ARRAY[",
];
const OPERATORS: &[&str] = &[
    "=",
    "<>",
    "<",
    ">",
    "+",
    "-",
    "*",
    "/",
    "%",
    "||",
    "AND",
    "OR",
    "IS",
    "IS NOT",
    "LIKE",
    "IN",
    "NOT IN",
    "BETWEEN",
    "<=>",
    "->",
    "->>",
    "&",
    "|",
    "~",
    "GLOB",
    "REGEXP",
    "RLIKE",
    "XOR",
    "DIV",
    "MOD",
    "IS DISTINCT FROM",
    "!=",
    "==",
    "<<",
    "@>",
    "?",
    "#>",
    "^",
    "ILIKE",
    "SIMILAR TO",
    "COLLATE",
    "!~",
    "||/",
    "|/",
    "OPERATOR(pg_catalog.+)",
    "OPERATOR(public.+)",
    "<#@&>",
    "NOT",
    "AT TIME ZONE",
    "ISNULL",
    "NOTNULL",
    "OVERLAPS",
];

/// What no sober writer would put where it ends up, a fragment a line.
static ODD: LazyLock<Vec<String>> = LazyLock::new(|| include_str!("fragments.txt").lines().map(unescaped).collect());

/// A text in pieces; joined they are what is sent.
pub type Pieces = Vec<String>;

/// A text that may be a statement.
pub fn text(dice: &mut Dice, dialect: Dialect, law: &[String]) -> Pieces {
    let mut pieces = match dice.below(10) {
        0..=2 => pieces_of(&law[dice.below(law.len())]),
        3 => mess(dice),
        _ => {
            let mut pieces = Pieces::new();
            dice.query(dialect, 0, &Scope::new(), &mut pieces);
            pieces
        }
    };
    if dice.chance(55) {
        for _ in 0..=dice.below(3) {
            disturb(dice, &mut pieces, law);
        }
    }
    pieces
}

/// Cuts a text at blanks and symbols, quotes kept whole where they are plain.
pub fn pieces_of(text: &str) -> Pieces {
    let mut pieces = Pieces::new();
    let mut open: Option<char> = None;
    for letter in text.chars() {
        let word = |letter: char| letter.is_alphanumeric() || letter == '_';
        let joins = pieces.last().and_then(|last| last.chars().last()).is_some_and(|last| word(last) && word(letter));
        match pieces.last_mut() {
            Some(last) if open.is_some() || joins => last.push(letter),
            _ => pieces.push(letter.to_string()),
        }
        match open {
            Some(quote) if quote == letter => open = None,
            None if matches!(letter, '\'' | '"' | '`') => open = Some(letter),
            _ => {}
        }
    }
    pieces
}

fn mess(dice: &mut Dice) -> Pieces {
    let mut pieces = vec!["SELECT".to_owned()];
    for _ in 0..3 + dice.below(12) {
        let piece = match dice.below(8) {
            0 | 1 => dice.odd(),
            place => dice.pick([TABLES, HIDDEN, COLUMNS, VALUES, OPERATORS, CALLS][place - 2]),
        };
        push(&mut pieces, piece);
    }
    pieces
}

fn disturb(dice: &mut Dice, pieces: &mut Pieces, law: &[String]) {
    if pieces.is_empty() {
        return;
    }
    let at = dice.below(pieces.len());
    match dice.below(10) {
        0..=3 => {
            let mut odd = dice.odd().to_owned();
            if dice.chance(70) {
                odd = format!(" {odd} ");
            }
            pieces.insert(at, odd);
        }
        4 => dice.odd().clone_into(&mut pieces[at]),
        5 => drop(pieces.remove(at)),
        6 => {
            let other = dice.below(pieces.len());
            pieces.swap(at, other);
        }
        7 => {
            let text = pieces_of(&law[dice.below(law.len())]);
            let from = dice.below(text.len());
            let part = text.into_iter().skip(from).take(1 + dice.below(8)).collect::<Pieces>();
            pieces.splice(at..at, part);
        }
        8 => {
            let table = dice.pick(HIDDEN);
            if let Some(place) = pieces.iter().position(|piece| TABLES.contains(&piece.as_str())) {
                table.clone_into(&mut pieces[place]);
            }
        }
        _ => {
            let piece = &mut pieces[at];
            *piece = if dice.chance(50) { piece.to_ascii_uppercase() } else { piece.to_ascii_lowercase() };
        }
    }
}

fn push(pieces: &mut Pieces, piece: &str) {
    pieces.push(" ".to_owned());
    pieces.push(piece.to_owned());
}

/// Ways to a whole row; `#` stands for the alias.
const WHOLE_ROWS: &[&str] = &[
    "*",
    "#.*",
    "#.*",
    "#.*",
    "#",
    "(#)",
    "(#.*)",
    "(#).*",
    "j",
    "j.*",
    "row_to_json(#)",
    "to_jsonb(#)",
    "#.to_jsonb",
    "#.row_to_json",
    "#::text",
    "(#::text)",
    "CAST(# AS text)",
    "count(#)",
    "count(#.*)",
    "count(DISTINCT #)",
    "max(#::text)",
    "ROW(#.*)",
    "ROW(#)",
    "array_agg(#)",
    "json_agg(#)",
    "string_agg(#::text, ',')",
    "# = #",
    "# IS NULL",
    "(SELECT #)",
    "(SELECT #.*)",
    "(SELECT x FROM (SELECT #) x)",
    "concat(#)",
    "concat(#, 1)",
    "format('%s', #)",
    "coalesce(#, #)",
    "nullif(#, NULL)",
    "(ARRAY[#])[1]",
    "unnest(ARRAY[#])",
    "jsonb_each(to_jsonb(#))",
    "json_populate_record(#, '{}')",
    "greatest(#)",
    "# IN (SELECT # )",
    "(#).ssn",
    "(#).salary",
    "(#).note",
    "#.ssn",
    "\"#\".\"ssn\"",
    "#.SSN",
    "#.rowid",
    "#.oid",
    "quote(#.ssn)",
    "group_concat(#.ssn)",
    "lag(#) OVER ()",
    "first_value(#) OVER (ORDER BY 1)",
    "ssn",
    "salary",
    "card_number",
    "#.card_number",
    "upper(#.card_number)",
    "max(card_number) OVER ()",
    "json_object('a', card_number)",
    "note",
    "owner",
];

/// What FROM brings: an alias and the columns behind it.
type Scope = Vec<(String, &'static [&'static str])>;

/// Beside [`TABLES`].
const COLUMNS_OF: &[&[&str]] = &[
    &["id", "name", "email", "phone", "country", "prefs", "is_active", "created_at"],
    &["id", "name", "category", "price", "stock", "tags"],
    &["id", "user_id", "status", "total", "note", "created_at"],
    &["id", "order_id", "product_id", "quantity", "unit_price"],
    &["id", "order_id", "method", "card_number", "amount"],
    &["id", "name", "manager_id", "department", "salary", "ssn"],
    &["id", "tenant_id", "owner", "note", "balance"],
    &["id", "name", "email"],
    &["name", "description"],
    &["id", "name", "code"],
    &["id", "tenant_id", "owner"],
    &["code", "name"],
    &["title", "body", "rowid", "notes_fts"],
];

impl Dice {
    fn query(&mut self, dialect: Dialect, depth: usize, outer: &Scope, pieces: &mut Pieces) {
        if depth < 2 && self.chance(12) {
            push(pieces, if self.chance(25) { "WITH RECURSIVE" } else { "WITH" });
            push(pieces, self.pick(&["c", "users", "secrets", "u", "orders"]));
            if self.chance(30) {
                push(pieces, self.pick(&["(a)", "(a, b)", "(id, name)"]));
            }
            push(pieces, self.pick(&["AS (", "AS (", "AS MATERIALIZED ("]));
            self.query(dialect, depth + 1, outer, pieces);
            push(pieces, ")");
        }
        let width = 1 + self.below(3);
        self.select(dialect, depth, width, outer, pieces);
        if self.chance(15) {
            push(pieces, self.pick(&["UNION", "UNION ALL", "EXCEPT", "INTERSECT", "INTERSECT ALL"]));
            self.select(dialect, depth, width, outer, pieces);
        }
        if self.chance(25) {
            push(
                pieces,
                self.pick(&["ORDER BY 1", "ORDER BY id", "ORDER BY name", "ORDER BY 1 DESC", "ORDER BY 2, 1"]),
            );
        }
        if self.chance(20) {
            push(pieces, self.pick(&["LIMIT 5", "LIMIT 2 OFFSET 1", "LIMIT ALL"]));
        }
    }

    fn select(&mut self, dialect: Dialect, depth: usize, width: usize, outer: &Scope, pieces: &mut Pieces) {
        let mut scope = outer.clone();
        let mut from = Pieces::new();
        self.source(dialect, depth, &mut scope, &mut from);
        for _ in 0..self.below(3) {
            let join = self.pick(&[",", "JOIN", "LEFT JOIN", "CROSS JOIN", "NATURAL JOIN", "INNER JOIN", "FULL JOIN"]);
            push(&mut from, join);
            self.source(dialect, depth, &mut scope, &mut from);
            if !matches!(join, "," | "CROSS JOIN" | "NATURAL JOIN") {
                if self.chance(30) {
                    push(&mut from, self.pick(&["USING (id)", "USING (name)", "USING (id) AS j"]));
                } else {
                    push(&mut from, "ON");
                    self.expression(dialect, depth + 1, &scope, &mut from);
                }
            }
        }
        push(pieces, self.pick(&["SELECT", "SELECT", "SELECT", "SELECT DISTINCT", "SELECT ALL"]));
        for place in 0..width {
            if place > 0 {
                push(pieces, ",");
            }
            if self.chance(12) {
                let alias = scope[self.below(scope.len())].0.clone();
                let form = self.pick(WHOLE_ROWS);
                push(pieces, &form.replace('#', &alias));
            } else {
                self.expression(dialect, depth, &scope, pieces);
                if self.chance(20) {
                    push(pieces, self.pick(&["AS x", "AS \"y\"", "z", "AS id"]));
                }
            }
        }
        push(pieces, "FROM");
        pieces.extend(from);
        if self.chance(40) {
            push(pieces, "WHERE");
            self.expression(dialect, depth, &scope, pieces);
        }
        if self.chance(12) {
            push(pieces, self.pick(&["GROUP BY 1", "GROUP BY id", "GROUP BY 1, 2", "GROUP BY id HAVING count(*) > 0"]));
        }
    }

    fn source(&mut self, dialect: Dialect, depth: usize, scope: &mut Scope, pieces: &mut Pieces) {
        let mut columns: &'static [&'static str] = &["id", "name"];
        let mut name = "";
        if depth < 2 && self.chance(15) {
            let lateral = dialect == Dialect::Postgres && self.chance(20);
            push(pieces, if lateral { "LATERAL (" } else { "(" });
            self.query(dialect, depth + 1, &if lateral { scope.clone() } else { Scope::new() }, pieces);
            push(pieces, ")");
        } else if self.chance(4) {
            push(pieces, self.pick(HIDDEN));
        } else {
            let place = self.below(TABLES.len());
            (name, columns) = (TABLES[place], COLUMNS_OF[place]);
            push(pieces, name);
        }
        let alias = if name.is_empty() || self.chance(70) { self.pick(&["u", "t", "s", "v", "w"]) } else { name };
        if alias != name {
            push(pieces, self.pick(&["", "AS"]));
            push(pieces, alias);
            if self.chance(8) {
                push(pieces, self.pick(&["(id, name)", "(a, b, c)", "(id)", "(x, y, id, name)"]));
            }
        }
        scope.push((alias.to_owned(), columns));
    }

    fn column(&mut self, scope: &Scope, pieces: &mut Pieces) {
        let Some((alias, columns)) = scope.get(self.below(scope.len().max(1))) else {
            return push(pieces, self.pick(VALUES));
        };
        let column = self.pick(columns);
        let path = match self.below(20) {
            0..=13 => format!("{alias}.{column}"),
            14 => format!("({alias}).{column}"),
            15 => format!("\"{alias}\".\"{column}\""),
            16 => self.pick(COLUMNS).to_owned(),
            _ => column.to_owned(),
        };
        push(pieces, &path);
    }

    fn expression(&mut self, dialect: Dialect, depth: usize, scope: &Scope, pieces: &mut Pieces) {
        match self.below(12) {
            0..=4 => self.column(scope, pieces),
            5 => push(pieces, self.pick(VALUES)),
            6 | 7 if depth < 3 => {
                let call = self.pick(CALLS);
                push(pieces, call);
                if !call.ends_with(')') {
                    self.expression(dialect, depth + 1, scope, pieces);
                    if self.chance(15) {
                        push(pieces, ",");
                        self.expression(dialect, depth + 1, scope, pieces);
                    }
                    push(pieces, if call.ends_with('[') { "]" } else { ")" });
                }
            }
            8 | 9 if depth < 3 => {
                self.expression(dialect, depth + 1, scope, pieces);
                push(pieces, self.pick(OPERATORS));
                self.expression(dialect, depth + 1, scope, pieces);
            }
            10 if depth < 2 => {
                push(pieces, self.pick(&["(", "EXISTS (", "1 IN (", "ARRAY("]));
                self.query(dialect, depth + 1, scope, pieces);
                push(pieces, ")");
            }
            _ => {
                push(pieces, "CASE WHEN");
                self.column(scope, pieces);
                push(pieces, self.pick(&["= 1 THEN 'x' END", "IS NULL THEN 1 ELSE 2 END", "LIKE 'A%' THEN NULL END"]));
            }
        }
    }
}
