//! The tables and the statements on them, in each dialect.
//!
//! `agent_sessions` and `agent_messages` are those that the SDK's `SQLAlchemySession` makes, column by column (on
//! MySQL with the bounds that an index needs), so that whoever comes first may make them.

use crate::dialect::Dialect;

/// Fails where a table is missing. Asked first: a login that may write but not create gets along with tables that
/// are there.
pub(super) const ALL_THERE: &str = "SELECT 1 FROM agent_sessions, agent_messages, db_query_agent_turns, \
                                    db_query_agent_leases WHERE 1 = 0";

/// Names, latest activity first.
pub(super) const NAMES: &str = "SELECT s.session_id FROM agent_sessions s ORDER BY s.updated_at DESC, \
     (SELECT coalesce(max(m.id), 0) FROM agent_messages m WHERE m.session_id = s.session_id) DESC, s.session_id";

/// The statements of one dialect. Their parameters are the name of the conversation and what else they speak of,
/// in this order.
pub(super) struct Words {
    pub begin: &'static str,
    pub create: &'static str,
    /// Makes the conversation the latest, and locks it.
    pub touch: &'static str,
    pub say: &'static str,
    /// Adds details to the message that was said last in this transaction.
    pub explain: &'static str,
    /// Item, second and details of the latest messages, latest first.
    pub latest: &'static str,
    pub is_known: &'static str,
    pub forget_details: &'static str,
    pub forget_messages: &'static str,
    pub forget: &'static str,
    /// Takes a lease that nobody has; holder and milliseconds follow the name. All times are the server's.
    pub claim: &'static str,
    /// Takes a lease that is over, or one's own again; its parameters are holder, milliseconds, name and holder.
    pub take_over: &'static str,
    pub release: &'static str,
}

pub(super) fn words(dialect: Dialect) -> &'static Words {
    match dialect {
        Dialect::Postgres => &POSTGRES,
        Dialect::Mysql => &MYSQL,
        Dialect::Sqlite | Dialect::Mssql => &SQLITE,
    }
}

/// Makes what is missing.
pub(super) fn make(dialect: Dialect) -> [&'static str; 6] {
    match dialect {
        Dialect::Postgres => [
            // Two that make the same table at once would collide in the catalogue. The number is any.
            "SELECT pg_advisory_xact_lock(5417820116)",
            "CREATE TABLE IF NOT EXISTS agent_sessions (
                session_id VARCHAR NOT NULL PRIMARY KEY,
                created_at TIMESTAMP WITHOUT TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL,
                updated_at TIMESTAMP WITHOUT TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL)",
            "CREATE TABLE IF NOT EXISTS agent_messages (
                id SERIAL NOT NULL PRIMARY KEY,
                session_id VARCHAR NOT NULL REFERENCES agent_sessions (session_id) ON DELETE CASCADE,
                message_data TEXT NOT NULL,
                created_at TIMESTAMP WITHOUT TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL)",
            "CREATE INDEX IF NOT EXISTS idx_agent_messages_session_time ON agent_messages (session_id, created_at)",
            "CREATE TABLE IF NOT EXISTS db_query_agent_turns (
                message_id INTEGER NOT NULL PRIMARY KEY REFERENCES agent_messages (id) ON DELETE CASCADE,
                details TEXT NOT NULL)",
            "CREATE TABLE IF NOT EXISTS db_query_agent_leases (
                session_id VARCHAR NOT NULL PRIMARY KEY, holder VARCHAR NOT NULL, ends BIGINT NOT NULL)",
        ],
        Dialect::Mysql => [
            "SELECT 1",
            "CREATE TABLE IF NOT EXISTS agent_sessions (
                session_id VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
                created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL,
                updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)",
            "CREATE TABLE IF NOT EXISTS agent_messages (
                id INTEGER NOT NULL PRIMARY KEY AUTO_INCREMENT,
                session_id VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
                message_data MEDIUMTEXT CHARACTER SET utf8mb4 NOT NULL,
                created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL,
                FOREIGN KEY (session_id) REFERENCES agent_sessions (session_id) ON DELETE CASCADE,
                INDEX idx_agent_messages_session_time (session_id, created_at))",
            "CREATE TABLE IF NOT EXISTS db_query_agent_turns (
                message_id INTEGER NOT NULL PRIMARY KEY,
                details MEDIUMTEXT CHARACTER SET utf8mb4 NOT NULL,
                FOREIGN KEY (message_id) REFERENCES agent_messages (id) ON DELETE CASCADE)",
            "CREATE TABLE IF NOT EXISTS db_query_agent_leases (
                session_id VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
                holder VARCHAR(64) NOT NULL, ends BIGINT NOT NULL)",
            "SELECT 1",
        ],
        Dialect::Sqlite | Dialect::Mssql => [
            "CREATE TABLE IF NOT EXISTS agent_sessions (
                session_id VARCHAR NOT NULL PRIMARY KEY,
                created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL,
                updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)",
            "CREATE TABLE IF NOT EXISTS agent_messages (
                id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
                session_id VARCHAR NOT NULL REFERENCES agent_sessions (session_id) ON DELETE CASCADE,
                message_data TEXT NOT NULL,
                created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)",
            "CREATE INDEX IF NOT EXISTS idx_agent_messages_session_time ON agent_messages (session_id, created_at)",
            "CREATE TABLE IF NOT EXISTS db_query_agent_turns (
                message_id INTEGER NOT NULL PRIMARY KEY REFERENCES agent_messages (id) ON DELETE CASCADE,
                details TEXT NOT NULL)",
            "CREATE TABLE IF NOT EXISTS db_query_agent_leases (
                session_id VARCHAR NOT NULL PRIMARY KEY, holder VARCHAR NOT NULL, ends BIGINT NOT NULL)",
            "SELECT 1",
        ],
    }
}

