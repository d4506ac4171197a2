-- What boards remember and hear: memory, onboarding, inbound webhooks, and the activity log.

-- A board's shared memory and chat.
CREATE TABLE board_memory (
    id TEXT PRIMARY KEY,
    board_id TEXT NOT NULL REFERENCES boards (id) ON DELETE CASCADE,
    content TEXT NOT NULL,
    tags TEXT,
    is_chat INTEGER NOT NULL DEFAULT 0,
    source TEXT,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX ix_board_memory_board_id_created_at ON board_memory (board_id, created_at DESC, id);
CREATE INDEX ix_board_memory_board_id_is_chat_created_at ON board_memory (board_id, is_chat, created_at DESC, id);

-- A board group's shared memory and chat.
CREATE TABLE board_group_memory (
    id TEXT PRIMARY KEY,
    board_group_id TEXT NOT NULL REFERENCES board_groups (id) ON DELETE CASCADE,
    content TEXT NOT NULL,
    tags TEXT,
    is_chat INTEGER NOT NULL DEFAULT 0,
    source TEXT,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX ix_board_group_memory_group_id_created_at ON board_group_memory (board_group_id, created_at DESC, id);
CREATE INDEX ix_board_group_memory_group_id_is_chat_created_at ON board_group_memory (board_group_id, is_chat, created_at DESC, id);

-- The conversation that sets up a board; the latest by updated_at counts.
CREATE TABLE board_onboarding_sessions (
    id TEXT PRIMARY KEY,
    board_id TEXT NOT NULL REFERENCES boards (id) ON DELETE CASCADE,
    session_key TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'active',
    messages TEXT,
    draft_goal TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX ix_board_onboarding_sessions_board_id_updated_at ON board_onboarding_sessions (board_id, updated_at DESC, id);

-- An address where the outside world may post events for a board; the secret verifies their signatures.
CREATE TABLE board_webhooks (
    id TEXT PRIMARY KEY,
    board_id TEXT NOT NULL REFERENCES boards (id) ON DELETE CASCADE,
    agent_id TEXT REFERENCES agents (id) ON DELETE SET NULL,
    description TEXT NOT NULL,
    enabled INTEGER NOT NULL DEFAULT 1,
    secret TEXT,
    signature_header TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX ix_board_webhooks_board_id_created_at ON board_webhooks (board_id, created_at DESC, id);
CREATE INDEX ix_board_webhooks_agent_id ON board_webhooks (agent_id);

-- An event that was posted to a webhook.
CREATE TABLE board_webhook_payloads (
    id TEXT PRIMARY KEY,
    board_id TEXT NOT NULL REFERENCES boards (id) ON DELETE CASCADE,
    webhook_id TEXT NOT NULL REFERENCES board_webhooks (id) ON DELETE CASCADE,
    payload TEXT,
    headers TEXT,
    source_ip TEXT,
    content_type TEXT,
    received_at TEXT NOT NULL
) STRICT;
CREATE INDEX ix_board_webhook_payloads_webhook_id_received_at ON board_webhook_payloads (webhook_id, received_at DESC, id);
CREATE INDEX ix_board_webhook_payloads_board_id_received_at ON board_webhook_payloads (board_id, received_at);

-- What happened, in order; task comments are the events of type task.comment.
CREATE TABLE activity_events (
    id TEXT PRIMARY KEY,
    event_type TEXT NOT NULL,
    message TEXT,
    agent_id TEXT REFERENCES agents (id) ON DELETE SET NULL,
    user_id TEXT REFERENCES users (id) ON DELETE SET NULL,
    task_id TEXT REFERENCES tasks (id) ON DELETE CASCADE,
    board_id TEXT REFERENCES boards (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX ix_activity_events_board_id_created_at ON activity_events (board_id, created_at DESC, id);
CREATE INDEX ix_activity_events_agent_id_created_at ON activity_events (agent_id, created_at DESC, id);
CREATE INDEX ix_activity_events_event_type_created_at ON activity_events (event_type, created_at DESC, id);
CREATE INDEX ix_activity_events_task_id_created_at ON activity_events (task_id, created_at, id);
CREATE INDEX ix_activity_events_task_comment_task_id_created_at ON activity_events (task_id, created_at, id) WHERE event_type = 'task.comment';
CREATE INDEX ix_activity_events_user_id ON activity_events (user_id);
