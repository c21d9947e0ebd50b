//! The short reference people read out on the telephone.

use aws_lc_rs::rand;

/// Letters and digits that are not mistaken for one another when spoken or written:
/// no 0/O, 1/I/L, 2/Z, 5/S, 8/B, U or V.
const ALPHABET: &[u8; 23] = b"34679ACDEFGHJKMNPQRTWXY";
const BODY: usize = 8;

/// A random reference such as `R-7K3M-9QXA-C`: a prefix, eight random characters and a check
/// character that catches any one wrong character and any two neighbours swapped.
///
/// Random, so that it says nothing of how many came before it. 23^8 is 78 thousand million:
/// a clash is refused by the table's unique key and the caller tries again.
pub fn random(prefix: char) -> String {
    let mut digits = [0usize; BODY];
    for digit in &mut digits {
        *digit = random_below_23();
    }
    let body: String = digits.iter().map(|d| character(*d)).collect();
    let (first, second) = body.split_at(BODY / 2);
    format!("{prefix}-{first}-{second}-{}", character(check(&digits)))
}

/// Whether the text is a reference with this prefix and a right check character. Case,
/// spaces and hyphens are forgiven; the answer is the reference as it is stored.
pub fn parse(prefix: char, text: &str) -> Option<String> {
    let mut letters = text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase());
    if letters.next()? != prefix {
        return None;
    }
    let digits: Option<Vec<usize>> = letters.map(|c| ALPHABET.iter().position(|a| char::from(*a) == c)).collect();
    let digits = digits?;
    let (check_digit, body) = digits.split_last()?;
    if body.len() != BODY || check(body) != *check_digit {
        return None;
    }
    let body: String = body.iter().map(|d| character(*d)).collect();
    let (first, second) = body.split_at(BODY / 2);
    Some(format!("{prefix}-{first}-{second}-{}", character(*check_digit)))
}

/// Weighted sum modulo 23, a prime: weights 1 to 8 are distinct and non-zero, so one changed
/// character or one swap always changes it.
fn check(digits: &[usize]) -> usize {
    digits.iter().zip(1..).map(|(digit, weight)| digit * weight).sum::<usize>() % ALPHABET.len()
}

fn character(digit: usize) -> char {
    ALPHABET.get(digit).map_or('3', |c| char::from(*c))
}

fn random_below_23() -> usize {
    loop {
        let mut byte = [0u8];
        // The only failure is a machine without randomness, where nothing here may go on.
        if rand::fill(&mut byte).is_err() {
            std::process::abort();
        }
        // 253 is the largest multiple of 23 in a byte: no character is likelier than another.
        let [byte] = byte;
        if byte < 253 {
            return usize::from(byte) % ALPHABET.len();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn one_wrong_character_is_caught(position in 0usize..9, replacement in 0usize..23) {
            let reference = random('R');
            let mut letters: Vec<char> = reference.chars().filter(|c| *c != '-').collect();
            let changed = character(replacement);
            prop_assume!(letters[position + 1] != changed);
            letters[position + 1] = changed;
            prop_assert_eq!(parse('R', &letters.into_iter().collect::<String>()), None);
        }

        #[test]
        fn two_swapped_neighbours_are_caught(position in 0usize..7) {
            let reference = random('R');
            let mut letters: Vec<char> = reference.chars().filter(|c| *c != '-').collect();
            prop_assume!(letters[position + 1] != letters[position + 2]);
            letters.swap(position + 1, position + 2);
            prop_assert_eq!(parse('R', &letters.into_iter().collect::<String>()), None);
        }

        #[test]
        fn any_text_is_parsed_without_panic(text in ".*") {
            let _ = parse('R', &text);
        }
    }

    #[test]
    fn what_is_read_out_is_understood() {
        let reference = random('R');
        assert_eq!(parse('R', &reference.to_lowercase().replace('-', " ")), Some(reference));
    }
}
