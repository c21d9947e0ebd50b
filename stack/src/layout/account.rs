//! The account that PostgreSQL runs under when the launcher is root.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::error::{Attempt, Error, Result};

/// An account of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its name, for messages.
    pub name: String,
    /// Its user id.
    pub uid: u32,
    /// Its group id.
    pub gid: u32,
}

impl Account {
    /// `postgres` if the machine has it, else `nobody`.
    ///
    /// # Errors
    /// When it has neither.
    pub(super) fn unprivileged() -> Result<Self> {
        let accounts = fs::read_to_string("/etc/passwd").attempt(|| "read /etc/passwd".to_owned())?;
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| named(&accounts, name))
            .ok_or_else(|| Error::new("PostgreSQL does not run as root: run this as an ordinary user"))
    }

    /// Whether this account may enter a folder.
    pub(super) fn reaches(&self, folder: &Path) -> bool {
        self.lower(Command::new("test").arg("-x").arg(folder))
            .current_dir("/")
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    /// Makes a command run under this account, without the caller's groups.
    pub fn lower<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.uid(self.uid).gid(self.gid)
    }
}

/// Finds an account in the text of `/etc/passwd`.
fn named(accounts: &str, name: &str) -> Option<Account> {
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next() != Some(name) {
            return None;
        }
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(Account { name: name.to_owned(), uid, gid })
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn reads_an_account() {
        let text = "root:x:0:0:root:/root:/bin/sh\npostgres:x:101:104:PG:/var:/bin/sh\n";
        let found = named(text, "postgres").unwrap();
        assert_eq!((found.uid, found.gid), (101, 104));
        assert_eq!(named(text, "post"), None);
    }
}
