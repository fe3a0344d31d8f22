//! One suite, run over both implementations against a real sshd.

pub mod client;
mod commands;
mod hostile;
mod law;
mod login;
pub mod sshd;
mod streams;
mod trouble;

/// Makes a test of each function for each implementation.
macro_rules! over_both {
    ($($name:ident),* $(,)?) => {
        mod russh {
            $(#[tokio::test]
            async fn $name() {
                super::$name(crate::model::TransportChoice::Russh).await;
            })*
        }
        mod openssh {
            $(#[tokio::test]
            async fn $name() {
                super::$name(crate::model::TransportChoice::Openssh).await;
            })*
        }
    };
}

use over_both;
