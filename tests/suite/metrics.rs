//! The figures of the dashboard, compared with a small world that was counted by hand.

use std::time::Duration;

use mission_control_platform::time::Timestamp;
use mission_control_tests::{App, World};
use serde_json::{Value, json};

use crate::board_groups::make;
use crate::task_support::put_approval;

const DASHBOARD: &str = "/api/v1/metrics/dashboard";

/// The points of a series that are not zero: how many of them, and their sum.
fn points(series: &Value) -> (usize, f64) {
    let values: Vec<f64> = series["points"]
        .as_array()
        .expect("points")
        .iter()
        .map(|point| point["value"].as_f64().expect("a number"))
        .filter(|value| *value != 0.0)
        .collect();
    (values.len(), values.iter().sum())
}

fn sum(series: &Value, status: &str) -> i64 {
    series["points"].as_array().expect("points").iter().map(|point| point[status].as_i64().expect("a number")).sum()
}

#[test]
fn an_empty_organization_has_figures_of_zero() {
    let app = App::start();
    let world = World::new(&app);
    let figures = world.user.get(DASHBOARD).expect(200);
    let keys: Vec<&String> = figures.as_object().expect("an object").keys().collect();
    assert_eq!(
        keys,
        ["range", "generated_at", "kpis", "throughput", "cycle_time", "error_rate", "wip", "pending_approvals"]
    );
    assert_eq!((&figures["range"], &figures["pending_approvals"]), (&json!("24h"), &json!({"total": 0, "items": []})));
    assert_eq!(figures["throughput"]["primary"]["bucket"], "hour");
    assert_eq!(figures["throughput"]["primary"]["points"].as_array().map(Vec::len), Some(25));
    assert_eq!(figures["kpis"]["median_cycle_time_hours_7d"], Value::Null);
    assert_eq!(figures["kpis"]["error_rate_pct"].to_string(), "0.0");
    for (range, bucket) in [("3d", "day"), ("1m", "day"), ("3m", "week"), ("6m", "week"), ("1y", "month")] {
        let figures = world.user.get(&format!("{DASHBOARD}?range_key={range}")).expect(200);
        assert_eq!(figures["wip"]["comparison"]["bucket"], bucket, "{range}");
        assert_eq!(figures["range"], range);
    }
    world.user.get(&format!("{DASHBOARD}?range_key=2d")).field_error("query.range_key", "literal_error");
    world.user.get(&format!("{DASHBOARD}?board_id=x")).field_error("query.board_id", "uuid_parsing");
    world.worker.client.get(DASHBOARD).refused(401);
}

#[test]
fn figures_agree_with_what_was_counted_by_hand() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    let task = |title: &str, status: &str| {
        let task = world.make_task(title, json!({"status": status}));
        task["id"].as_str().expect("an id").to_owned()
    };
    let done = [task("a", "done"), task("b", "done"), task("c", "done")];
    let review = [task("d", "review"), task("e", "review")];
    task("f", "inbox");
    task("g", "in_progress");
    // One was done five days ago, one long ago; reviews took two and five hours.
    app.execute(&format!("UPDATE tasks SET updated_at = {} WHERE id = '{}'", moment(5 * 24), done[1]));
    app.execute(&format!("UPDATE tasks SET updated_at = {} WHERE id = '{}'", moment(400 * 24), done[2]));
    for (id, hours) in review.iter().zip([2, 5]) {
        app.execute(&format!("UPDATE tasks SET in_progress_at = {} WHERE id = '{id}'", moment(hours)));
    }
    app.execute(
        "UPDATE activity_events SET event_type = 'task.assignee_notify_failed' WHERE message = 'Task created: a.'",
    );
    world.worker.client.post("/api/v1/agent/heartbeat", json!(null)).expect(200);
    world.main.post("/api/v1/agent/heartbeat", json!(null)).expect(200);
    let listed = world.user.get(&world.path("/tasks")).expect(200);
    let f = listed["items"].as_array().expect("tasks").iter().find(|task| task["title"] == "f").expect("f");
    put_approval(&app, &world, f, "pending", 3);

    let figures = world.user.get(DASHBOARD).expect(200);
    let kpis = &figures["kpis"];
    assert_eq!((&kpis["done_tasks"], &kpis["review_tasks"]), (&json!(3), &json!(2)));
    assert_eq!((&kpis["inbox_tasks"], &kpis["in_progress_tasks"]), (&json!(1), &json!(1)));
    assert_eq!((&kpis["tasks_in_progress"], &kpis["active_agents"]), (&json!(1), &json!(1)));
    let median = kpis["median_cycle_time_hours_7d"].as_f64().expect("a median");
    assert!((median - 3.5).abs() < 0.01, "{median}");
    assert_eq!(points(&figures["throughput"]["primary"]), (1, 1.0));
    let (_, hours) = points(&figures["cycle_time"]["primary"]);
    assert!((hours - 3.5).abs() < 0.01, "{hours}");
    let wip = &figures["wip"]["primary"];
    assert_eq!(["inbox", "in_progress", "review", "done"].map(|status| sum(wip, status)), [1, 1, 2, 1]);
    let rate = kpis["error_rate_pct"].as_f64().expect("a rate");
    assert!(rate > 0.0 && rate < 50.0, "{rate}");
    assert!((points(&figures["error_rate"]["primary"]).1 - rate).abs() < 0.01);
    let week = world.user.get(&format!("{DASHBOARD}?range_key=7d")).expect(200);
    assert_eq!(points(&week["throughput"]["primary"]), (2, 2.0));
    let days = world.user.get(&format!("{DASHBOARD}?range_key=3d")).expect(200);
    assert_eq!(points(&days["throughput"]["primary"]).1, 1.0);
    assert_eq!(points(&days["throughput"]["comparison"]).1, 1.0);
    let pending = &figures["pending_approvals"];
    assert_eq!((&pending["total"], &pending["items"][0]["task_title"]), (&json!(1), &json!("f")));
    assert_eq!(pending["items"][0]["board_name"], world.board["name"]);
}

/// A moment so many hours ago, as an SQL text.
fn moment(hours_ago: u64) -> String {
    let hours = Duration::from_secs(hours_ago * 3600);
    format!("'{}'", Timestamp::now().minus(hours).to_storage())
}

#[test]
fn figures_are_of_the_boards_that_are_asked_for() {
    let app = App::start();
    let world = World::new(&app);
    let group = make(&world);
    world.make_task("here", json!({}));
    let second = world.make_board(json!({}));
    let second = second["id"].as_str().expect("an id");
    for title in ["there", "and there"] {
        world.user.post(&format!("/api/v1/boards/{second}/tasks"), json!({"title": title})).expect(200);
    }
    let inbox =
        |query: &str| world.user.get(&format!("{DASHBOARD}?{query}")).expect(200)["kpis"]["inbox_tasks"].clone();
    let group = group["id"].as_str().expect("an id");
    assert_eq!(inbox(""), 3);
    assert_eq!(inbox(&format!("board_id={second}")), 2);
    assert_eq!(inbox(&format!("group_id={group}")), 1);
    assert_eq!(inbox(&format!("group_id={group}&board_id={second}")), 0);
    assert_eq!(inbox(&format!("group_id={}", uuid::Uuid::new_v4())), 0);
    let strange = world.other().board_id().to_owned();
    world.activate();
    world.user.get(&format!("{DASHBOARD}?board_id={strange}")).refused(403);
}
