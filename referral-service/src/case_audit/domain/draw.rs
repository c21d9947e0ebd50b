//! The draw: the files whose SHA-256 of seed and id, as bytes, is smallest. Anyone who has the seed and the ids in scope
//! finds the same files with any tool; nobody who chooses neither can choose the files.

use aws_lc_rs::{digest, rand};
use shared::problem::Problem;
use uuid::Uuid;

/// How many bytes a seed has.
const SEED_BYTES: usize = 16;

/// What decides a draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed([u8; SEED_BYTES]);

impl Seed {
    /// A new one.
    ///
    /// # Errors
    /// 500 if the system gives no random bytes.
    pub fn random() -> Result<Self, Problem> {
        let mut bytes = [0; SEED_BYTES];
        rand::fill(&mut bytes).map_err(|_| Problem::internal(&"no random bytes"))?;
        Ok(Self(bytes))
    }

    /// As it is kept: in hexadecimal.
    pub fn text(self) -> String {
        hexadecimal(&self.0)
    }

    /// From its text.
    pub fn parse(text: &str) -> Option<Self> {
        let number = u128::from_str_radix(text, 16).ok()?;
        (text.len() == 2 * SEED_BYTES).then(|| Self(number.to_be_bytes()))
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The files that are drawn from these, in the order they were drawn. All of them, if there are no more.
pub fn draw(seed: Seed, among: &[Uuid], size: usize) -> Vec<Uuid> {
    let mut ranked: Vec<(digest::Digest, Uuid)> = among.iter().map(|id| (rank(seed, *id), *id)).collect();
    ranked.sort_by(|(one, a), (other, b)| one.as_ref().cmp(other.as_ref()).then(a.cmp(b)));
    ranked.into_iter().take(size).map(|(_, id)| id).collect()
}

fn rank(seed: Seed, id: Uuid) -> digest::Digest {
    let mut whole = digest::Context::new(&digest::SHA256);
    whole.update(&seed.0);
    whole.update(id.as_bytes());
    whole.finish()
}

/// A digest of the ids in scope in their order, by which two lists are compared.
pub fn fingerprint(among: &[Uuid]) -> String {
    let mut whole = digest::Context::new(&digest::SHA256);
    among.iter().for_each(|id| whole.update(id.as_bytes()));
    hexadecimal(whole.finish().as_ref())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::as_conversions, clippy::indexing_slicing)]
    use super::*;
    use proptest::prelude::*;

    fn ids(many: u128) -> Vec<Uuid> {
        (0..many).map(Uuid::from_u128).collect()
    }

    #[test]
    fn a_seed_survives_its_text() {
        let seed = Seed::random().unwrap();
        assert_eq!(Seed::parse(&seed.text()), Some(seed));
        assert_ne!(Seed::random().unwrap(), seed);
        assert_eq!(Seed::parse("00ff"), None);
    }

    #[test]
    fn the_draw_is_the_one_that_was_written_down() {
        // Found with sha256sum: so another program finds the same.
        let seed = Seed::parse("000102030405060708090a0b0c0d0e0f").unwrap();
        let drawn = draw(seed, &ids(6), 3);
        assert_eq!(drawn, WRITTEN_DOWN.map(Uuid::from_u128));
    }

    const WRITTEN_DOWN: [u128; 3] = [1, 2, 5];

    /// Each of 40 files should be among 10 of 2,000 draws about 500 times: so the sum of the squared deviations over what
    /// is expected stays below what chance gives once in a million (chi-square, 39 degrees of freedom, 99.9999 %: 98).
    #[test]
    fn every_file_is_drawn_as_often_as_any_other() {
        let among = ids(40);
        let mut times = [0u32; 40];
        for number in 0..2_000u128 {
            let seed = Seed(number.to_be_bytes());
            for id in draw(seed, &among, 10) {
                times[id.as_u128() as usize] += 1;
            }
        }
        let expected = 500.0;
        let sum: f64 = times.iter().map(|seen| (f64::from(*seen) - expected).powi(2) / expected).sum();
        assert!(sum < 98.0, "{sum}: {times:?}");
    }

    proptest! {
        #[test]
        fn a_draw_is_repeatable_and_does_not_hang_on_the_order(seed: u128, many in 1u128..60, size in 1usize..70, turn: prop::sample::Index) {
            let seed = Seed(seed.to_be_bytes());
            let among = ids(many);
            let drawn = draw(seed, &among, size);
            prop_assert_eq!(drawn.len(), size.min(among.len()));
            let mut turned = among.clone();
            turned.rotate_left(turn.index(among.len()));
            prop_assert_eq!(&draw(seed, &turned, size), &drawn);
            // A larger sample has the smaller one in it.
            let more = draw(seed, &among, size + 1);
            prop_assert!(more.starts_with(&drawn));
        }
    }
}
