-- Where work happens and who does it: gateways, boards in groups, agents, and grants on single boards.

-- A runtime that hosts agents and is reached over WebSocket.
CREATE TABLE gateways (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    token TEXT,
    workspace_root TEXT NOT NULL,
    allow_insecure_tls INTEGER NOT NULL DEFAULT 0,
    disable_device_pairing INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX ix_gateways_organization_id_created_at ON gateways (organization_id, created_at, id);

-- A set of boards that share a memory.
CREATE TABLE board_groups (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    slug TEXT NOT NULL,
    description TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX ix_board_groups_organization_id_name ON board_groups (organization_id, lower(name), id);

-- A board: the goal, the rules for its tasks, and the gateway that runs its agents.
CREATE TABLE boards (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    slug TEXT NOT NULL,
    description TEXT NOT NULL,
    gateway_id TEXT REFERENCES gateways (id) ON DELETE SET NULL,
    board_group_id TEXT REFERENCES board_groups (id) ON DELETE SET NULL,
    board_type TEXT NOT NULL DEFAULT 'goal',
    objective TEXT,
    success_metrics TEXT,
    target_date TEXT,
    goal_confirmed INTEGER NOT NULL DEFAULT 0,
    goal_source TEXT,
    require_approval_for_done INTEGER NOT NULL DEFAULT 1,
    require_review_before_done INTEGER NOT NULL DEFAULT 0,
    comment_required_for_review INTEGER NOT NULL DEFAULT 0,
    block_status_changes_with_pending_approval INTEGER NOT NULL DEFAULT 0,
    only_lead_can_change_status INTEGER NOT NULL DEFAULT 0,
    max_agents INTEGER NOT NULL DEFAULT 1,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX ix_boards_organization_id_name ON boards (organization_id, lower(name), created_at DESC, id);
CREATE INDEX ix_boards_organization_id_created_at ON boards (organization_id, created_at, id);
CREATE INDEX ix_boards_gateway_id ON boards (gateway_id) WHERE gateway_id IS NOT NULL;
CREATE INDEX ix_boards_board_group_id_name ON boards (board_group_id, lower(name), id);

-- An autonomous worker: a board's agent, or a gateway's main agent when board_id is null.
CREATE TABLE agents (
    id TEXT PRIMARY KEY,
    -- The gateway's, filled in by the triggers below.
    organization_id TEXT,
    board_id TEXT REFERENCES boards (id) ON DELETE CASCADE,
    gateway_id TEXT NOT NULL REFERENCES gateways (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'provisioning',
    openclaw_session_id TEXT,
    agent_token_hash TEXT,
    token_lookup TEXT,
    -- Whether anybody has signed in with the token.
    token_was_used INTEGER NOT NULL DEFAULT 0,
    -- Since a token has replaced it, the slow hash of an imported agent is tried until then.
    agent_token_hash_expires_at TEXT,
    heartbeat_config TEXT,
    identity_profile TEXT,
    identity_template TEXT,
    soul_template TEXT,
    provision_requested_at TEXT,
    provision_action TEXT,
    provision_confirm_token_hash TEXT,
    delete_requested_at TEXT,
    delete_confirm_token_hash TEXT,
    last_seen_at TEXT,
    -- The last heartbeat that the activity log shows.
    heartbeat_logged_at TEXT,
    lifecycle_generation INTEGER NOT NULL DEFAULT 0,
    wake_attempts INTEGER NOT NULL DEFAULT 0,
    last_wake_sent_at TEXT,
    checkin_deadline_at TEXT,
    last_provision_error TEXT,
    is_board_lead INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT uq_agents_token_lookup UNIQUE (token_lookup)
) STRICT;
CREATE INDEX ix_agents_organization_id_created_at ON agents (organization_id, created_at, id);
CREATE INDEX ix_agents_organization_id_name ON agents (organization_id, name, created_at, id);
CREATE INDEX ix_agents_board_id_created_at ON agents (board_id, created_at, id);
CREATE INDEX ix_agents_gateway_id_created_at ON agents (gateway_id, created_at, id);
CREATE INDEX ix_agents_gateway_id_name ON agents (gateway_id, lower(name)) WHERE board_id IS NOT NULL;
-- One main agent a gateway, one lead a board.
CREATE UNIQUE INDEX uq_agents_gateway_main ON agents (gateway_id) WHERE board_id IS NULL;
CREATE UNIQUE INDEX uq_agents_board_lead ON agents (board_id) WHERE is_board_lead;
CREATE TRIGGER tr_agents_insert AFTER INSERT ON agents WHEN NEW.organization_id IS NULL BEGIN
    UPDATE agents SET organization_id = (SELECT organization_id FROM gateways WHERE id = NEW.gateway_id) WHERE id = NEW.id;
END;
CREATE TRIGGER tr_agents_update AFTER UPDATE OF gateway_id ON agents WHEN NEW.gateway_id <> OLD.gateway_id BEGIN
    UPDATE agents SET organization_id = (SELECT organization_id FROM gateways WHERE id = NEW.gateway_id) WHERE id = NEW.id;
END;

-- A member's right on one board.
CREATE TABLE organization_board_access (
    id TEXT PRIMARY KEY,
    organization_member_id TEXT NOT NULL REFERENCES organization_members (id) ON DELETE CASCADE,
    board_id TEXT NOT NULL REFERENCES boards (id) ON DELETE CASCADE,
    can_read INTEGER NOT NULL DEFAULT 1,
    can_write INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT uq_org_board_access_member_board UNIQUE (organization_member_id, board_id)
) STRICT;
CREATE INDEX ix_organization_board_access_board_id ON organization_board_access (board_id);

-- The right on one board that an invitation will give.
CREATE TABLE organization_invite_board_access (
    id TEXT PRIMARY KEY,
    organization_invite_id TEXT NOT NULL REFERENCES organization_invites (id) ON DELETE CASCADE,
    board_id TEXT NOT NULL REFERENCES boards (id) ON DELETE CASCADE,
    can_read INTEGER NOT NULL DEFAULT 1,
    can_write INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT uq_org_invite_board_access_invite_board UNIQUE (organization_invite_id, board_id)
) STRICT;
CREATE INDEX ix_organization_invite_board_access_board_id ON organization_invite_board_access (board_id);

-- A token of an agent that was replaced; it is valid until its grace ends.
CREATE TABLE replaced_agent_tokens (
    token_lookup TEXT PRIMARY KEY,
    agent_id TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    was_used INTEGER NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;
CREATE INDEX ix_replaced_agent_tokens_agent_id_expires_at ON replaced_agent_tokens (agent_id, expires_at);
CREATE INDEX ix_replaced_agent_tokens_expires_at ON replaced_agent_tokens (expires_at);
