//! Positions of a dead zone: kept up to a bound, the oldest dropped first and counted.

use link::v1::Position;
use prost::Message;
use rusqlite::params;

use super::{Spool, SpoolError};

impl Spool {
    /// Keeps positions that could not be sent, oldest first.
    pub fn keep_positions(&mut self, positions: &[Position]) -> Result<(), SpoolError> {
        let kept_max = self.positions_kept_max;
        let path = &self.path;
        let dropped = self
            .db
            .transaction()
            .and_then(|transaction| {
                let mut insert = transaction.prepare("INSERT INTO positions (body) VALUES (?1)")?;
                for position in positions {
                    insert.execute([position.encode_to_vec()])?;
                }
                drop(insert);
                let dropped = transaction.execute(
                    "DELETE FROM positions WHERE number <= (SELECT max(number) FROM positions) - ?1",
                    [kept_max],
                )?;
                transaction.commit()?;
                Ok(dropped)
            })
            .map_err(|source| SpoolError::Database { path: path.clone(), source })?;
        self.positions_dropped += dropped as u64;
        Ok(())
    }

    /// The oldest positions, at most `count_max`, and the number to forget them by.
    pub fn oldest_positions(&self, count_max: usize) -> Result<Option<(i64, Vec<Position>)>, SpoolError> {
        self.read_oldest(count_max).map_err(|source| self.failed(source))
    }

    fn read_oldest(&self, count_max: usize) -> rusqlite::Result<Option<(i64, Vec<Position>)>> {
        let mut rows =
            self.db.prepare_cached("SELECT number, body FROM positions ORDER BY number LIMIT ?1")?;
        let mut upto = None;
        let mut positions = Vec::new();
        for row in
            rows.query_map([count_max as i64], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))?
        {
            let (number, body) = row?;
            upto = Some(number);
            positions.extend(Position::decode(body.as_slice()).ok());
        }
        Ok(upto.map(|upto| (upto, positions)))
    }

    /// The centre has the positions up to this number.
    pub fn forget_positions(&mut self, upto: i64) -> Result<(), SpoolError> {
        self.db
            .execute("DELETE FROM positions WHERE number <= ?1", params![upto])
            .map(drop)
            .map_err(|source| self.failed(source))
    }

    /// How many wait.
    pub fn positions_waiting(&self) -> Result<u64, SpoolError> {
        self.db
            .query_row("SELECT count(*) FROM positions", [], |row| row.get::<_, i64>(0))
            .map(|count| count as u64)
            .map_err(|source| self.failed(source))
    }

    /// How many were dropped since the start.
    pub fn positions_dropped(&self) -> u64 {
        self.positions_dropped
    }
}
