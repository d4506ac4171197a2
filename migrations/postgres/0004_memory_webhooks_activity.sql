-- What boards remember and hear: memory, onboarding, inbound webhooks, and the activity log.

-- A board's shared memory and chat.
CREATE TABLE board_memory (
    id uuid PRIMARY KEY,
    board_id uuid NOT NULL REFERENCES boards (id) ON DELETE CASCADE,
    content text NOT NULL,
    tags jsonb,
    is_chat boolean NOT NULL DEFAULT FALSE,
    source text,
    created_at timestamp NOT NULL
);
CREATE INDEX ix_board_memory_board_id_created_at ON board_memory (board_id, created_at DESC, id);
CREATE INDEX ix_board_memory_board_id_is_chat_created_at ON board_memory (board_id, is_chat, created_at DESC, id);

-- A board group's shared memory and chat.
CREATE TABLE board_group_memory (
    id uuid PRIMARY KEY,
    board_group_id uuid NOT NULL REFERENCES board_groups (id) ON DELETE CASCADE,
    content text NOT NULL,
    tags jsonb,
    is_chat boolean NOT NULL DEFAULT FALSE,
    source text,
    created_at timestamp NOT NULL
);
CREATE INDEX ix_board_group_memory_group_id_created_at ON board_group_memory (board_group_id, created_at DESC, id);
CREATE INDEX ix_board_group_memory_group_id_is_chat_created_at ON board_group_memory (board_group_id, is_chat, created_at DESC, id);

-- The conversation that sets up a board; the latest by updated_at counts.
CREATE TABLE board_onboarding_sessions (
    id uuid PRIMARY KEY,
    board_id uuid NOT NULL REFERENCES boards (id) ON DELETE CASCADE,
    session_key text NOT NULL,
    status text NOT NULL DEFAULT 'active',
    messages jsonb,
    draft_goal jsonb,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL
);
CREATE INDEX ix_board_onboarding_sessions_board_id_updated_at ON board_onboarding_sessions (board_id, updated_at DESC, id);

-- An address where the outside world may post events for a board; the secret verifies their signatures.
CREATE TABLE board_webhooks (
    id uuid PRIMARY KEY,
    board_id uuid NOT NULL REFERENCES boards (id) ON DELETE CASCADE,
    agent_id uuid REFERENCES agents (id) ON DELETE SET NULL,
    description text NOT NULL,
    enabled boolean NOT NULL DEFAULT TRUE,
    secret text,
    signature_header text,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL
);
CREATE INDEX ix_board_webhooks_board_id_created_at ON board_webhooks (board_id, created_at DESC, id);
CREATE INDEX ix_board_webhooks_agent_id ON board_webhooks (agent_id);

-- An event that was posted to a webhook.
CREATE TABLE board_webhook_payloads (
    id uuid PRIMARY KEY,
    board_id uuid NOT NULL REFERENCES boards (id) ON DELETE CASCADE,
    webhook_id uuid NOT NULL REFERENCES board_webhooks (id) ON DELETE CASCADE,
    -- As it came: jsonb forgets the order of members.
    payload text,
    headers jsonb,
    source_ip text,
    content_type text,
    received_at timestamp NOT NULL
);
CREATE INDEX ix_board_webhook_payloads_webhook_id_received_at ON board_webhook_payloads (webhook_id, received_at DESC, id);
CREATE INDEX ix_board_webhook_payloads_board_id_received_at ON board_webhook_payloads (board_id, received_at);

-- What happened, in order; task comments are the events of type task.comment.
CREATE TABLE activity_events (
    id uuid PRIMARY KEY,
    event_type text NOT NULL,
    message text,
    agent_id uuid REFERENCES agents (id) ON DELETE SET NULL,
    user_id uuid REFERENCES users (id) ON DELETE SET NULL,
    task_id uuid REFERENCES tasks (id) ON DELETE CASCADE,
    board_id uuid REFERENCES boards (id) ON DELETE CASCADE,
    created_at timestamp NOT NULL
);
CREATE INDEX ix_activity_events_board_id_created_at ON activity_events (board_id, created_at DESC, id);
CREATE INDEX ix_activity_events_agent_id_created_at ON activity_events (agent_id, created_at DESC, id);
CREATE INDEX ix_activity_events_event_type_created_at ON activity_events (event_type, created_at DESC, id);
CREATE INDEX ix_activity_events_task_id_created_at ON activity_events (task_id, created_at, id);
CREATE INDEX ix_activity_events_task_comment_task_id_created_at ON activity_events (task_id, created_at, id) WHERE event_type = 'task.comment';
CREATE INDEX ix_activity_events_user_id ON activity_events (user_id);
