-- Skills: packs to read them from, the catalogue, and what was sent to which gateway.

-- A GitHub repository of skills.
CREATE TABLE skill_packs (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    description TEXT,
    source_url TEXT NOT NULL,
    branch TEXT NOT NULL DEFAULT 'main',
    metadata TEXT NOT NULL DEFAULT '{}',
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT uq_skill_packs_org_source_url UNIQUE (organization_id, source_url),
    CONSTRAINT ck_skill_packs_source_url_github CHECK (source_url GLOB 'https://github.com/*/*')
) STRICT;
CREATE INDEX ix_skill_packs_organization_id_created_at ON skill_packs (organization_id, created_at, id);

-- A skill in an organization's catalogue.
CREATE TABLE marketplace_skills (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    description TEXT,
    category TEXT,
    risk TEXT,
    source TEXT,
    source_url TEXT NOT NULL,
    metadata TEXT NOT NULL DEFAULT '{}',
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT uq_marketplace_skills_org_source_url UNIQUE (organization_id, source_url)
) STRICT;
CREATE INDEX ix_marketplace_skills_organization_id_created_at ON marketplace_skills (organization_id, created_at, id);

-- A mark that a gateway was told to install a skill.
CREATE TABLE gateway_installed_skills (
    id TEXT PRIMARY KEY,
    gateway_id TEXT NOT NULL REFERENCES gateways (id) ON DELETE CASCADE,
    skill_id TEXT NOT NULL REFERENCES marketplace_skills (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT uq_gateway_installed_skills_gateway_id_skill_id UNIQUE (gateway_id, skill_id)
) STRICT;
CREATE INDEX ix_gateway_installed_skills_skill_id ON gateway_installed_skills (skill_id);
