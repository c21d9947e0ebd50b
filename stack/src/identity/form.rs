//! Reading the form of a page, as far as the gateway's own sign-in page needs.

use reqwest::Url;

use crate::error::{Attempt, Result};

/// A form: where it is sent and what it carries unseen.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Form {
    action: Option<String>,
    /// Names and values of its hidden fields.
    pub(super) hidden: Vec<(String, String)>,
}

impl Form {
    /// The first form of a page.
    pub(super) fn first_in(page: &str) -> Option<Self> {
        let (_, rest) = page.split_once("<form")?;
        let inside = rest.split_once("</form").map_or(rest, |(inside, _)| inside);
        let action = value(&attributes(inside), "action");
        let hidden = inside
            .split("<input")
            .skip(1)
            .map(attributes)
            .filter(|input| value(input, "type").as_deref() == Some("hidden"))
            .filter_map(|input| {
                let name = value(&input, "name")?;
                Some((name, value(&input, "value").unwrap_or_default()))
            })
            .collect();
        Some(Self { action, hidden })
    }

    /// Where the form is sent from a page at `address`.
    pub(super) fn target(&self, address: &Url) -> Result<Url> {
        match &self.action {
            None => Ok(address.clone()),
            Some(action) => address.join(action).attempt(|| format!("read the form's address {action}")),
        }
    }
}

/// What a page says went wrong, in its element with the role `alert`.
pub(super) fn alert(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("role=\"alert\"")?;
    let (inside, _) = rest.split_once("</div>")?;
    let words = inside.split('<').filter_map(|part| part.split_once('>')).flat_map(|(_, text)| text.split_whitespace());
    Some(unescape(&words.collect::<Vec<_>>().join(" ")))
}

/// The attributes of a tag, from after its name to its end.
fn attributes(tag: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = tag.trim_start();
    while !rest.is_empty() && !rest.starts_with('>') && !rest.starts_with("/>") {
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/'));
        let (name, after) = rest.split_at(end.unwrap_or(rest.len()));
        let after = after.trim_start();
        let (value, after) = match after.strip_prefix('=') {
            Some(after) => read_value(after.trim_start()),
            None => ("", after),
        };
        if name.is_empty() && value.is_empty() {
            // A stray character: pass over it.
            let mut characters = after.chars();
            characters.next();
            rest = characters.as_str().trim_start();
            continue;
        }
        found.push((name.to_ascii_lowercase(), unescape(value)));
        rest = after.trim_start();
    }
    found
}

fn read_value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(text) = text.strip_prefix(quote) {
            return text.split_once(quote).unwrap_or((text, ""));
        }
    }
    let end = text.find(|c: char| c.is_whitespace() || c == '>');
    text.split_at(end.unwrap_or(text.len()))
}

fn value(attributes: &[(String, String)], name: &str) -> Option<String> {
    attributes.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone())
}

/// Undoes the escapes that templates write into attributes.
fn unescape(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let escape = after.split_once(';').filter(|(name, _)| name.len() <= 8);
        match escape.and_then(|(name, after)| Some((character(name)?, after))) {
            Some((character, after)) => {
                plain.push(character);
                rest = after;
            }
            None => {
                plain.push('&');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    plain
}

fn character(name: &str) -> Option<char> {
    let number = match name.strip_prefix('#') {
        Some(digits) => match digits.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => digits.parse().ok(),
        },
        None => None,
    };
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => number.and_then(char::from_u32),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const PAGE: &str = r#"<!doctype html><form method="post" action="/oauth/authorize?a=1&amp;b=2">
        <input type="hidden" name="request" value="a &#34;b&#x27; &amp;amp; c">
        <input name=csrf type=hidden value=xyz/>
        <label>Name <input name="username" autofocus required></label>
        <input type="password" name="password">
        <button>Sign in</button></form><form><input type="hidden" name="other"></form>"#;

    #[test]
    fn reads_what_the_page_carries() {
        let form = Form::first_in(PAGE).unwrap();
        let hidden: Vec<_> = form.hidden.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(hidden, [("request", "a \"b' &amp; c"), ("csrf", "xyz/")]);
        let page = Url::parse("http://127.0.0.1:8080/oauth/authorize?x=y").unwrap();
        assert_eq!(form.target(&page).unwrap().as_str(), "http://127.0.0.1:8080/oauth/authorize?a=1&b=2");
    }

    #[test]
    fn a_form_without_an_address_goes_back_to_its_page() {
        let page = Url::parse("http://127.0.0.1:8080/p?x=y").unwrap();
        let form = Form::first_in("<form method=post></form>").unwrap();
        assert_eq!(form.target(&page).unwrap(), page);
        assert!(Form::first_in("<p>nothing").is_none());
    }

    #[test]
    fn reads_what_went_wrong() {
        let page =
            "<div class=\"e\" role=\"alert\"><h2>Oh</h2>\n <p><a href=\"#u\">It isn&#39;t\n right.</a></p></div>";
        assert_eq!(alert(page).unwrap(), "Oh It isn't right.");
        assert_eq!(alert("<p>fine"), None);
    }

    #[test]
    fn odd_pages_do_no_harm() {
        for page in ["<form", "<form =", "<form><input = \"", "<form / / ><input /", "<form a=\"b"] {
            let _ = Form::first_in(page);
        }
    }
}
