//! Pages that are asked for from here, without a session of their hosts.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{join, pending};

use super::{Class, close, places};
use crate::model::{CheckKind, Link, Resource, TransportChoice};
use crate::runner::verify::verify;
use crate::transport::tests::client::Client;
use crate::transport::tests::sshd::Sshd;

/// What a host says of its files tells whose fault a page is, also where that was asked for faster than SSH logs in.
#[tokio::test]
async fn a_page_asked_from_here_is_told_with_what_the_host_says() {
    let (client, sshd) = (Client::new(), Sshd::start(""));
    let session = Arc::new(client.connect(&sshd, TransportChoice::Russh).await);
    let mut class = Class::new(Some("<title>Aula</title>"), |number| number % 2).await;
    class.direct = true;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site");
    std::os::unix::fs::symlink("target", &path).unwrap();
    let link = Link {
        path: path.display().to_string(),
        target: "target".to_owned(),
        notify: Some("apache2".to_owned()),
    };
    class.wanted.insert(class.cluster.hosts[3].id.clone(), vec![Resource::Link(link)]);
    let subjects = class.subjects(|host| (host.name != "web03").then(|| Ok(Arc::clone(&session))));
    let late = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(subjects[3].session.set(Ok(Arc::clone(&session))).is_ok());
    };
    let (how, places) = (class.how(), places());
    let (probed, ()) = join(verify(&subjects, &how, &places, &|_| {}, pending()), late).await;
    let page = probed
        .checks
        .iter()
        .find(|check| check.host.as_str() == "ana/web03" && check.kind == CheckKind::HTTP);
    let hint = page.unwrap().hint.as_ref().unwrap().english();
    assert!(hint.contains("the files on the host are as they should be"), "{hint}");
    drop(subjects);
    close(session).await;
}
