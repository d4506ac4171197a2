//! Skill packs: GitHub repositories that an organization takes skills from.

mod store;

use uuid::Uuid;

use mission_control_platform::db::{DbError, Tx};
use mission_control_platform::time::Timestamp;

/// A pack that new organizations start with.
struct DefaultPack {
    name: &'static str,
    description: &'static str,
    source_url: &'static str,
}

const DEFAULTS: &[DefaultPack] = &[
    DefaultPack {
        name: "antigravity-awesome-skills",
        description: "A broad community collection of skills for software and research work.",
        source_url: "https://github.com/sickn33/antigravity-awesome-skills",
    },
    DefaultPack {
        name: "ai-marketing-skills",
        description: "Skills for marketing: research, copy, campaigns and their measurement.",
        source_url: "https://github.com/BrianRWagner/ai-marketing-skills",
    },
];

/// Gives a new organization the default packs, made at the same time as itself.
///
/// # Errors
/// A database failure.
pub fn add_defaults(tx: &mut Tx<'_>, organization_id: Uuid, created_at: Timestamp) -> Result<(), DbError> {
    store::insert(tx, organization_id, DEFAULTS, created_at)
}
