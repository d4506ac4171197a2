//! What belongs to a word, in any script.

use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;

/// Scripts whose sentences have no spaces between words, or hang endings on a name without one.
const UNSPACED: [std::ops::RangeInclusive<char>; 13] = [
    '\u{0e00}'..='\u{0eff}', // Thai, Lao
    '\u{0f00}'..='\u{109f}', // Tibetan, Burmese
    '\u{1100}'..='\u{11ff}', // Hangul letters
    '\u{1780}'..='\u{17ff}', // Khmer
    '\u{3005}'..='\u{3007}', // Han repetition marks
    '\u{3040}'..='\u{30ff}', // Hiragana, Katakana
    '\u{3100}'..='\u{312f}', // Bopomofo
    '\u{31f0}'..='\u{31ff}', // Katakana extensions
    '\u{3400}'..='\u{4dbf}', // Han
    '\u{4e00}'..='\u{9fff}', // Han
    '\u{ac00}'..='\u{d7ff}', // Hangul
    '\u{f900}'..='\u{faff}', // Han
    '\u{ff66}'..='\u{ff9f}', // Katakana of half width
];

/// Whether a letter belongs to a script in which words follow each other without spaces.
pub(super) fn is_unspaced(letter: char) -> bool {
    UNSPACED.iter().any(|script| script.contains(&letter)) || ('\u{20000}'..='\u{3ffff}').contains(&letter)
}

/// Whether a character is part of a word: letters with their marks, digits, `_`, and the invisible joiners inside words of
/// some scripts.
pub(super) fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '\u{200c}' | '\u{200d}') || is_mark(letter)
}

fn is_mark(letter: char) -> bool {
    const CLASSES: CanonicalCombiningClassMapBorrowed<'_> = CanonicalCombiningClassMapBorrowed::new();
    !letter.is_ascii() && CLASSES.get_u8(letter) != 0
}
