//! The table of options: the only list of their names, types, bounds, defaults and environment
//! variables. The reference page and the Python signature are made from it.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Map, Value as Json};

use crate::error::{Code, Error, Result};
use crate::redact::Secret;

use super::read::{Given, check_names, read};
use super::{Screen, SecondOpinion};

/// One option, as its user sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// The name of the argument.
    pub name: &'static str,
    /// The environment variable that stands in for a missing argument.
    pub environment: Option<&'static str>,
    pub kind: Kind,
    /// What holds when neither argument nor variable is given, spelled as in the environment;
    /// `None`: not set.
    pub default: Option<&'static str>,
    /// What it is for, in one line.
    pub about: &'static str,
}

/// What values an option takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Text,
    /// A text that is never shown.
    Secret,
    /// A text that is never shown, or a list of them; in the environment divided by commas.
    Secrets,
    /// `true` or `false`; in the environment also `1`, `0`, `yes`, `no`, `on`, `off`.
    Flag,
    Choice(&'static [&'static str]),
    /// A whole number from the first to the second.
    Whole(u64, u64),
    /// A number from the first to the second.
    Number(f64, f64),
    /// A number of seconds from the first to the second; fractions count.
    Seconds(f64, f64),
    /// A list of texts; in the environment divided by commas.
    Texts,
    /// Conditions by the table they are for; in the environment as JSON.
    Conditions,
    /// Options by the role that has them; in the environment as JSON.
    Roles,
    /// Texts that are never shown by the name of the header they are for; in the environment as JSON.
    Headers,
    /// Prices by the model they are for; in the environment as JSON.
    Prices,
}

const MINUTE: f64 = 60.0;
const DAY: f64 = 86_400.0;
const YEAR: f64 = 365.0 * DAY;

