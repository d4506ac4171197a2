-- Who there is: organizations (the tenants), people, their memberships and pending invitations.
-- Grants on single boards follow in 0002, where boards exist.

-- The tenant that owns everything else.
CREATE TABLE organizations (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    -- Until when outdated events were deleted.
    activity_swept_until TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

-- A person, known by the identity provider's id; e-mail addresses are not unique.
CREATE TABLE users (
    id TEXT PRIMARY KEY,
    clerk_user_id TEXT NOT NULL,
    email TEXT,
    name TEXT,
    preferred_name TEXT,
    pronouns TEXT,
    timezone TEXT,
    notes TEXT,
    context TEXT,
    is_super_admin INTEGER NOT NULL DEFAULT 0,
    active_organization_id TEXT REFERENCES organizations (id) ON DELETE SET NULL,
    -- Whether the identity provider vouches for the address: only then does it open invitations by itself.
    email_verified INTEGER NOT NULL DEFAULT 0,
    -- When the provider was last asked for the profile, whatever it answered.
    profile_checked_at TEXT
) STRICT;
CREATE UNIQUE INDEX ix_users_clerk_user_id ON users (clerk_user_id);
CREATE INDEX ix_users_active_organization_id ON users (active_organization_id) WHERE active_organization_id IS NOT NULL;

-- A person's membership of an organization: role and rights on all of its boards.
CREATE TABLE organization_members (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role TEXT NOT NULL DEFAULT 'member',
    all_boards_read INTEGER NOT NULL DEFAULT 0,
    all_boards_write INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT uq_organization_members_org_user UNIQUE (organization_id, user_id)
) STRICT;
CREATE INDEX ix_organization_members_user_id_created_at ON organization_members (user_id, created_at, id);

-- An invitation to join an organization; only the SHA-256 (hex) of its token is kept.
CREATE TABLE organization_invites (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    invited_email TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    role TEXT NOT NULL DEFAULT 'member',
    all_boards_read INTEGER NOT NULL DEFAULT 0,
    all_boards_write INTEGER NOT NULL DEFAULT 0,
    created_by_user_id TEXT REFERENCES users (id) ON DELETE SET NULL,
    accepted_by_user_id TEXT REFERENCES users (id) ON DELETE SET NULL,
    accepted_at TEXT,
    expires_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT uq_org_invites_token_hash UNIQUE (token_hash)
) STRICT;
CREATE INDEX ix_organization_invites_organization_id_created_at ON organization_invites (organization_id, created_at, id);
CREATE INDEX ix_organization_invites_invited_email_created_at ON organization_invites (invited_email, created_at, id);
CREATE INDEX ix_organization_invites_created_by_user_id ON organization_invites (created_by_user_id) WHERE created_by_user_id IS NOT NULL;
CREATE INDEX ix_organization_invites_accepted_by_user_id ON organization_invites (accepted_by_user_id) WHERE accepted_by_user_id IS NOT NULL;

-- Accounts that were deleted here and may still sign in with a token of the provider: SHA-256 (hex) of the external id.
CREATE TABLE deleted_accounts (
    external_id_hash TEXT PRIMARY KEY,
    deleted_at TEXT NOT NULL
) STRICT;
CREATE INDEX ix_deleted_accounts_deleted_at ON deleted_accounts (deleted_at);

-- A random key that the server has made for itself, once.
CREATE TABLE server_keys (
    name TEXT PRIMARY KEY,
    secret TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
