//! SQL of the key that the server makes for itself.

use mission_control_platform::db::{DbError, Tx};
use mission_control_platform::params;
use mission_control_platform::time::Timestamp;

/// The only key there is.
const NAME: &str = "server";

/// The key, if it was made.
pub(super) fn find(tx: &mut Tx<'_>) -> Result<Option<String>, DbError> {
    tx.first("SELECT secret FROM server_keys WHERE name = $1", &params![NAME])
}

/// Stores a new key, unless another request was faster, and gives the one that is stored.
pub(super) fn insert_or_find(tx: &mut Tx<'_>, secret: &str) -> Result<String, DbError> {
    tx.execute(
        "INSERT INTO server_keys (name, secret, created_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
        &params![NAME, secret, Timestamp::now()],
    )?;
    tx.one("SELECT secret FROM server_keys WHERE name = $1", &params![NAME])
}
