-- What boards remember and hear: memory, onboarding, inbound webhooks, and the activity log.

-- A board's shared memory and chat.
CREATE TABLE board_memory (
    id uuid PRIMARY KEY,
    board_id uuid NOT NULL REFERENCES boards (id) ON DELETE CASCADE,
    is_chat boolean NOT NULL DEFAULT FALSE,
    -- Older databases have entries of spaces only, which are shown nowhere.
    is_blank boolean NOT NULL GENERATED ALWAYS AS (trim(content) = '') STORED,
    source text,
    created_at timestamp NOT NULL,
    tags jsonb,
    content text NOT NULL
);
CREATE INDEX ix_board_memory_board_id_created_at ON board_memory (board_id, is_blank, created_at, id);
CREATE INDEX ix_board_memory_board_id_is_chat_created_at ON board_memory (board_id, is_blank, is_chat, created_at, id);

-- A board group's shared memory and chat.
CREATE TABLE board_group_memory (
    id uuid PRIMARY KEY,
    board_group_id uuid NOT NULL REFERENCES board_groups (id) ON DELETE CASCADE,
    is_chat boolean NOT NULL DEFAULT FALSE,
    -- Older databases have entries of spaces only, which are shown nowhere.
    is_blank boolean NOT NULL GENERATED ALWAYS AS (trim(content) = '') STORED,
    source text,
    created_at timestamp NOT NULL,
    tags jsonb,
    content text NOT NULL
);
CREATE INDEX ix_board_group_memory_group_id_created_at ON board_group_memory (board_group_id, is_blank, created_at, id);
CREATE INDEX ix_board_group_memory_group_id_is_chat_created_at ON board_group_memory (board_group_id, is_blank, is_chat, created_at, id);

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
CREATE INDEX ix_board_onboarding_sessions_board_id_updated_at ON board_onboarding_sessions (board_id, updated_at, id);

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
CREATE INDEX ix_board_webhooks_board_id_created_at ON board_webhooks (board_id, created_at, id);
CREATE INDEX ix_board_webhooks_agent_id ON board_webhooks (agent_id) WHERE agent_id IS NOT NULL;

-- An event that was posted to a webhook.
CREATE TABLE board_webhook_payloads (
    id uuid PRIMARY KEY,
    -- The webhook's.
    board_id uuid NOT NULL,
    webhook_id uuid NOT NULL REFERENCES board_webhooks (id) ON DELETE CASCADE,
    -- As it came: jsonb forgets the order of members.
    payload text,
    headers jsonb,
    source_ip text,
    content_type text,
    received_at timestamp NOT NULL
);
CREATE INDEX ix_board_webhook_payloads_webhook_id_received_at ON board_webhook_payloads (webhook_id, received_at, id);
CREATE INDEX ix_board_webhook_payloads_received_at ON board_webhook_payloads (received_at);

-- What happened, in order; task comments are the events of type task.comment.
CREATE TABLE activity_events (
    id uuid PRIMARY KEY,
    event_type text NOT NULL,
    -- The board's, filled in by the trigger below.
    organization_id uuid,
    agent_id uuid REFERENCES agents (id) ON DELETE SET NULL,
    user_id uuid REFERENCES users (id) ON DELETE SET NULL,
    task_id uuid REFERENCES tasks (id) ON DELETE CASCADE,
    -- The task's, filled in by the trigger below, where only the task is known.
    board_id uuid REFERENCES boards (id) ON DELETE CASCADE,
    created_at timestamp NOT NULL,
    message text
);
CREATE INDEX ix_activity_events_organization_id_created_at ON activity_events (organization_id, created_at, id) WHERE organization_id IS NOT NULL;
CREATE INDEX ix_activity_events_board_id_created_at ON activity_events (board_id, created_at, id) WHERE board_id IS NOT NULL;
CREATE INDEX ix_activity_events_agent_id_created_at ON activity_events (agent_id, created_at, id) WHERE agent_id IS NOT NULL;
CREATE INDEX ix_activity_events_task_id_created_at ON activity_events (task_id, event_type, created_at, id) WHERE task_id IS NOT NULL;
CREATE INDEX ix_activity_events_comments_of_organization ON activity_events (organization_id, created_at, id) WHERE event_type = 'task.comment';
CREATE INDEX ix_activity_events_comments_of_board ON activity_events (board_id, created_at, id) WHERE event_type = 'task.comment';
CREATE INDEX ix_activity_events_user_id ON activity_events (user_id) WHERE user_id IS NOT NULL;

