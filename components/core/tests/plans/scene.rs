//! An organization in which everything happens once.

use http::HeaderMap;
use mission_control_core::accounts::{deletion, organization_deletion, provisioning};
use mission_control_core::activity::{self, comment_feed};
use mission_control_core::agents::{
    Actor, Agent, access, auth, creation, gateway_creation, group_heartbeat, heartbeat, store as agents,
};
use mission_control_core::approvals::{self, ApprovalStatus};
use mission_control_core::boards::{Board, store as boards};
use mission_control_core::jobs::JOBS;
use mission_control_core::members::{self, change, grants, invites};
use mission_control_core::memory::{self, Owner, store as memories};
use mission_control_core::messaging::inbox;
use mission_control_core::organizations::{Membership, SignedIn, store as organizations};
use mission_control_core::tasks;
use mission_control_core::users::{self, User};
use mission_control_core::webhooks::{self, Payload, Webhook};
use mission_control_core::{
    agent_changes, board_changes, board_groups, coordination, custom_fields, gateway_changes, gateway_runtime,
    gateways, guards, metrics, onboarding, snapshots, tags,
};
use mission_control_platform::db::{DbError, Paging, Position, Tx, transaction};
use mission_control_platform::params;
use mission_control_platform::queue;
use mission_control_platform::settings::Settings;
use mission_control_platform::time::Timestamp;
use mission_control_web::http::ApiResult;
use mission_control_web::schema::{Faults, Field, Place};
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

use crate::recorder::Recorder;
use crate::support::Database;

const PAGE: Paging = Paging::new(50, 0);

/// A world to play in.
pub struct Scene {
    settings: Settings,
}

/// Everybody and everything there is.
struct World {
    owner: SignedIn,
    /// Somebody who may read some boards only.
    reader: Membership,
    group_id: Uuid,
    gateway_id: Uuid,
    main: Agent,
    board: Board,
    lead: Agent,
    worker: Agent,
    task_id: Uuid,
    webhook: Webhook,
}

#[track_caller]
fn body<T: Field>(value: Value) -> T {
    let mut faults = Faults::default();
    T::read(&value, &Place::root("body"), &mut faults)
        .unwrap_or_else(|| panic!("{:?}", serde_json::to_value(faults.into_entries()).unwrap()))
}

