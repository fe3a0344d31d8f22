//! What is made up for the tests of several folders.

use super::Connection;

/// A way to an address, of which the inventory says no more.
pub fn connection(address: &str) -> Connection {
    Connection::to(address)
}

/// What people, or who made up a roster, may have written for a value.
pub const HOSTILE: [&str; 44] = [
    "$(reboot)",
    "`reboot`",
    "'; reboot; '",
    "\"; reboot; \"",
    "a b",
    "a\tb",
    "a\nb",
    "a\r\nb",
    "a\0b",
    "",
    "-rf",
    "--",
    "../x",
    "/etc/passwd",
    "{{ host }}",
    "{% raw %}",
    "{# x #}",
    "a=b",
    "#x",
    "\\",
    "~root",
    "\u{1b}[31m",
    "\u{202e}x",
    "if",
    " ",
    "*",
    "~",
    "{a,b}",
    "!",
    "!!",
    "a\\",
    "\\'",
    "$HOME",
    "${IFS}",
    "2",
    "&",
    "|x",
    "<(id)",
    "João d'Ávila",
    "\r",
    "{{ v }}",
    "{% if v %}",
    "\u{2028}",
    "#",
];