-- How long the lists are that may be very long: the events of a board and of an agent, the payloads of a webhook. Kept by
-- the triggers below. On Postgres a list has several slots, so that writers need not wait for each other.
CREATE TABLE list_counts (
    owner_id uuid NOT NULL,
    slot bigint NOT NULL,
    entries bigint NOT NULL,
    PRIMARY KEY (owner_id, slot)
) WITH (fillfactor = 50);

CREATE FUNCTION fill_in_activity_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.board_id IS NULL AND NEW.task_id IS NOT NULL THEN
        NEW.board_id := (SELECT board_id FROM tasks WHERE id = NEW.task_id);
    END IF;
    NEW.organization_id := (SELECT organization_id FROM boards WHERE id = NEW.board_id);
    RETURN NEW;
END
$$;
CREATE TRIGGER tr_activity_events_fill_in BEFORE INSERT ON activity_events FOR EACH ROW WHEN (NEW.organization_id IS NULL) EXECUTE FUNCTION fill_in_activity_event();

-- Adds to a list's entries. Each connection has a slot of its own, more or less.
CREATE FUNCTION count_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'activity_events' THEN
        INSERT INTO list_counts (owner_id, slot, entries)
            SELECT owner_id, pg_backend_pid() % 8, count(*) FROM (
                SELECT board_id AS owner_id FROM added WHERE board_id IS NOT NULL
                UNION ALL SELECT agent_id FROM added WHERE agent_id IS NOT NULL
            ) AS owners GROUP BY owner_id ORDER BY owner_id
            ON CONFLICT (owner_id, slot) DO UPDATE SET entries = list_counts.entries + excluded.entries;
    ELSE
        INSERT INTO list_counts (owner_id, slot, entries)
            SELECT webhook_id, pg_backend_pid() % 8, count(*) FROM added GROUP BY webhook_id ORDER BY webhook_id
            ON CONFLICT (owner_id, slot) DO UPDATE SET entries = list_counts.entries + excluded.entries;
    END IF;
    RETURN NULL;
END
$$;
-- Takes from a list's entries, in whichever slot is there: an owner that is being deleted has none any more.
CREATE FUNCTION count_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'activity_events' THEN
        UPDATE list_counts c SET entries = c.entries - owners.entries FROM (
            SELECT owner_id, count(*) AS entries FROM (
                SELECT board_id AS owner_id FROM deleted WHERE board_id IS NOT NULL
                UNION ALL SELECT agent_id FROM deleted WHERE agent_id IS NOT NULL
            ) AS each GROUP BY owner_id
        ) AS owners WHERE c.owner_id = owners.owner_id
            AND c.slot = (SELECT min(m.slot) FROM list_counts m WHERE m.owner_id = owners.owner_id);
    ELSE
        UPDATE list_counts c SET entries = c.entries - owners.entries FROM (
            SELECT webhook_id AS owner_id, count(*) AS entries FROM deleted GROUP BY webhook_id
        ) AS owners WHERE c.owner_id = owners.owner_id
            AND c.slot = (SELECT min(m.slot) FROM list_counts m WHERE m.owner_id = owners.owner_id);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER tr_activity_events_insert AFTER INSERT ON activity_events REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_added();
CREATE TRIGGER tr_activity_events_delete AFTER DELETE ON activity_events REFERENCING OLD TABLE AS deleted FOR EACH STATEMENT EXECUTE FUNCTION count_deleted();
CREATE TRIGGER tr_board_webhook_payloads_insert AFTER INSERT ON board_webhook_payloads REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_added();
CREATE TRIGGER tr_board_webhook_payloads_delete AFTER DELETE ON board_webhook_payloads REFERENCING OLD TABLE AS deleted FOR EACH STATEMENT EXECUTE FUNCTION count_deleted();

CREATE FUNCTION forget_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM list_counts WHERE owner_id = OLD.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER tr_boards_delete AFTER DELETE ON boards FOR EACH ROW EXECUTE FUNCTION forget_count();
CREATE TRIGGER tr_board_webhooks_delete AFTER DELETE ON board_webhooks FOR EACH ROW EXECUTE FUNCTION forget_count();
CREATE TRIGGER tr_agents_delete AFTER DELETE ON agents FOR EACH ROW EXECUTE FUNCTION forget_count();

-- What an agent did on no board is shown to nobody else.
CREATE FUNCTION forget_own_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM activity_events WHERE agent_id = OLD.id AND board_id IS NULL;
    RETURN OLD;
END
$$;
CREATE TRIGGER tr_agents_forget BEFORE DELETE ON agents FOR EACH ROW EXECUTE FUNCTION forget_own_events();
