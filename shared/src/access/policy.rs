//! Actions, and the table of who may take them.

use crate::actor::{Actor, Role};
use crate::problem::{self, Problem};

/// Something one can do, and the roles that may.
#[derive(Debug)]
pub struct Action {
    /// A stable name, `referral.decide`: what the audit log says was done.
    pub name: &'static str,
    /// The roles that may.
    pub roles: &'static [Role],
}

impl Action {
    /// Whether the actor may.
    pub fn allows(&self, actor: &Actor) -> bool {
        actor.holds_any(self.roles)
    }

    /// Refuses an actor who may not, and says for whom the operation is: of every record alike, so that it tells nothing
    /// of this one. Ask only once it is known that the actor sees the record: to those who don't, it does not exist.
    ///
    /// # Errors
    /// 403.
    pub fn require(&self, actor: &Actor) -> Result<(), Problem> {
        if self.allows(actor) { Ok(()) } else { Err(Problem::new(problem::NOT_ALLOWED).detail(self.whose())) }
    }

    /// For whom it is, in words.
    fn whose(&self) -> String {
        let names: Vec<&str> = self.roles.iter().map(|role| role.plain()).collect();
        format!("this is for {}", in_a_row(&names))
    }
}

/// `a, b and c`.
pub(super) fn in_a_row(words: &[&str]) -> String {
    match words {
        [] => "nobody".to_owned(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// Declares a service's actions and `ALL`, the list of them.
#[macro_export]
macro_rules! actions {
    ($($(#[$doc:meta])* $constant:ident = $name:literal: $($role:ident),+;)+) => {
        $($(#[$doc])* pub const $constant: $crate::access::Action = $crate::access::Action {
            name: $name,
            roles: &[$($crate::actor::Role::$role),+],
        };)+
        /// Every action of the service, in the order of this file.
        pub const ALL: &[&$crate::access::Action] = &[$(&$constant),+];
    };
}

/// The role x action table as text, for people to review as a diff.
pub fn render(service: &str, actions: &[&Action]) -> String {
    let width = actions.iter().map(|action| action.name.len()).max().unwrap_or_default();
    let mut text = format!(
        "Who may do what in {service}.\nMay do is not may see: an action is only ever taken on records one sees.\n\n"
    );
    for (index, role) in Role::ALL.iter().enumerate() {
        text.push_str(&format!("{:width$}  {}{}\n", "", "| ".repeat(index), role));
    }
    for action in actions {
        let cells: Vec<&str> =
            Role::ALL.iter().map(|role| if action.roles.contains(role) { "✔" } else { "·" }).collect();
        text.push_str(&format!("{:width$}  {}\n", action.name, cells.join(" ")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_for_whom_it_is() {
        const DECIDE: Action =
            Action { name: "thing.decide", roles: &[Role::HubMember, Role::FirstResponseOfficer, Role::Referrer] };
        const KEEP: Action = Action { name: "thing.keep", roles: &[Role::PartnershipAdministrator] };
        assert_eq!(DECIDE.whose(), "this is for hub members, First Response officers and partner agencies that refer");
        assert_eq!(KEEP.whose(), "this is for the partnership's administrators");
    }
}
