//! The task that the path names, behind the guard of its board.

use std::ops::Deref;

use uuid::Uuid;

use crate::boards::Board;
use crate::tasks::{self, Task};
use mission_control_web::http::{ApiError, ApiResult, Cx, Extract, Operation, path_field};
use mission_control_web::schema::Faults;

/// A caller who passed the board's guard `G`, and the task of the path, which is on that board: 404 otherwise, before
/// the body is looked at.
#[derive(Clone, Debug)]
pub struct OnTask<G> {
    /// The board and the caller.
    pub guard: G,
    /// The task as it was when the request came in.
    pub task: Task,
}

impl<G> Deref for OnTask<G> {
    type Target = G;

    fn deref(&self) -> &G {
        &self.guard
    }
}

impl<G: Extract + Deref<Target = Board>> Extract for OnTask<G> {
    async fn extract(cx: &Cx, faults: &mut Faults) -> ApiResult<Option<Self>> {
        let guard = G::extract(cx, faults).await?;
        let task_id = path_field::<Uuid>(cx, "task_id", faults);
        let (Some(guard), Some(task_id)) = (guard, task_id) else { return Ok(None) };
        let task = cx.db.read(|tx| tasks::find(tx, guard.id, task_id))?.ok_or_else(ApiError::not_found)?;
        Ok(Some(Self { guard, task }))
    }

    fn describe(operation: &mut Operation<'_>) {
        operation.path_uuid("task_id");
        G::describe(operation);
    }
}
