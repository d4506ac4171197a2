//! Parameters as SQLite numbers them.

/// The statement with `?n` for each `$n`. To SQLite `$n` is a name: it compares each with all names before it, so that a
/// long list takes time with its square, and numbers them by their first appearance. Texts in quotes stay as they are.
pub(super) fn numbered(sql: &str) -> String {
    let mut numbered = String::with_capacity(sql.len());
    let mut quote = None;
    let mut letters = sql.chars().peekable();
    while let Some(letter) = letters.next() {
        match quote {
            None if letter == '\'' || letter == '"' => quote = Some(letter),
            Some(open) if letter == open => quote = None,
            _ => {}
        }
        let is_parameter = letter == '$' && quote.is_none() && letters.peek().is_some_and(char::is_ascii_digit);
        numbered.push(if is_parameter { '?' } else { letter });
    }
    numbered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_parameters_are_numbered() {
        assert_eq!(numbered("SELECT $1, $12 FROM t WHERE a IN ($2)"), "SELECT ?1, ?12 FROM t WHERE a IN (?2)");
        assert_eq!(numbered("SELECT '$1', 'it''s $2', \"$3\", $4"), "SELECT '$1', 'it''s $2', \"$3\", ?4");
        assert_eq!(numbered("SELECT '€', 1 $"), "SELECT '€', 1 $");
    }
}
