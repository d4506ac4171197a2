-- What boards remember and hear: memory, onboarding, inbound webhooks, and the activity log.

-- A board's shared memory and chat.
CREATE TABLE board_memory (
    id TEXT PRIMARY KEY,
    board_id TEXT NOT NULL REFERENCES boards (id) ON DELETE CASCADE,
    is_chat INTEGER NOT NULL DEFAULT 0,
    -- Older databases have entries of spaces only, which are shown nowhere.
    is_blank INTEGER NOT NULL GENERATED ALWAYS AS (trim(content) = '') STORED,
    source TEXT,
    created_at TEXT NOT NULL,
    tags TEXT,
    content TEXT NOT NULL
) STRICT;
CREATE INDEX ix_board_memory_board_id_created_at ON board_memory (board_id, is_blank, created_at, id);
CREATE INDEX ix_board_memory_board_id_is_chat_created_at ON board_memory (board_id, is_blank, is_chat, created_at, id);

-- A board group's shared memory and chat.
CREATE TABLE board_group_memory (
    id TEXT PRIMARY KEY,
    board_group_id TEXT NOT NULL REFERENCES board_groups (id) ON DELETE CASCADE,
    is_chat INTEGER NOT NULL DEFAULT 0,
    -- Older databases have entries of spaces only, which are shown nowhere.
    is_blank INTEGER NOT NULL GENERATED ALWAYS AS (trim(content) = '') STORED,
    source TEXT,
    created_at TEXT NOT NULL,
    tags TEXT,
    content TEXT NOT NULL
) STRICT;
CREATE INDEX ix_board_group_memory_group_id_created_at ON board_group_memory (board_group_id, is_blank, created_at, id);
CREATE INDEX ix_board_group_memory_group_id_is_chat_created_at ON board_group_memory (board_group_id, is_blank, is_chat, created_at, id);

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
CREATE INDEX ix_board_onboarding_sessions_board_id_updated_at ON board_onboarding_sessions (board_id, updated_at, id);

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
CREATE INDEX ix_board_webhooks_board_id_created_at ON board_webhooks (board_id, created_at, id);
CREATE INDEX ix_board_webhooks_agent_id ON board_webhooks (agent_id) WHERE agent_id IS NOT NULL;

-- An event that was posted to a webhook.
CREATE TABLE board_webhook_payloads (
    id TEXT PRIMARY KEY,
    -- The webhook's.
    board_id TEXT NOT NULL,
    webhook_id TEXT NOT NULL REFERENCES board_webhooks (id) ON DELETE CASCADE,
    payload TEXT,
    headers TEXT,
    source_ip TEXT,
    content_type TEXT,
    received_at TEXT NOT NULL
) STRICT;
CREATE INDEX ix_board_webhook_payloads_webhook_id_received_at ON board_webhook_payloads (webhook_id, received_at, id);
CREATE INDEX ix_board_webhook_payloads_received_at ON board_webhook_payloads (received_at);

-- What happened, in order; task comments are the events of type task.comment.
CREATE TABLE activity_events (
    id TEXT PRIMARY KEY,
    event_type TEXT NOT NULL,
    -- The board's, filled in by the trigger below.
    organization_id TEXT,
    agent_id TEXT REFERENCES agents (id) ON DELETE SET NULL,
    user_id TEXT REFERENCES users (id) ON DELETE SET NULL,
    task_id TEXT REFERENCES tasks (id) ON DELETE CASCADE,
    -- The task's, filled in by the trigger below, where only the task is known.
    board_id TEXT REFERENCES boards (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL,
    message TEXT
) STRICT;
CREATE INDEX ix_activity_events_organization_id_created_at ON activity_events (organization_id, created_at, id) WHERE organization_id IS NOT NULL;
CREATE INDEX ix_activity_events_board_id_created_at ON activity_events (board_id, created_at, id) WHERE board_id IS NOT NULL;
CREATE INDEX ix_activity_events_agent_id_created_at ON activity_events (agent_id, created_at, id) WHERE agent_id IS NOT NULL;
CREATE INDEX ix_activity_events_task_id_created_at ON activity_events (task_id, event_type, created_at, id) WHERE task_id IS NOT NULL;
CREATE INDEX ix_activity_events_comments_of_organization ON activity_events (organization_id, created_at, id) WHERE event_type = 'task.comment';
CREATE INDEX ix_activity_events_comments_of_board ON activity_events (board_id, created_at, id) WHERE event_type = 'task.comment';
CREATE INDEX ix_activity_events_user_id ON activity_events (user_id) WHERE user_id IS NOT NULL;

-- How long the lists are that may be very long: the events of a board and of an agent, the payloads of a webhook. Kept by
-- the triggers below. Slots are for Postgres, where writers need not wait for each other.
CREATE TABLE list_counts (
    owner_id TEXT NOT NULL,
    slot INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    PRIMARY KEY (owner_id, slot)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER tr_activity_events_insert AFTER INSERT ON activity_events BEGIN
    UPDATE activity_events SET board_id = (SELECT board_id FROM tasks WHERE id = NEW.task_id)
        WHERE rowid = NEW.rowid AND NEW.board_id IS NULL AND NEW.task_id IS NOT NULL;
    UPDATE activity_events SET organization_id = (SELECT organization_id FROM boards WHERE id = activity_events.board_id)
        WHERE rowid = NEW.rowid AND NEW.organization_id IS NULL AND board_id IS NOT NULL;
    INSERT INTO list_counts (owner_id, slot, entries) SELECT board_id, 0, 1 FROM activity_events WHERE rowid = NEW.rowid AND board_id IS NOT NULL
        ON CONFLICT (owner_id, slot) DO UPDATE SET entries = entries + 1;
    INSERT INTO list_counts (owner_id, slot, entries) SELECT NEW.agent_id, 0, 1 WHERE NEW.agent_id IS NOT NULL
        ON CONFLICT (owner_id, slot) DO UPDATE SET entries = entries + 1;
END;
CREATE TRIGGER tr_activity_events_delete AFTER DELETE ON activity_events BEGIN
    UPDATE list_counts SET entries = entries - 1 WHERE owner_id IN (OLD.board_id, OLD.agent_id);
END;
CREATE TRIGGER tr_board_webhook_payloads_insert AFTER INSERT ON board_webhook_payloads BEGIN
    INSERT INTO list_counts (owner_id, slot, entries) VALUES (NEW.webhook_id, 0, 1)
        ON CONFLICT (owner_id, slot) DO UPDATE SET entries = entries + 1;
END;
CREATE TRIGGER tr_board_webhook_payloads_delete AFTER DELETE ON board_webhook_payloads BEGIN
    UPDATE list_counts SET entries = entries - 1 WHERE owner_id = OLD.webhook_id;
END;
CREATE TRIGGER tr_boards_delete AFTER DELETE ON boards BEGIN
    DELETE FROM list_counts WHERE owner_id = OLD.id;
END;
CREATE TRIGGER tr_board_webhooks_delete AFTER DELETE ON board_webhooks BEGIN
    DELETE FROM list_counts WHERE owner_id = OLD.id;
END;
-- What an agent did on no board is shown to nobody else.
CREATE TRIGGER tr_agents_delete BEFORE DELETE ON agents BEGIN
    DELETE FROM activity_events WHERE agent_id = OLD.id AND board_id IS NULL;
    DELETE FROM list_counts WHERE owner_id = OLD.id;
END;
