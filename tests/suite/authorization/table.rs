//! The table of who may call what.

/// One operation: its method and path, and the expected status for each caller in the order of [`Table::callers`].
pub struct Row {
    pub method: String,
    pub path: String,
    pub statuses: Vec<u16>,
}

impl Row {
    /// `GET /api/v1/boards`.
    pub fn operation(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// The table of `authorization.txt`.
pub struct Table {
    pub callers: Vec<&'static str>,
    pub rows: Vec<Row>,
}

impl Table {
    /// Reads the table; fails where it is not one.
    pub fn read() -> Self {
        let mut lines = include_str!("../authorization.txt")
            .lines()
            .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
            .map(|line| line.split_whitespace().collect::<Vec<_>>());
        let callers: Vec<_> = lines.next().expect("a line that names the columns").split_off(2);
        let rows = lines.map(|words| row(&words, callers.len())).collect();
        Self { callers, rows }
    }

    /// The expected status.
    pub fn status(&self, row: &Row, caller: &str) -> u16 {
        let column = self.callers.iter().position(|name| *name == caller).expect("a caller of the table");
        row.statuses[column]
    }
}

fn row(words: &[&str], callers: usize) -> Row {
    let [method, path, statuses @ ..] = words else { panic!("no row: {words:?}") };
    let statuses: Vec<u16> = statuses.iter().map(|status| status.parse().expect("a status")).collect();
    assert_eq!(statuses.len(), callers, "statuses of {method} {path}");
    Row { method: (*method).to_owned(), path: (*path).to_owned(), statuses }
}
