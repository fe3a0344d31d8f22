//! Changes of the inventory under constant load: no request is lost, and none is answered by a page that is not the
//! class's.
//!
//! `PROVISION_ROUNDS=6 tests/run --test end_to_end under_load` makes more than 40 changes with more than 20,000
//! requests; one short round goes with all other tests.

#![expect(clippy::print_stdout, reason = "what was counted is the result")]

use std::collections::BTreeSet;
use std::net::SocketAddr;

use crate::document::changes;
use crate::load::Load;
use crate::practice::Practice;

const WEB: &[&str] = &["web01", "web02", "web03"];
const BALANCER: &str = "/etc/haproxy/haproxy.cfg";
const FRAGMENT: &str = "/etc/apache2/conf-enabled/ana.conf";

/// A class whose inventory changes while its balancer is asked.
struct Class {
    practice: Practice,
    inventory: String,
    load: Load,
    applies: usize,
}

#[test]
#[ignore = "needs root and lab hosts"]
fn no_request_is_lost_under_load_whatever_changes() {
    let rounds = std::env::var("PROVISION_ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
    let practice = Practice::up("order", &["--web", "3"]);
    let inventory = std::fs::read_to_string(practice.inventory()).unwrap();
    practice.edit_inventory(|text| text.replace("web[01:03]", "web[01:02]").replace(":13]", ":12]"));
    practice.expect(0, &["apply", "--no-verify"]);
    let address = SocketAddr::new(practice.address("lb").parse().unwrap(), 80);
    let mut class = Class { practice, inventory, load: Load::begin(address, WEB), applies: 0 };

    class.a_new_web_host_enters_with_its_own_page();
    class.a_web_port_changes();
    class.a_web_host_that_fails_is_asked_where_it_was();
    class.web_hosts_alone_keep_what_the_balancer_uses();
    class.private_addresses_change();
    for _ in 1..rounds.unwrap_or(1) {
        class.round();
    }
    class.a_web_host_leaves_its_cluster();
    let Class { load, applies, .. } = class;
    let count = load.end();
    let message = format!("{} requests over {applies} applies, {:?}", count.requests(), count.pages);
    assert!(
        count.others.is_empty(),
        "{message}, {} not answered as they should: {:#?}",
        count.others.len(),
        count.others
    );
    assert!(rounds.is_none() || (count.requests() >= 20_000 && applies >= 40), "{message}");
    println!("{message}: 0 lost, 0 foreign pages");
}

impl Class {
    /// Applies the inventory with settings behind it; the same again changes nothing.
    fn apply(&mut self, settings: &str) {
        self.write(settings);
        let practice = &self.practice;
        practice.expect(0, &["apply", "--no-verify"]);
        let again = practice.json(0, &["plan"]);
        assert_eq!(changes(&again), BTreeSet::new(), "{settings}: {again}");
        self.is_answered(settings);
    }

    fn write(&mut self, settings: &str) {
        std::fs::write(self.practice.inventory(), format!("{}\n{settings}\n", self.inventory)).unwrap();
        self.applies += 1;
    }

    /// Told early, where a long run would go on for nothing.
    fn is_answered(&self, settings: &str) {
        let others = self.load.count().others;
        assert!(others.is_empty(), "after {} applies, {settings}: {others:#?}", self.applies);
    }

    fn has(&self, text: &str) -> bool {
        self.practice.inside("lb", &format!("cat {BALANCER}")).contains(text)
    }

    fn a_new_web_host_enters_with_its_own_page(&mut self) {
        self.apply("");
        let answered = self.load.while_done(|| std::thread::sleep(std::time::Duration::from_secs(1)));
        assert_eq!(answered.len(), 3, "{answered:?}");
    }

    fn a_web_port_changes(&mut self) {
        let before = self.practice.json(0, &["plan"]);
        assert_eq!(before["summary"]["changed"], 0);
        self.apply("web: { port: 8081 }");
        self.practice.get("web01", 80).err().expect("the old port still answers");
        assert!(self.has(":8081 check"));
    }

    /// Its new port goes on being refused until it is mended; the others have theirs meanwhile.
    fn a_web_host_that_fails_is_asked_where_it_was(&mut self) {
        self.practice.inside("web02", &format!("echo Typo >{FRAGMENT}"));
        self.write("web: { port: 8082 }");
        let failed = self.practice.expect(2, &["apply", "--no-verify"]).stdout;
        assert!(
            failed.contains("web02 is not as it should be, so requests still go to its port 8081"),
            "{failed}"
        );
        let servers = ["web01", "web02", "web03"].map(|name| self.practice.address(name)).into_iter();
        for (address, port) in servers.zip([8082, 8081, 8082]) {
            assert!(self.has(&format!("{address}:{port} check")), "{failed}");
        }
        let answered = self.load.while_done(|| std::thread::sleep(std::time::Duration::from_secs(1)));
        assert_eq!(answered.len(), 3, "{answered:?}");
        self.is_answered("a web host that failed");
        self.practice.inside("web02", &format!("rm {FRAGMENT}"));
        self.apply("web: { port: 8082 }");
    }

    fn web_hosts_alone_keep_what_the_balancer_uses(&mut self) {
        self.write("web: { port: 8084 }");
        let alone = self.practice.expect(0, &["apply", "--no-verify", "--role", "web"]).stdout;
        let kept = "its old port stays open beside the new one, which lb does not use yet";
        assert!(alone.contains(kept), "{alone}");
        self.is_answered("web hosts alone");
        self.apply("web: { port: 8084 }");
        self.practice.get("web01", 8082).err().expect("the old port still answers");
    }

    /// To others that the web hosts have, too, in the same step as their port; and back.
    fn private_addresses_change(&mut self) {
        let (network, _) = self.practice.address("lb").rsplit_once('.').unwrap();
        let others = format!("private_address: {network}.[111:113]");
        for (name, last) in WEB.iter().zip(111..) {
            let other = format!("{network}.{last}/24");
            self.practice.inside(name, &format!("ip address replace {other} dev eth0"));
        }
        let before = self.inventory.clone();
        self.inventory = before.replace("    roles: [web", &format!("    {others}\n    roles: [web"));
        assert_ne!(self.inventory, before);
        self.apply("web: { port: 8085 }");
        assert!(self.has(".113:8085 check"));
        self.inventory = before;
        self.apply("web: { port: 8085 }");
        assert!(self.has(".13:8085 check"));
    }

    /// For something that takes little time. Its Apache goes when nobody asks it any more.
    fn a_web_host_leaves_its_cluster(&mut self) {
        let folder = self.practice.inventory().with_file_name("practices").join("note");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("practice.yaml"), "files: [{ path: /etc/note, source: practice.yaml }]\n")
            .unwrap();
        let others = self.inventory.replace("web[01:03]", "web[01:02]").replace(":13]", ":12]");
        let address = self.practice.address("web03");
        self.inventory = format!("{others}\n  web03: {{ address: {address}, roles: [note] }}");
        self.write("web: { port: 8085 }");
        self.practice.expect(0, &["apply", "--no-verify", "--prune"]);
        self.practice.inside("web03", "test -e /etc/note && ! command -v apache2ctl");
        let answered = self.load.while_done(|| std::thread::sleep(std::time::Duration::from_secs(1)));
        assert_eq!(answered.len(), 2, "{answered:?}");
    }

    fn round(&mut self) {
        let folder = self.practice.inventory();
        std::fs::write(folder.with_file_name("own.tera"), "{% extends \"haproxy.cfg.tera\" %}\n").unwrap();
        std::fs::write(
            folder.with_file_name("page.tera"),
            "{% extends \"index.html.tera\" %}{% block style %}p { margin: 0 }{% endblock %}\n",
        )
        .unwrap();
        for settings in [
            "web: { port: 80 }\nbalancer: { algorithm: leastconn }",
            "web: { port: 80 }\nbalancer: { algorithm: random, stats_port: 8405 }",
            "web: { port: 8083 }\nbalancer: { template: own.tera }",
            "web: { port: 8083, template: page.tera }\nvars: { title: Aula }",
            "web: { port: 8080 }\nbalancer: { algorithm: static-rr, stats_port: 8406 }\nvars: { title: Prova }",
        ] {
            self.apply(settings);
        }
        self.a_web_port_changes();
        self.a_web_host_that_fails_is_asked_where_it_was();
        self.private_addresses_change();
    }
}
