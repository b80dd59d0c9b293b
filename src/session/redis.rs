//! Conversations in Redis, in the lists of the `OpenAI` Agents SDK's `RedisSession` (standalone servers), with keys
//! of our own beside them. How durable they are is the server's configuration.

use std::time::Duration;

use async_trait::async_trait;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncTypedCommands as _, Client, Pipeline, RedisError, Script};
use sha2::{Digest as _, Sha256};
use tokio::sync::OnceCell;

use super::message::{self, Kept, Written};
use super::{SessionStore, Turn};
use crate::error::{Code, Error, Result};
use crate::redact::Secret;

/// How long a connection and an answer are waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Messages read at first for each turn that is wanted: those of tools may stand between them.
const MESSAGES: usize = 3;

/// Names with the time of their last activity, by the server's clock.
const NAMES: &str = "db_query_agent:sessions";

/// Adds a turn whole: two messages, the details by the place of the second, and the time. The SDK's own hash of the
/// session is kept up as the SDK does.
const APPEND: &str = "
    local now = redis.call('TIME')
    local length = redis.call('RPUSH', KEYS[1], ARGV[2], ARGV[3])
    redis.call('HSET', KEYS[2], length - 1, ARGV[4])
    redis.call('HSET', KEYS[3], 'session_id', ARGV[1], 'updated_at', now[1])
    redis.call('HSETNX', KEYS[3], 'created_at', now[1])
    redis.call('ZADD', KEYS[4], now[1] .. '.' .. string.format('%06d', now[2]), ARGV[1])";

/// Adds the name of a conversation that has none.
const CREATE: &str = "
    local now = redis.call('TIME')
    redis.call('ZADD', KEYS[1], 'NX', now[1] .. '.' .. string.format('%06d', now[2]), ARGV[1])";

/// Takes a lease that nobody has, or one's own again.
const CLAIM: &str = "
    local holder = redis.call('GET', KEYS[1])
    if holder and holder ~= ARGV[1] then return 0 end
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
    return 1";

/// Gives a lease back that is still one's own.
const RELEASE: &str = "
    if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end";

/// Keeps conversations in Redis.
pub struct RedisStore {
    client: Client,
    connection: OnceCell<ConnectionManager>,
}

impl RedisStore {
    /// A store on the server at `url`. Nothing is connected before the first conversation.
    ///
    /// # Errors
    /// [`Code::InvalidOption`] for an address that is none.
    pub fn new(url: &Secret) -> Result<Self> {
        let client = Client::open(url.expose()).map_err(|_| {
            Error::new(Code::InvalidOption, "the address of the session store is none of a Redis server")
                .with_hint("write it as `redis://user:password@host:6379/0`, or `rediss://` for TLS")
        })?;
        Ok(Self { client, connection: OnceCell::new() })
    }

    async fn connection(&self) -> Result<ConnectionManager> {
        let settings = || {
            ConnectionManagerConfig::new()
                .set_connection_timeout(Some(PATIENCE))
                .set_response_timeout(Some(PATIENCE))
                .set_number_of_retries(2)
        };
        let connect = || ConnectionManager::new_with_config(self.client.clone(), settings());
        self.connection.get_or_try_init(connect).await.cloned().map_err(failed)
    }

    async fn script<T: redis::FromRedisValue>(&self, text: &str, keys: &[&str], arguments: &[&str]) -> Result<T> {
        let script = Script::new(text);
        let mut call = script.prepare_invoke();
        for key in keys {
            call.key(*key);
        }
        for argument in arguments {
            call.arg(*argument);
        }
        call.invoke_async(&mut self.connection().await?).await.map_err(failed)
    }

    async fn pipe<T: redis::FromRedisValue>(&self, build: impl FnOnce(&mut Pipeline) -> &mut Pipeline) -> Result<T> {
        let mut pipeline = redis::pipe();
        build(pipeline.atomic());
        pipeline.query_async(&mut self.connection().await?).await.map_err(failed)
    }

