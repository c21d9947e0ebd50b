//! Enums of words: a status, a kind, a part. Tables, JSON and code spell each in one way.

/// Declares an enum whose every value is one word, which serde, utoipa, `as_str` and `FromStr` all read from one place.
#[macro_export]
macro_rules! words {
    ($(#[$of_all:meta])* $name:ident { $($(#[$of_one:meta])* $value:ident = $word:tt,)+ }) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        $(#[$of_all])*
        pub enum $name {
            $($(#[$of_one])* #[serde(rename = $word)] $value,)+
        }

        impl $name {
            /// Every value.
            pub const ALL: [$name; [$($name::$value),+].len()] = [$($name::$value),+];

            /// The word itself.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$value => $word,)+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = ();
            fn from_str(text: &str) -> Result<Self, ()> {
                $name::ALL.into_iter().find(|one| one.as_str() == text).ok_or(())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    words! {
        /// A colour.
        Colour {
            /// As the sky.
            DarkBlue = "dark_blue",
            /// As grass.
            Green = "green",
        }
    }

    #[test]
    fn a_word_is_spelt_in_one_way() {
        for colour in Colour::ALL {
            assert_eq!(colour.as_str().parse(), Ok(colour));
            assert_eq!(serde_json::to_value(colour).unwrap(), colour.to_string());
        }
        assert_eq!(serde_json::from_str::<Colour>("\"dark_blue\"").unwrap(), Colour::DarkBlue);
        assert!("blue".parse::<Colour>().is_err() && serde_json::from_str::<Colour>("\"DarkBlue\"").is_err());
    }
}
