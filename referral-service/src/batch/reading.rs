//! From rows that belong together to a form, with every mistake named by its row and column.

use std::collections::HashMap;

use shared::actor::Word;

use super::column::{EXAMPLE, MOST_PEOPLE, Of, column_named};
use crate::contact::{PersonForm, ReferralForm, ReferrerForm, Relation};
use crate::referral::told::{ConsentGiven, LawfulBasis, ServiceConsent, StepDownFrom, Urgency, UrgencyKind};
use crate::sheet::cell::{day, digit, instant, spelt, word, yes_or_no};
use crate::sheet::{Group, Problems, Row, RowProblem, said};

/// The form that a group of rows says, and what there is to say of them; no form, if it can't be one. The cells are
/// those of [`crate::sheet::cell::cells`], row by row.
pub fn form(group: &Group, cells: &[Vec<String>], columns: &[String]) -> (Option<ReferralForm>, Problems) {
    let mut reader = Reader { columns, problems: Vec::new() };
    let rows: Vec<Cells> = group.rows.iter().zip(cells).filter_map(|(row, cells)| reader.cells(row, cells)).collect();
    if group.too_many {
        let detail =
            format!("stands with more than {MOST_PEOPLE} rows of one referral_key: a referral names no more people");
        group.rows.iter().for_each(|row| reader.refuse(row.number, Some("referral_key"), "too_many", &detail));
    }
    for row in rows.iter().filter(|row| row.get("referral_key") == Some(EXAMPLE)) {
        let detail = "is the template's example, which is nobody: delete the row, or give it a key of your own";
        reader.refuse(row.number, Some("referral_key"), "example", detail);
    }
    let form = reader.referral(&rows);
    let refused = reader.problems.iter().any(|(_, problem)| problem.refused);
    (form.filter(|_| !refused && rows.len() == group.rows.len()), reader.problems)
}

/// A row's cells that say something, by column.
struct Cells {
    number: i32,
    said: HashMap<String, String>,
}

impl Cells {
    /// What a column says, without the spaces around it.
    fn get(&self, column: &str) -> Option<&str> {
        self.said.get(column).map(|cell| cell.trim())
    }
}

struct Reader<'a> {
    columns: &'a [String],
    problems: Problems,
}

