//! Ed25519 keys: private ones from PEM files, public ones from JWKS documents.

use std::collections::HashMap;
use std::path::Path;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use serde::{Deserialize, Serialize};

/// A private key that signs tokens, under a key id.
#[derive(Clone)]
pub struct SigningKey {
    kid: String,
    encoding: EncodingKey,
    public: Vec<u8>,
}

impl SigningKey {
    /// Reads a PKCS#8 PEM file.
    ///
    /// # Errors
    /// One line naming the file.
    pub fn read(kid: &str, file: &Path) -> Result<Self, String> {
        let pem = std::fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
        Self::from_pem(kid, &pem).map_err(|error| format!("{}: {error}", file.display()))
    }

    /// Reads a PKCS#8 PEM text.
    ///
    /// # Errors
    /// If it is no Ed25519 private key.
    pub fn from_pem(kid: &str, pem: &str) -> Result<Self, String> {
        let body: String = pem.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
        let der = STANDARD.decode(body).map_err(|_| "not a PEM file".to_owned())?;
        let pair =
            Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).map_err(|_| "not an Ed25519 private key".to_owned())?;
        Ok(Self {
            kid: kid.to_owned(),
            encoding: EncodingKey::from_ed_der(&der),
            public: pair.public_key().as_ref().to_vec(),
        })
    }

    /// The key id.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Signs claims as a token of type `typ`.
    ///
    /// # Errors
    /// If they can't be serialised.
    pub fn sign<C: Serialize>(&self, typ: &str, claims: &C) -> Result<String, String> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(typ.to_owned());
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.encoding).map_err(|error| error.to_string())
    }

    /// The public half, for a JWKS document.
    pub fn jwk(&self) -> Jwk {
        Jwk {
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            x: URL_SAFE_NO_PAD.encode(&self.public),
            kid: self.kid.clone(),
            alg: Some("EdDSA".to_owned()),
            usage: Some("sig".to_owned()),
        }
    }
}

/// A public Ed25519 key (RFC 8037).
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Jwk {
    /// `OKP`.
    pub kty: String,
    /// `Ed25519`.
    pub crv: String,
    /// The key's 32 bytes, base64url without padding.
    pub x: String,
    /// The key id.
    pub kid: String,
    /// `EdDSA`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
    /// `sig`.
    #[serde(rename = "use", default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<String>,
}

/// A JWKS document.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Jwks {
    /// The keys.
    pub keys: Vec<Jwk>,
}

/// Public keys by key id. The algorithm is fixed per key: these verify EdDSA and nothing else.
#[derive(Clone, Default)]
pub struct KeySet(HashMap<String, DecodingKey>);

impl KeySet {
    /// The usable keys of a JWKS document; others are passed over.
    pub fn from_jwks(jwks: &Jwks) -> Self {
        let usable = jwks.keys.iter().filter(|key| key.kty == "OKP" && key.crv == "Ed25519");
        Self(
            usable
                .filter_map(|key| {
                    let bytes = URL_SAFE_NO_PAD.decode(&key.x).ok().filter(|bytes| bytes.len() == 32)?;
                    Some((key.kid.clone(), DecodingKey::from_ed_der(&bytes)))
                })
                .collect(),
        )
    }

    /// Reads a JWKS file.
    ///
    /// # Errors
    /// One line naming the file.
    pub fn read(file: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
        let jwks: Jwks = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
        Ok(Self::from_jwks(&jwks))
    }

    /// Whether there is no key at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key with this id.
    pub fn get(&self, kid: &str) -> Option<&DecodingKey> {
        self.0.get(kid)
    }
}