// The SDK does not turn foreign keys on in SQLite, so details may outlive their message there. Ids are not given
// twice (AUTOINCREMENT); what was left behind goes when any conversation is cleared.
const SQLITE: Words = Words {
    // At once, since SQLite does not wait for whoever writes once it has begun to read.
    begin: "BEGIN IMMEDIATE",
    create: "INSERT INTO agent_sessions (session_id, updated_at) VALUES (?1, strftime('%Y-%m-%d %H:%M:%f', 'now'))
             ON CONFLICT DO NOTHING",
    touch: "INSERT INTO agent_sessions (session_id, updated_at) VALUES (?1, strftime('%Y-%m-%d %H:%M:%f', 'now'))
            ON CONFLICT (session_id) DO UPDATE SET updated_at = excluded.updated_at",
    say: "INSERT INTO agent_messages (session_id, message_data) VALUES (?1, ?2)",
    explain: "INSERT INTO db_query_agent_turns (message_id, details) VALUES (last_insert_rowid(), ?1)",
    latest: "SELECT m.message_data, CAST(strftime('%s', m.created_at) AS INTEGER), d.details
             FROM agent_messages m LEFT JOIN db_query_agent_turns d ON d.message_id = m.id
             WHERE m.session_id = ?1 ORDER BY m.id DESC LIMIT ?2",
    is_known: "SELECT 1 FROM agent_sessions WHERE session_id = ?1",
    forget_details: "DELETE FROM db_query_agent_turns
                     WHERE message_id IN (SELECT id FROM agent_messages WHERE session_id = ?1)
                     OR message_id NOT IN (SELECT id FROM agent_messages)",
    forget_messages: "DELETE FROM agent_messages WHERE session_id = ?1",
    forget: "DELETE FROM agent_sessions WHERE session_id = ?1",
    claim: "INSERT INTO db_query_agent_leases (session_id, holder, ends)
            VALUES (?1, ?2, CAST(unixepoch('subsec') * 1000 AS INTEGER) + ?3) ON CONFLICT DO NOTHING",
    take_over: "UPDATE db_query_agent_leases
                SET holder = ?1, ends = CAST(unixepoch('subsec') * 1000 AS INTEGER) + ?2
                WHERE session_id = ?3 AND (holder = ?4 OR ends < CAST(unixepoch('subsec') * 1000 AS INTEGER))",
    release: "DELETE FROM db_query_agent_leases WHERE session_id = ?1 AND holder = ?2",
};

