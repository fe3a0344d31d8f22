//! Passwords as `/etc/shadow` holds them.

use tokio::process::Command;
use tokio_util::sync::CancellationToken;

use crate::error::{Error, Result};
use crate::lab::program::run;
use crate::model::text;

/// The hash of a password by this machine's crypt(3); the password travels on stdin.
pub(super) async fn hash(password: &str, cancel: &CancellationToken) -> Result<String> {
    let mut command = Command::new("perl");
    command.args(["-e", "my $word = <STDIN>; chomp $word; print crypt($word, $ARGV[0])"]);
    command.arg(format!("$6${:016x}$", rand::random::<u64>()));
    let hash = run(command, password, cancel).await?;
    String::from_utf8(hash).map_err(|error| {
        Error::internal(
            text!(en: "the password can't be hashed", pt: "não foi possível gerar o hash da senha"),
        )
        .because(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn passwords_are_hashed_with_salt() {
        let cancel = CancellationToken::new();
        let first = hash("secret\n", &cancel).await.unwrap();
        assert!(first.starts_with("$6$") && first.len() > 90, "{first}");
        assert_ne!(first, hash("secret\n", &cancel).await.unwrap());
    }
}
