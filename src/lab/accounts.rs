//! The login account of a host, as lines of /etc/passwd and its companions. Pure.

/// User and group id of the login account.
pub(super) const LOGIN_ID: u32 = 1000;

/// The files of a system that know its accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Accounts {
    pub passwd: String,
    pub shadow: String,
    pub group: String,
    pub gshadow: String,
}

impl Accounts {
    /// The same with a login account more. `password` is a hash of crypt(3); without one, only keys log in.
    #[must_use]
    pub fn with_login(&self, user: &str, password: Option<&str>) -> Self {
        // `*` is no password, as cloud images have it; `!` would lock the account in sshd's eyes as well.
        let hash = password.unwrap_or("*");
        Self {
            passwd: with_line(
                &self.passwd,
                &format!("{user}:x:{LOGIN_ID}:{LOGIN_ID}::/home/{user}:/bin/bash"),
            ),
            shadow: with_line(&self.shadow, &format!("{user}:{hash}:19723:0:99999:7:::")),
            group: with_line(&self.group, &format!("{user}:x:{LOGIN_ID}:")),
            gshadow: with_line(&self.gshadow, &format!("{user}:!::")),
        }
    }
}

/// What `/etc/sudoers.d` says of the login account.
pub(super) fn sudoers(user: &str, asks_password: bool) -> String {
    let tag = if asks_password { "" } else { "NOPASSWD: " };
    format!("{user} ALL=(ALL:ALL) {tag}ALL\n")
}

fn with_line(text: &str, line: &str) -> String {
    let separator = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    format!("{text}{separator}{line}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn login_is_added_to_every_file() {
        let before = Accounts {
            passwd: "root:x:0:0::/root:/bin/bash\n".to_owned(),
            shadow: "root:*:1::::::".to_owned(),
            group: String::new(),
            gshadow: String::new(),
        };
        let after = before.with_login("aluno", None);
        assert_eq!(after.passwd, "root:x:0:0::/root:/bin/bash\naluno:x:1000:1000::/home/aluno:/bin/bash\n");
        assert_eq!(after.shadow, "root:*:1::::::\naluno:*:19723:0:99999:7:::\n");
        assert_eq!(after.group, "aluno:x:1000:\n");
        assert_eq!(after.gshadow, "aluno:!::\n");
        assert!(before.with_login("aluno", Some("$6$x$y")).shadow.contains("aluno:$6$x$y:"));
    }

    #[test]
    fn sudo_asks_only_when_told_to() {
        assert_eq!(sudoers("aluno", false), "aluno ALL=(ALL:ALL) NOPASSWD: ALL\n");
        assert_eq!(sudoers("aluno", true), "aluno ALL=(ALL:ALL) ALL\n");
    }
}
