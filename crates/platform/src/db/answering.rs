//! Statements for Postgres that always answer a row.

use super::{DbError, FromValue, Value};

/// The statement as one that answers its rows with TRUE behind each, or a single row of NULL where it has none; as it is
/// if it is no query. Spin up to 4.0.2 never returns from a query that answers no row.
pub(super) fn answering(sql: &str) -> Option<String> {
    let first = sql.trim_start().split(|letter: char| !letter.is_ascii_alphabetic()).next()?;
    let is_query = ["SELECT", "WITH", "INSERT", "UPDATE", "DELETE"].iter().any(|word| first.eq_ignore_ascii_case(word));
    is_query.then(|| {
        format!(
            "WITH found AS ({sql}) SELECT answer.* FROM (SELECT 1) AS always
             LEFT JOIN (SELECT found.*, TRUE AS is_found FROM found) AS answer ON TRUE"
        )
    })
}

/// The row of the statement itself; `None` for the one that says that there is none.
pub(super) fn found(mut row: Vec<Value>) -> Result<Option<Vec<Value>>, DbError> {
    let is_found = row.pop().ok_or_else(|| DbError::decode("a row has no columns"))?;
    Ok(Option::<bool>::from_value(is_found)?.map(|_| row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_wrapped_and_nothing_else() {
        for query in ["SELECT 1", "\n  with a AS (SELECT 1) SELECT 2", "UPDATE t SET a = 1 RETURNING a"] {
            assert!(answering(query).is_some_and(|wrapped| wrapped.contains(query)), "{query}");
        }
        for other in ["BEGIN", "EXPLAIN SELECT 1", "CREATE TABLE t (a int)", ""] {
            assert_eq!(answering(other), None, "{other}");
        }
    }

    #[test]
    fn the_row_of_null_is_none() {
        assert_eq!(found(vec![Value::Int(1), Value::Bool(true)]).unwrap(), Some(vec![Value::Int(1)]));
        assert_eq!(found(vec![Value::Null, Value::Bool(true)]).unwrap(), Some(vec![Value::Null]));
        assert_eq!(found(vec![Value::Null, Value::Null]).unwrap(), None);
    }
}
