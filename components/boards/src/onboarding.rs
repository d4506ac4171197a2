//! Onboarding of a board.

use mission_control_core::boards::wire::BoardRead;
use mission_control_core::guards::{AgentOnBoard, UserReadsBoard, UserWritesBoard};
use mission_control_core::onboarding;
use mission_control_core::onboarding::wire::{
    AgentUpdate, BoardOnboardingAnswer, BoardOnboardingConfirm, BoardOnboardingRead, BoardOnboardingStart,
};
use mission_control_web::http::{ApiResult, Body, Cx, Json};

/// Answers the latest onboarding of a board.
pub async fn get_onboarding(cx: Cx, guard: UserReadsBoard) -> ApiResult<Json<BoardOnboardingRead>> {
    cx.db.read(|tx| onboarding::latest(tx, guard.board.id)).map(Json)
}

/// Begins an onboarding, or goes on with the one that is open.
pub async fn start_onboarding(
    cx: Cx,
    guard: UserWritesBoard,
    _: Body<BoardOnboardingStart>,
) -> ApiResult<Json<BoardOnboardingRead>> {
    let sender = guard.caller.user.display_name();
    cx.db.write(|tx| onboarding::start(tx, guard.board.id, &cx.settings.base_url, sender)).await.map(Json)
}

/// Passes the caller's answer on to the gateway's main agent.
pub async fn answer_onboarding(
    cx: Cx,
    guard: UserWritesBoard,
    body: Body<BoardOnboardingAnswer>,
) -> ApiResult<Json<BoardOnboardingRead>> {
    let sender = guard.caller.user.display_name();
    cx.db.write(|tx| onboarding::answer(tx, guard.board.id, sender, &body)).await.map(Json)
}

/// Takes a question or the draft of the gateway's main agent.
pub async fn agent_onboarding_update(
    cx: Cx,
    on: AgentOnBoard,
    body: Body<AgentUpdate>,
) -> ApiResult<Json<BoardOnboardingRead>> {
    cx.db.write(|tx| onboarding::update_by_agent(tx, &on.board, &on.agent, &body)).await.map(Json)
}

/// Confirms the goal: the board takes it and gets its lead.
pub async fn confirm_onboarding(
    cx: Cx,
    guard: UserWritesBoard,
    body: Body<BoardOnboardingConfirm>,
) -> ApiResult<Json<BoardRead>> {
    let UserWritesBoard { board, caller } = guard;
    let board = cx.db.write(|tx| onboarding::confirm(tx, board.id, caller.user, body.0)).await?;
    Ok(Json(board.into()))
}
