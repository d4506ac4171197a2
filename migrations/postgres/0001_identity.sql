-- Who there is: organizations (the tenants), people, their memberships and pending invitations.
-- Grants on single boards follow in 0002, where boards exist.

-- The tenant that owns everything else.
CREATE TABLE organizations (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    -- Until when outdated events were deleted.
    activity_swept_until timestamp,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL
);

-- A person, known by the identity provider's id; e-mail addresses are not unique.
CREATE TABLE users (
    id uuid PRIMARY KEY,
    clerk_user_id text NOT NULL,
    email text,
    name text,
    preferred_name text,
    pronouns text,
    timezone text,
    notes text,
    context text,
    is_super_admin boolean NOT NULL DEFAULT FALSE,
    active_organization_id uuid REFERENCES organizations (id) ON DELETE SET NULL,
    -- Whether the identity provider vouches for the address: only then does it open invitations by itself.
    email_verified boolean NOT NULL DEFAULT FALSE,
    -- When the provider was last asked for the profile, whatever it answered.
    profile_checked_at timestamp
);
CREATE UNIQUE INDEX ix_users_clerk_user_id ON users (clerk_user_id);
CREATE INDEX ix_users_active_organization_id ON users (active_organization_id) WHERE active_organization_id IS NOT NULL;

-- A person's membership of an organization: role and rights on all of its boards.
CREATE TABLE organization_members (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role text NOT NULL DEFAULT 'member',
    all_boards_read boolean NOT NULL DEFAULT FALSE,
    all_boards_write boolean NOT NULL DEFAULT FALSE,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    CONSTRAINT uq_organization_members_org_user UNIQUE (organization_id, user_id)
);
CREATE INDEX ix_organization_members_user_id_created_at ON organization_members (user_id, created_at, id);

-- An invitation to join an organization; only the SHA-256 (hex) of its token is kept.
CREATE TABLE organization_invites (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    invited_email text NOT NULL,
    token_hash text NOT NULL,
    role text NOT NULL DEFAULT 'member',
    all_boards_read boolean NOT NULL DEFAULT FALSE,
    all_boards_write boolean NOT NULL DEFAULT FALSE,
    created_by_user_id uuid REFERENCES users (id) ON DELETE SET NULL,
    accepted_by_user_id uuid REFERENCES users (id) ON DELETE SET NULL,
    accepted_at timestamp,
    expires_at timestamp,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    CONSTRAINT uq_org_invites_token_hash UNIQUE (token_hash)
);
CREATE INDEX ix_organization_invites_organization_id_created_at ON organization_invites (organization_id, created_at, id);
CREATE INDEX ix_organization_invites_invited_email_created_at ON organization_invites (invited_email, created_at, id);
CREATE INDEX ix_organization_invites_created_by_user_id ON organization_invites (created_by_user_id) WHERE created_by_user_id IS NOT NULL;
CREATE INDEX ix_organization_invites_accepted_by_user_id ON organization_invites (accepted_by_user_id) WHERE accepted_by_user_id IS NOT NULL;

-- Accounts that were deleted here and may still sign in with a token of the provider: SHA-256 (hex) of the external id.
CREATE TABLE deleted_accounts (
    external_id_hash text PRIMARY KEY,
    deleted_at timestamp NOT NULL
);
CREATE INDEX ix_deleted_accounts_deleted_at ON deleted_accounts (deleted_at);

-- A random key that the server has made for itself, once.
CREATE TABLE server_keys (
    name text PRIMARY KEY,
    secret text NOT NULL,
    created_at timestamp NOT NULL
);
