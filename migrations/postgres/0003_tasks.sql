-- The work itself: tasks with their dependencies, tags and custom fields, and approvals.

-- A piece of work on a board.
CREATE TABLE tasks (
    id uuid PRIMARY KEY,
    board_id uuid REFERENCES boards (id) ON DELETE CASCADE,
    title text NOT NULL,
    description text,
    status text NOT NULL DEFAULT 'inbox',
    priority text NOT NULL DEFAULT 'medium',
    due_at timestamp,
    in_progress_at timestamp,
    previous_in_progress_at timestamp,
    created_by_user_id uuid REFERENCES users (id) ON DELETE SET NULL,
    assigned_agent_id uuid REFERENCES agents (id) ON DELETE SET NULL,
    auto_created boolean NOT NULL DEFAULT FALSE,
    auto_reason text,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL
);
CREATE INDEX ix_tasks_board_id_created_at ON tasks (board_id, created_at, id);
CREATE INDEX ix_tasks_board_id_status_created_at ON tasks (board_id, status, created_at, id);
CREATE INDEX ix_tasks_assigned_agent_id_created_at ON tasks (assigned_agent_id, created_at, id) WHERE assigned_agent_id IS NOT NULL;
CREATE INDEX ix_tasks_created_by_user_id ON tasks (created_by_user_id) WHERE created_by_user_id IS NOT NULL;

-- "This task waits for that one"; both are on the same board.
CREATE TABLE task_dependencies (
    id uuid PRIMARY KEY,
    board_id uuid NOT NULL REFERENCES boards (id) ON DELETE CASCADE,
    task_id uuid NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    depends_on_task_id uuid NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    created_at timestamp NOT NULL,
    CONSTRAINT uq_task_dependencies_task_id_depends_on_task_id UNIQUE (task_id, depends_on_task_id),
    CONSTRAINT ck_task_dependencies_no_self CHECK (task_id <> depends_on_task_id)
);
CREATE INDEX ix_task_dependencies_board_id ON task_dependencies (board_id);
CREATE INDEX ix_task_dependencies_depends_on_task_id ON task_dependencies (depends_on_task_id);

-- Fingerprints of tasks from older installations; kept for import, nothing writes them.
CREATE TABLE task_fingerprints (
    id uuid PRIMARY KEY,
    board_id uuid NOT NULL REFERENCES boards (id) ON DELETE CASCADE,
    fingerprint_hash text NOT NULL,
    task_id uuid NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    created_at timestamp NOT NULL
);
CREATE INDEX ix_task_fingerprints_board_id_fingerprint_hash ON task_fingerprints (board_id, fingerprint_hash);
CREATE INDEX ix_task_fingerprints_task_id ON task_fingerprints (task_id);

-- An organization's label for tasks.
CREATE TABLE tags (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name text NOT NULL,
    slug text NOT NULL,
    color text NOT NULL DEFAULT '9e9e9e',
    description text,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    CONSTRAINT uq_tags_organization_id_slug UNIQUE (organization_id, slug)
);
CREATE INDEX ix_tags_organization_id_name ON tags (organization_id, lower(name), created_at, id);

-- A tag on a task.
CREATE TABLE tag_assignments (
    id uuid PRIMARY KEY,
    task_id uuid NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    tag_id uuid NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    created_at timestamp NOT NULL,
    CONSTRAINT uq_tag_assignments_task_id_tag_id UNIQUE (task_id, tag_id)
);
CREATE INDEX ix_tag_assignments_tag_id ON tag_assignments (tag_id);

-- A field that an organization adds to the tasks of chosen boards.
CREATE TABLE task_custom_field_definitions (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    field_key text NOT NULL,
    label text NOT NULL,
    field_type text NOT NULL DEFAULT 'text',
    ui_visibility text NOT NULL DEFAULT 'always',
    validation_regex text,
    description text,
    required boolean NOT NULL DEFAULT FALSE,
    default_value jsonb,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    CONSTRAINT uq_tcf_def_org_key UNIQUE (organization_id, field_key),
    CONSTRAINT ck_tcf_def_field_type CHECK (
        field_type IN ('text', 'text_long', 'integer', 'decimal', 'boolean', 'date', 'date_time', 'url', 'json')
    ),
    CONSTRAINT ck_tcf_def_ui_visibility CHECK (ui_visibility IN ('always', 'if_set', 'hidden'))
);
CREATE INDEX ix_task_custom_field_definitions_organization_id_label ON task_custom_field_definitions (organization_id, lower(label), id);

-- A custom field in force on a board.
CREATE TABLE board_task_custom_fields (
    id uuid PRIMARY KEY,
    board_id uuid NOT NULL REFERENCES boards (id) ON DELETE CASCADE,
    task_custom_field_definition_id uuid NOT NULL REFERENCES task_custom_field_definitions (id) ON DELETE CASCADE,
    created_at timestamp NOT NULL,
    CONSTRAINT uq_board_tcf_binding UNIQUE (board_id, task_custom_field_definition_id)
);
CREATE INDEX ix_board_task_custom_fields_definition_id ON board_task_custom_fields (task_custom_field_definition_id);

-- A task's value of a custom field.
CREATE TABLE task_custom_field_values (
    id uuid PRIMARY KEY,
    task_id uuid NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    task_custom_field_definition_id uuid NOT NULL REFERENCES task_custom_field_definitions (id) ON DELETE CASCADE,
    value jsonb,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    CONSTRAINT uq_tcf_values_task_def UNIQUE (task_id, task_custom_field_definition_id)
);
CREATE INDEX ix_task_custom_field_values_definition_id ON task_custom_field_values (task_custom_field_definition_id);

-- A request for a decision; task_id is the first linked task, older rows may have no links.
CREATE TABLE approvals (
    id uuid PRIMARY KEY,
    board_id uuid NOT NULL REFERENCES boards (id) ON DELETE CASCADE,
    task_id uuid REFERENCES tasks (id) ON DELETE SET NULL,
    agent_id uuid REFERENCES agents (id) ON DELETE SET NULL,
    action_type text NOT NULL,
    payload jsonb,
    confidence double precision NOT NULL,
    rubric_scores jsonb,
    status text NOT NULL DEFAULT 'pending',
    created_at timestamp NOT NULL,
    resolved_at timestamp,
    -- Who decided.
    resolved_by_user_id uuid REFERENCES users (id) ON DELETE SET NULL,
    -- When it was made or its status changed last.
    changed_at timestamp NOT NULL
);
CREATE INDEX ix_approvals_board_id_created_at ON approvals (board_id, created_at, id);
CREATE INDEX ix_approvals_board_id_status_created_at ON approvals (board_id, status, created_at, id);
CREATE INDEX ix_approvals_board_id_changed_at ON approvals (board_id, changed_at, id);
CREATE INDEX ix_approvals_resolved_by_user_id ON approvals (resolved_by_user_id) WHERE resolved_by_user_id IS NOT NULL;
CREATE INDEX ix_approvals_task_id ON approvals (task_id) WHERE task_id IS NOT NULL;
CREATE INDEX ix_approvals_agent_id ON approvals (agent_id) WHERE agent_id IS NOT NULL;

-- A task that an approval is about.
CREATE TABLE approval_task_links (
    id uuid PRIMARY KEY,
    approval_id uuid NOT NULL REFERENCES approvals (id) ON DELETE CASCADE,
    task_id uuid NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    created_at timestamp NOT NULL,
    CONSTRAINT uq_approval_task_links_approval_id_task_id UNIQUE (approval_id, task_id)
);
CREATE INDEX ix_approval_task_links_task_id ON approval_task_links (task_id);
