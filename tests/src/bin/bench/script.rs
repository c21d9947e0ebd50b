//! Recorded statements as a script of `pgbench`: the same text in the same order and the same
//! round trips, where every transaction makes rows of its own or asks for another one.

use crate::record::Sent;
use crate::requests::{MARK, SEED, id};

/// What differs from one transaction to the next.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The statements.
    pub sent: Vec<Sent>,
    /// The seeded referral that was asked for, if one was.
    pub asked: Option<u64>,
    /// A text that was drawn at random and has to be unique, and what its replacement begins with.
    pub random: Option<(String, &'static str)>,
}

/// In `pgbench`'s variables: `n` is new in each transaction, `r` one of the seeded rows.
///
/// The first statement of a connection makes `pgbench` prepare all of them, which it can't do
/// within a pipeline.
const PRELUDE: &str = "\\set i :i + 1\n\\set n :base + :i * 128 + :client_id\n\\if :i = 1\nSELECT 1;\n\\endif\n";

impl Recorded {
    /// The script.
    pub fn script(&self) -> String {
        let mut script = PRELUDE.to_owned();
        if self.asked.is_some() {
            script.push_str(&format!("\\set r random({}, {SEED} + :rows)\n", SEED + 1));
        }
        let actor = self.sent.iter().find_map(actor);
        for sent in &self.sent {
            match sent {
                Sent::Plain(text) => {
                    // Several statements in one message cost the service one round trip; they shall cost no more here.
                    let parts: Vec<&str> = text.split("; ").collect();
                    let pipelined = parts.len() > 1;
                    if pipelined {
                        script.push_str("\\startpipeline\n");
                    }
                    for part in parts {
                        script.push_str(&self.statement(part, &[], actor.as_deref()));
                    }
                    if pipelined {
                        script.push_str("\\endpipeline\n");
                    }
                }
                Sent::Prepared(text, values) => script.push_str(&self.statement(text, values, actor.as_deref())),
            }
        }
        script
    }

    /// A statement with its parameters' values in their places.
    fn statement(&self, text: &str, values: &[Option<String>], actor: Option<&str>) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['\'', '$']) {
            let (before, special) = rest.split_at(at);
            out.push_str(before);
            if let Some(inside) = special.strip_prefix('\'') {
                let end = inside.find('\'').unwrap_or(inside.len());
                let (literal, after) = inside.split_at(end);
                out.push_str(&quoted(literal));
                rest = after.strip_prefix('\'').unwrap_or(after);
            } else {
                let digits: String = special.chars().skip(1).take_while(char::is_ascii_digit).collect();
                let number: Option<usize> = digits.parse().ok();
                match number.and_then(|number| values.get(number.checked_sub(1)?)) {
                    Some(Some(value)) => out.push_str(&self.value(value, actor)),
                    Some(None) => out.push_str("NULL"),
                    None => out.push_str(special.get(..=digits.len()).unwrap_or("$")),
                }
                rest = special.get(1 + digits.len()..).unwrap_or_default();
            }
        }
        out.push_str(rest);
        out.push_str(";\n");
        out
    }

    /// A value: a constant, or an expression where it holds what differs.
    fn value(&self, value: &str, actor: Option<&str>) -> String {
        let pieces = self.pieces(value, actor);
        let varies = pieces.iter().any(|piece| !matches!(piece, Piece::Same(_)));
        let joined = pieces.iter().map(Piece::render).collect::<Vec<_>>().join(" || ");
        match kind(value) {
            Some(kind) if varies || kind.ends_with("[]") => format!("({joined})::{kind}"),
            _ if varies => format!("({joined})"),
            _ => joined,
        }
    }

    /// The place of an id among all those in the statements.
    fn ordinal(&self, id: &str) -> usize {
        let before = |text: &str| text.split_once(id).map(|(before, _)| before.to_owned());
        let mut counted = 0;
        for sent in &self.sent {
            let Sent::Prepared(_, values) = sent else { continue };
            for value in values.iter().flatten() {
                match before(value) {
                    Some(before) => return counted + ids(&before),
                    None => counted += ids(value),
                }
            }
        }
        counted
    }

    /// Splits a value where it differs: at the mark, at the random text, and at the end of every id.
    /// The actor's id and those of seeded rows stay as they are, but for the row that was asked for.
    fn pieces(&self, value: &str, actor: Option<&str>) -> Vec<Piece> {
        let mark = MARK.to_string();
        let asked = self.asked.map(id);
        let mut pieces = Vec::new();
        let mut same = String::new();
        let mut rest = value;
        while let Some(first) = rest.chars().next() {
            let uuid = rest.get(..36).filter(|text| is_uuid(text));
            if let Some(after) = rest.strip_prefix(&mark) {
                pieces.push(Piece::Same(std::mem::take(&mut same)));
                pieces.push(Piece::New);
                rest = after;
            } else if let Some((random, prefix)) = &self.random
                && let Some(after) = rest.strip_prefix(random.as_str())
            {
                same.push_str(prefix);
                pieces.push(Piece::Same(std::mem::take(&mut same)));
                pieces.push(Piece::New);
                rest = after;
            } else if let Some(uuid) = uuid {
                let (head, _) = uuid.split_at(24);
                if asked.as_deref() == Some(uuid) {
                    same.push_str(head);
                    pieces.push(Piece::Same(std::mem::take(&mut same)));
                    pieces.push(Piece::Seeded);
                } else if Some(uuid) == actor || uuid.starts_with("01900000-0000-7000-") {
                    same.push_str(uuid);
                } else {
                    // Ids of one moment may differ in their last digits only: the fourth group numbers them.
                    let (time, _) = uuid.split_at(19);
                    same.push_str(&format!("{time}8{:03x}-", self.ordinal(uuid)));
                    pieces.push(Piece::Same(std::mem::take(&mut same)));
                    pieces.push(Piece::New);
                }
                rest = rest.get(36..).unwrap_or_default();
            } else {
                same.push(first);
                rest = rest.get(first.len_utf8()..).unwrap_or_default();
            }
        }
        pieces.push(Piece::Same(same));
        pieces.retain(|piece| !matches!(piece, Piece::Same(text) if text.is_empty()));
        if pieces.is_empty() { vec![Piece::Same(String::new())] } else { pieces }
    }
}

