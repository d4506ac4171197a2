//! Agents, their own API and gateways: `/api/v1/agents`, `/api/v1/agent`, `/api/v1/gateways`.

mod agent_approvals;
mod agent_memory;
mod agent_tasks;
mod agent_webhooks;
mod agents;
mod boards;
mod coordination;
mod gateway_runtime;
mod gateways;
pub mod hints;
mod inbox;
mod own;

use hints::{BOARD_AGENTS, EVERY_AGENT, LEADS, MAINS};
use mission_control_core::approvals::wire::ApprovalConflictError;
use mission_control_core::tasks::blocked::BlockedTaskError;
use mission_control_platform::settings::Group;
use mission_control_web::http::{Api, delete, get, patch, post, put};

/// The routes of this component.
#[must_use]
#[rustfmt::skip]
pub fn api() -> Api {
    Api::new(&[Group::General, Group::Database, Group::SignIn, Group::Limits, Group::Agents, Group::Streams])
        .group("gateways", [
            get("/api/v1/gateways", gateways::list_gateways),
            post("/api/v1/gateways", gateways::create_gateway).refuses(&[502]),
            get("/api/v1/gateways/status", gateway_runtime::gateways_status).refuses(&[404, 422]),
            get("/api/v1/gateways/sessions", gateway_runtime::list_gateway_sessions).refuses(&[404, 422, 502]),
            get("/api/v1/gateways/sessions/{session_id}", gateway_runtime::get_gateway_session).refuses(&[404, 422, 502]),
            get("/api/v1/gateways/sessions/{session_id}/history", gateway_runtime::get_session_history).refuses(&[404, 422, 502]),
            post("/api/v1/gateways/sessions/{session_id}/message", gateway_runtime::send_gateway_session_message).refuses(&[404, 422, 502]),
            get("/api/v1/gateways/commands", gateway_runtime::gateway_commands),
            get("/api/v1/gateways/{gateway_id}", gateways::get_gateway),
            patch("/api/v1/gateways/{gateway_id}", gateways::update_gateway).refuses(&[502]),
            delete("/api/v1/gateways/{gateway_id}", gateways::delete_gateway).refuses(&[409, 502]),
            post("/api/v1/gateways/{gateway_id}/templates/sync", gateway_runtime::sync_gateway_templates),
        ])
        .group("agents", [
            get("/api/v1/agents", agents::list_agents).refuses(&[404]),
            post("/api/v1/agents", agents::create_agent).refuses(&[422, 502]),
            post("/api/v1/agents/heartbeat", agents::heartbeat_or_create_agent).refuses(&[422, 502]),
            get("/api/v1/agents/stream", agents::stream_agents).refuses(&[404]).media_type("text/event-stream"),
            get("/api/v1/agents/{agent_id}", agents::get_agent),
            patch("/api/v1/agents/{agent_id}", agents::update_agent).refuses(&[409, 422, 502]),
            delete("/api/v1/agents/{agent_id}", agents::delete_agent).refuses(&[403, 502]),
            post("/api/v1/agents/{agent_id}/heartbeat", agents::heartbeat_agent).refuses(&[422]),
            post("/api/v1/agents/{agent_id}/token", agents::rotate_agent_token),
        ])
        // The agents' own API.
        .group("agent", [
            get("/api/v1/agent/healthz", own::agent_healthz).tags(EVERY_AGENT).hints(&hints::HEALTHZ),
            post("/api/v1/agent/heartbeat", own::agent_heartbeat).tags(EVERY_AGENT).hints(&hints::HEARTBEAT),
            get("/api/v1/agent/boards", boards::list_boards).tags(EVERY_AGENT).hints(&hints::BOARDS_LIST),
            get("/api/v1/agent/boards/{board_id}", boards::get_board).tags(EVERY_AGENT).hints(&hints::BOARD_GET),
            get("/api/v1/agent/agents", own::list_agents).refuses(&[403]).tags(EVERY_AGENT).hints(&hints::AGENTS_LIST),
            post("/api/v1/agent/agents", own::create_agent).refuses(&[422, 502]).id("agent_lead_create_agent").tags(LEADS).hints(&hints::AGENT_CREATE),
            get("/api/v1/agent/inbox", inbox::list_inbox).tags(EVERY_AGENT).hints(&hints::INBOX_LIST),
            post("/api/v1/agent/inbox/{message_id}/ack", inbox::acknowledge_message).tags(EVERY_AGENT).hints(&hints::INBOX_ACK),
        ])
        .group("agent", [
            get("/api/v1/agent/boards/{board_id}/approvals", agent_approvals::list_approvals).tags(BOARD_AGENTS).hints(&hints::APPROVALS_LIST),
            post("/api/v1/agent/boards/{board_id}/approvals", agent_approvals::create_approval).refuses_with::<ApprovalConflictError>(409).tags(BOARD_AGENTS).hints(&hints::APPROVALS_CREATE),
            get("/api/v1/agent/boards/{board_id}/tags", boards::list_tags).tags(BOARD_AGENTS).hints(&hints::TAGS_LIST),
            get("/api/v1/agent/boards/{board_id}/memory", agent_memory::list_board_memory).tags(BOARD_AGENTS).hints(&hints::MEMORY_LIST),
            post("/api/v1/agent/boards/{board_id}/memory", agent_memory::create_board_memory).tags(BOARD_AGENTS).hints(&hints::MEMORY_CREATE),
            get("/api/v1/agent/boards/{board_id}/webhooks/{webhook_id}/payloads/{payload_id}", agent_webhooks::get_webhook_payload).tags(BOARD_AGENTS).hints(&hints::WEBHOOK_PAYLOAD),
        ])
        .group("agent", [
            post("/api/v1/agent/boards/{board_id}/agents/{agent_id}/nudge", coordination::nudge_agent).refuses(&[422, 502]).id("agent_lead_nudge_agent").tags(LEADS).hints(&hints::NUDGE),
            get("/api/v1/agent/boards/{board_id}/agents/{agent_id}/soul", coordination::get_agent_soul).refuses(&[422]).tags(BOARD_AGENTS).hints(&hints::SOUL_GET),
            put("/api/v1/agent/boards/{board_id}/agents/{agent_id}/soul", coordination::update_agent_soul).refuses(&[422]).id("agent_lead_update_agent_soul").tags(LEADS).hints(&hints::SOUL_PUT),
            delete("/api/v1/agent/boards/{board_id}/agents/{agent_id}", coordination::delete_board_agent).refuses(&[502]).id("agent_lead_delete_board_agent").tags(LEADS).hints(&hints::AGENT_DELETE),
            post("/api/v1/agent/boards/{board_id}/gateway/main/ask-user", coordination::ask_user_via_gateway_main).refuses(&[422, 502]).id("agent_lead_ask_user_via_gateway_main").tags(LEADS).hints(&hints::ASK_USER),
            post("/api/v1/agent/boards/{board_id}/onboarding", coordination::update_onboarding).refuses(&[409]).tags(BOARD_AGENTS).hints(&hints::ONBOARDING),
            post("/api/v1/agent/gateway/boards/{board_id}/lead/message", coordination::message_gateway_board_lead).refuses(&[403, 404, 422, 502]).id("agent_main_message_board_lead").tags(MAINS).hints(&hints::LEAD_MESSAGE),
            post("/api/v1/agent/gateway/leads/broadcast", coordination::broadcast_gateway_lead_message).refuses(&[403, 422]).id("agent_main_broadcast_lead_message").tags(MAINS).hints(&hints::LEAD_BROADCAST),
        ])
        .group("agent", [
            get("/api/v1/agent/boards/{board_id}/tasks", agent_tasks::list_tasks).refuses(&[422]).tags(BOARD_AGENTS).hints(&hints::TASK_LIST),
            post("/api/v1/agent/boards/{board_id}/tasks", agent_tasks::create_task).refuses(&[422]).refuses_with::<BlockedTaskError>(409).id("agent_lead_create_task").tags(LEADS).hints(&hints::TASK_CREATE),
            patch("/api/v1/agent/boards/{board_id}/tasks/{task_id}", agent_tasks::update_task).refuses(&[422]).refuses_with::<BlockedTaskError>(409).tags(BOARD_AGENTS).hints(&hints::TASK_PATCH),
            delete("/api/v1/agent/boards/{board_id}/tasks/{task_id}", agent_tasks::delete_task).tags(BOARD_AGENTS).hints(&hints::TASK_DELETE),
            get("/api/v1/agent/boards/{board_id}/tasks/{task_id}/comments", agent_tasks::list_task_comments).tags(BOARD_AGENTS).hints(&hints::TASK_COMMENTS_LIST),
            post("/api/v1/agent/boards/{board_id}/tasks/{task_id}/comments", agent_tasks::create_task_comment).tags(BOARD_AGENTS).hints(&hints::TASK_COMMENTS_CREATE),
        ])
}

#[cfg(target_arch = "wasm32")]
#[spin_sdk::http_service]
async fn handle(request: spin_sdk::http::Request) -> mission_control_web::http::HostResponse {
    mission_control_web::http::serve(request, api).await
}
