//! Answers of the routes of metrics.

use uuid::Uuid;

pub use super::buckets::{BucketSize, Range};
use mission_control_platform::time::Timestamp;
use mission_control_web::{request, response};

request! {
    /// What the figures are about.
    pub struct MetricsQuery {
        /// How far back.
        pub range_key: Range = Range::Day,
        pub board_id: Option<Uuid> = None,
        pub group_id: Option<Uuid> = None,
    }
}

response! {
    /// A value in a part of time.
    pub struct DashboardSeriesPoint {
        /// When the part begins.
        pub period: Timestamp,
        pub value: f64,
    }
}

response! {
    /// Values over time.
    pub struct DashboardRangeSeries {
        pub range: Range,
        pub bucket: BucketSize,
        pub points: Vec<DashboardSeriesPoint>,
    }
}

response! {
    /// Values over a time and over as long a time before it.
    pub struct DashboardSeriesSet {
        pub primary: DashboardRangeSeries,
        pub comparison: DashboardRangeSeries,
    }
}

response! {
    /// How many tasks came to stand where, in a part of time.
    pub struct DashboardWipPoint {
        /// When the part begins.
        pub period: Timestamp,
        pub inbox: i64,
        pub in_progress: i64,
        pub review: i64,
        pub done: i64,
    }
}

response! {
    /// Tasks by status over time.
    pub struct DashboardWipRangeSeries {
        pub range: Range,
        pub bucket: BucketSize,
        pub points: Vec<DashboardWipPoint>,
    }
}

response! {
    /// Tasks by status over a time and over as long a time before it.
    pub struct DashboardWipSeriesSet {
        pub primary: DashboardWipRangeSeries,
        pub comparison: DashboardWipRangeSeries,
    }
}

response! {
    /// Single figures.
    pub struct DashboardKpis {
        /// Agents that were seen in the time.
        pub active_agents: i64,
        pub tasks_in_progress: i64,
        pub inbox_tasks: i64,
        pub in_progress_tasks: i64,
        pub review_tasks: i64,
        pub done_tasks: i64,
        /// How many of a hundred events about tasks are failures.
        pub error_rate_pct: f64,
        /// Of the whole time, whatever its length.
        pub median_cycle_time_hours_7d: Option<f64>,
    }
}

response! {
    /// A decision that waits.
    pub struct DashboardPendingApproval {
        pub approval_id: Uuid,
        pub board_id: Uuid,
        pub board_name: String,
        pub action_type: String,
        pub confidence: f64,
        pub created_at: Timestamp,
        /// Of the first task that it is about.
        pub task_title: Option<String>,
    }
}

response! {
    /// Decisions that wait.
    pub struct DashboardPendingApprovals {
        pub total: i64,
        /// The newest ten.
        pub items: Vec<DashboardPendingApproval>,
    }
}

response! {
    /// The figures of the dashboard.
    pub struct DashboardMetrics {
        pub range: Range,
        pub generated_at: Timestamp,
        pub kpis: DashboardKpis,
        /// Tasks that are done.
        pub throughput: DashboardSeriesSet,
        /// Mean hours from start to review.
        pub cycle_time: DashboardSeriesSet,
        pub error_rate: DashboardSeriesSet,
        pub wip: DashboardWipSeriesSet,
        pub pending_approvals: DashboardPendingApprovals,
    }
}
