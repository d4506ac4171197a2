//! A connection that remembers what was asked, and what the engine plans to do for it.

use std::collections::{BTreeMap, BTreeSet};

use mission_control_platform::db::{Connection, DbError, Engine, Row, Value};

/// A connection that remembers each statement once, with the parameters that it had first.
pub struct Recorder {
    inner: Box<dyn Connection>,
    asked: BTreeMap<String, Vec<Value>>,
}

/// A statement and the steps of its plan.
pub struct Plan {
    pub sql: String,
    pub steps: Vec<String>,
}

impl Recorder {
    pub fn new(inner: Box<dyn Connection>) -> Self {
        Self { inner, asked: BTreeMap::new() }
    }

    /// The connection itself: what is asked there is not remembered.
    pub fn unseen(&mut self) -> &mut dyn Connection {
        &mut *self.inner
    }

    /// The plans of everything that was asked, as if the tables were large.
    pub fn plans(&mut self) -> Vec<Plan> {
        if self.engine() == Engine::Postgres {
            for step in ["seqscan", "sort", "incremental_sort", "bitmapscan"] {
                self.inner.execute(&format!("SET enable_{step} = off"), &[]).unwrap();
            }
        }
        let asked = std::mem::take(&mut self.asked);
        let queries = asked.into_iter().filter(|(sql, _)| {
            ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].iter().any(|word| sql.trim_start().starts_with(word))
        });
        queries.map(|(sql, params)| self.plan(sql, &params)).collect()
    }

    fn plan(&mut self, sql: String, params: &[Value]) -> Plan {
        let explain = match self.engine() {
            Engine::Sqlite => "EXPLAIN QUERY PLAN",
            Engine::Postgres => "EXPLAIN (COSTS OFF)",
        };
        let rows = self.inner.run(&format!("{explain} {sql}"), params).unwrap_or_else(|error| panic!("{error}: {sql}"));
        let skipped = if self.engine() == Engine::Sqlite { 3 } else { 0 };
        let step = |mut row: Row| {
            (0..skipped).for_each(|_| drop(row.next::<Value>().unwrap()));
            row.next::<String>().unwrap().trim().trim_start_matches("->").trim().to_owned()
        };
        Plan { sql, steps: rows.into_iter().map(step).collect() }
    }
}

impl Connection for Recorder {
    fn engine(&self) -> Engine {
        self.inner.engine()
    }

    fn run(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, DbError> {
        self.asked.entry(sql.to_owned()).or_insert_with(|| params.to_vec());
        self.inner.run(sql, params)
    }

    fn execute(&mut self, sql: &str, params: &[Value]) -> Result<(), DbError> {
        self.asked.entry(sql.to_owned()).or_insert_with(|| params.to_vec());
        self.inner.execute(sql, params)
    }
}

impl Plan {
    /// The steps that take time with the size of a table, not of the answer.
    pub fn slow_steps(&self) -> Vec<&str> {
        let is_slow = |step: &&str| {
            // SQLite scans a table, also along an index, or the rows that the statement itself has.
            (step.starts_with("SCAN ") && !["CONSTANT ROW", "VALUES CLAUSE"].iter().any(|own| step.contains(own)))
                || step.starts_with("USE TEMP B-TREE")
                || ["Seq Scan", "Sort", "Incremental Sort"]
                    .iter()
                    .any(|slow| step.split("  ").next() == Some(slow) || step.starts_with(&format!("{slow} on ")))
        };
        self.steps.iter().map(String::as_str).filter(is_slow).collect()
    }

    /// The indexes that it uses.
    pub fn indexes(&self) -> BTreeSet<String> {
        let words = self.steps.iter().flat_map(|step| step.split([' ', ',']));
        words.filter(|word| ["ix_", "uq_"].iter().any(|prefix| word.starts_with(prefix))).map(str::to_owned).collect()
    }
}
