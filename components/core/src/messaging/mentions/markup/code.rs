//! Code in a Markdown text: fenced and indented blocks, and spans between backticks.

use std::collections::HashMap;
use std::ops::Range;

/// Spaces that make a line code, where a paragraph could begin.
const INDENT: usize = 4;

/// The parts of a text that are code, in order. Takes time in proportion to the text.
pub(super) fn ranges(text: &str) -> Vec<Range<usize>> {
    let mut reader = Reader { text, code: Vec::new(), fence: None, paragraph: None, in_list: false };
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        reader.line(start, line);
        start += line.len();
    }
    reader.end();
    reader.code
}

/// An open fence: from where, of which characters, how many, and whether in a quotation.
struct Fence {
    start: usize,
    mark: char,
    length: usize,
    quoted: bool,
}

struct Reader<'a> {
    text: &'a str,
    code: Vec<Range<usize>>,
    fence: Option<Fence>,
    /// Where the paragraph at hand begins.
    paragraph: Option<Range<usize>>,
    /// Whether indented lines may belong to an item of a list.
    in_list: bool,
}

impl Reader<'_> {
    fn line(&mut self, start: usize, line: &str) {
        let (content, quoted) = unquoted(line);
        if let Some(fence) = self.fence.take_if(|fence| fence.quoted && !quoted) {
            self.code.push(fence.start..start);
        }
        if let Some(fence) = self.fence.take() {
            if fence.is_closed_by(content) {
                self.code.push(fence.start..start + line.len());
            } else {
                self.fence = Some(fence);
            }
            return;
        }
        let bare = content.trim_start_matches([' ', '\t']);
        let is_indented = content.len() - bare.len() >= INDENT || content.starts_with('\t');
        if !is_indented || self.in_list {
            self.fence = Fence::opened_by(bare, start, quoted);
        }
        if self.fence.is_some() || bare.trim().is_empty() {
            self.end_paragraph();
        } else if is_indented && self.paragraph.is_none() && !self.in_list {
            self.code.push(start..start + line.len());
        } else {
            self.in_list =
                begins_item(bare) || self.in_list && (is_indented || self.paragraph.is_some() || bare != content);
            let first = self.paragraph.take().map_or(start, |paragraph| paragraph.start);
            self.paragraph = Some(first..start + line.len());
        }
    }

    fn end(&mut self) {
        self.end_paragraph();
        if let Some(fence) = self.fence.take() {
            self.code.push(fence.start..self.text.len());
        }
    }

    fn end_paragraph(&mut self) {
        let Some(paragraph) = self.paragraph.take() else { return };
        let text = self.text.get(paragraph.clone()).unwrap_or_default();
        self.code.extend(spans(text).into_iter().map(|span| paragraph.start + span.start..paragraph.start + span.end));
    }
}

impl Fence {
    fn opened_by(line: &str, start: usize, quoted: bool) -> Option<Self> {
        let mark = line.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
        let rest = line.trim_start_matches(mark);
        let length = line.len() - rest.len();
        // Behind a fence of backticks none may follow, or it is a span.
        (length >= 3 && !(mark == '`' && rest.contains('`'))).then_some(Self { start, mark, length, quoted })
    }

    fn is_closed_by(&self, line: &str) -> bool {
        let marks = line.trim();
        marks.len() >= self.length && marks.chars().all(|letter| letter == self.mark)
    }
}

