-- Work that happens after the answer, and messages that wait for their agent.

-- A job written in the transaction that wants it: claimed with a lease, retried, dead after max_attempts.
CREATE TABLE outbox (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    dedupe_key text,
    attempts bigint NOT NULL DEFAULT 0,
    max_attempts bigint NOT NULL,
    due_at timestamp NOT NULL,
    leased_until timestamp,
    lease_owner text,
    last_error text,
    outcome text,
    status text NOT NULL DEFAULT 'pending',
    organization_id uuid REFERENCES organizations (id) ON DELETE CASCADE,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    CONSTRAINT ck_outbox_status CHECK (status IN ('pending', 'done', 'dead'))
);
CREATE INDEX ix_outbox_status_due_at ON outbox (status, due_at, id);
CREATE UNIQUE INDEX uq_outbox_dedupe_key ON outbox (dedupe_key) WHERE dedupe_key IS NOT NULL;
CREATE INDEX ix_outbox_organization_id ON outbox (organization_id) WHERE organization_id IS NOT NULL;

-- A message that an agent has yet to acknowledge, or has acknowledged.
CREATE TABLE agent_inbox (
    id uuid PRIMARY KEY,
    agent_id uuid NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    board_id uuid REFERENCES boards (id) ON DELETE SET NULL,
    sender text NOT NULL,
    message text NOT NULL,
    deliver boolean NOT NULL DEFAULT FALSE,
    dedupe_key text,
    created_at timestamp NOT NULL,
    acknowledged_at timestamp
);
CREATE INDEX ix_agent_inbox_pending ON agent_inbox (agent_id, created_at, id) WHERE acknowledged_at IS NULL;
CREATE UNIQUE INDEX uq_agent_inbox_dedupe_key ON agent_inbox (dedupe_key) WHERE dedupe_key IS NOT NULL;
CREATE INDEX ix_agent_inbox_agent_id ON agent_inbox (agent_id);
CREATE INDEX ix_agent_inbox_board_id ON agent_inbox (board_id) WHERE board_id IS NOT NULL;
CREATE INDEX ix_agent_inbox_acknowledged_at ON agent_inbox (acknowledged_at) WHERE acknowledged_at IS NOT NULL;
