-- Skills: packs to read them from, the catalogue, and what was sent to which gateway.

-- A GitHub repository of skills.
CREATE TABLE skill_packs (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name text NOT NULL,
    description text,
    source_url text NOT NULL,
    branch text NOT NULL DEFAULT 'main',
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    CONSTRAINT uq_skill_packs_org_source_url UNIQUE (organization_id, source_url),
    CONSTRAINT ck_skill_packs_source_url_github CHECK (source_url LIKE 'https://github.com/%/%')
);
CREATE INDEX ix_skill_packs_organization_id_created_at ON skill_packs (organization_id, created_at, id);

-- A skill in an organization's catalogue.
CREATE TABLE marketplace_skills (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name text NOT NULL,
    description text,
    category text,
    risk text,
    source text,
    source_url text NOT NULL,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    CONSTRAINT uq_marketplace_skills_org_source_url UNIQUE (organization_id, source_url)
);
CREATE INDEX ix_marketplace_skills_organization_id_created_at ON marketplace_skills (organization_id, created_at, id);

-- A mark that a gateway was told to install a skill.
CREATE TABLE gateway_installed_skills (
    id uuid PRIMARY KEY,
    gateway_id uuid NOT NULL REFERENCES gateways (id) ON DELETE CASCADE,
    skill_id uuid NOT NULL REFERENCES marketplace_skills (id) ON DELETE CASCADE,
    created_at timestamp NOT NULL,
    updated_at timestamp NOT NULL,
    CONSTRAINT uq_gateway_installed_skills_gateway_id_skill_id UNIQUE (gateway_id, skill_id)
);
CREATE INDEX ix_gateway_installed_skills_skill_id ON gateway_installed_skills (skill_id);