/// A line without the signs of quotations in front of it, and whether there were any.
fn unquoted(line: &str) -> (&str, bool) {
    let mut content = line;
    while let Some(rest) = content.trim_start_matches(' ').strip_prefix('>').filter(|_| indent(content) < INDENT) {
        content = rest.strip_prefix(' ').unwrap_or(rest);
    }
    (content, content.len() < line.len())
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Whether a line begins an item of a list: `- `, `* `, `+ `, `1. ` or `1) `.
fn begins_item(line: &str) -> bool {
    let digits = line.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let marks = if digits.len() < line.len() { ['.', ')', ')'] } else { ['-', '*', '+'] };
    digits.strip_prefix(marks).is_some_and(|rest| rest.starts_with([' ', '\t', '\n', '\r']) || rest.is_empty())
}

/// The spans of a paragraph: from a run of backticks to the next one of the same length.
fn spans(paragraph: &str) -> Vec<Range<usize>> {
    let runs = runs(paragraph);
    // For each run the next one that closes it: looked for from behind, so that each is seen once.
    let mut next_of_length: HashMap<usize, usize> = HashMap::new();
    let mut closers = vec![None; runs.len()];
    for ((number, run), closer) in runs.iter().enumerate().zip(&mut closers).rev() {
        // A backslash takes the first backtick away from what opens, but not from what closes.
        let opens = run.len() - usize::from(is_escaped(paragraph, run.start));
        *closer = next_of_length.get(&opens).copied().filter(|_| opens > 0);
        next_of_length.insert(run.len(), number);
    }
    let mut spans = Vec::new();
    let mut next = 0;
    for (number, (run, closer)) in runs.iter().zip(closers).enumerate() {
        if number >= next
            && let Some((closer, end)) = closer.and_then(|closer| Some((closer, runs.get(closer)?.end)))
        {
            spans.push(run.start..end);
            next = closer + 1;
        }
    }
    spans
}

/// Where backticks follow each other.
fn runs(text: &str) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (position, _) in text.match_indices('`') {
        match runs.last_mut() {
            Some(run) if run.end == position => run.end += 1,
            _ => runs.push(position..position + 1),
        }
    }
    runs
}

fn is_escaped(text: &str, position: usize) -> bool {
    let before = text.get(..position).unwrap_or_default();
    (before.len() - before.trim_end_matches('\\').len()) % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Vec<&str> {
        ranges(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn spans_reach_to_the_next_run_of_the_same_length() {
        assert_eq!(code("a `b` c ``d ` e`` f"), ["`b`", "``d ` e``"]);
        assert_eq!(code("a `b c"), [""; 0]);
        assert_eq!(code("a `b\n\nc` d"), [""; 0]);
        assert_eq!(code("a `b\nc` d"), ["`b\nc`"]);
        assert_eq!(code("a \\`b` c `d\\` e"), ["` c `"]);
        assert_eq!(code("``` a ` b"), [""; 0]);
    }

    #[test]
    fn fences_reach_to_a_fence_as_long_or_to_the_end() {
        assert_eq!(code("a\n```rust\nb\n```\nc"), ["```rust\nb\n```\n"]);
        assert_eq!(code("~~~~\nb\n~~~\n```\n~~~~~\nc"), ["~~~~\nb\n~~~\n```\n~~~~~\n"]);
        assert_eq!(code("```\nb"), ["```\nb"]);
        assert_eq!(code("> ```\n> b\nc"), ["> ```\n> b\n"]);
        assert_eq!(code("- a\n\n      ```\n      b\n      ```\nc"), ["      ```\n      b\n      ```\n"]);
    }

    #[test]
    fn indented_lines_are_code_where_a_paragraph_could_begin() {
        assert_eq!(code("a\n\n    b\n\tc\nd"), ["    b\n", "\tc\n"]);
        assert_eq!(code("a\n    b"), [""; 0]);
        assert_eq!(code("1. a\n\n    b\n\nc\n\n    d"), ["    d"]);
        assert_eq!(code(">     b"), [">     b"]);
    }

    #[test]
    fn many_backticks_take_time_in_proportion() {
        let text: String = (1..2_000).map(|length| format!("{} ", "`".repeat(length % 700 + 1))).collect();
        assert!(!ranges(&text).is_empty());
        assert!(ranges(&format!("{}x", "\\`".repeat(100_000))).len() < 2);
    }
}