impl Reader<'_> {
    fn say(&mut self, refused: bool, row: i32, column: Option<&str>, code: &str, detail: &str) {
        let column = column.map(str::to_owned);
        self.problems.push((row, RowProblem { refused, column, code: code.to_owned(), detail: detail.to_owned() }));
    }

    fn refuse(&mut self, row: i32, column: Option<&str>, code: &str, detail: &str) {
        self.say(true, row, column, code, detail);
    }

    /// A row's cells; none, if it has not as many as there are columns.
    fn cells(&mut self, row: &Row, cells: &[String]) -> Option<Cells> {
        let most = |name: &str| column_named(name).map_or(usize::MAX, |column| column.most);
        let said = said(row, cells, self.columns, most, &mut self.problems)?;
        Some(Cells { number: row.number, said })
    }

    /// A cell as a value; what can't be one is refused.
    fn value<T>(&mut self, row: &Cells, column: &str, wanted: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let cell = row.get(column)?;
        let value = read(cell);
        if value.is_none() {
            self.refuse(row.number, Some(column), "wrong_form", &format!("must be {wanted}"));
        }
        value
    }

    fn person(&mut self, row: &Cells) -> Option<PersonForm> {
        const DAY: &str = "a day such as 2019-02-03 or 03/02/2019";
        const ANSWER: &str = "yes or no";
        for column in ["relation", "given_name", "family_name"] {
            if row.get(column).is_none() {
                self.refuse(row.number, Some(column), "required", "is missing");
            }
        }
        let one_of = |words: &[&str]| format!("one of: {}", words.join(", "));
        let relations = one_of(&Relation::ALL.map(Relation::as_str));
        let relation = self.value(row, "relation", &relations, |cell| spelt(cell).parse().ok());
        let text = |column: &str| row.get(column).map(str::to_owned);
        let form = PersonForm {
            relation: relation.unwrap_or(Relation::Child),
            given_name: text("given_name").unwrap_or_default(),
            family_name: text("family_name").unwrap_or_default(),
            birth_date: self.value(row, "birth_date", DAY, day),
            expected_on: self.value(row, "expected_on", DAY, day),
            household: self.value(row, "household", "a digit, 0 the main household", digit).unwrap_or(0),
            address: text("address"),
            postcode: text("postcode"),
            school: text("school"),
            gender: self.value(row, "gender", "female, male, other or not_stated", |cell| spelt(cell).parse().ok()),
            ethnicity: self.value(row, "ethnicity", "a code of GET /v1/codes/ethnicity", word),
            language: text("language"),
            interpreter: self.value(row, "interpreter", ANSWER, yes_or_no),
            disability: self.value(row, "disability", ANSWER, yes_or_no),
            send: self.value(row, "send", "none, sen_support or ehc_plan", |cell| spelt(cell).parse().ok()),
        };
        relation.map(|_| form)
    }

    /// What is said of the referral: once, or in several of its rows alike.
    fn common(&mut self, rows: &[Cells]) -> Option<Cells> {
        let first = rows.first()?;
        let mut common = Cells { number: first.number, said: HashMap::new() };
        for row in rows {
            let of_referral = |name: &&str| column_named(name).is_some_and(|column| column.of == Of::Referral);
            let mut names: Vec<&str> = row.said.keys().map(String::as_str).filter(of_referral).collect();
            names.sort_unstable();
            for name in names {
                let cell = row.said.get(name).cloned().unwrap_or_default();
                match common.said.get(name) {
                    Some(before) if before.trim() != cell.trim() => {
                        let detail = "says something else than another row of this referral: say it once";
                        self.refuse(row.number, Some(name), "contradicts", detail);
                    }
                    Some(_) => {}
                    None => {
                        common.said.insert(name.to_owned(), cell);
                    }
                }
            }
        }
        Some(common)
    }

    fn referral(&mut self, rows: &[Cells]) -> Option<ReferralForm> {
        let people: Vec<PersonForm> = rows.iter().filter_map(|row| self.person(row)).collect();
        let common = self.common(rows)?;
        for column in ["referrer_name", "referrer_role", "concerns", "worries"] {
            if common.get(column).is_none() {
                self.refuse(common.number, Some(column), "required", "is missing");
            }
        }
        let text = |column: &str| common.get(column).map(str::to_owned);
        // The worries and what follows from them are kept as they were typed.
        let verbatim = |column: &str| common.said.get(column).cloned();
        Some(ReferralForm {
            kind: self.value(&common, "kind", "a kind such as professional or self_referral", |cell| {
                spelt(cell).parse().ok()
            }),
            channel: None,
            referrer: ReferrerForm {
                name: text("referrer_name"),
                role: text("referrer_role").unwrap_or_default(),
                telephone: text("referrer_telephone"),
                email: text("referrer_email"),
            },
            caller: None,
            urgency: verbatim("urgent_because").map(|why| Urgency { kind: UrgencyKind::ImmediateSafeguarding, why }),
            family_knows: self.value(&common, "family_knows", "yes or no", yes_or_no).unwrap_or(false),
            people,
            relationships: Vec::new(),
            households: Vec::new(),
            locality: self.value(&common, "locality", "a code of GET /v1/codes/locality", word),
            concerns: self.concerns(&common),
            needs: Vec::new(),
            worries: verbatim("worries").unwrap_or_default(),
            working_well: verbatim("working_well"),
            needs_to_happen: verbatim("needs_to_happen"),
            danger_statement: verbatim("danger_statement"),
            safety_goal: verbatim("safety_goal"),
            scale: self.value(&common, "scale", "a whole number from 0 to 10", |cell| {
                cell.parse().ok().filter(|scale| (0..=10).contains(scale))
            }),
            consent: self.consent(&common),
            lawful_basis: self.lawful_basis(&common),
            step_down: self.step_down(&common),
            earlier_reference: text("earlier_reference"),
            made_at: self.value(&common, "made_at", "an instant such as 2026-11-20T10:15:00Z, or a day", instant),
            their_reference: text("their_reference"),
        })
    }

    /// From which case of social care, and why: both or neither.
    fn step_down(&mut self, common: &Cells) -> Option<StepDownFrom> {
        const HALVES: [&str; 2] = ["social_care_reference", "step_down_reason"];
        let [reference, reason] = HALVES.map(|column| common.get(column).map(str::to_owned));
        if reference.is_none() && reason.is_none() {
            return None;
        }
        for (column, half) in HALVES.iter().zip([&reference, &reason]) {
            if half.is_none() {
                self.refuse(common.number, Some(column), "required", "is missing");
            }
        }
        Some(StepDownFrom { social_care_reference: reference?, reason: reason? })
    }

    fn concerns(&mut self, common: &Cells) -> Vec<Word> {
        let codes = |cell: &str| {
            let parts = cell.split([' ', ',', ';', '|', '\n', '\t']).map(str::trim).filter(|part| !part.is_empty());
            parts.map(|part| part.to_lowercase().parse().ok()).collect::<Option<Vec<Word>>>()
        };
        let told = self.value(common, "concerns", "codes of GET /v1/codes/concern, with spaces between them", codes);
        let told = told.unwrap_or_default();
        if told.len() > 20 {
            self.refuse(common.number, Some("concerns"), "too_many", "may have at most 20 codes");
        }
        told
    }

    fn consent(&mut self, common: &Cells) -> Option<ServiceConsent> {
        let given: Option<ConsentGiven> =
            self.value(common, "consent", "yes, no or not_asked", |cell| spelt(cell).parse().ok());
        let on = self.value(common, "consent_on", "a day such as 2026-11-20 or 20/11/2026", day);
        let text = |column: &str| common.get(column).map(str::to_owned);
        if given.is_none() && common.get("consent").is_none() {
            for column in ["consent_by", "consent_on", "consent_how", "consent_reason"] {
                if common.get(column).is_some() {
                    self.refuse(
                        common.number,
                        Some(column),
                        "does_not_fit",
                        "has a place only where consent says something",
                    );
                }
            }
        }
        Some(ServiceConsent {
            given: given?,
            by: text("consent_by"),
            on,
            how: text("consent_how"),
            reason: text("consent_reason"),
        })
    }

    fn lawful_basis(&mut self, common: &Cells) -> Option<LawfulBasis> {
        let basis = self.value(common, "lawful_basis", "a code of GET /v1/codes/lawful-basis", word);
        let note = common.get("lawful_basis_note").map(str::to_owned);
        if note.is_some() && common.get("lawful_basis").is_none() {
            let detail = "has a place only where lawful_basis says something";
            self.refuse(common.number, Some("lawful_basis_note"), "does_not_fit", detail);
        }
        Some(LawfulBasis { basis: basis?, note, stated: None })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::batch::column::expected;
    use crate::sheet::cell::cells;
    use crate::sheet::read;

    const HEADER: &str = "referral_key,relation,given_name,family_name,birth_date,referrer_name,referrer_role,referrer_telephone,\
                          locality,concerns,worries,consent,consent_by,scale";
    const GOOD: &str = "1,child,Juniper,Testcase,03/02/2019,Ms A,teacher,,charnwood,good-education secure-housing, In debt. ,yes,mother,6";

    fn read_one(rows: &str) -> (Option<ReferralForm>, Problems) {
        let file = read(format!("{HEADER}\n{rows}").as_bytes(), &expected()).unwrap();
        let group = &file.chunks[0][0];
        form(group, &cells(group.rows.iter(), file.separator), &file.columns)
    }

    fn said(problems: &Problems) -> Vec<(i32, &str, &str)> {
        problems.iter().map(|(row, p)| (*row, p.column.as_deref().unwrap_or_default(), p.code.as_str())).collect()
    }

    #[test]
    fn a_row_is_a_referral_and_rows_of_one_key_are_one() {
        let (form, problems) = read_one(&format!("{GOOD}\n1,Parent,Willow,Testcase,,,,,,,,,,"));
        let form = form.unwrap();
        assert_eq!(problems, []);
        assert_eq!(form.people.len(), 2);
        assert_eq!(form.people[0].birth_date.unwrap().to_string(), "2019-02-03");
        assert_eq!(form.codes(), ["good-education", "secure-housing"]);
        assert_eq!((form.worries.as_str(), form.scale), (" In debt. ", Some(6)));
        assert_eq!(form.consent.unwrap().by.as_deref(), Some("mother"));
    }

    #[test]
    fn every_mistake_is_named_by_row_and_column() {
        let (form, problems) = read_one(
            "1,dragon,,Testcase,31/02/2019,Ms A,,,Not A Code,Good Education!,x,perhaps,,11\n1,child,B,C,2019-2-3x,Mr B,,,,,,,,",
        );
        assert!(form.is_none());
        assert_eq!(
            said(&problems),
            [
                (2, "given_name", "required"),
                (2, "relation", "wrong_form"),
                (2, "birth_date", "wrong_form"),
                (3, "birth_date", "wrong_form"),
                (3, "referrer_name", "contradicts"),
                (2, "referrer_role", "required"),
                (2, "locality", "wrong_form"),
                (2, "concerns", "wrong_form"),
                (2, "scale", "wrong_form"),
                (2, "consent", "wrong_form"),
            ]
        );
        assert!(problems.iter().all(|(_, problem)| !problem.detail.contains("Not A Code")));
    }

    #[test]
    fn a_row_has_as_many_cells_as_the_header() {
        assert_eq!(said(&read_one("1,child,Juniper").1), [(2, "", "ragged")]);
        assert_eq!(said(&read_one(&format!("{GOOD},more")).1), [(2, "", "ragged")]);
        assert!(read_one(&format!("{GOOD},,,")).0.is_some(), "empty cells at the end are none");
        let half = read_one(&format!("{GOOD}\n1,parent"));
        assert!(half.0.is_none(), "nothing half-taken");
    }

    #[test]
    fn what_begins_like_a_formula_is_text_and_said_so() {
        let (form, problems) =
            read_one(&GOOD.replace("Juniper", "=1+1").replace("teacher,,", "teacher,+44 1632 960001,"));
        assert_eq!(said(&problems), [(2, "given_name", "formula")]);
        assert_eq!(form.unwrap().people[0].given_name, "=1+1");
        // As our own file wrote it, to be put right and sent again.
        assert_eq!(read_one(&GOOD.replace("Juniper", "'=1+1")).0.unwrap().people[0].given_name, "=1+1");
        assert_eq!(read_one(&GOOD.replace("Juniper", "'tJunip")).0.unwrap().people[0].given_name, "'tJunip");
    }
}
