//! What a client's public keys must be like.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use shared::auth::Jwks;
use shared::problem::FieldError;

/// What is wrong with the keys, one by one: each an Ed25519 public key under an id of its own.
pub fn judge_keys(jwks: &Jwks) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (index, key) in jwks.keys.iter().enumerate() {
        let at = |field: &str| format!("/jwks/keys/{index}/{field}");
        if URL_SAFE_NO_PAD.decode(&key.x).map(|bytes| bytes.len()) != Ok(32) {
            errors.push(FieldError::at(at("x"), "wrong_form", "must be 32 bytes in base64url without padding"));
        }
        if jwks.keys.iter().take(index).any(|other| other.kid == key.kid) {
            errors.push(FieldError::at(at("kid"), "repeated", "another key has this id"));
        }
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::auth::Jwk;

    fn key(kid: &str, x: &str) -> Jwk {
        Jwk { kty: "OKP".into(), crv: "Ed25519".into(), x: x.into(), kid: kid.into(), alg: None, usage: None }
    }

    #[test]
    fn keys_are_whole_and_told_apart() {
        let good = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        assert!(judge_keys(&Jwks { keys: vec![key("a", good), key("b", good)] }).is_empty());
        assert_eq!(judge_keys(&Jwks { keys: vec![key("a", good), key("a", good)] }).len(), 1);
        assert_eq!(judge_keys(&Jwks { keys: vec![key("a", "AAAA")] }).len(), 1);
    }
}
