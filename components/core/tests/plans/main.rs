//! How the engines go about every statement of the domain: along indexes, whatever the size of the tables.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says so by panicking")]

mod recorder;
mod scene;
#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "other tests need more of it")]
mod support;

use std::collections::BTreeSet;

use mission_control_platform::db::{Connection, Engine, Tx};
use recorder::{Plan, Recorder};
use scene::Scene;
use support::{Database, migrated};

/// Statements that look through a table or sort, and why that is bounded: part of the statement, part of the step, reason.
const BOUNDED: &[(&str, &str, &str)] = &[
    ("FROM organizations o WHERE EXISTS", "", "one look into an index for each tenant, once a tick"),
    ("FROM organizations o\n         JOIN boards b", "", "one row for each board, once a tick"),
    ("FROM board_webhooks w JOIN list_counts", "", "one row for each webhook, once a tick"),
    ("lower(u.email) NULLS LAST", "", "the people of one organization"),
    ("ORDER BY lower(o.name)", "", "the organizations of one person"),
    ("SELECT d.task_id, d.depends_on_task_id", "", "what the tasks of one page wait for"),
    ("SELECT a.task_id, g.id", "", "the tags on the tasks of one page"),
    ("JOIN task_custom_field_definitions d", "", "the custom fields of one board"),
    ("JOIN task_dependencies d ON d.task_id", "", "what waits for one task"),
    ("DELETE FROM replaced_agent_tokens WHERE agent_id", "", "the replaced tokens of one agent"),
    ("WITH page AS", "", "one page"),
    ("WITH due AS", "due", "the jobs of one batch"),
    ("WHERE a.board_id IN (SELECT id FROM boards WHERE board_group_id", "", "the agents of one group"),
    ("AND id IN (", "ORDER BY", "the ids of one request"),
    ("UNION SELECT board_id FROM agents", "", "the agents of one name on a gateway"),
    ("organization_id IN (SELECT organization_id FROM organization_members", "", "the organizations of one person"),
    ("FROM approvals a", "", "the decisions of one board"),
    ("SELECT l.approval_id, t.id", "", "the tasks of the approvals on one page"),
    (
        "FROM agent_inbox WHERE agent_id = $1 ORDER BY created_at DESC",
        "",
        "the messages of one agent, of which few are kept",
    ),
    ("FROM boards WHERE gateway_id = $1", "", "the boards of one gateway"),
    ("WHERE a.gateway_id = $1", "", "the agents of one gateway"),
    ("FROM board_onboarding_sessions", "", "the onboardings of one board"),
    ("row_number() OVER", "", "the tasks of the boards of one group"),
    ("SELECT board_id, status, count(*) FROM tasks", "", "the tasks of the boards of one group"),
    (" AS slots GROUP BY", "", "figures over all boards of one organization"),
    ("SELECT t.status, count(*) FROM tasks t", "", "figures over all boards of one organization"),
    ("(a.updated_at, a.id) >", "", "the agents of one organization, once a look for all streams of it"),
    ("UPDATE approvals", "", "the tasks of one approval"),
    ("FROM organization_board_access WHERE organization_member_id IN", "", "the grants of the members on one page"),
    ("FROM organization_members m WHERE m.user_id", "", "the organizations of one person"),
];

/// Indexes that no statement uses so far, and why they are there.
const UNUSED: &[(&str, &str)] = &[
    ("ix_skill_packs_organization_id_created_at", "the list of skill packs, which is to come"),
    ("ix_marketplace_skills_organization_id_created_at", "the list of skills, which is to come"),
    ("ix_agent_inbox_agent_id", "the only whole index by which the foreign key finds its rows"),
];

fn plans(database: &Database) -> Vec<Plan> {
    let mut scene = Scene::new(database);
    let mut recorder = Recorder::new(database.open());
    scene.play(&mut recorder);
    recorder.plans()
}

fn reason(plan: &Plan, step: &str) -> Option<&'static str> {
    BOUNDED.iter().find(|(sql, part, _)| plan.sql.contains(sql) && step.contains(part)).map(|(_, _, reason)| *reason)
}

#[test]
fn no_statement_takes_time_with_the_size_of_a_table() {
    migrated(|database| {
        let plans = plans(database);
        assert!(plans.len() > 80, "only {} statements", plans.len());
        let mut slow = Vec::new();
        for plan in &plans {
            if plan.slow_steps().iter().any(|step| reason(plan, step).is_none()) {
                slow.push(format!("{}\n    {}", plan.sql, plan.steps.join("\n    ")));
            }
        }
        assert!(slow.is_empty(), "{} statements:\n{}", slow.len(), slow.join("\n\n"));
    });
}

#[test]
fn every_index_has_a_use() {
    migrated(|database| {
        let used: BTreeSet<String> = plans(database).iter().flat_map(Plan::indexes).collect();
        let mut connection = database.open();
        let idle: Vec<String> = indexes(&mut *connection)
            .into_iter()
            .filter(|name| !used.contains(name) && !UNUSED.iter().any(|(unused, _)| unused == name))
            .collect();
        assert!(idle.is_empty(), "{idle:#?}");
    });
}

/// The indexes that are neither unique nor the only ones by which a foreign key finds its rows.
fn indexes(connection: &mut dyn Connection) -> Vec<String> {
    let sql = match connection.engine() {
        Engine::Sqlite => {
            "WITH parts AS (
                 SELECT t.name AS tab, i.name AS ind, i.\"unique\" AS uni, c.name AS col FROM sqlite_schema t,
                 pragma_index_list(t.name) i, pragma_index_info(i.name) c WHERE t.type = 'table' AND c.seqno = 0
             )
             SELECT p.ind FROM parts p WHERE p.uni = 0 AND NOT (
                 EXISTS (SELECT 1 FROM pragma_foreign_key_list(p.tab) f WHERE f.\"from\" = p.col)
                 AND NOT EXISTS (SELECT 1 FROM parts o WHERE o.tab = p.tab AND o.ind <> p.ind AND o.col = p.col)
             )"
        }
        Engine::Postgres => {
            "WITH parts AS (
                 SELECT i.indrelid AS tab, c.relname AS ind, i.indisunique AS uni, i.indkey[0] AS col FROM pg_index i
                 JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public'
             )
             SELECT p.ind::text FROM parts p WHERE NOT p.uni AND NOT (
                 EXISTS (SELECT 1 FROM pg_constraint f WHERE f.contype = 'f' AND f.conrelid = p.tab AND f.conkey[1] = p.col)
                 AND NOT EXISTS (SELECT 1 FROM parts o WHERE o.tab = p.tab AND o.ind <> p.ind AND o.col = p.col)
             )"
        }
    };
    Tx::on(connection).all(sql, &[]).unwrap()
}
