//! The little of Markdown that descriptions use: paragraphs, lists, `code`, *emphasis*, **strong**
//! and [links](/docs). Everything else is text, and escaped.

use std::fmt::Write as _;

/// Text as HTML.
pub fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

/// A description as paragraphs and lists.
pub fn blocks(text: &str) -> String {
    let mut html = String::new();
    for block in text.replace("\r\n", "\n").split("\n\n").map(str::trim).filter(|block| !block.is_empty()) {
        if block.starts_with("- ") || block.starts_with("* ") {
            html.push_str("<ul>");
            for item in items(block) {
                let _ = write!(html, "<li>{}</li>", line(&item));
            }
            html.push_str("</ul>");
        } else {
            let _ = write!(html, "<p>{}</p>", line(&block.replace('\n', " ")));
        }
    }
    html
}

/// The items of a list, each with the lines that belong to it.
fn items(block: &str) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    for text in block.lines() {
        match text.strip_prefix("- ").or_else(|| text.strip_prefix("* ")) {
            Some(first) => items.push(first.to_owned()),
            None => {
                if let Some(last) = items.last_mut() {
                    last.push(' ');
                    last.push_str(text.trim());
                }
            }
        }
    }
    items
}

/// One run of text.
pub fn line(text: &str) -> String {
    let mut html = String::new();
    // Every second part lies between backticks, where nothing else has a meaning.
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 1 {
            let _ = write!(html, "<code>{}</code>", escape(part));
        } else {
            html.push_str(&links(&emphasis(&emphasis(&escape(part), "**", "strong"), "*", "em")));
        }
    }
    html
}

/// Wraps what stands between two marks; a mark without its partner is left as it is.
fn emphasis(text: &str, mark: &str, element: &str) -> String {
    let parts: Vec<&str> = text.split(mark).collect();
    if parts.len().is_multiple_of(2) {
        return text.to_owned();
    }
    let wrap = |(index, part): (usize, &&str)| {
        if index % 2 == 1 { format!("<{element}>{part}</{element}>") } else { (*part).to_owned() }
    };
    parts.iter().enumerate().map(wrap).collect()
}

/// Links to pages of our own; others stay text, because nothing here leads outside unasked.
fn links(text: &str) -> String {
    let mut html = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        html.push_str(before);
        let link = after.split_once("](").and_then(|(label, rest)| {
            let (target, rest) = rest.split_once(')')?;
            (target.starts_with('/') && !label.contains(']')).then_some((label, target, rest))
        });
        match link {
            Some((label, target, after)) => {
                let _ = write!(html, "<a href=\"{target}\">{label}</a>");
                rest = after;
            }
            None => {
                html.push('[');
                rest = after;
            }
        }
    }
    html.push_str(rest);
    html
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_descriptions_use_is_rendered() {
        assert_eq!(
            blocks("One *two* `<three>`\nfour.\n\n- a **b**\n  c\n- [d](/docs)"),
            "<p>One <em>two</em> <code>&lt;three&gt;</code> four.</p><ul><li>a <strong>b</strong> c</li><li><a href=\"/docs\">d</a></li></ul>"
        );
        assert_eq!(line("2 * 3 [x] [y](https://elsewhere)"), "2 * 3 [x] [y](https://elsewhere)");
    }

    proptest! {
        #[test]
        fn no_text_becomes_markup_of_its_own(text in ".*") {
            let html = blocks(&format!("{text}<script>"));
            prop_assert!(!html.contains("<script"));
        }
    }
}
