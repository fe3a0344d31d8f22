//! What rendered texts have to be: paths, names, modes, ports, limits.

use std::time::Duration;

use crate::document::complaint::Complaint;
use crate::document::suggestion::{self, shown};
use crate::model::text;

type Checked<T> = Result<T, Complaint>;

/// An absolute path without detours, as the host will have it.
pub fn path(text: &str) -> Checked<String> {
    // With a `/` at its end it may be one that a value without anything in it cut short.
    let mut parts = text.split('/');
    let is_absolute = parts.next() == Some("");
    let is_plain = parts.clone().next().is_some() && parts.all(|part| !["", ".", ".."].contains(&part));
    if !is_absolute || !is_plain || text.contains(char::is_control) || text.len() > 1024 {
        return Err(Complaint::new(
            text!(
                en: "`{text}` is no whole path",
                pt: "`{text}` não é um caminho inteiro", text = shown(text)
            ),
            text!(
                en: "write it from the root, without `..`, control characters and a `/` at the end: `/opt/mq`",
                pt: "escreva a partir da raiz, sem `..`, caracteres de controle e `/` no fim: `/opt/mq`",
            ),
        ));
    }
    if text == "/var/lib/provision" || text.starts_with("/var/lib/provision/") {
        let message = text!(
            en: "`{text}` is where provision keeps its journal",
            pt: "`{text}` é onde o provision guarda o seu diário", text = shown(text)
        );
        return Err(Complaint::new(message, text!(en: "choose another path", pt: "escolha outro caminho")));
    }
    Ok(text.to_owned())
}

/// Where a link leads.
pub fn target(text: &str) -> Checked<String> {
    if text.is_empty() || text.contains(char::is_control) || text.len() > 1024 {
        let message = text!(
            en: "`{text}` is nothing that a link can lead to",
            pt: "`{text}` não é nada a que um link possa levar", text = shown(text)
        );
        return Err(Complaint::new(
            message,
            text!(
                en: "write a path, from the root or from where the link stands",
                pt: "escreva um caminho, a partir da raiz ou de onde o link está",
            ),
        ));
    }
    Ok(text.to_owned())
}

pub fn mode(text: &str) -> Checked<u32> {
    let is_octal = (3..=4).contains(&text.len()) && text.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    u32::from_str_radix(text, 8).ok().filter(|_| is_octal).ok_or_else(|| {
        Complaint::new(
            text!(
                en: "`{text}` is no mode",
                pt: "`{text}` não é um modo", text = shown(text)
            ),
            text!(
                en: "write three or four octal digits: \"0644\"",
                pt: "escreva três ou quatro dígitos octais: \"0644\"",
            ),
        )
    })
}

/// The name of a user or group.
pub fn account(text: &str) -> Checked<String> {
    let begins = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let sign = |sign: char| sign.is_ascii_alphanumeric() || "_-.".contains(sign);
    if begins && text.len() <= 32 && text.chars().all(sign) {
        return Ok(text.to_owned());
    }
    let message = text!(
        en: "`{text}` is no name of a user or group",
        pt: "`{text}` não é nome de usuário nem de grupo", text = shown(text)
    );
    Err(Complaint::new(
        message,
        text!(
            en: "write the name as the host knows it, such as `root`",
            pt: "escreva o nome como a máquina o conhece, como `root`",
        ),
    ))
}

pub fn service(text: &str) -> Checked<String> {
    if let Some(bare) = text.strip_suffix(".service") {
        return Err(Complaint::new(
            text!(
                en: "`{text}` is the name of a unit",
                pt: "`{text}` é o nome de uma unidade", text = shown(text)
            ),
            text!(en: "write `{bare}`", pt: "escreva `{bare}`", bare = shown(bare)),
        ));
    }
    let sign = |sign: char| sign.is_ascii_alphanumeric() || "_-.@:".contains(sign);
    let begins = text.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_');
    if begins && text.len() <= 128 && text.chars().all(sign) {
        return Ok(text.to_owned());
    }
    let message = text!(
        en: "`{text}` is no name of a service",
        pt: "`{text}` não é nome de serviço", text = shown(text)
    );
    Err(Complaint::new(
        message,
        text!(
            en: "write it as `systemctl` knows it, without `.service`",
            pt: "escreva como o `systemctl` o conhece, sem `.service`",
        ),
    ))
}

