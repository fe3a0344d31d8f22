//! `init`: from addresses to a verified cluster, on a machine that has nothing but the tool and a key.

use std::os::unix::fs::PermissionsExt;

use crate::practice::Practice;

#[test]
#[ignore = "needs root and lab hosts"]
fn addresses_become_a_verified_cluster() {
    let practice = Practice::up("init", &["--web", "2"]);
    let lab = practice.listed().into_iter().find(|lab| lab["name"] == practice.name()).unwrap();
    let key = lab["identity"].as_str().unwrap().to_owned();
    let silent = practice.address("lb").rsplit_once('.').unwrap().0.to_owned() + ".99";
    let (lb, web01, web02) = (practice.address("lb"), practice.address("web01"), practice.address("web02"));
    let web = format!("{web01},{web02}");
    let flags = |file: &'static str, web: &str| {
        let words = [
            "init",
            file,
            "--user",
            "aluno",
            "--identity",
            &key,
            "--balancer",
            lb,
            "--web",
            web,
            "--socket",
            "--yes",
        ];
        words.map(str::to_owned).to_vec()
    };
    let run = |words: Vec<String>| practice.run(&words.iter().map(String::as_str).collect::<Vec<_>>());

    // One that is off is told, and written all the same.
    let with_silent = run(flags("class.yaml", &format!("{web},{silent}")));
    assert_eq!(with_silent.code, 0, "{}", with_silent.stderr);
    let row = |host: &str| {
        with_silent.stdout.lines().find(|line| line.starts_with(host)).unwrap_or_default().to_owned()
    };
    assert!(row("web01").ends_with("yes"), "{}", with_silent.stdout);
    assert!(row("web03").contains("no: "), "{}", with_silent.stdout);
    assert!(with_silent.stdout.contains("3 of 4 "), "{}", with_silent.stdout);

    // What is there is not replaced unasked.
    let again = run(flags("class.yaml", &web));
    assert_eq!(again.code, 1);
    assert!(again.stderr.contains("--force"), "{}", again.stderr);
    let forced = run([flags("class.yaml", &web), vec!["--force".to_owned()]].concat());
    assert_eq!(forced.code, 0, "{}", forced.stderr);
    let file = practice.inventory().with_file_name("class.yaml");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o644);
    assert!(std::fs::read_to_string(&file).unwrap().contains("web[01:02]:"));

    for verb in ["validate", "apply", "verify"] {
        let ran = practice.run(&[verb, "class.yaml"]);
        assert_eq!(ran.code, 0, "{verb}: {}{}", ran.stdout, ran.stderr);
    }
}
