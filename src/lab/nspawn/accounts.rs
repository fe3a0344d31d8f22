//! The login account of a host, as lines of /etc/passwd and its companions. Pure.

/// User and group id of the login account.
pub(super) const LOGIN_ID: u32 = 1000;

/// What each file of `/etc` that knows accounts says of the login account. `password` is a hash of crypt(3); without one,
/// only keys log in.
pub(super) fn lines(user: &str, password: Option<&str>) -> [(&'static str, String); 4] {
    // `*` is no password, as cloud images have it; `!` would lock the account in sshd's eyes as well.
    let hash = password.unwrap_or("*");
    [
        ("passwd", format!("{user}:x:{LOGIN_ID}:{LOGIN_ID}::/home/{user}:/bin/bash")),
        ("shadow", format!("{user}:{hash}:19723:0:99999:7:::")),
        ("group", format!("{user}:x:{LOGIN_ID}:")),
        ("gshadow", format!("{user}:!::")),
    ]
}

/// What `/etc/sudoers.d` says of the login account.
pub(super) fn sudoers(user: &str, asks_password: bool) -> String {
    let tag = if asks_password { "" } else { "NOPASSWD: " };
    format!("{user} ALL=(ALL:ALL) {tag}ALL\n")
}

/// The text of such a file with a line more.
pub(super) fn with_line(text: &str, line: &str) -> String {
    let separator = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    format!("{text}{separator}{line}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn login_is_added_to_every_file() {
        let before = [
            ("passwd", "root:x:0:0::/root:/bin/bash\n"),
            ("shadow", "root:*:1::::::"),
            ("group", ""),
            ("gshadow", ""),
        ];
        let after = [
            "root:x:0:0::/root:/bin/bash\naluno:x:1000:1000::/home/aluno:/bin/bash\n",
            "root:*:1::::::\naluno:*:19723:0:99999:7:::\n",
            "aluno:x:1000:\n",
            "aluno:!::\n",
        ];
        for (((name, text), (of, line)), after) in before.into_iter().zip(lines("aluno", None)).zip(after) {
            assert_eq!((name, with_line(text, &line).as_str()), (of, after));
        }
        assert!(lines("aluno", Some("$6$x$y"))[1].1.contains("aluno:$6$x$y:"));
    }

    #[test]
    fn sudo_asks_only_when_told_to() {
        assert_eq!(sudoers("aluno", false), "aluno ALL=(ALL:ALL) NOPASSWD: ALL\n");
        assert_eq!(sudoers("aluno", true), "aluno ALL=(ALL:ALL) ALL\n");
    }
}
