-- Tokens that outlive their replacement.

-- A token of an agent that was replaced; it is valid until its grace ends.
CREATE TABLE replaced_agent_tokens (
    token_lookup text PRIMARY KEY,
    agent_id uuid NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    was_used boolean NOT NULL,
    expires_at timestamp NOT NULL
);
CREATE INDEX ix_replaced_agent_tokens_agent_id_expires_at ON replaced_agent_tokens (agent_id, expires_at);
CREATE INDEX ix_replaced_agent_tokens_expires_at ON replaced_agent_tokens (expires_at);
INSERT INTO replaced_agent_tokens (token_lookup, agent_id, was_used, expires_at)
SELECT previous_token_lookup, id, TRUE, previous_token_expires_at FROM agents
WHERE previous_token_lookup IS NOT NULL AND previous_token_expires_at IS NOT NULL;

-- Whether anybody has signed in with the agent's token.
ALTER TABLE agents ADD COLUMN token_was_used boolean NOT NULL DEFAULT FALSE;
-- Since a token has replaced it, the slow hash of an imported agent is tried until then.
ALTER TABLE agents RENAME COLUMN previous_token_expires_at TO agent_token_hash_expires_at;
-- From now on nothing reads or writes previous_token_lookup.
UPDATE agents SET previous_token_lookup = NULL, token_was_used = last_seen_at IS NOT NULL;
