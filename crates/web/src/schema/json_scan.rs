//! Finds out where and why Python's `json` module stops in a text that is not acceptable.
//!
//! The scanner builds nothing and keeps its own stack, so no input can exhaust memory or stack. It
//! works on bytes, because everything the grammar knows is ASCII; offsets are turned into
//! characters at the end.

use super::{BodyError, MAX_INTEGER_DIGITS};

/// Levels of nesting that can be parsed.
const MAX_DEPTH: usize = 127;

/// Explains why `text` was refused. A text that keeps to the grammar is `Unreadable`: it holds
/// something the grammar allows (or Python does, such as `NaN`) and this service does not.
pub(super) fn diagnose(text: &str) -> BodyError {
    let mut scanner = Scanner { bytes: text.as_bytes(), at: 0 };
    match scanner.document() {
        Err(Stop::Syntax(at, message)) => {
            let offset = text.get(..at).unwrap_or(text).chars().count();
            BodyError::Invalid { offset, message }
        }
        Ok(()) | Err(Stop::Limit) => BodyError::Unreadable,
    }
}

/// Why scanning ends early.
enum Stop {
    /// Byte offset and message of a grammar error.
    Syntax(usize, &'static str),
    /// Too deep or too many digits; nothing behind it is looked at.
    Limit,
}

#[derive(Clone, Copy)]
enum Container {
    Array,
    Object,
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    fn document(&mut self) -> Result<(), Stop> {
        let mut open = Vec::new();
        self.space();
        loop {
            // Here a value begins; containers that are not empty go round once more.
            if let Some(container) = self.value()? {
                open.push(container);
                if open.len() > MAX_DEPTH {
                    return Err(Stop::Limit);
                }
                if let Container::Object = container {
                    self.key()?;
                }
                continue;
            }
            // Here a value has ended, and with it perhaps the containers around it.
            loop {
                self.space();
                let Some(container) = open.last().copied() else {
                    return if self.peek().is_none() { Ok(()) } else { self.fail("Extra data") };
                };
                let (end, is_object) = match container {
                    Container::Array => (b']', false),
                    Container::Object => (b'}', true),
                };
                if self.eat(end) {
                    open.pop();
                    continue;
                }
                if !self.eat(b',') {
                    return self.fail("Expecting ',' delimiter");
                }
                self.space();
                if is_object {
                    self.key()?;
                }
                break;
            }
        }
    }

    /// Scans a scalar or an empty container, or enters a container that has something in it.
    fn value(&mut self) -> Result<Option<Container>, Stop> {
        const WORDS: [&[u8]; 6] = [b"null", b"true", b"false", b"NaN", b"Infinity", b"-Infinity"];
        if self.eat(b'"') {
            return self.string().map(|()| None);
        }
        for (start, end, container) in [(b'{', b'}', Container::Object), (b'[', b']', Container::Array)] {
            if self.eat(start) {
                self.space();
                return Ok(if self.eat(end) { None } else { Some(container) });
            }
        }
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        match WORDS.iter().find(|word| rest.starts_with(word)) {
            Some(word) => self.at += word.len(),
            None => self.number()?,
        }
        Ok(None)
    }

    /// Scans a member's name and the colon behind it.
    fn key(&mut self) -> Result<(), Stop> {
        if !self.eat(b'"') {
            return self.fail("Expecting property name enclosed in double quotes");
        }
        self.string()?;
        self.space();
        if !self.eat(b':') {
            return self.fail("Expecting ':' delimiter");
        }
        self.space();
        Ok(())
    }

    /// Scans a string behind its opening quote.
    fn string(&mut self) -> Result<(), Stop> {
        let start = self.at.saturating_sub(1);
        let unterminated = Err(Stop::Syntax(start, "Unterminated string starting at"));
        loop {
            match self.peek() {
                None => return unterminated,
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(0..=0x1F) => return self.fail("Invalid control character at"),
                Some(b'\\') => {
                    let backslash = self.at;
                    self.at += 1;
                    match self.peek() {
                        None => return unterminated,
                        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
                        Some(b'u') => self.unit()?,
                        Some(_) => return Err(Stop::Syntax(backslash, "Invalid \\escape")),
                    }
                }
                Some(_) => self.at += 1,
            }
        }
    }

    /// Scans `uXXXX`. At least one more character must follow, as the string is still open.
    fn unit(&mut self) -> Result<(), Stop> {
        let digits = self.bytes.get(self.at + 1..self.at + 5).unwrap_or_default();
        let closed = self.at + 5 < self.bytes.len();
        if digits.is_empty() || !closed || !digits.iter().all(u8::is_ascii_hexdigit) {
            return self.fail("Invalid \\uXXXX escape");
        }
        self.at += 5;
        Ok(())
    }

    /// Scans a number; a fraction or exponent without digits is left as extra data.
    fn number(&mut self) -> Result<(), Stop> {
        let start = self.at;
        self.eat(b'-');
        let digits = if self.eat(b'0') { 1 } else { self.digits() };
        if digits == 0 {
            self.at = start;
            return self.fail("Expecting value");
        }
        let end = self.at;
        if self.eat(b'.') && self.digits() == 0 {
            self.at = end;
        }
        let mantissa = self.at;
        if self.eat(b'e') || self.eat(b'E') {
            let _sign = self.eat(b'+') || self.eat(b'-');
            if self.digits() == 0 {
                self.at = mantissa;
            }
        }
        let is_integer = self.at == end;
        if is_integer && digits > MAX_INTEGER_DIGITS { Err(Stop::Limit) } else { Ok(()) }
    }

    /// Skips digits and says how many there were.
    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn fail<T>(&self, message: &'static str) -> Result<T, Stop> {
        Err(Stop::Syntax(self.at, message))
    }
}
