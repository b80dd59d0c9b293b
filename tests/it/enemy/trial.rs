//! One text after another: what the guard says of it, and what the engine then does.

use std::collections::{BTreeSet, HashMap};

use db_query_agent::config::Config;
use db_query_agent::database;
use db_query_agent::dialect::Dialect;
use db_query_agent::guard::{ApprovedSql, Guard, Policy, RowFilter};
use db_query_agent::schema::{Schema, TableKind};

use super::session::{Outcome, Session};
use super::world::{World, canary};

/// After so many texts the fingerprints are compared.
const BATCH: usize = 100;

/// Something that must not happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub dialect: Dialect,
    /// One word for what happened: `shown`, `told`, `unseen`, `changed`, `unstable`, `lost`.
    pub what: &'static str,
    pub detail: String,
    pub text: String,
}

/// What became of a text.
#[derive(Debug)]
pub enum Verdict {
    Refused(&'static str),
    Accepted(Outcome),
    Wrong(Finding),
}

/// Both worlds of one engine, under one policy.
pub struct Trial {
    pub dialect: Dialect,
    guard: Guard,
    schema: Schema,
    worlds: Vec<(World, Session, String)>,
    hides: Hides,
    /// The secrets that may not come out, in every form that they are looked for.
    canaries: Vec<String>,
    /// Those that may come out where the guard has said that the column is masked.
    masked: Vec<String>,
    tables: Vec<String>,
    pending: Vec<String>,
}

/// How much the policy hides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hides {
    Nothing,
    /// Tables, with what stands under and behind them.
    Tables,
    /// Tables, columns, rows and, by masks, values.
    Everything,
}

impl Hides {
    /// The kinds of secrets of which nothing at all may come out.
    fn kinds(self) -> &'static [&'static str] {
        match self {
            // Both worlds differ in the tables, so that the judge has something to find.
            Self::Nothing | Self::Tables => &["table"],
            Self::Everything => &["table", "column", "row"],
        }
    }

    fn policy(self, dialect: Dialect) -> Policy {
        let names = |list: &[&str]| list.iter().map(ToString::to_string).collect();
        let tables = Policy { blocked_tables: names(&["secrets", "secrets_fts", "vault.*"]), ..Policy::default() };
        match self {
            Self::Nothing => Policy::default(),
            Self::Tables => tables,
            Self::Everything => Policy {
                blocked_columns: names(&["employees.ssn", "*.salary", "badges.code", "notes_fts.body"]),
                masked_columns: names(&["payments.card_number"]),
                row_filters: vec![RowFilter::new(dialect, "accounts", "tenant_id = 1").expect("a plain condition")],
                ..tables
            },
        }
    }
}

impl Trial {
    pub async fn start(dialect: Dialect, hides: Hides) -> Self {
        let mut trial = Self {
            dialect,
            hides,
            guard: Guard::new(dialect, hides.policy(dialect)),
            schema: Schema::empty(dialect, "main"),
            worlds: Vec::new(),
            canaries: hides.kinds().iter().flat_map(|kind| forms(&canary(kind))).collect(),
            masked: if hides == Hides::Everything { forms(&canary("masked")) } else { Vec::new() },
            tables: Vec::new(),
            pending: Vec::new(),
        };
        trial.rebuild().await;
        trial
    }

    /// Makes both worlds anew.
    async fn rebuild(&mut self) {
        self.stop().await;
        for other in [false, true] {
            let world = World::make(self.dialect, other, self.hides.kinds()).await;
            if !other {
                self.schema = introspect(&world.url()).await;
                let stored = |table: &&db_query_agent::schema::Table| table.kind == TableKind::Table;
                let name = |table: &db_query_agent::schema::Table| format!("{}.{}", table.namespace, table.name);
                let tables = self.schema.tables.iter().filter(stored).filter(|table| !table.name.contains("_fts_"));
                self.tables = tables.map(name).collect();
            }
            let tables: Vec<String> = self
                .tables
                .iter()
                .map(|table| table.replace(&self.schema.default_namespace, &namespace(&world, self.dialect)))
                .collect();
            let mut session = world.open().await;
            let fingerprint = world.fingerprint(&mut session, &tables).await;
            self.worlds.push((world, session, fingerprint));
        }
    }

