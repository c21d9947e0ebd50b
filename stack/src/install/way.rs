//! The ways of coming by a program, in the order they are tried.

use super::{Programs, Wanted, apt, npm, on_this_machine, private};
use crate::error::Result;
use crate::layout::Layout;

/// One way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// The machine has it.
    System,
    /// Debian's package manager, for the whole machine, as root.
    Apt,
    /// Debian's packages, unpacked for this checkout alone.
    Private,
    /// The npm registry, for this checkout alone.
    Npm,
}

impl Way {
    const ALL: [Self; 4] = [Self::System, Self::Apt, Self::Private, Self::Npm];

    /// Those that a comma-separated list names; all if there is no list.
    pub(super) fn allowed(list: Option<&str>) -> Vec<Self> {
        let list = list.unwrap_or_default();
        let named = |way: &Self| list.split(',').any(|name| name.trim() == way.name());
        Self::ALL.into_iter().filter(|way| list.is_empty() || named(way)).collect()
    }

    fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Apt => "apt",
            Self::Private => "private",
            Self::Npm => "npm",
        }
    }

    pub(super) fn verb(self) -> &'static str {
        if self == Self::Apt { "installing" } else { "fetching" }
    }

    pub(super) fn means(self) -> &'static str {
        match self {
            Self::System => "on this machine",
            Self::Apt => "with apt-get",
            Self::Private => "for this checkout alone",
            Self::Npm => "with npm",
        }
    }

    /// What is there already.
    pub(super) fn find(self, layout: &Layout, wanted: &Wanted) -> Option<Programs> {
        match self {
            Self::System | Self::Apt => on_this_machine(wanted),
            Self::Private => private::find(layout, wanted),
            Self::Npm => npm::find(layout, wanted),
        }
    }

    /// Whether it is worth trying here.
    pub(super) fn can_install(self, layout: &Layout, wanted: &Wanted) -> bool {
        match self {
            Self::System => false,
            Self::Apt => layout.account().is_some() && apt::is_here(),
            Self::Private => apt::is_here(),
            Self::Npm => wanted.npm && npm::is_here(),
        }
    }

    pub(super) fn install(self, layout: &Layout, wanted: &Wanted) -> Result<()> {
        match self {
            Self::System => Ok(()),
            Self::Apt => apt::install(wanted),
            Self::Private => private::install(layout, wanted),
            Self::Npm => npm::install(layout),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_narrows_the_ways_and_keeps_their_order() {
        assert_eq!(Way::allowed(None), Way::ALL);
        assert_eq!(Way::allowed(Some("npm, system")), [Way::System, Way::Npm]);
    }
}
