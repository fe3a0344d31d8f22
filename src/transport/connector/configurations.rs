//! What the user's ssh configuration says of destinations. `ssh -G` is a process each time: it is asked once about all
//! that the configuration does not tell apart.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::sync::OnceCell;

use crate::model::{Connection, Failure};
use crate::transport::distinctions::Distinctions;
use crate::transport::user_configuration::{Ssh, UserConfiguration};

pub struct Configurations {
    ssh: Ssh,
    home: PathBuf,
    system: OnceCell<UserConfiguration>,
    distinctions: OnceLock<Option<Distinctions>>,
    answers: Mutex<HashMap<Question, Arc<OnceCell<Answer>>>>,
}

/// What `ssh -G` is asked about, with the user and the port of the inventory.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Question {
    whom: Whom,
    user: Option<String>,
    port: Option<u16>,
}

#[derive(Debug, PartialEq, Eq, Hash)]
enum Whom {
    Name(String),
    /// All names that these patterns cover.
    Covered(Vec<bool>),
}

/// Nothing where what was said holds of one name only.
type Answer = Result<Option<Arc<UserConfiguration>>, Failure>;

impl Configurations {
    pub fn new(ssh: Ssh, home: PathBuf) -> Self {
        Self { ssh, home, system: OnceCell::new(), distinctions: OnceLock::new(), answers: Mutex::default() }
    }

    /// The program that is asked.
    pub fn ssh(&self) -> &Ssh {
        &self.ssh
    }

    /// What holds without the user's own file.
    pub async fn system(&self) -> Result<&UserConfiguration, Failure> {
        self.system.get_or_try_init(|| UserConfiguration::ask_system(&self.ssh)).await
    }

    /// What holds for a destination.
    pub async fn of(&self, connection: &Connection) -> Result<Arc<UserConfiguration>, Failure> {
        let name = &connection.address;
        let ask = async || {
            UserConfiguration::ask(&self.ssh, name, connection.user.as_deref(), connection.port)
                .await
                .map(|configuration| Some(Arc::new(configuration)))
        };
        let own = self.answer(connection, Whom::Name(name.clone()));
        let own = async || own.get_or_init(ask).await.clone();
        let distinctions = self.distinctions.get_or_init(|| Distinctions::read(&self.ssh, &self.home));
        // ssh lowers the capitals of a name: it is no measure for others.
        let is_plain = *name == name.to_ascii_lowercase();
        if let Some(distinctions) = distinctions.as_ref().filter(|_| is_plain) {
            let alike = self.answer(connection, Whom::Covered(distinctions.covering(name)));
            let of_all = async || {
                let configuration = own().await?;
                Ok(configuration.and_then(|configuration| configuration.of_any_name(name)).map(Arc::new))
            };
            if let Some(configuration) = alike.get_or_init(of_all).await.clone()? {
                return Ok(configuration);
            }
        }
        Ok(own().await?.unwrap_or_default())
    }

    fn answer(&self, connection: &Connection, whom: Whom) -> Arc<OnceCell<Answer>> {
        let question = Question { whom, user: connection.user.clone(), port: connection.port };
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(answers.entry(question).or_default())
    }

    /// How many processes were asked.
    #[cfg(test)]
    pub fn asked(&self) -> usize {
        let answers = self.answers.lock().unwrap();
        answers
            .iter()
            .filter(|(question, answer)| matches!(question.whom, Whom::Name(_)) && answer.initialized())
            .count()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::model::samples::connection;
    use crate::transport::destination::Destination;
    use crate::transport::tokens::Surroundings;

    const NAMES: [&str; 9] =
        ["10.0.0.51", "10.0.0.52", "10.0.1.9", "web01", "web02", "lab.example", "WEB01", "bastion", "ana"];

    /// A configuration, what else lies beside it, and how many of the names are asked about.
    async fn check(configuration: &str, included: &str, expected: usize) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config");
        fs::write(folder.path().join("more.conf"), included).unwrap();
        fs::write(&file, configuration.replace("DIR", &folder.path().display().to_string())).unwrap();
        let ssh = Ssh { program: which::which("ssh").unwrap(), configuration: Some(file) };
        let configurations = Configurations::new(ssh.clone(), folder.path().to_owned());
        let surroundings = Surroundings { home: "/home/eva".into(), user: "eva".to_owned(), agent: None };
        for name in NAMES {
            let connection = connection(name);
            let told = configurations.of(&connection).await.unwrap();
            let asked = UserConfiguration::ask(&ssh, name, None, None).await.unwrap();
            let [told, asked] = [&*told, &asked].map(|says| {
                let destination = Destination::resolve(&connection, Some(says), &surroundings).unwrap();
                (destination, says.needs_openssh(&UserConfiguration::default(), false))
            });
            assert_eq!(told, asked, "{configuration}: {name}");
        }
        assert_eq!(configurations.asked(), expected, "{configuration}");
    }

    #[tokio::test]
    async fn one_question_is_asked_about_all_that_no_line_tells_apart() {
        let all = NAMES.len();
        for (configuration, included, expected) in [
            // The name in capitals is always asked about.
            ("", "", 2),
            ("User ana\nIdentityFile ~/.ssh/%h\n", "", 2),
            ("Host 10.0.0.*\n  User ubuntu\n", "", 3),
            ("host = \"10.0.0.51\" web?? # a comment\n  Port 2222\n", "", 4),
            ("Host * !bastion\n  ProxyJump bastion\n", "", 3),
            ("Match originalhost web01,web02\n  User root\n", "", 4),
            ("Match user=root host 10.*\n  Port 22\nMatch all\n  Compression yes\n", "", 3),
            ("Include DIR/*.conf\n", "Host web01\n  User eva\n", 3),
            ("Host lab.example\n  Include DIR/more.conf\n", "User eva\n", 3),
            ("Host web*\n  HostName web01\n", "", 4),
            ("Host web*\n  HostName %h.example\n", "", 4),
            ("HostName 10.0.0.%h\n", "", all),
            ("Match exec true\n  User eva\n", "", all),
            ("Include DIR/${HOME}/none\n", "", all),
        ] {
            check(configuration, included, expected).await;
        }
    }
}
