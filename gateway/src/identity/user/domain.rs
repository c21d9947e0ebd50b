//! What a user name and a password must be like.

use shared::problem::FieldError;

/// What is wrong with a password, beyond its length. Length is what protects; rules of
/// composition are not asked for (NIST SP 800-63B section 5.1.1.2).
pub fn judge_password(password: &str, username: &str) -> Option<FieldError> {
    let lower = password.to_lowercase();
    let mut letters: Vec<char> = lower.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    let guessable = lower.contains(username) && username.len() > 3
        || letters.len() < 5
        || ["password", "123456", "qwerty", "letmein"].iter().any(|word| lower.contains(word));
    guessable
        .then(|| FieldError::at("/password", "guessable", "is too easy to guess: choose three or four random words"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_guessed_first_is_refused() {
        for guessable in ["aaaaaaaaaaaaaaaa", "abababababab", "Password2026!", "olive.officer1", "xx123456yyyy"] {
            assert!(judge_password(guessable, "olive.officer").is_some(), "{guessable}");
        }
        assert!(judge_password("threshold-demo", "olive.officer").is_none());
        assert!(judge_password("correct horse battery", "olive.officer").is_none());
    }
}
