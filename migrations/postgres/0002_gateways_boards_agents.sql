-- Where work happens and who does it: gateways, boards in groups, agents, and grants on single boards.

-- A runtime that hosts agents and is reached over WebSocket.
CREATE TABLE gateways (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name text NOT NULL,
    url text NOT NULL,
    token text,
    workspace_root text NOT NULL,
    allow_insecure_tls boolean NOT NULL DEFAULT FALSE,
    disable_device_pairing boolean NOT NULL DEFAULT FALSE,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL
);
CREATE INDEX ix_gateways_organization_id_created_at ON gateways (organization_id, created_at, id);

-- A set of boards that share a memory.
CREATE TABLE board_groups (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name text NOT NULL,
    slug text NOT NULL,
    description text,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL
);
CREATE INDEX ix_board_groups_organization_id_name ON board_groups (organization_id, lower(name), id);

-- A board: the goal, the rules for its tasks, and the gateway that runs its agents.
CREATE TABLE boards (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name text NOT NULL,
    slug text NOT NULL,
    description text NOT NULL,
    gateway_id uuid REFERENCES gateways (id) ON DELETE SET NULL,
    board_group_id uuid REFERENCES board_groups (id) ON DELETE SET NULL,
    board_type text NOT NULL DEFAULT 'goal',
    objective text,
    success_metrics jsonb,
    target_date timestamp,
    goal_confirmed boolean NOT NULL DEFAULT FALSE,
    goal_source text,
    require_approval_for_done boolean NOT NULL DEFAULT TRUE,
    require_review_before_done boolean NOT NULL DEFAULT FALSE,
    comment_required_for_review boolean NOT NULL DEFAULT FALSE,
    block_status_changes_with_pending_approval boolean NOT NULL DEFAULT FALSE,
    only_lead_can_change_status boolean NOT NULL DEFAULT FALSE,
    max_agents bigint NOT NULL DEFAULT 1,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL
);
CREATE INDEX ix_boards_organization_id_name ON boards (organization_id, lower(name), created_at DESC, id);
CREATE INDEX ix_boards_organization_id_created_at ON boards (organization_id, created_at, id);
CREATE INDEX ix_boards_gateway_id ON boards (gateway_id) WHERE gateway_id IS NOT NULL;
CREATE INDEX ix_boards_board_group_id_name ON boards (board_group_id, lower(name), id);

-- An autonomous worker: a board's agent, or a gateway's main agent when board_id is null.
CREATE TABLE agents (
    id uuid PRIMARY KEY,
    -- The gateway's, filled in by the triggers below.
    organization_id uuid,
    board_id uuid REFERENCES boards (id) ON DELETE CASCADE,
    gateway_id uuid NOT NULL REFERENCES gateways (id) ON DELETE CASCADE,
    name text NOT NULL,
    status text NOT NULL DEFAULT 'provisioning',
    openclaw_session_id text,
    agent_token_hash text,
    token_lookup text,
    -- Whether anybody has signed in with the token.
    token_was_used boolean NOT NULL DEFAULT FALSE,
    -- Since a token has replaced it, the slow hash of an imported agent is tried until then.
    agent_token_hash_expires_at timestamp,
    heartbeat_config jsonb,
    identity_profile jsonb,
    identity_template text,
    soul_template text,
    provision_requested_at timestamp,
    provision_action text,
    provision_confirm_token_hash text,
    delete_requested_at timestamp,
    delete_confirm_token_hash text,
    last_seen_at timestamp,
    -- The last heartbeat that the activity log shows.
    heartbeat_logged_at timestamp,
    lifecycle_generation bigint NOT NULL DEFAULT 0,
    wake_attempts bigint NOT NULL DEFAULT 0,
    last_wake_sent_at timestamp,
    checkin_deadline_at timestamp,
    last_provision_error text,
    is_board_lead boolean NOT NULL DEFAULT FALSE,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    CONSTRAINT uq_agents_token_lookup UNIQUE (token_lookup)
);
CREATE INDEX ix_agents_organization_id_created_at ON agents (organization_id, created_at, id);
CREATE INDEX ix_agents_organization_id_name ON agents (organization_id, name, created_at, id);
CREATE INDEX ix_agents_board_id_created_at ON agents (board_id, created_at, id);
CREATE INDEX ix_agents_gateway_id_created_at ON agents (gateway_id, created_at, id);
CREATE INDEX ix_agents_gateway_id_name ON agents (gateway_id, lower(name)) WHERE board_id IS NOT NULL;
-- One main agent a gateway, one lead a board.
CREATE UNIQUE INDEX uq_agents_gateway_main ON agents (gateway_id) WHERE board_id IS NULL;
CREATE UNIQUE INDEX uq_agents_board_lead ON agents (board_id) WHERE is_board_lead;
CREATE FUNCTION fill_in_agent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.organization_id := (SELECT organization_id FROM gateways WHERE id = NEW.gateway_id);
    RETURN NEW;
END
$$;
CREATE TRIGGER tr_agents_insert BEFORE INSERT ON agents FOR EACH ROW WHEN (NEW.organization_id IS NULL) EXECUTE FUNCTION fill_in_agent();
CREATE TRIGGER tr_agents_update BEFORE UPDATE OF gateway_id ON agents FOR EACH ROW WHEN (NEW.gateway_id <> OLD.gateway_id) EXECUTE FUNCTION fill_in_agent();

-- A member's right on one board.
CREATE TABLE organization_board_access (
    id uuid PRIMARY KEY,
    organization_member_id uuid NOT NULL REFERENCES organization_members (id) ON DELETE CASCADE,
    board_id uuid NOT NULL REFERENCES boards (id) ON DELETE CASCADE,
    can_read boolean NOT NULL DEFAULT TRUE,
    can_write boolean NOT NULL DEFAULT FALSE,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    CONSTRAINT uq_org_board_access_member_board UNIQUE (organization_member_id, board_id)
);
CREATE INDEX ix_organization_board_access_board_id ON organization_board_access (board_id);

-- The right on one board that an invitation will give.
CREATE TABLE organization_invite_board_access (
    id uuid PRIMARY KEY,
    organization_invite_id uuid NOT NULL REFERENCES organization_invites (id) ON DELETE CASCADE,
    board_id uuid NOT NULL REFERENCES boards (id) ON DELETE CASCADE,
    can_read boolean NOT NULL DEFAULT TRUE,
    can_write boolean NOT NULL DEFAULT FALSE,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    CONSTRAINT uq_org_invite_board_access_invite_board UNIQUE (organization_invite_id, board_id)
);
CREATE INDEX ix_organization_invite_board_access_board_id ON organization_invite_board_access (board_id);

-- A token of an agent that was replaced; it is valid until its grace ends.
CREATE TABLE replaced_agent_tokens (
    token_lookup text PRIMARY KEY,
    agent_id uuid NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    was_used boolean NOT NULL,
    expires_at timestamp NOT NULL
);
CREATE INDEX ix_replaced_agent_tokens_agent_id_expires_at ON replaced_agent_tokens (agent_id, expires_at);
CREATE INDEX ix_replaced_agent_tokens_expires_at ON replaced_agent_tokens (expires_at);
