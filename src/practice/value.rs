//! What rendered texts have to be: paths, names, modes, ports, limits.

use std::time::Duration;

use crate::document::complaint::Complaint;
use crate::document::suggestion::{self, shown};

type Checked<T> = Result<T, Complaint>;

/// An absolute path without detours, as the host will have it.
pub fn path(text: &str) -> Checked<String> {
    // With a `/` at its end it may be one that a value without anything in it cut short.
    let mut parts = text.split('/');
    let is_absolute = parts.next() == Some("");
    let is_plain = parts.clone().next().is_some() && parts.all(|part| !["", ".", ".."].contains(&part));
    if !is_absolute || !is_plain || text.contains(char::is_control) || text.len() > 1024 {
        return Err(Complaint::new(
            format!("`{}` is no whole path", shown(text)),
            "write it from the root, without `..`, control characters and a `/` at the end: `/opt/mq`",
        ));
    }
    if text == "/var/lib/provision" || text.starts_with("/var/lib/provision/") {
        let message = format!("`{}` is where provision keeps its journal", shown(text));
        return Err(Complaint::new(message, "choose another path"));
    }
    Ok(text.to_owned())
}

/// Where a link leads.
pub fn target(text: &str) -> Checked<String> {
    if text.is_empty() || text.contains(char::is_control) || text.len() > 1024 {
        let message = format!("`{}` is nothing that a link can lead to", shown(text));
        return Err(Complaint::new(message, "write a path, from the root or from where the link stands"));
    }
    Ok(text.to_owned())
}

pub fn mode(text: &str) -> Checked<u32> {
    let is_octal = (3..=4).contains(&text.len()) && text.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    u32::from_str_radix(text, 8).ok().filter(|_| is_octal).ok_or_else(|| {
        Complaint::new(format!("`{}` is no mode", shown(text)), "write three or four octal digits: \"0644\"")
    })
}

/// The name of a user or group.
pub fn account(text: &str) -> Checked<String> {
    let begins = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let sign = |sign: char| sign.is_ascii_alphanumeric() || "_-.".contains(sign);
    if begins && text.len() <= 32 && text.chars().all(sign) {
        return Ok(text.to_owned());
    }
    let message = format!("`{}` is no name of a user or group", shown(text));
    Err(Complaint::new(message, "write the name as the host knows it, such as `root`"))
}

pub fn service(text: &str) -> Checked<String> {
    if let Some(bare) = text.strip_suffix(".service") {
        return Err(Complaint::new(
            format!("`{}` is the name of a unit", shown(text)),
            format!("write `{}`", shown(bare)),
        ));
    }
    let sign = |sign: char| sign.is_ascii_alphanumeric() || "_-.@:".contains(sign);
    let begins = text.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_');
    if begins && text.len() <= 128 && text.chars().all(sign) {
        return Ok(text.to_owned());
    }
    let message = format!("`{}` is no name of a service", shown(text));
    Err(Complaint::new(message, "write it as `systemctl` knows it, without `.service`"))
}

/// The name of a command or a probe: one short line.
pub fn name(text: &str) -> Checked<String> {
    if text.trim() == text && (1..=60).contains(&text.chars().count()) && !text.contains(char::is_control) {
        return Ok(text.to_owned());
    }
    let message = format!("`{}` is no name", shown(text));
    Err(Complaint::new(message, "write one line of at most 60 characters"))
}

pub fn port(text: &str) -> Checked<u16> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| is_number && *port > 0).ok_or_else(|| {
        Complaint::new(format!("`{}` is no port", shown(text)), "a port is a number from 1 to 65535")
    })
}

pub fn status(text: &str) -> Checked<u16> {
    text.parse().ok().filter(|status| (100..=599).contains(status)).ok_or_else(|| {
        Complaint::new(format!("`{}` is no status of HTTP", shown(text)), "write a number from 100 to 599")
    })
}

/// The path of a page.
pub fn page(text: &str) -> Checked<String> {
    let is_sound = text.bytes().all(|byte| byte.is_ascii_graphic());
    if text.starts_with('/') && is_sound && text.len() <= 1024 {
        return Ok(text.to_owned());
    }
    let message = format!("`{}` is no path of a page", shown(text));
    Err(Complaint::new(message, "begin it with `/`; write spaces and accents as `%20` and the like"))
}

/// A limit of time up to a longest one; a plain number counts seconds.
pub fn limit(text: &str, longest: Duration) -> Checked<Duration> {
    let seconds = text.parse().ok().map(Duration::from_secs);
    let Some(limit) = seconds.or_else(|| humantime::parse_duration(text).ok()) else {
        return Err(Complaint::new(format!("`{}` is no time", shown(text)), "write it like `20s` or `5m`"));
    };
    if (Duration::from_secs(1)..=longest).contains(&limit) {
        return Ok(limit);
    }
    let longest = humantime::format_duration(longest);
    Err(Complaint::new(format!("`{}` is out of range", shown(text)), format!("choose from 1s to {longest}")))
}

/// Text that a probe looks for.
pub fn sought(text: &str) -> Checked<String> {
    if text.is_empty() || text.len() > 1024 || text.contains('\0') {
        return Err(Complaint::new("this is nothing to look for", "write a text of at most 1024 bytes"));
    }
    Ok(text.to_owned())
}

/// One of a few words.
pub fn choice<T: Copy>(text: &str, what: &str, known: &[(&str, T)]) -> Checked<T> {
    known.iter().find(|(word, _)| *word == text).map(|(_, meant)| *meant).ok_or_else(|| {
        let words: Vec<_> = known.iter().map(|(word, _)| *word).collect();
        Complaint::new(format!("unknown {what} `{}`", shown(text)), suggestion::hint(text, &words))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        for text in ["/opt/mq", "/a b/ç"] {
            assert_eq!(path(text).unwrap(), text);
        }
        for bad in [
            "",
            "/",
            "/opt/",
            "opt",
            "//",
            "/opt//x",
            "/opt/../etc",
            "/opt/./x",
            "/a\nb",
            "~/x",
            "/var/lib/provision/x",
        ] {
            assert!(path(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn other_values() {
        assert_eq!(mode("0640").unwrap(), 0o640);
        assert_eq!(mode("755").unwrap(), 0o755);
        for bad in ["", "8", "75", "07777 ", "0o755", "00755", "-755", "+755"] {
            assert!(mode(bad).is_err(), "{bad}");
        }
        assert_eq!(port("5672").unwrap(), 5672);
        for bad in ["", "0", "65536", "+1", "-1", " 1", "http", "1e3"] {
            assert!(port(bad).is_err(), "{bad}");
        }
        for bad in ["", "-x", "a b", "a:b", "a/b", "$(id)"] {
            assert!(account(bad).is_err(), "{bad}");
            assert!(service(bad).is_err() || bad == "a:b", "{bad}");
        }
        assert!(service("nginx.service").is_err() && service("openvpn@lab").is_ok());
        assert!(page("index.html").is_err() && page("/a b").is_err() && page("/\r\nX: y").is_err());
        assert_eq!(limit("90", Duration::from_secs(600)).unwrap(), Duration::from_secs(90));
        assert!(limit("1h", Duration::from_secs(600)).is_err() && limit("soon", Duration::MAX).is_err());
    }
}
