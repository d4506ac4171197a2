//! What the service stands on. Knows no route and no noun of the business.

pub mod client_address;
pub mod db;
pub mod limits;
pub mod queue;
pub mod random;
pub mod settings;
pub mod telemetry;
pub mod time;
pub mod tokens;