    /// The latest messages of a conversation, oldest first, and how many there are in all.
    async fn latest(&self, name: &str, most: usize) -> Result<(Vec<Kept>, usize)> {
        let list = messages(name);
        let most = isize::try_from(most).unwrap_or(isize::MAX);
        let (length, items): (usize, Vec<String>) =
            self.pipe(|pipe| pipe.llen(&list).lrange(&list, most.saturating_neg(), -1)).await?;
        if items.is_empty() {
            return Ok((Vec::new(), length));
        }
        let first = length - items.len();
        let places: Vec<usize> = (first..length).collect();
        let mut read = redis::cmd("HMGET");
        read.arg(details(name)).arg(places);
        let beside: Vec<Option<String>> = read.query_async(&mut self.connection().await?).await.map_err(failed)?;
        let kept = items.into_iter().zip(beside).map(|(item, beside)| {
            // The SDK may have taken messages off the end and put others there; the mark tells whose details these are.
            let details = beside.and_then(|beside| {
                beside
                    .split_once(' ')
                    .filter(|(mark, _)| *mark == mark_of(&item))
                    .map(|(_, details)| details.to_owned())
            });
            Kept { item, at: None, details }
        });
        Ok((kept.collect(), length))
    }
}

#[async_trait]
impl SessionStore for RedisStore {
    async fn names(&self) -> Result<Vec<String>> {
        self.connection().await?.zrevrange(NAMES, 0, -1).await.map_err(failed)
    }

    async fn turns(&self, name: &str, last: Option<usize>) -> Result<Option<Vec<Turn>>> {
        let mut most = last.map_or(usize::MAX, |last| last.saturating_mul(MESSAGES).max(1));
        let kept = loop {
            let (kept, length) = self.latest(name, most).await?;
            if kept.len() >= length || last.is_none_or(|last| message::count(&kept) >= last) {
                break kept;
            }
            most = most.saturating_mul(2);
        };
        if kept.is_empty() {
            let known = self.connection().await?.zscore(NAMES, name).await.map_err(failed)?;
            return Ok(known.map(|_| Vec::new()));
        }
        let mut turns = message::turns(&kept)?;
        turns.drain(..turns.len().saturating_sub(last.unwrap_or(usize::MAX)));
        Ok(Some(turns))
    }

    async fn create(&self, name: &str) -> Result<()> {
        self.script(CREATE, &[NAMES], &[name]).await
    }

    async fn append(&self, name: &str, turn: Turn) -> Result<()> {
        let written = Written::of(turn)?;
        let beside = format!("{} {}", mark_of(&written.assistant), written.details);
        let keys = [&messages(name), &details(name), &session(name), NAMES];
        self.script(APPEND, &keys, &[name, &written.user, &written.assistant, &beside]).await
    }

    async fn clear(&self, name: &str) -> Result<()> {
        self.pipe(|pipe| pipe.del(messages(name)).ignore().del(details(name)).ignore()).await
    }

    async fn delete(&self, name: &str) -> Result<()> {
        let keys = [messages(name), details(name), session(name)];
        self.pipe(|pipe| pipe.del(&keys).ignore().zrem(NAMES, name).ignore()).await
    }

    fn is_shared(&self) -> bool {
        true
    }

    async fn claim(&self, name: &str, holder: &str, lease: Duration) -> Result<bool> {
        self.script(CLAIM, &[&claim(name)], &[holder, &lease.as_millis().to_string()]).await
    }

    async fn release(&self, name: &str, holder: &str) -> Result<()> {
        self.script(RELEASE, &[&claim(name)], &[holder]).await
    }

    /// The connection goes with the store.
    async fn close(&self) {}
}

fn session(name: &str) -> String {
    format!("agents:session:{name}")
}

fn messages(name: &str) -> String {
    format!("agents:session:{name}:messages")
}

fn details(name: &str) -> String {
    format!("db_query_agent:turns:{name}")
}

fn claim(name: &str) -> String {
    format!("db_query_agent:claim:{name}")
}

/// Tells one message from another.
fn mark_of(item: &str) -> String {
    format!("{:x}", Sha256::digest(item))
}

#[expect(clippy::needless_pass_by_value, reason = "the shape `map_err` wants")]
fn failed(error: RedisError) -> Error {
    // The server's own words may repeat what it was sent.
    Error::new(Code::SessionFailed, format!("the session store failed: {}", error.category()))
}