enum Piece {
    Same(String),
    New,
    Seeded,
}

impl Piece {
    fn render(&self) -> String {
        match self {
            Piece::Same(text) => quoted(text),
            Piece::New => ":n::text".to_owned(),
            Piece::Seeded => ":r::text".to_owned(),
        }
    }
}

/// A string constant in which nothing can be taken for a variable of `pgbench`.
pub fn quoted(text: &str) -> String {
    if !text.contains(['\'', '\\', ':']) {
        return format!("'{text}'");
    }
    format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "\\'").replace(':', "\\x3a"))
}

/// How many ids a text holds.
fn ids(text: &str) -> usize {
    text.as_bytes().windows(36).filter(|part| std::str::from_utf8(part).is_ok_and(is_uuid)).count()
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// The type of a value whose place doesn't say it, by its look. Parameters have types, constants
/// in `unnest(…)` don't. The only empty arrays that are sent are of ids.
pub fn kind(value: &str) -> Option<&'static str> {
    let element = |value: &str| -> Option<&'static str> {
        let text = value.trim_matches('"');
        let is_day = |text: &str| {
            text.len() >= 10
                && text.bytes().zip(b"0000-00-00").all(
                    |(byte, like)| {
                        if *like == b'-' { byte == b'-' } else { byte.is_ascii_digit() }
                    },
                )
        };
        if is_uuid(text) {
            Some("uuid")
        } else if text.starts_with('{') {
            Some("jsonb")
        } else if is_day(text) {
            Some(if text.len() == 10 { "date" } else { "timestamptz" })
        } else {
            None
        }
    };
    let Some(list) = value.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
        return element(value).filter(|kind| *kind == "uuid");
    };
    if list.is_empty() {
        return Some("uuid[]");
    }
    let first = list.split(',').find(|element| *element != "NULL").unwrap_or_default();
    Some(match element(first) {
        Some("uuid") => "uuid[]",
        Some("jsonb") => "jsonb[]",
        Some("date") => "date[]",
        Some("timestamptz") => "timestamptz[]",
        _ => "text[]",
    })
}

/// The actor's id in the context that a transaction begins with.
fn actor(sent: &Sent) -> Option<String> {
    let Sent::Plain(text) = sent else { return None };
    let (_, rest) = text.split_once("app.actor = '")?;
    rest.split_once('\'').map(|(id, _)| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACTOR: &str = "019a0000-0000-7000-8000-00000000000a";

    fn recorded(sent: Vec<Sent>) -> Recorded {
        Recorded { sent, asked: Some(1), random: Some(("R-7K3M-9QXA-C".to_owned(), "R-")) }
    }

    #[test]
    fn what_differs_becomes_an_expression() {
        let some = |text: &str| Some(text.to_owned());
        let statement = Sent::Prepared(
            "SELECT 'a:b', unnest($1), $2, $3, $4, $5, $6 FROM \"t\" WHERE x = $2::text".to_owned(),
            vec![
                some("{019a1111-0000-7000-8000-123456789abc,01900000-0000-7000-8001-100000000001}"),
                None,
                some(ACTOR),
                some("R-7K3M-9QXA-C is it's"),
                some("sample777000000001"),
                some("{}"),
            ],
        );
        let context = Sent::Plain(format!("BEGIN; SET LOCAL app.actor = '{ACTOR}'"));
        let script = recorded(vec![context, statement]).script();
        let expected = format!(
            "\\startpipeline\nBEGIN;\nSET LOCAL app.actor = '{ACTOR}';\n\\endpipeline\n\
             SELECT E'a\\x3ab', unnest(('{{019a1111-0000-7000-8000-' || :n::text || ',01900000-0000-7000-8001-' || :r::text || '}}')::uuid[]), \
             NULL, '{ACTOR}', ('R-' || :n::text || E' is it\\'s'), ('sample' || :n::text), ('{{}}')::uuid[] \
             FROM \"t\" WHERE x = NULL::text;\n"
        );
        assert!(script.ends_with(&expected), "{script}");
    }

    #[test]
    fn arrays_get_the_type_they_look_like() {
        assert_eq!(kind("{2019-02-03,NULL}"), Some("date[]"));
        assert_eq!(kind("{NULL,2019-02-03}"), Some("date[]"));
        assert_eq!(kind("{\"2026-11-22 03:00:00+00\"}"), Some("timestamptz[]"));
        assert_eq!(kind("{\"{\\\"a\\\": 1}\"}"), Some("jsonb[]"));
        assert_eq!(kind("{referral,referral}"), Some("text[]"));
        assert_eq!(kind("\\x00ff"), None);
        assert_eq!(kind("referral.read"), None);
    }
}
