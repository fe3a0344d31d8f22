//! Names of Debian packages, which more than one kind of document has.

use schemars::JsonSchema;
use serde::Deserialize;

use super::complaint::Complaint;
use super::suggestion::shown;
use crate::model::text;

/// The name of a Debian package.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline, extend("pattern" = "^[a-z0-9][a-z0-9+.-]+$"))]
pub struct PackageName(pub String);

impl TryFrom<String> for PackageName {
    type Error = Complaint;

    fn try_from(text: String) -> Result<Self, Complaint> {
        let sign = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+.-".contains(&byte);
        let begins = text.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit());
        if begins && (2..=128).contains(&text.len()) && text.bytes().all(sign) {
            Ok(Self(text))
        } else {
            Err(Complaint::new(
                text!(
                    en: "`{text}` is no name of a package",
                    pt: "`{text}` não é nome de pacote", text = shown(&text)
                ),
                text!(
                    en: "use the name that `apt install` takes, without a version",
                    pt: "use o nome que o `apt install` aceita, sem versão",
                ),
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages() {
        for good in ["python3-pip", "g++", "libc6"] {
            assert!(PackageName::try_from(good.to_owned()).is_ok(), "{good}");
        }
        for bad in ["", "a", "-y", "vim nano", "vim=1", "Vim", "a;b", "../x"] {
            assert!(PackageName::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