const POSTGRES: Words = Words {
    begin: "BEGIN",
    create: "INSERT INTO agent_sessions (session_id) VALUES ($1) ON CONFLICT DO NOTHING",
    touch: "INSERT INTO agent_sessions (session_id) VALUES ($1)
            ON CONFLICT (session_id) DO UPDATE SET updated_at = CURRENT_TIMESTAMP",
    say: "INSERT INTO agent_messages (session_id, message_data) VALUES ($1, $2)",
    explain: "INSERT INTO db_query_agent_turns (message_id, details) VALUES (lastval(), $1)",
    latest: "SELECT m.message_data,
                    CAST(extract(epoch FROM m.created_at AT TIME ZONE current_setting('TimeZone')) AS BIGINT), d.details
             FROM agent_messages m LEFT JOIN db_query_agent_turns d ON d.message_id = m.id
             WHERE m.session_id = $1 ORDER BY m.id DESC LIMIT $2",
    is_known: "SELECT CAST(1 AS BIGINT) FROM agent_sessions WHERE session_id = $1",
    forget_details: "DELETE FROM db_query_agent_turns
                     WHERE message_id IN (SELECT id FROM agent_messages WHERE session_id = $1)",
    forget_messages: "DELETE FROM agent_messages WHERE session_id = $1",
    forget: "DELETE FROM agent_sessions WHERE session_id = $1",
    claim: "INSERT INTO db_query_agent_leases (session_id, holder, ends)
            VALUES ($1, $2, CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) + $3)
            ON CONFLICT DO NOTHING",
    take_over: "UPDATE db_query_agent_leases
                SET holder = $1, ends = CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) + $2
                WHERE session_id = $3
                AND (holder = $4 OR ends < CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT))",
    release: "DELETE FROM db_query_agent_leases WHERE session_id = $1 AND holder = $2",
};

const MYSQL: Words = Words {
    begin: "BEGIN",
    create: "INSERT IGNORE INTO agent_sessions (session_id) VALUES (?)",
    touch: "INSERT INTO agent_sessions (session_id) VALUES (?)
            ON DUPLICATE KEY UPDATE updated_at = CURRENT_TIMESTAMP",
    say: "INSERT INTO agent_messages (session_id, message_data) VALUES (?, ?)",
    explain: "INSERT INTO db_query_agent_turns (message_id, details) VALUES (LAST_INSERT_ID(), ?)",
    latest: "SELECT m.message_data, CAST(unix_timestamp(m.created_at) AS SIGNED), d.details
             FROM agent_messages m LEFT JOIN db_query_agent_turns d ON d.message_id = m.id
             WHERE m.session_id = ? ORDER BY m.id DESC LIMIT ?",
    is_known: "SELECT CAST(1 AS SIGNED) FROM agent_sessions WHERE session_id = ?",
    forget_details: "DELETE FROM db_query_agent_turns
                     WHERE message_id IN (SELECT id FROM agent_messages WHERE session_id = ?)",
    forget_messages: "DELETE FROM agent_messages WHERE session_id = ?",
    forget: "DELETE FROM agent_sessions WHERE session_id = ?",
    claim: "INSERT IGNORE INTO db_query_agent_leases (session_id, holder, ends)
            VALUES (?, ?, CAST(unix_timestamp(now(3)) * 1000 AS SIGNED) + ?)",
    take_over: "UPDATE db_query_agent_leases
                SET holder = ?, ends = CAST(unix_timestamp(now(3)) * 1000 AS SIGNED) + ?
                WHERE session_id = ? AND (holder = ? OR ends < CAST(unix_timestamp(now(3)) * 1000 AS SIGNED))",
    release: "DELETE FROM db_query_agent_leases WHERE session_id = ? AND holder = ?",
};