#[track_caller]
fn write<T>(on: &mut Recorder, work: impl FnOnce(&mut Tx<'_>) -> ApiResult<T>) -> T {
    transaction(on, work).unwrap()
}

#[track_caller]
fn read<T>(on: &mut Recorder, work: impl FnOnce(&mut Tx<'_>) -> Result<T, DbError>) -> T {
    work(&mut Tx::on(on)).unwrap()
}

impl Scene {
    pub fn new(_: &Database) -> Self {
        let settings = [("auth_mode", "clerk"), ("clerk_secret_key", "secret"), ("base_url", "http://localhost")];
        let lookup = |name: &str| settings.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Self { settings: Settings::from_lookup(&lookup).unwrap() }
    }

    pub fn play(&mut self, on: &mut Recorder) {
        let world = self.begin(on);
        self.people(on, &world);
        self.agents(on, &world);
        self.boards(on, &world);
        self.groups(on, &world);
        self.labels(on, &world);
        self.tasks(on, &world);
        self.approvals(on, &world);
        self.overviews(on, &world);
        self.coordination(on, &world);
        self.events(on, &world);
        self.memory(on, &world);
        self.webhooks(on, &world);
        self.tick(on, &world);
        self.end(on, world);
    }

    fn signs_in(&self, on: &mut Recorder, name: &str) -> (User, Membership) {
        write(on, |tx| {
            let (mut user, is_new) = users::store::get_or_create(tx, name, &format!("{name}@example.com"), name, true)?;
            let membership = provisioning::ensure_membership(tx, &self.settings, &mut user, is_new)?;
            Ok((user, membership))
        })
    }

    fn begin(&self, on: &mut Recorder) -> World {
        let (user, membership) = self.signs_in(on, "owner");
        let owner = SignedIn { user, membership };
        let organization_id = owner.membership.organization_id;
        let gateway = json!({"name": "G", "url": "mailbox:", "workspace_root": "/srv"});
        let gateway = write(on, |tx| gateway_creation::create(tx, organization_id, body(gateway)));
        let actor = Actor::User(owner.clone());
        let group_id = Uuid::new_v4();
        on.unseen()
            .execute(
                "INSERT INTO board_groups (id, organization_id, name, slug, created_at, updated_at) VALUES ($1, $2, 'G', 'g', $3, $3)",
                &params![group_id, organization_id, Timestamp::now()],
            )
            .unwrap();
        let board = json!({"name": "B", "slug": "b", "description": "d", "gateway_id": gateway.id, "require_approval_for_done": false});
        let board = write(on, |tx| board_changes::create(tx, organization_id, body(board)));
        let agent = |on: &mut Recorder, name: &str, is_lead: bool| {
            let request = json!({"name": name, "board_id": board.id, "is_board_lead": is_lead});
            write(on, |tx| creation::create(tx, &actor, body(request))).agent
        };
        let (lead, worker) = (agent(on, "Lead", true), agent(on, "Worker", false));
        let task = write(on, |tx| tasks::create(tx, &board, &actor, body(json!({"title": "first"}))));
        let webhook: Webhook =
            body::<webhooks::wire::BoardWebhookCreate>(json!({"description": "d"})).into_webhook(board.id);
        write(on, |tx| Ok(webhooks::store::insert(tx, &webhook)?));
        let (_, membership) = self.signs_in(on, "reader");
        let reader = Membership {
            organization_id,
            id: Uuid::new_v4(),
            all_boards_read: false,
            all_boards_write: false,
            ..membership
        };
        write(on, |tx| Ok(organizations::insert_membership(tx, &reader)?));
        let main = read(on, |tx| agents::find_named(tx, organization_id, "G Gateway Agent", None));
        let main = main.unwrap_or_else(|| {
            read(on, |tx| agents::page(tx, organization_id, agents::Filter::default(), &PAGE)).items.pop().unwrap()
        });
        World { owner, reader, group_id, gateway_id: gateway.id, main, board, lead, worker, task_id: task.id, webhook }
    }

    fn people(&self, on: &mut Recorder, world: &World) {
        let (caller, reader) = (&world.owner.membership, &world.reader);
        read(on, |tx| provisioning::find_user(tx, "owner"));
        read(on, |tx| members::page(tx, caller.organization_id, &PAGE));
        write(on, |tx| members::read(tx, caller, reader.id));
        write(on, |tx| change::role(tx, caller, reader.id, None));
        let access = json!({"board_access": [{"board_id": world.board.id, "can_read": true}]});
        write(on, |tx| change::access(tx, caller, reader.id, body(access)));
        let invite = json!({"invited_email": "new@example.com", "board_access": [{"board_id": world.board.id, "can_read": true}]});
        let invite = write(on, |tx| invites::create(tx, &self.settings, caller, body(invite)));
        read(on, |tx| invites::store::page_of_pending(tx, caller.organization_id, &PAGE));
        read(on, |tx| invites::store::oldest_pending_for(tx, "new@example.com"));
        let (guest, _) = self.signs_in(on, "new");
        let _ = transaction(on, |tx| invites::accept::accept(tx, &guest, &invite.token));
        read(on, |tx| grants::of_members(tx, &[reader.id]));
        read(on, |tx| organizations::of_user(tx, world.owner.user.id));
        read(on, |tx| organizations::company_of(tx, world.owner.user.id));
        read(on, |tx| organizations::user_has_one_named(tx, world.owner.user.id, "x"));
        read(on, |tx| organizations::oldest_membership(tx, world.owner.user.id));
        read(on, |tx| users::store::set_active_organization(tx, world.owner.user.id, Some(caller.organization_id)));
        read(on, |tx| users::store::claim_profile_check(tx, world.owner.user.id, Timestamp::now(), Timestamp::now()));
        write(on, |tx| deletion::delete(tx, &self.settings, &guest));
    }

    fn agents(&self, on: &mut Recorder, world: &World) {
        let caller = &world.owner;
        let filters = [
            json!({}),
            json!({"board_id": world.board.id}),
            json!({"gateway_id": world.gateway_id}),
            json!({"board_id": world.board.id, "gateway_id": world.gateway_id}),
        ];
        let member = SignedIn { user: caller.user.clone(), membership: world.reader.clone() };
        for filter in filters {
            write(on, |tx| access::list_for_person(tx, caller, &body(filter.clone()), &PAGE));
            write(on, |tx| access::list_for_person(tx, &member, &body(filter), &PAGE));
        }
        for agent in [&world.main, &world.lead] {
            write(on, |tx| access::list_for_agent(tx, agent, None, &PAGE));
            write(on, |tx| heartbeat::commit(tx, &self.settings, agent.clone(), None, None));
            let messages = read(on, |tx| inbox::pending(tx, agent.id, &PAGE));
            for message in messages.items {
                read(on, |tx| inbox::acknowledge(tx, agent.id, message.id));
            }
        }
        read(on, |tx| auth::find_by_token(tx, "no such token"));
        write(on, |tx| Ok(auth::set_token(tx, world.worker.id, "token", Duration::ZERO)?));
        read(on, |tx| agents::find_named(tx, caller.membership.organization_id, "Lead", Some(world.board.id)));
        read(on, |tx| gateways::store::page(tx, caller.membership.organization_id, &PAGE));
    }

    fn groups(&self, on: &mut Recorder, world: &World) {
        let (owner, organization_id) = (Actor::User(world.owner.clone()), world.board.organization_id);
        let group = json!({"name": "!", "slug": ""});
        let group = write(on, |tx| Ok(board_groups::create(tx, organization_id, body(group))?));
        for member in [&world.owner.membership, &world.reader] {
            read(on, |tx| board_groups::store::visible(tx, member, &PAGE));
            read(on, |tx| boards::in_group(tx, group.id, Some(member)));
            read(on, |tx| boards::grants_in_group(tx, member, group.id));
        }
        write(on, |tx| board_changes::update(tx, world.board.id, body(json!({"board_group_id": group.id})), "me"));
        for entry in [json!({"content": "@all"}), json!({"content": "hello", "tags": ["chat"]})] {
            write(on, |tx| Ok(memory::record_in_group(tx, &group, &owner, body(entry), "http://localhost")?));
        }
        for actor in [owner, Actor::Agent(world.lead.clone())] {
            write(on, |tx| guards::require_group_pace(tx, &actor, group.id));
        }
        let pace = body(json!({"every": "5m", "include_board_leads": true}));
        write(on, |tx| Ok(group_heartbeat::apply(tx, group.id, &pace)?));
        let workers = body(json!({"every": "5m"}));
        write(on, |tx| Ok(group_heartbeat::apply(tx, group.id, &workers)?));
        write(on, |tx| board_changes::update(tx, world.board.id, body(json!({"board_group_id": null})), "me"));
        let group = write(on, |tx| Ok(board_groups::update(tx, group, body(json!({"name": "n"})))?));
        read(on, |tx| board_groups::store::delete(tx, group.id));
    }

    fn overviews(&self, on: &mut Recorder, world: &World) {
        let (board, now) = (&world.board, Position::before(Timestamp::now()));
        let organization_id = board.organization_id;
        read(on, |tx| snapshots::of_board(tx, board.clone()));
        let group = read(on, |tx| board_groups::store::find_in(tx, organization_id, world.group_id)).unwrap();
        for include_done in [false, true] {
            let extent = snapshots::Extent { include_done, per_board: 5 };
            write(on, |tx| board_changes::update(tx, board.id, body(json!({"board_group_id": group.id})), "me"));
            read(on, |tx| snapshots::of_group(tx, group.clone(), Some(&world.reader), None, extent));
            read(on, |tx| snapshots::of_group(tx, group.clone(), None, None, extent));
        }
        write(on, |tx| board_changes::update(tx, board.id, body(json!({"board_group_id": null})), "me"));
        for query in [json!({}), json!({"board_id": board.id, "group_id": group.id, "range_key": "1m"})] {
            for member in [&world.owner.membership, &world.reader] {
                read(on, |tx| metrics::dashboard(tx, member, &body(query.clone())));
            }
        }
        for board_id in [None, Some(board.id)] {
            for member in [&world.owner.membership, &world.reader] {
                let scope = comment_feed::Scope::new(member, board_id);
                read(on, |tx| comment_feed::page(tx, scope, &PAGE));
                read(on, |tx| comment_feed::after(tx, scope, now, 200));
            }
        }
        read(on, |tx| tasks::stream::happened(tx, board.id, Position::before(Timestamp::MIN), 200));
        read(on, |tx| agents::changed_after(tx, organization_id, agents::Filter::default(), now, 200));
    }

    fn coordination(&self, on: &mut Recorder, world: &World) {
        let (board, base, lead) = (&world.board, "http://localhost", &world.lead);
        write(on, |tx| onboarding::start(tx, board.id, base, "me"));
        write(on, |tx| onboarding::answer(tx, board.id, "me", &body(json!({"answer": "x"}))));
        let draft = body(json!({"status": "complete", "board_type": "general"}));
        write(on, |tx| onboarding::update_by_agent(tx, board, &world.main, &draft));
        let goal = json!({"board_type": "general"});
        write(on, |tx| onboarding::confirm(tx, board.id, world.owner.user.clone(), body(goal)));
        write(on, |tx| onboarding::latest(tx, board.id));
        write(on, |tx| coordination::nudge(tx, board, lead, world.worker.id, "go"));
        write(on, |tx| coordination::soul_of(tx, board, lead, world.worker.id));
        write(on, |tx| coordination::update_soul(tx, board, lead, world.worker.id, &body(json!({"content": "s"}))));
        write(on, |tx| coordination::ask_user(tx, board, lead, &body(json!({"content": "?"})), base));
        write(on, |tx| coordination::message_lead(tx, &world.main, board.id, &body(json!({"content": "?"})), base));
        write(on, |tx| coordination::broadcast(tx, &world.main, &body(json!({"content": "?"})), base));
        let owner = &world.owner;
        let rename = |name: &str| body(json!({"name": name}));
        write(on, |tx| agent_changes::update(tx, owner, world.worker.id, rename("W"), false));
        write(on, |tx| agent_changes::update(tx, owner, world.worker.id, rename("Worker"), false));
        let surplus = body(json!({"name": "Surplus", "board_id": board.id}));
        let surplus = write(on, |tx| creation::create(tx, &Actor::User(owner.clone()), surplus)).agent;
        write(on, |tx| agent_changes::delete_for_lead(tx, board, surplus.id));
        let (key, id) = (format!("agent:lead-{}:main", board.id), Some(board.id));
        write(on, |tx| gateway_runtime::status(tx, owner, &body(json!({"board_id": board.id}))));
        write(on, |tx| gateway_runtime::send(tx, owner, id, &key, "hello"));
        write(on, |tx| gateway_runtime::history(tx, owner, id, &key));
        write(on, |tx| gateway_runtime::sync_templates(tx, board.organization_id, world.gateway_id, &body(json!({}))));
        write(on, |tx| {
            gateway_changes::update(tx, board.organization_id, world.gateway_id, body(json!({"name": "H"})))
        });
        let spare = json!({"name": "S", "url": "mailbox:", "workspace_root": ""});
        let spare = write(on, |tx| gateway_creation::create(tx, board.organization_id, body(spare)));
        write(on, |tx| gateway_changes::delete(tx, board.organization_id, spare.id, owner.user.id));
    }

    fn labels(&self, on: &mut Recorder, world: &World) {
        let organization_id = world.board.organization_id;
        let tag = write(on, |tx| tags::create(tx, organization_id, body(json!({"name": "!"}))));
        write(on, |tx| tags::update(tx, organization_id, tag.id, body(json!({"name": "n", "slug": null}))));
        read(on, |tx| tags::store::page(tx, organization_id, &PAGE));
        read(on, |tx| tags::store::all(tx, organization_id));
        read(on, |tx| tags::store::delete(tx, organization_id, tag.id));
        let field = json!({"field_key": "unused", "board_ids": [world.board.id]});
        let (field, _) = write(on, |tx| custom_fields::create(tx, organization_id, body(field)));
        read(on, |tx| custom_fields::list(tx, organization_id));
        let other = json!({"name": "O", "slug": "o", "description": "d", "gateway_id": world.gateway_id});
        let other = write(on, |tx| board_changes::create(tx, organization_id, body(other)));
        let moved = json!({"board_ids": [other.id]});
        write(on, |tx| custom_fields::update(tx, organization_id, field.id, body(moved)));
        write(on, |tx| custom_fields::delete(tx, organization_id, field.id));
        write(on, |tx| board_changes::delete(tx, other.id));
    }

    fn boards(&self, on: &mut Recorder, world: &World) {
        let organization_id = world.board.organization_id;
        for filter in [json!({}), json!({"gateway_id": world.gateway_id}), json!({"board_group_id": world.group_id})] {
            for member in [&world.owner.membership, &world.reader] {
                read(on, |tx| boards::visible(tx, member, &body(filter.clone()), &PAGE));
            }
        }
        read(on, |tx| boards::of_organization(tx, organization_id, None, &PAGE));
        read(on, |tx| boards::of_organization(tx, organization_id, Some(world.board.id), &PAGE));
        read(on, |tx| boards::with_rights(tx, world.owner.user.id, world.board.id));
        for group in [json!(world.group_id), Value::Null] {
            let change = json!({"board_group_id": group});
            write(on, |tx| board_changes::update(tx, world.board.id, body(change), "Owner"));
        }
    }

    fn tasks(&self, on: &mut Recorder, world: &World) {
        let (board, actor) = (&world.board, Actor::User(world.owner.clone()));
        let organization_id = board.organization_id;
        let (tag, field, now) = (Uuid::new_v4(), Uuid::new_v4(), Timestamp::now());
        for (sql, params) in [
            (
                "INSERT INTO tags (id, organization_id, name, slug, created_at, updated_at) VALUES ($1, $2, 't', 't', $3, $3)",
                params![tag, organization_id, now].to_vec(),
            ),
            (
                "INSERT INTO task_custom_field_definitions (id, organization_id, field_key, label, created_at, updated_at) VALUES ($1, $2, 'k', 'l', $3, $3)",
                params![field, organization_id, now].to_vec(),
            ),
            (
                "INSERT INTO board_task_custom_fields (id, board_id, task_custom_field_definition_id, created_at) VALUES ($1, $2, $3, $4)",
                params![Uuid::new_v4(), board.id, field, now].to_vec(),
            ),
        ] {
            on.unseen().execute(sql, &params).unwrap();
        }
        let task = json!({"title": "second", "depends_on_task_ids": [world.task_id], "tag_ids": [tag], "custom_field_values": {"k": "v"}});
        let second = write(on, |tx| tasks::create(tx, board, &actor, body(task)));
        write(on, |tx| tasks::comments::create(tx, board, &actor, second.id, "@worker hello"));
        for change in [
            json!({"status": "in_progress", "assigned_agent_id": world.worker.id}),
            json!({"status": "review", "comment": "done"}),
            json!({"status": "inbox", "assigned_agent_id": null}),
            json!({"status": "done"}),
            json!({"status": "inbox", "tag_ids": [tag]}),
        ] {
            let _ = transaction(on, |tx| tasks::update(tx, board, &actor, world.task_id, &body(change)));
        }
        let _ = transaction(on, |tx| {
            tasks::update(tx, board, &Actor::Agent(world.lead.clone()), second.id, &body(json!({"status": "inbox"})))
        });
        let _ = transaction(on, |tx| {
            tasks::comments::create(tx, board, &Actor::Agent(world.lead.clone()), second.id, "lead")
        });
        write(on, |tx| tasks::update(tx, board, &actor, second.id, &body(json!({"depends_on_task_ids": []}))));
        for filter in [
            json!({}),
            json!({"status": "inbox"}),
            json!({"status": "inbox,done,review"}),
            json!({"assigned_agent_id": world.worker.id}),
            json!({"assigned_agent_id": world.worker.id, "status": "inbox,done"}),
            json!({"unassigned": true}),
            json!({"unassigned": true, "status": "inbox"}),
        ] {
            let filter = body::<tasks::wire::TaskFilter>(filter).parse().unwrap();
            read(on, |tx| tasks::list(tx, board.id, &filter, &PAGE));
        }
        read(on, |tx| tasks::one(tx, board.id, second.id));
        read(on, |tx| tasks::comments::list(tx, second.id, &PAGE));
        read(on, |tx| activity::comments::newest_by(tx, second.id, world.lead.id));
        read(on, |tx| activity::store::last_to_hand_in(tx, second.id, board.id, world.lead.id));
        write(on, |tx| tasks::delete(tx, board, &actor, second.id));
    }

    fn approvals(&self, on: &mut Recorder, world: &World) {
        let (board, lead) = (&world.board, Actor::Agent(world.lead.clone()));
        let ask = |tasks: Value| {
            body(
                json!({"action_type": "x", "confidence": 1, "lead_reasoning": "r", "task_ids": tasks, "agent_id": world.lead.id}),
            )
        };
        let approval = write(on, |tx| approvals::create(tx, board, &lead, ask(json!([world.task_id]))));
        for status in [json!("approved"), json!("pending"), json!("rejected")] {
            let decision = body(json!({"status": status}));
            write(on, |tx| approvals::decide(tx, board, &world.owner, approval.id, decision));
        }
        for status in [None, Some(ApprovalStatus::Pending)] {
            read(on, |tx| approvals::list(tx, board.id, status, &PAGE));
        }
        read(on, |tx| approvals::store::count_pending(tx, board.id));
        read(on, |tx| approvals::store::task_counts(tx, board.id, None));
        read(on, |tx| approvals::store::task_counts(tx, board.id, Some(&[world.task_id])));
        read(on, |tx| approvals::stream::changed(tx, board.id, Position::before(Timestamp::now()), 200));
    }

    fn events(&self, on: &mut Recorder, world: &World) {
        read(on, |tx| activity::store::of_agent(tx, world.lead.id, &PAGE));
        read(on, |tx| activity::store::of_member(tx, &world.owner.membership, &PAGE));
        // One board, a few, and many.
        for boards in [1, 3, 60] {
            for _ in 0..boards {
                let id = Uuid::new_v4();
                let mut unseen = Tx::on(on.unseen());
                let insert = |tx: &mut Tx<'_>| {
                    tx.execute(
                        "INSERT INTO boards (id, organization_id, name, slug, description, created_at, updated_at) VALUES ($1, $2, 'x', 'x', 'x', $3, $3)",
                        &params![id, world.board.organization_id, Timestamp::now()],
                    )?;
                    tx.execute(
                        "INSERT INTO organization_board_access (id, organization_member_id, board_id, can_read, can_write, created_at, updated_at)
                         VALUES ($1, $2, $3, TRUE, FALSE, $4, $4)",
                        &params![Uuid::new_v4(), world.reader.id, id, Timestamp::now()],
                    )
                };
                insert(&mut unseen).unwrap();
            }
            read(on, |tx| activity::store::of_member(tx, &world.reader, &PAGE));
        }
    }

    fn memory(&self, on: &mut Recorder, world: &World) {
        let actor = Actor::User(world.owner.clone());
        for request in [json!({"content": "note"}), json!({"content": "@worker hello", "tags": ["chat"]})] {
            write(on, |tx| Ok(memory::record(tx, &world.board, &actor, body(request), "http://localhost")?));
        }
        let position = Position::before(Timestamp::MIN);
        for is_chat in [None, Some(true)] {
            for owner in [Owner::Board(world.board.id), Owner::Group(world.group_id)] {
                read(on, |tx| memories::list(tx, owner, is_chat, &PAGE));
                read(on, |tx| memories::after(tx, owner, is_chat, position, 200));
            }
        }
    }

    fn webhooks(&self, on: &mut Recorder, world: &World) {
        let webhook = &world.webhook;
        let payload = Payload::received(webhook, &HeaderMap::new(), b"{}", "192.0.2.1");
        write(on, |tx| {
            Ok(webhooks::ingest::take_in(tx, &self.settings, world.board.organization_id, webhook, &payload)?)
        });
        read(on, |tx| webhooks::store::find_target(tx, webhook.board_id, webhook.id));
        read(on, |tx| webhooks::store::page(tx, webhook.board_id, &PAGE));
        read(on, |tx| webhooks::store::page_of_payloads(tx, webhook.id, &PAGE));
        read(on, |tx| webhooks::store::find_payload(tx, webhook.board_id, webhook.id, payload.id));
    }

    /// A tick that finds something of every kind to forget.
    fn tick(&self, on: &mut Recorder, world: &World) {
        queue::tick_on(on, &self.settings, &JOBS).unwrap();
        let old = Timestamp::now().minus(Duration::from_secs(400 * 86_400));
        read(on, |tx| users::store::insert_deleted(tx, "hash", old));
        for sql in [
            "UPDATE outbox SET due_at = $1, updated_at = $1",
            "UPDATE agent_inbox SET acknowledged_at = $1",
            "UPDATE board_webhook_payloads SET received_at = $1",
            "UPDATE activity_events SET created_at = $1",
        ] {
            on.unseen().execute(sql, &params![old]).unwrap();
        }
        let settings = Settings {
            activity_keep_rows: 1,
            payload_keep_rows: 1,
            inbox_keep_rows: 1,
            job_keep_rows: 1,
            ..self.settings.clone()
        };
        queue::tick_on(on, &settings, &JOBS).unwrap();
        read(on, |tx| activity::store::of_member(tx, &world.owner.membership, &PAGE));
    }

    fn end(&self, on: &mut Recorder, world: World) {
        let webhook = &world.webhook;
        read(on, |tx| webhooks::store::delete(tx, webhook.board_id, webhook.id));
        write(on, |tx| board_changes::delete(tx, world.board.id));
        write(on, |tx| organization_deletion::by_owner(tx, &world.owner.membership));
    }
}
