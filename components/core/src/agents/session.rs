//! Where an agent serves, and the key of its session there, which follows from that alone.

use uuid::Uuid;

/// An agent's post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Post {
    /// The main agent of its gateway; it has no board.
    GatewayMain,
    /// The lead of this board.
    BoardLead(Uuid),
    /// A worker on this board.
    Worker(Uuid),
}

impl Post {
    /// Its board.
    #[must_use]
    pub fn board_id(self) -> Option<Uuid> {
        match self {
            Self::GatewayMain => None,
            Self::BoardLead(board_id) | Self::Worker(board_id) => Some(board_id),
        }
    }

    /// The key of its session on the gateway.
    #[must_use]
    pub fn session_key(self, gateway_id: Uuid, agent_id: Uuid) -> String {
        match self {
            Self::GatewayMain => format!("agent:mc-gateway-{gateway_id}:main"),
            Self::BoardLead(board_id) => format!("agent:lead-{board_id}:main"),
            Self::Worker(_) => format!("agent:mc-{agent_id}:main"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_session_key_follows_from_the_post() {
        let (gateway, board, agent) = (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3));
        assert_eq!(
            Post::GatewayMain.session_key(gateway, agent),
            "agent:mc-gateway-00000000-0000-0000-0000-000000000001:main"
        );
        assert_eq!(
            Post::BoardLead(board).session_key(gateway, agent),
            "agent:lead-00000000-0000-0000-0000-000000000002:main"
        );
        assert_eq!(
            Post::Worker(board).session_key(gateway, agent),
            "agent:mc-00000000-0000-0000-0000-000000000003:main"
        );
    }
}