/// The name of a command or a probe: one short line.
pub fn name(text: &str) -> Checked<String> {
    if text.trim() == text && (1..=60).contains(&text.chars().count()) && !text.contains(char::is_control) {
        return Ok(text.to_owned());
    }
    let message = text!(en: "`{text}` is no name", pt: "`{text}` não é um nome", text = shown(text));
    Err(Complaint::new(
        message,
        text!(
            en: "write one line of at most 60 characters",
            pt: "escreva uma linha de no máximo 60 caracteres",
        ),
    ))
}

pub fn port(text: &str) -> Checked<u16> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| is_number && *port > 0).ok_or_else(|| {
        Complaint::new(
            text!(en: "`{text}` is no port", pt: "`{text}` não é uma porta", text = shown(text)),
            text!(en: "a port is a number from 1 to 65535", pt: "uma porta é um número de 1 a 65535"),
        )
    })
}

pub fn status(text: &str) -> Checked<u16> {
    text.parse().ok().filter(|status| (100..=599).contains(status)).ok_or_else(|| {
        Complaint::new(
            text!(
                en: "`{text}` is no status of HTTP",
                pt: "`{text}` não é um status de HTTP", text = shown(text)
            ),
            text!(en: "write a number from 100 to 599", pt: "escreva um número de 100 a 599"),
        )
    })
}

/// The path of a page.
pub fn page(text: &str) -> Checked<String> {
    let is_sound = text.bytes().all(|byte| byte.is_ascii_graphic());
    if text.starts_with('/') && is_sound && text.len() <= 1024 {
        return Ok(text.to_owned());
    }
    let message = text!(
        en: "`{text}` is no path of a page",
        pt: "`{text}` não é o caminho de uma página", text = shown(text)
    );
    Err(Complaint::new(
        message,
        text!(
            en: "begin it with `/`; write spaces and accents as `%20` and the like",
            pt: "comece com `/`; escreva espaços e acentos como `%20` e assim por diante",
        ),
    ))
}

/// A limit of time up to a longest one; a plain number counts seconds.
pub fn limit(text: &str, longest: Duration) -> Checked<Duration> {
    let seconds = text.parse().ok().map(Duration::from_secs);
    let Some(limit) = seconds.or_else(|| humantime::parse_duration(text).ok()) else {
        return Err(Complaint::new(
            text!(en: "`{text}` is no time", pt: "`{text}` não é um tempo", text = shown(text)),
            text!(en: "write it like `20s` or `5m`", pt: "escreva como `20s` ou `5m`"),
        ));
    };
    if (Duration::from_secs(1)..=longest).contains(&limit) {
        return Ok(limit);
    }
    let longest = humantime::format_duration(longest);
    Err(Complaint::new(
        text!(en: "`{text}` is out of range", pt: "`{text}` está fora dos limites", text = shown(text)),
        text!(en: "choose from 1s to {longest}", pt: "escolha de 1s a {longest}"),
    ))
}

/// Text that a probe looks for.
pub fn sought(text: &str) -> Checked<String> {
    if text.is_empty() || text.len() > 1024 || text.contains('\0') {
        return Err(Complaint::new(
            text!(en: "this is nothing to look for", pt: "isto não dá para procurar"),
            text!(en: "write a text of at most 1024 bytes", pt: "escreva um texto de no máximo 1024 bytes"),
        ));
    }
    Ok(text.to_owned())
}

/// One of a few words.
pub fn choice<T: Copy>(text: &str, known: &[(&str, T)]) -> Checked<T> {
    known.iter().find(|(word, _)| *word == text).map(|(_, meant)| *meant).ok_or_else(|| {
        let words: Vec<_> = known.iter().map(|(word, _)| *word).collect();
        Complaint::new(
            text!(en: "`{text}` is not known here", pt: "`{text}` não é conhecido aqui", text = shown(text)),
            suggestion::hint(text, &words),
        )
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