    /// Drops the worlds.
    pub async fn stop(&mut self) {
        let mut worlds = Vec::new();
        for (world, session, _) in self.worlds.drain(..) {
            session.close().await;
            worlds.push(world);
        }
        for world in worlds {
            world.unmake().await;
        }
    }

    /// What the guard says of `text`.
    pub fn ask(&self, text: &str) -> Result<ApprovedSql, &'static str> {
        self.guard.approve(text, &self.schema).map_err(|rejection| rejection.rule)
    }

    /// Gives `text` to the guard and, when it is let through, to the engine.
    pub async fn judge(&mut self, text: &str) -> Verdict {
        let approved = match self.ask(text) {
            Ok(approved) => approved,
            Err(rule) => return Verdict::Refused(rule),
        };
        let dialect = self.dialect;
        let wrong = |what, detail: String| Verdict::Wrong(Finding { dialect, what, detail, text: text.to_owned() });
        if self.ask(approved.text()).as_ref() != Ok(&approved) {
            return wrong("unstable", format!("approved as {:?} first and otherwise then", approved.text()));
        }
        let mut outcomes = Vec::new();
        for place in [0, 1] {
            let outcome = self.run(place, &approved).await;
            if let Some(secret) = self.shown(&outcome, approved.masked()) {
                return wrong("shown", secret);
            }
            outcomes.push(outcome);
        }
        if outcomes[0] != outcomes[1] && self.differ_again(&approved, &outcomes).await {
            return wrong("told", format!("{:?} in one world and {:?} in the other", outcomes[0], outcomes[1]));
        }
        if let Outcome::Rows(_) = outcomes[0]
            && let Some(unseen) = self.unseen(&approved).await
        {
            return wrong("unseen", unseen);
        }
        self.pending.push(text.to_owned());
        if self.pending.len() >= BATCH
            && let Some(finding) = self.settle().await
        {
            return Verdict::Wrong(finding);
        }
        Verdict::Accepted(outcomes.swap_remove(0))
    }

    async fn run(&mut self, place: usize, approved: &ApprovedSql) -> Outcome {
        let own = namespace(&self.worlds[0].0, self.dialect);
        let (world, session, _) = &mut self.worlds[place];
        session.forget();
        let text = approved.statement().replace(&own, &namespace(world, self.dialect));
        match session.run(&text).await {
            Outcome::Rows(mut rows) => {
                rows.sort();
                Outcome::Rows(rows)
            }
            // The engine may name the database.
            Outcome::Error(code, said) => Outcome::Error(code, said.replace(world.name(), "world")),
            Outcome::TimedOut => Outcome::TimedOut,
        }
    }

    /// A secret in what the engine gave, outside the columns that the guard has marked as masked.
    fn shown(&self, outcome: &Outcome, marks: &[bool]) -> Option<String> {
        let holds = |canaries: &[String], text: &str| {
            let text = text.to_ascii_lowercase();
            canaries.iter().any(|canary| text.contains(canary.as_str()))
        };
        match outcome {
            Outcome::Rows(rows) => rows.iter().find_map(|row| {
                if !marks.is_empty() && marks.len() != row.len() {
                    return Some(format!("{} marks for {} columns", marks.len(), row.len()));
                }
                row.iter().enumerate().find_map(|(place, cell)| {
                    let masked = marks.get(place).copied().unwrap_or(false);
                    let cell = cell.as_ref()?;
                    let shows = holds(&self.canaries, cell) || (!masked && holds(&self.masked, cell));
                    shows.then(|| format!("column {place}: {cell}"))
                })
            }),
            // What an engine says of a value that it could not convert is not passed on to anybody.
            Outcome::Error(_, said) => Some(said.clone()).filter(|said| holds(&self.canaries, said)),
            Outcome::TimedOut => None,
        }
    }

    /// Whether the worlds answer differently each time, each as it did before: the clock and chance do not.
    async fn differ_again(&mut self, approved: &ApprovedSql, before: &[Outcome]) -> bool {
        // Numbers that the server gives out, another one in each database; and what takes some rows out of
        // many, when their order is the engine's choice.
        let words = ["tableoid", "xmin", "xmax", "cmin", "cmax", "limit", "fetch", "offset"];
        let text = approved.text().to_ascii_lowercase();
        if before.contains(&Outcome::TimedOut) || words.iter().any(|word| text.contains(word)) {
            return false;
        }
        for place in [0, 1, 0, 1] {
            if self.run(place, approved).await != before[place] {
                return false;
            }
        }
        true
    }

    /// A relation that the engine says is read and the guard did not name.
    async fn unseen(&mut self, approved: &ApprovedSql) -> Option<String> {
        let opinion = self.worlds[0].1.opinion(approved.statement()).await?;
        let mut named: BTreeSet<String> = approved
            .relations()
            .iter()
            .map(|relation| format!("{}.{}", relation.namespace, relation.name).to_ascii_lowercase())
            .collect();
        // A full-text table of SQLite reads its own index and the table it was made from.
        if named.iter().any(|name| name.ends_with("_fts")) {
            let under: Vec<String> =
                named.iter().filter_map(|name| name.strip_suffix("_fts").map(str::to_owned)).collect();
            named.extend(under);
        }
        let stored = |name: &String| {
            self.tables.iter().any(|table| table.eq_ignore_ascii_case(name))
                || name.starts_with("main.sqlite_")
                || name.starts_with("pg_catalog.")
        };
        let unseen: Vec<String> = opinion.into_iter().filter(|name| stored(name) && !named.contains(name)).collect();
        (!unseen.is_empty()).then(|| format!("the engine reads {unseen:?}, the guard saw {named:?}"))
    }

    /// Runs `text` past the guard.
    pub async fn meddle(&mut self, text: &str) -> Outcome {
        self.worlds[0].1.run(text).await
    }

    /// Compares the fingerprints with those of the start, and finds the text that changed something.
    pub async fn settle(&mut self) -> Option<Finding> {
        let pending = std::mem::take(&mut self.pending);
        let change = self.changed().await?;
        let mut culprit = pending.join("\n---\n");
        let mut detail = change;
        for text in &pending {
            self.rebuild().await;
            let Ok(approved) = self.ask(text) else { continue };
            for place in [0, 1] {
                self.run(place, &approved).await;
            }
            if let Some(change) = self.changed().await {
                (culprit, detail) = (text.clone(), change);
                break;
            }
        }
        self.rebuild().await;
        Some(Finding { dialect: self.dialect, what: "changed", detail, text: culprit })
    }

    async fn changed(&mut self) -> Option<String> {
        for (world, session, before) in &mut self.worlds {
            let own = namespace(world, self.dialect);
            let tables: Vec<String> =
                self.tables.iter().map(|table| table.replace(&self.schema.default_namespace, &own)).collect();
            let now = world.fingerprint(session, &tables).await;
            if now != *before {
                let lines = before.lines().zip(now.lines()).find(|(before, now)| before != now);
                return Some(format!("{lines:?}"));
            }
        }
        None
    }
}

/// What the default namespace is called in a world.
fn namespace(world: &World, dialect: Dialect) -> String {
    match dialect {
        Dialect::Mysql => world.name().to_owned(),
        Dialect::Postgres => "public".to_owned(),
        Dialect::Sqlite | Dialect::Mssql => "main".to_owned(),
    }
}

/// A secret as it is, backwards and in hexadecimal digits, all in small letters.
fn forms(canary: &str) -> Vec<String> {
    let plain = canary.to_ascii_lowercase();
    let digits = |text: &str| text.bytes().fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"));
    vec![plain.chars().rev().collect(), digits(canary), digits(&plain), plain]
}

async fn introspect(url: &str) -> Schema {
    let mut options = serde_json::Map::new();
    options.insert("database_url".to_owned(), url.split('?').next().unwrap_or(url).into());
    let config = Config::build(&options, &HashMap::new()).expect("a plain configuration").database;
    let database = database::connect(&config).expect("the world is there");
    database.introspect().await.expect("the world can be read")
}
