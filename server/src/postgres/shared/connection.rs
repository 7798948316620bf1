//! The one connection: to a server that accepts writes, with settings under which a commit lasts, and closed without a word when it is
//! dropped. What the server warns of while it commits is noticed.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::select_ok;
use futures_util::{StreamExt, stream};
use tokio::task::AbortHandle;
use tokio_postgres::error::Severity;
use tokio_postgres::tls::NoTlsStream;
use tokio_postgres::types::ToSql;
use tokio_postgres::{AsyncMessage, Client, Config, Connection, NoTls, Row, Socket, Statement};

use super::hosts;
use super::statements::Statements;
use super::trouble::Trouble;
use crate::config::PostgresConfig;

/// A connection that is ready for questions.
pub(super) struct Link {
    pub(super) client: Client,
    pub(super) statements: Statements,
    warned: Warned,
    _socket: Open,
}

/// What the server warned of last.
pub(in crate::postgres) type Warned = Arc<Mutex<Option<String>>>;

/// Closes the socket when it goes. What the server is doing for it goes on there: nothing is cancelled.
pub(in crate::postgres) struct Open(AbortHandle);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Link {
    pub(super) async fn open(config: &PostgresConfig) -> Result<Self, Trouble> {
        let (client, warned, socket) = connect(config).await?;
        client.batch_execute(SETTINGS).await?;
        check_durability(&client).await?;
        let statements = Statements::prepare(&client).await?;
        Ok(Self { client, statements, warned, _socket: socket })
    }

    /// Carries out a statement that is a transaction by itself. A warning with its commit says that the standby may not have it.
    pub(super) async fn commit(
        &self,
        statement: &Statement,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, Trouble> {
        take(&self.warned);
        // Comes back only once the server is ready for the next: after the commit and whatever it said on the way.
        let rows = self.client.query(statement, parameters).await?;
        match take(&self.warned) {
            Some(warning) => Err(Trouble::Unproven(warning)),
            None => Ok(rows),
        }
    }
}

/// Connects to whichever of the servers accepts writes.
pub(in crate::postgres) async fn connect(config: &PostgresConfig) -> Result<(Client, Warned, Open), Trouble> {
    let config: Config = config.url.parse()?;
    let attempts = hosts::each(&config).into_iter();
    let attempts = attempts.map(|single| Box::pin(async move { single.connect(NoTls).await }));
    let ((client, connection), _) = select_ok(attempts).await?;
    let warned = Warned::default();
    let listening = tokio::spawn(listen(connection, Arc::clone(&warned)));
    Ok((client, warned, Open(listening.abort_handle())))
}

/// Carries the connection; its end reaches whoever waits on the client.
async fn listen(mut connection: Connection<Socket, NoTlsStream>, warned: Warned) {
    let mut messages = stream::poll_fn(move |context| connection.poll_message(context));
    while let Some(Ok(message)) = messages.next().await {
        if let AsyncMessage::Notice(notice) = message
            && notice.parsed_severity() == Some(Severity::Warning)
        {
            *warned.lock().unwrap_or_else(PoisonError::into_inner) = Some(notice.message().to_owned());
        }
    }
}

/// What it warned of since it was asked last.
pub(in crate::postgres) fn take(warned: &Warned) -> Option<String> {
    warned.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// A commit must be on disk, here and on a synchronous standby where there is one, before it is answered.
async fn check_durability(client: &Client) -> Result<(), Trouble> {
    let value = async |name: &str| -> Result<String, Trouble> {
        Ok(client.query_one("SELECT current_setting($1)", &[&name]).await?.get(0))
    };
    if value("synchronous_commit").await? != "remote_apply" {
        client.batch_execute("SET synchronous_commit = on").await?;
    }
    for name in ["synchronous_commit", "fsync"] {
        let value = value(name).await?;
        if !["on", "remote_apply"].contains(&value.as_str()) {
            return Err(Trouble::NotDurable { name, value });
        }
    }
    if value("synchronous_standby_names").await?.is_empty() {
        tracing::info!("PostgreSQL has no synchronous standby: what it commits is one copy");
    }
    Ok(())
}

/// A wait for the row's lock ends by itself, so that questions given up do not pile up behind one commit that waits for its standby.
/// Nothing else may end a statement: a commit that is told to stop waiting goes through without its standby.
const SETTINGS: &str = "
    SET lock_timeout = '800ms';
    SET statement_timeout = 0;
    SET idle_in_transaction_session_timeout = '10s';
    SET default_transaction_isolation = 'read committed'";