macro_rules! options {
    ($($(#[doc = $about:literal])+ $name:ident: $type:ty, $kind:expr, $default:expr, $environment:expr;)+) => {
        /// Every option, in the order of the reference page.
        pub const OPTIONS: &[Setting] = &[$(Setting {
            name: stringify!($name),
            environment: $environment,
            kind: $kind,
            default: $default,
            about: concat!($($about),+).trim_ascii_start(),
        },)+];

        /// The value of every option and where it came from.
        #[derive(Debug)]
        pub(super) struct Values { $(pub(super) $name: Given<$type>,)+ }

        impl Values {
            /// Argument before environment before default.
            pub(super) fn read(options: &Map<String, Json>, environment: &HashMap<String, String>) -> Result<Self> {
                check_names(options)?;
                let mut settings = OPTIONS.iter();
                Ok(Self { $($name: match settings.next() {
                    Some(setting) => read(setting, options, environment)?,
                    None => return Err(Error::new(Code::Internal, "the table of options is shorter than itself")),
                },)+ })
            }
        }
    };
}

options! {
    /// where the database is, as `dialect://user:password@host:port/database`
    database_url: String, Kind::Secret, None, Some("DATABASE_URL");
    /// connections kept open
    pool_size: u32, Kind::Whole(1, 10_000), Some("10"), Some("DB_POOL_SIZE");
    /// connections opened beyond `pool_size` under load and closed after use
    max_overflow: u32, Kind::Whole(0, 10_000), Some("20"), Some("DB_MAX_OVERFLOW");
    /// seconds a question waits for a connection, also a new one
    pool_timeout: Duration, Kind::Seconds(0.01, 60.0 * MINUTE), Some("30"), Some("DB_POOL_TIMEOUT");
    /// seconds after which a connection is replaced before use
    pool_recycle: Duration, Kind::Seconds(1.0, YEAR), Some("3600"), Some("DB_POOL_RECYCLE");
    /// database schemas (namespaces) to read; not set: all but the system's
    schemas: Option<Vec<String>>, Kind::Texts, None, Some("DB_SCHEMAS");
    /// whether the connection must be encrypted; not set: the URL and the server decide
    ssl_enabled: Option<bool>, Kind::Flag, None, Some("SSL_ENABLED");
    /// whether the server's certificate is checked; not set: the URL decides
    ssl_verify: Option<bool>, Kind::Flag, None, Some("SSL_VERIFY");
    /// file with the certificates of the authorities to trust
    ssl_ca: Option<String>, Kind::Text, None, Some("SSL_CA");
    /// file with this client's certificate
    ssl_cert: Option<String>, Kind::Text, None, Some("SSL_CERT");
    /// file with the key of this client's certificate
    ssl_key: Option<String>, Kind::Text, None, Some("SSL_KEY");

    /// key of the model's server, several that are used in turn, or (as an argument) a function that gives one; without any the offline engine answers
    openai_api_key: Option<Vec<Secret>>, Kind::Secrets, None, Some("OPENAI_API_KEY");
    /// how the server is spoken to: `chat` (Chat Completions, which every compatible server has) or `responses`
    openai_api: String, Kind::Choice(&["chat", "responses"]), Some("chat"), Some("OPENAI_API");
    /// organisation that requests are counted for
    openai_organization: Option<String>, Kind::Text, None, Some("OPENAI_ORG_ID");
    /// project that requests are counted for
    openai_project: Option<String>, Kind::Text, None, Some("OPENAI_PROJECT_ID");
    /// address of any server that speaks OpenAI's API, for example `http://localhost:11434/v1`
    base_url: Option<String>, Kind::Text, None, Some("OPENAI_BASE_URL");
    /// headers that each request to the model's server carries besides, as `{"name": "value"}`
    model_headers: Option<Vec<(String, Secret)>>, Kind::Headers, None, Some("MODEL_HEADERS");
    /// proxy on the way to the model's server, as `http://user:password@host:port`; not set: `HTTPS_PROXY` and its like hold, except for servers of this machine
    model_proxy: Option<Secret>, Kind::Secret, None, Some("MODEL_PROXY");
    /// who proposes SQL: `adaptive` (offline where it is sure, else a model), `fixed` (the fast model), `offline`, `model`
    model_strategy: String, Kind::Choice(&["adaptive", "fixed", "offline", "model"]), Some("adaptive"), Some("MODEL_STRATEGY");
    /// one model for everything; short for `fast_model`, `balanced_model` and `complex_model`
    model: Option<String>, Kind::Text, None, Some("OPENAI_MODEL");
    /// model for simple questions
    fast_model: String, Kind::Text, Some("gpt-4o-mini"), Some("FAST_MODEL");
    /// model for questions of middling difficulty
    balanced_model: String, Kind::Text, Some("gpt-4.1-mini"), Some("BALANCED_MODEL");
    /// model for hard questions
    complex_model: String, Kind::Text, Some("gpt-4.1"), Some("COMPLEX_MODEL");
    /// how freely the model writes; 0 is the steadiest
    temperature: f64, Kind::Number(0.0, 2.0), Some("0"), Some("MODEL_TEMPERATURE");
    /// longest answer of the model, in tokens
    max_tokens: u32, Kind::Whole(1, 1_000_000), Some("1000"), Some("MODEL_MAX_TOKENS");
    /// seconds the model may take for one proposal, retries included
    model_timeout: Duration, Kind::Seconds(0.01, 60.0 * MINUTE), Some("60"), Some("MODEL_TIMEOUT");
    /// questions in a row that the model's server must fail at before it is left alone for a while; 0: never
    model_breaker_failures: u32, Kind::Whole(0, 1_000_000), Some("5"), Some("MODEL_BREAKER_FAILURES");
    /// seconds for which it is left alone then, before one question tries it again
    model_breaker_pause: Duration, Kind::Seconds(0.01, DAY), Some("30"), Some("MODEL_BREAKER_PAUSE");
    /// what models cost, in US dollars for a million tokens, as `{"model": {"input": 0.4, "cached_input": 0.1, "output": 1.6}}`; stronger than the prices that are known
    model_prices: Option<Map<String, Json>>, Kind::Prices, None, Some("MODEL_PRICES");
    /// confidence from which on the offline engine answers without a model, where `model_strategy` is `adaptive`
    offline_confidence: f64, Kind::Number(0.0, 1.0), Some("0.85"), Some("OFFLINE_CONFIDENCE");
    /// whether a model is told stored values that the question means but does not spell out; otherwise it sees a stand-in
    share_values: bool, Kind::Flag, Some("false"), Some("SHARE_VALUES");
    /// whether a model may see rows of a result, masked and cut short, and write the sentence from them; otherwise none leaves
    share_results: bool, Kind::Flag, Some("false"), Some("SHARE_RESULTS");

    /// whether anything is remembered between questions
    enable_cache: bool, Kind::Flag, Some("true"), Some("CACHE_ENABLED");
    /// where it is remembered: in memory, and with `sqlite` (in `cache_path`) or `redis` (at `redis_url`) also for other processes
    cache_backend: String, Kind::Choice(&["memory", "sqlite", "redis"]), Some("memory"), Some("CACHE_BACKEND");
    /// file of what is remembered for the `sqlite` back end; not set: memory alone
    cache_path: Option<String>, Kind::Text, None, Some("CACHE_PATH");
    /// whether results are remembered for `query_cache_ttl`: `off`, in `memory`, or `shared` with other processes through the back end, which then holds rows
    cache_results: String, Kind::Choice(&["off", "memory", "shared"]), Some("off"), Some("CACHE_RESULTS");
    /// address of the Redis server, for back ends that use one
    redis_url: Option<Secret>, Kind::Secret, None, Some("REDIS_URL");
    /// seconds the schema is remembered; short for `schema_cache_ttl`
    cache_ttl: Option<Duration>, Kind::Seconds(0.0, YEAR), None, None;
    /// seconds the schema is remembered; 0 reads it for each question
    schema_cache_ttl: Duration, Kind::Seconds(0.0, YEAR), Some("3600"), Some("CACHE_SCHEMA_TTL");
    /// seconds after which stored values, by which questions are understood, are read again in the background
    values_cache_ttl: Duration, Kind::Seconds(0.0, YEAR), Some("3600"), Some("CACHE_VALUES_TTL");
    /// columns whose stored values are never read to understand questions, as `table.column`, or `column` for every table; `*`: none is
    unindexed_columns: Option<Vec<String>>, Kind::Texts, None, Some("UNINDEXED_COLUMNS");
    /// seconds a result is remembered, where `cache_results` says that results are
    query_cache_ttl: Duration, Kind::Seconds(0.0, YEAR), Some("300"), Some("CACHE_QUERY_TTL");
    /// seconds a model's answer is remembered
    llm_cache_ttl: Duration, Kind::Seconds(0.0, YEAR), Some("3600"), Some("CACHE_LLM_TTL");

    /// whether only reading statements may run; this version refuses every other statement either way
    read_only: bool, Kind::Flag, Some("true"), Some("READ_ONLY");
    /// the only tables that may be read, as `name` or `schema.name`; not set: all
    allowed_tables: Option<Vec<String>>, Kind::Texts, None, Some("ALLOWED_TABLES");
    /// tables that may not be read, as `name` or `schema.name`; stronger than `allowed_tables`
    blocked_tables: Option<Vec<String>>, Kind::Texts, None, Some("BLOCKED_TABLES");
    /// columns as `table.column`; a table that is named here shows no other; not set: all
    allowed_columns: Option<Vec<String>>, Kind::Texts, None, Some("ALLOWED_COLUMNS");
    /// columns that no statement may refer to, as `table.column`, or `column` for every table
    blocked_columns: Option<Vec<String>>, Kind::Texts, None, Some("BLOCKED_COLUMNS");
    /// columns whose values come out as `***`, as `table.column`, or `column` for every table
    masked_columns: Option<Vec<String>>, Kind::Texts, None, Some("MASKED_COLUMNS");
    /// conditions on the rows of tables, in which `:name` is an attribute of the caller
    row_filters: Option<Vec<(String, String)>>, Kind::Conditions, None, Some("ROW_FILTERS");
    /// what callers with a role may read, by role, in the options `allowed_tables` to `row_filters`; `*` stands for every caller
    roles: Option<Map<String, Json>>, Kind::Roles, None, Some("ACCESS_ROLES");
    /// whether what may not be read is said not to exist
    conceal_forbidden: bool, Kind::Flag, Some("false"), Some("CONCEAL_FORBIDDEN");
    /// seconds a statement may run before it is stopped on the server
    max_query_timeout: Duration, Kind::Seconds(0.01, DAY), Some("30"), Some("QUERY_TIMEOUT");
    /// rows a result may have; the rest is cut off and said so
    max_result_rows: usize, Kind::Whole(1, 100_000_000), Some("10000"), Some("MAX_RESULT_ROWS");
    /// bytes a result may have; the rest is cut off and said so
    max_result_bytes: usize, Kind::Whole(1_024, 1 << 40), Some("67108864"), Some("MAX_RESULT_BYTES");
    /// rows that the database may expect at the largest step of a statement; not set: any number
    max_estimated_rows: Option<u64>, Kind::Whole(1, 1 << 53), None, Some("MAX_ESTIMATED_ROWS");
    /// cost that the database may expect of a statement, in its own units (PostgreSQL only); not set: any
    max_estimated_cost: Option<f64>, Kind::Number(0.0, 1e18), None, Some("MAX_ESTIMATED_COST");
    /// whether the database is asked which tables a statement reads before it runs: `auto` where a policy says what may be read, `true`, `false`
    second_opinion: SecondOpinion, Kind::Choice(&["auto", "true", "false"]), Some("auto"), Some("SECOND_OPINION");
    /// whether a login that can do more than read is refused; see `security_report()`
    require_least_privilege: bool, Kind::Flag, Some("false"), Some("REQUIRE_LEAST_PRIVILEGE");
    /// longest question, in characters
    max_question_length: usize, Kind::Whole(1, 1_000_000), Some("4000"), Some("MAX_QUESTION_LENGTH");
    /// what becomes of a question that looks like an attempt to talk a model round: `flag` answers it with a warning, `block` refuses it, `off` does not look
    injection_screen: Screen, Kind::Choice(&["flag", "block", "off"]), Some("flag"), Some("INJECTION_SCREEN");
    /// whether questions and results are screened beyond the guard on SQL, which is always on
    enable_guardrails: bool, Kind::Flag, Some("true"), Some("ENABLE_GUARDRAILS");

    /// where conversations are kept
    session_backend: String, Kind::Choice(&["sqlite", "memory", "sqlalchemy", "redis"]), Some("sqlite"), Some("SESSION_BACKEND");
    /// file of the conversations for the `sqlite` back end; not set: they end with the process
    session_db_path: Option<String>, Kind::Text, None, Some("SESSION_DB_PATH");
    /// database of the conversations for the `sqlalchemy` back end (PostgreSQL, MySQL, MariaDB or SQLite), or server for the `redis` one, where it is not `redis_url`
    session_url: Option<Secret>, Kind::Secret, None, Some("SESSION_DATABASE_URL");
    /// turns of a conversation that a follow-up may look back on; older ones are kept but not read
    max_history_turns: usize, Kind::Whole(0, 10_000), Some("20"), Some("MAX_HISTORY_TURNS");
    /// size of these turns, in tokens (four characters each); where they have more, the sentences of the oldest go first, then whole turns, the last one never
    max_history_tokens: usize, Kind::Whole(0, 10_000_000), Some("4000"), Some("MAX_HISTORY_TOKENS");

    /// how answers write numbers and dates: a language, or a language and a region, as `de` or `pt-BR`
    locale: String, Kind::Text, Some("en"), Some("ANSWER_LOCALE");
    /// whether answers are streamed by front ends that leave the choice to the configuration
    enable_streaming: bool, Kind::Flag, Some("false"), Some("ENABLE_STREAMING");
    /// seconds between two pieces of a streamed answer
    stream_delay: Duration, Kind::Seconds(0.0, MINUTE), Some("0"), Some("STREAM_DELAY");
    /// whether questions are counted for `get_stats()`
    enable_statistics: bool, Kind::Flag, Some("true"), Some("ENABLE_STATISTICS");
    /// whether a failure raises an exception or comes back in `result["error"]`
    on_error: String, Kind::Choice(&["raise", "return"]), Some("raise"), Some("ON_ERROR");
    /// whether a model is shown only the tables that matter for the question
    lazy_schema_loading: bool, Kind::Flag, Some("true"), Some("LAZY_SCHEMA_LOADING");
    /// tables a model is shown at most, when `lazy_schema_loading` is on
    max_tables_in_context: usize, Kind::Whole(1, 10_000), Some("5"), Some("MAX_TABLES_IN_CONTEXT");
    /// longest prompt for a model, in tokens; tables, examples and earlier turns that matter least are left out
    max_prompt_tokens: usize, Kind::Whole(200, 10_000_000), Some("8000"), Some("MAX_PROMPT_TOKENS");
    /// whether a model may look around by tools: `auto` (after a failure and in large schemas), `always`, `never`
    model_tools: String, Kind::Choice(&["auto", "always", "never"]), Some("auto"), Some("MODEL_TOOLS");
    /// answers of a model that may call tools before it has to answer the question
    max_tool_steps: usize, Kind::Whole(1, 100), Some("6"), Some("MAX_TOOL_STEPS");
    /// tokens of a question's prompts and answers after which a model may call no more tools
    max_tool_tokens: u64, Kind::Whole(1, 100_000_000), Some("20000"), Some("MAX_TOOL_TOKENS");
    /// seconds a question may take in all, repairs and retries included
    question_timeout: Duration, Kind::Seconds(0.01, DAY), Some("120"), Some("QUESTION_TIMEOUT");
    /// whether the schema is read when the agent is made
    warmup_on_init: bool, Kind::Flag, Some("false"), Some("WARMUP_ON_INIT");
}
