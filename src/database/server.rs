//! What the two servers have in common: one way of a statement, whatever the engine.

use std::time::Duration;

use async_trait::async_trait;

use super::collect::Read;
use super::error::{is_lost, of_the_catalogue, refuse_zero_bytes};
use super::pool::Pool;
use super::rights::Rights;
use super::{Database, Examination, Fetched, Limits, Opinion, PoolStatus};
use crate::dialect::Dialect;
use crate::error::{Code, Error, Result};
use crate::guard::ApprovedSql;
use crate::schema::Schema;
use crate::value::Value;

/// How much longer than the server's own limit the client waits before it stops a statement itself.
const GRACE: Duration = Duration::from_millis(500);
/// The time that reading the catalogue may take.
const CATALOGUE_LIMIT: Duration = Duration::from_mins(1);
/// The time that answering a ping may take.
const PING_LIMIT: Duration = Duration::from_secs(10);

/// The engine's side of a connection: how to open, fence, use, stop and close it.
pub(super) trait Server: Send + Sync + 'static {
    /// An open connection.
    type Connection: Send + 'static;

    /// The SQL it speaks.
    const DIALECT: Dialect;

    /// Opens a connection.
    fn open(&self) -> impl Future<Output = Result<Self::Connection, sqlx::Error>> + Send;

    /// Opens the read-only fence and limits statements to `limit` on the server.
    /// Answers the number by which [`Server::stop`] finds the session.
    fn begin(
        &self,
        connection: &mut Self::Connection,
        limit: Duration,
    ) -> impl Future<Output = Result<u64, sqlx::Error>> + Send;

    /// Runs an approved statement inside the fence, up to the limits, with its parameters bound.
    fn run(
        &self,
        connection: &mut Self::Connection,
        sql: &str,
        parameters: &[Value],
        limits: &Limits,
    ) -> impl Future<Output = Result<Read, sqlx::Error>> + Send;

    /// Reads the catalogue inside the fence.
    fn introspect(&self, connection: &mut Self::Connection)
    -> impl Future<Output = Result<Schema, sqlx::Error>> + Send;

    /// Asks what an approved statement reads and, with `estimate`, what it is expected to cost.
    fn consult(
        &self,
        connection: &mut Self::Connection,
        statement: &ApprovedSql,
        estimate: bool,
    ) -> impl Future<Output = Result<Opinion, sqlx::Error>> + Send;

    /// Asks what the login may do and which fences stand.
    fn rights(&self, connection: &mut Self::Connection) -> impl Future<Output = Result<Rights, sqlx::Error>> + Send;

    /// Closes the fence and leaves nothing of the statement behind.
    fn end(&self, connection: &mut Self::Connection) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Stops whatever the session runs, from another connection.
    fn stop(&self, session: u64) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Says goodbye.
    fn close(&self, connection: Self::Connection) -> impl Future<Output = ()> + Send;

    /// What `error` means.
    fn explain(&self, error: sqlx::Error) -> Error;
}

#[async_trait]
impl<S: Server> Database for Pool<S> {
    fn dialect(&self) -> Dialect {
        S::DIALECT
    }

    async fn introspect(&self) -> Result<Schema> {
        let mut session = self.session(CATALOGUE_LIMIT).await?;
        let read = self.server().introspect(session.connection()?);
        match tokio::time::timeout(CATALOGUE_LIMIT + GRACE, read).await {
            Ok(Ok(schema)) => {
                session.finish();
                Ok(schema)
            }
            Ok(Err(error)) => {
                session.discard();
                Err(of_the_catalogue(&self.server().explain(error)))
            }
            Err(_elapsed) => Err(Error::new(Code::SchemaFailed, "reading the catalogue took too long")),
        }
    }

    async fn fetch(
        &self,
        statement: &ApprovedSql,
        limits: &Limits,
        examination: Option<&Examination<'_>>,
    ) -> Result<Fetched> {
        let failed = |error: Error| error.with_sql(statement.text());
        refuse_zero_bytes(statement.statement()).map_err(failed)?;
        let mut session = self.session(limits.timeout).await.map_err(failed)?;
        let connection = session.connection()?;
        let work = async {
            if let Some(Examination { estimate, judge }) = examination {
                let opinion = self.server().consult(connection, statement, *estimate).await?;
                if let Err(refused) = judge(opinion) {
                    return Ok(Err(refused));
                }
            }
            let (sql, parameters) = (statement.statement(), statement.parameters());
            self.server().run(connection, sql, parameters, limits).await.map(Ok)
        };
        match tokio::time::timeout(limits.timeout.saturating_add(GRACE), work).await {
            Ok(Ok(Err(refused))) => {
                session.finish();
                Err(failed(refused))
            }
            Ok(Ok(Ok(read))) => {
                // Else the session goes out of scope, which stops the statement on the server.
                if read.ended {
                    session.finish();
                }
                Ok(Fetched::new(read.rows))
            }
            Ok(Err(error)) => {
                if is_lost(&error) {
                    session.discard();
                } else {
                    session.finish();
                }
                Err(failed(self.server().explain(error)))
            }
            // Here as well.
            Err(_elapsed) => Err(failed(Error::new(Code::QueryTimeout, "the statement ran longer than allowed"))),
        }
    }

    async fn rights(&self) -> Result<Rights> {
        let mut session = self.session(CATALOGUE_LIMIT).await?;
        let read = self.server().rights(session.connection()?);
        match tokio::time::timeout(CATALOGUE_LIMIT + GRACE, read).await {
            Ok(Ok(rights)) => {
                session.finish();
                Ok(rights)
            }
            Ok(Err(error)) => {
                session.discard();
                Err(self.server().explain(error))
            }
            Err(_elapsed) => Err(Error::new(Code::QueryTimeout, "asking for the rights of the login took too long")),
        }
    }

    async fn ping(&self) -> Result<()> {
        // Opening the fence is a question and an answer.
        self.session(PING_LIMIT).await?.finish();
        Ok(())
    }

    fn pool(&self) -> PoolStatus {
        self.status()
    }

    async fn close(&self) {
        Pool::close(self).await;
    }
}

#[cfg(test)]
mod tests;
