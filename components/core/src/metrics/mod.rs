//! Figures for the dashboard: what boards got done, how fast, and what waits.

mod buckets;
mod store;
pub mod wire;

use self::buckets::{Range, Window};
use self::store::Scope;
use self::wire::{
    DashboardKpis, DashboardMetrics, DashboardPendingApprovals, DashboardRangeSeries, DashboardSeriesPoint,
    DashboardSeriesSet, DashboardWipPoint, DashboardWipRangeSeries, DashboardWipSeriesSet, MetricsQuery,
};
use crate::organizations::Membership;
use crate::tasks::TaskStatus;
use mission_control_platform::db::{DbError, Tx};
use mission_control_platform::time::Timestamp;

/// The figures of the boards that the member may read, or of one of them, or of those of a group.
///
/// # Errors
/// A database failure.
pub fn dashboard(tx: &mut Tx<'_>, member: &Membership, query: &MetricsQuery) -> Result<DashboardMetrics, DbError> {
    let scope = Scope::new(member, query.board_id, query.group_id);
    let now = Timestamp::now();
    let range = query.range_key;
    let windows = [range.window(now), range.window_before(now)];
    let [primary, comparison] = windows;
    let moves = store::tasks_moved(tx, &scope, &windows)?;
    let cycles = store::cycles(tx, &scope, &windows)?;
    let events = store::events(tx, &scope, &windows)?;
    let current = store::current_tasks(tx, &scope)?;
    let count = |status: TaskStatus| current.get(status.as_str()).copied().unwrap_or(0);
    let (total, items) = store::pending_approvals(tx, &scope)?;
    let series = |points: &dyn Fn(Window) -> Vec<DashboardSeriesPoint>| DashboardSeriesSet {
        primary: DashboardRangeSeries { range, bucket: range.bucket(), points: points(primary) },
        comparison: DashboardRangeSeries { range, bucket: range.bucket(), points: points(comparison) },
    };
    let wip = |window: Window| DashboardWipRangeSeries { range, bucket: range.bucket(), points: wip(&moves, window) };
    Ok(DashboardMetrics {
        range,
        generated_at: now,
        kpis: DashboardKpis {
            active_agents: store::active_agents(tx, &scope, primary)?,
            tasks_in_progress: count(TaskStatus::InProgress),
            inbox_tasks: count(TaskStatus::Inbox),
            in_progress_tasks: count(TaskStatus::InProgress),
            review_tasks: count(TaskStatus::Review),
            done_tasks: count(TaskStatus::Done),
            error_rate_pct: error_rate(events.iter().filter(|event| event.at.is_in(primary))),
            median_cycle_time_hours_7d: median(
                cycles.iter().filter(|cycle| primary.holds(cycle.ended_at)).map(store::Cycle::hours).collect(),
            ),
        },
        throughput: series(&|window| throughput(&moves, window)),
        cycle_time: series(&|window| cycle_time(&cycles, window)),
        error_rate: series(&|window| error_rates(&events, window)),
        wip: DashboardWipSeriesSet { primary: wip(primary), comparison: wip(comparison) },
        pending_approvals: DashboardPendingApprovals { total, items },
    })
}

fn throughput(moves: &[store::Moved], window: Window) -> Vec<DashboardSeriesPoint> {
    window.points(|bucket| {
        let done =
            moves.iter().filter(|moved| moved.status == TaskStatus::Done && moved.at.is_in_bucket(window, bucket));
        real(done.map(|moved| moved.count).sum())
    })
}

fn wip(moves: &[store::Moved], window: Window) -> Vec<DashboardWipPoint> {
    let buckets = window.buckets().into_iter();
    buckets
        .map(|bucket| {
            let count = |status: TaskStatus| {
                let moved =
                    moves.iter().filter(|moved| moved.status == status && moved.at.is_in_bucket(window, bucket));
                moved.map(|moved| moved.count).sum()
            };
            DashboardWipPoint {
                period: bucket.start,
                inbox: count(TaskStatus::Inbox),
                in_progress: count(TaskStatus::InProgress),
                review: count(TaskStatus::Review),
                done: count(TaskStatus::Done),
            }
        })
        .collect()
}

fn cycle_time(cycles: &[store::Cycle], window: Window) -> Vec<DashboardSeriesPoint> {
    window.points(|bucket| {
        let ended = cycles.iter().filter(|cycle| window.holds(cycle.ended_at) && bucket.holds(cycle.ended_at));
        let hours: Vec<f64> = ended.map(store::Cycle::hours).collect();
        if hours.is_empty() {
            0.0
        } else {
            hours.iter().sum::<f64>() / real(i64::try_from(hours.len()).unwrap_or(i64::MAX))
        }
    })
}

fn error_rates(events: &[store::Events], window: Window) -> Vec<DashboardSeriesPoint> {
    window.points(|bucket| error_rate(events.iter().filter(|event| event.at.is_in_bucket(window, bucket))))
}

/// How many of a hundred events are failures; none of none.
fn error_rate<'a>(events: impl Iterator<Item = &'a store::Events>) -> f64 {
    let (all, failed) = events.fold((0, 0), |(all, failed), events| (all + events.all, failed + events.failed));
    if all == 0 { 0.0 } else { 100.0 * real(failed) / real(all) }
}

/// The value in the middle, or half-way between the two there.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    values.get(middle.checked_sub(1)?).map(|lower| f64::midpoint(*lower, upper))
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^53")]
fn real(count: i64) -> f64 {
    count as f64
}

impl Range {
    /// The window of this length that ends now.
    fn window(self, now: Timestamp) -> Window {
        Window { range: self, start: now.minus(self.length()), end: now }
    }

    /// The window before that.
    fn window_before(self, now: Timestamp) -> Window {
        self.window(now.minus(self.length()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_of_the_values() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0]), Some(2.5));
    }
}
