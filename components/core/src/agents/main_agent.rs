//! The main agent of a gateway, which speaks for it.

use super::{Contact, store};
use crate::gateways::{Gateway, NO_WEBSOCKET};
use crate::messaging::{self, Message, Sent};
use mission_control_platform::db::{DbError, Tx};

/// Sends a message to the main agent of a gateway, and gives the agent, or the reason why nothing was sent.
///
/// # Errors
/// A database failure.
pub fn tell(
    tx: &mut Tx<'_>,
    gateway: &Gateway,
    message: &Message<'_>,
) -> Result<Result<Contact, &'static str>, DbError> {
    let Some(main) = store::main_of_gateway(tx, gateway.id)? else {
        return Ok(Err("The gateway has no main agent."));
    };
    Ok(match messaging::send(tx, main.recipient(), message)? {
        Sent::Accepted => Ok(main),
        Sent::Skipped => Err(NO_WEBSOCKET),
    })
}
