//! What is made of the output of apt: its own verdict and dpkg's, whatever the programs of packages print.

use super::super::data::Data;
use super::super::failure::fault;
use super::super::invocation::{RunAs, invoke};
use super::local::{Login, nonce, stub};

const TAIL: &str = r#"
scratch=$(mktemp -d)
proxy=- wanted_packages=apache2
cat >"$scratch/apt.log"
explain_apt >/dev/null
answer "$fault"
rm -rf "$scratch"
"#;

/// The same where apt was at this.
const HUNG: &str = r#"
scratch=$(mktemp -d)
proxy=- wanted_packages=apache2
cat >"$scratch/apt.log"
printf 'sh -c sleep 3000' >"$scratch/hook"
explain_apt >/dev/null
answer "$fault"
rm -rf "$scratch"
"#;

/// The fault that apt's output is taken for, on a host whose tools say what they are given here.
fn verdict(output: &str, tools: &[(&str, &str)]) -> String {
    verdict_in(output, tools, &[])
}

/// The same in an environment.
fn verdict_in(output: &str, tools: &[(&str, &str)], environment: &[(&str, &str)]) -> String {
    verdict_by(TAIL, output, tools, environment)
}

/// The same by another program that asks for it.
fn verdict_by(
    tail: &'static str,
    output: &str,
    tools: &[(&str, &str)],
    environment: &[(&str, &str)],
) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (name, says) in
        [("apt-mark", ""), ("apt-cache", ""), ("apt-config", ""), ("stat", "")].iter().chain(tools)
    {
        let end = if says.is_empty() { "" } else { "\n" };
        stub(folder.path(), name, &format!("cat <<'END'\n{says}{end}END"));
    }
    let mut data = Data::default();
    data.line(output);
    let parts = [
        include_str!("../programs/common.sh"),
        include_str!("../programs/apt_common.sh"),
        include_str!("../programs/lists.sh"),
        include_str!("../programs/removals.sh"),
        include_str!("../programs/apt_verdict.sh"),
        tail,
    ];
    let invocation = invoke(RunAs::Login, &nonce(), &parts, data).unwrap();
    let login = Login { stubs: Some(folder.path()), environment, ..Login::default() };
    let mut child = login.start(&invocation);
    drop(child.stdin.take());
    let said = child.wait_with_output().unwrap().stdout;
    let said = String::from_utf8(said).unwrap();
    let answers = said.lines().filter_map(|line| line.strip_prefix(nonce().as_str()));
    // Its first one says that the program is there.
    answers.map(str::trim).find(|answer| *answer != "here").unwrap().to_owned()
}

/// A package of somebody's own whose script prints `words` and fails.
fn script(words: &str) -> String {
    format!(
        "Setting up linux-image-old (1.0) ...\n{words}\n\
         dpkg: error processing package linux-image-old (--configure):\n \
         installed linux-image-old package post-installation script subprocess returned error exit status 1\n\
         Errors were encountered while processing:\n linux-image-old\nneedrestart is being skipped\n\
         E: Sub-process /usr/bin/dpkg returned an error code (1)"
    )
}

#[test]
fn dpkg_s_verdict_comes_before_what_scripts_print() {
    let told = "apt-dpkg linux-image-old installed linux-image-old package post-installation script subprocess \
                returned error exit status 1";
    for words in [
        "gzip: stdout: No space left on device",
        "Creating Squid HTTP Proxy 3.x cache",
        "cp: cannot create file: Read-only file system",
        "curl: (7) Could not connect to http://x.example; Temporary failure resolving 'y'",
        "dpkg was interrupted, or so they say; Hash Sum mismatch",
        "sorry",
    ] {
        assert_eq!(verdict(&script(words), &[]), told, "{words}");
    }
}

#[test]
fn a_disk_is_full_where_dpkg_or_figures_say_so() {
    let unpacking = "Unpacking x (1) ...\ndpkg: error processing archive /var/cache/apt/archives/x_1%3a2_all.deb (--unpack):\n \
                     cannot copy extracted data for './usr/a' to '/usr/a.dpkg-new': failed to write (No space left on device)\n\
                     Errors were encountered while processing:\n /var/cache/apt/archives/x_1%3a2_all.deb\n\
                     E: Sub-process /usr/bin/dpkg returned an error code (1)";
    let downloading = "Err:1 http://deb.example stable/main x\n  Error writing to file - write (28: No space left on device)\n\
                       E: Failed to fetch http://deb.example/x  Error writing to file";
    for output in [unpacking, downloading, "E: You don't have enough free space in /var/cache/apt/archives/."]
    {
        assert_eq!(verdict(output, &[]), "apt-disk-full");
    }
    assert_eq!(verdict(&script("no space"), &[("stat", "1000 10 4096 900 100")]), "apt-disk-full");
    assert_eq!(verdict(&script("no space"), &[("stat", "1000 900 4096 900 0")]), "apt-disk-full");
    let other = unpacking.replace("No space left on device", "Input/output error");
    assert!(
        verdict(&other, &[("stat", "0 0 4096 0 0")]).starts_with("apt-unpack x cannot copy extracted data")
    );
}

#[test]
fn only_a_hold_that_apt_names_is_one() {
    let unmet = "The following packages have unmet dependencies:\n \
                 apache2 : Depends: apache2-bin (= 2.4.68-1~deb12u1) but 99.0-1local is to be installed\n           \
                 Recommends: ssl-cert but it is not going to be installed\n\
                 E: Unable to correct problems, you have held broken packages.";
    let depends = "apt-depends apache2-bin apache2 : Depends: apache2-bin (= 2.4.68-1~deb12u1) but 99.0-1local is to be \
                   installed";
    assert_eq!(verdict(unmet, &[]), depends);
    assert_eq!(verdict(unmet, &[("apt-mark", "linux-image-amd64")]), depends);
    assert_eq!(verdict(unmet, &[("apt-mark", "linux-image-amd64\napache2-bin")]), "apt-held apache2-bin");
    let newer = "E: Unable to satisfy dependencies. Reached two conflicting assignments:\n   \
                 1. apache2:amd64=2.4.66-1 is selected for install\n   2. apache2:amd64 Depends apache2-bin (= 2.4.66-1)\n      \
                 but none of the choices are installable:";
    assert_eq!(verdict(newer, &[]), "apt-depends apache2-bin apache2:amd64 Depends apache2-bin (= 2.4.66-1)");
    let half = "The following packages have unmet dependencies:\n labtool : Depends: libnothing but it is not installable\n\
                E: Unmet dependencies. Try 'apt --fix-broken install' with no packages (or specify a solution).";
    assert_eq!(
        verdict(half, &[]),
        "apt-unmet libnothing labtool : Depends: libnothing but it is not installable"
    );
}

#[test]
fn what_dpkg_does_not_begin_with_is_no_matter_of_configuring() {
    let unpacking = |words: &str| {
        format!(
            "Unpacking apache2 (2.4.68-1) ...\n\
             dpkg: error processing archive /tmp/apt-dpkg-install-X1/04-apache2_2.4.68-1_amd64.deb (--unpack):\n {words}\n\
             dpkg-deb: error: paste subprocess was killed by signal (Broken pipe)\n\
             Errors were encountered while processing:\n /tmp/apt-dpkg-install-X1/04-apache2_2.4.68-1_amd64.deb\n\
             E: Sub-process /usr/bin/dpkg returned an error code (1)"
        )
    };
    let owned = "trying to overwrite '/usr/sbin/a2query', which is also in package campus-ctl 1";
    assert_eq!(verdict(&unpacking(owned), &[]), "apt-overwrites apache2 campus-ctl /usr/sbin/a2query");
    let other = "unable to open '/usr/sbin/a2query.dpkg-new': Operation not permitted";
    assert_eq!(verdict(&unpacking(other), &[]), format!("apt-unpack apache2 {other}"));

    let removed = "unknown system user 'nobodyhere' in statoverride file; the system user got removed";
    let code = "E: Sub-process /usr/bin/dpkg returned an error code (2)";
    for begins in ["dpkg: unrecoverable fatal error, aborting:\n ", "dpkg: error: "] {
        let refused = format!("{begins}{removed}\nbefore the override, which you can remove\n{code}");
        let told = format!("apt-fatal {removed} before the override, which you can remove");
        assert_eq!(verdict(&refused, &[]), told);
    }
}

#[test]
fn a_package_that_preferences_forbid_is_not_unknown() {
    let output = "Package apache2 is not available, but is referred to by another package.\n\
                  E: Package 'apache2' has no installation candidate";
    let pinned = "apache2:\n  Installed: (none)\n  Candidate: (none)\n  Version table:\n     2.4.68-1 -1\n        \
                  500 http://deb.example bookworm/main amd64 Packages";
    assert_eq!(verdict(output, &[("apt-cache", pinned)]), "apt-forbidden apache2");
    let removed =
        "apache2:\n  Candidate: (none)\n  Version table:\n     2.4.68-1 -1\n        100 /var/lib/dpkg/status";
    assert_eq!(verdict(output, &[("apt-cache", removed)]), "apt-unknown apache2");
    assert_eq!(verdict("E: Unable to locate package apache2", &[]), "apt-unknown apache2");
}

/// A program of others stands in its place, or it ends without a word of why.
#[test]
fn a_failure_without_an_error_of_apt_is_told_by_its_last_words() {
    let replaced = verdict("apt-get is disabled by campus IT\nuse campus-apt", &[("apt-get", "")]);
    assert!(
        replaced.starts_with("apt-replaced /tmp/") && replaced.ends_with("/apt-get use campus-apt"),
        "{replaced}"
    );
    assert_eq!(verdict("Reading package lists...", &[]), "apt-failed Reading package lists...");
}

/// Of those that others have it run.
#[test]
fn a_command_at_which_apt_waited_to_the_end_is_named() {
    assert_eq!(verdict_by(HUNG, "E: stopped after 1200 s", &[], &[]), "apt-hung sh -c sleep 3000");
    assert_eq!(verdict("E: stopped after 1200 s", &[]), "apt-timeout");
}

/// apt calls what it did not get unsigned, or says that it is not there.
#[test]
fn what_is_given_in_the_place_of_a_list_is_no_matter_of_signatures() {
    let output = |words: &str| {
        format!(
            "Err:1 http://deb.example/debian bookworm InRelease\n  {words} [IP: 10.0.0.1 3128]\n\
             E: Failed to fetch http://deb.example/debian/dists/bookworm/InRelease  {words} [IP: 10.0.0.1 3128]\n\
             E: The repository 'http://deb.example/debian bookworm InRelease' is not signed."
        )
    };
    let by_address = [("apt-config", "Acquire::http::Proxy=http://ana:secret@10.0.0.1:3128/")];
    let by_name = [("apt-config", "Acquire::http::Proxy=http://proxy.example:3128/")];
    for words in ["403  Forbidden", "407  Proxy Authentication Required", "504  Gateway Time-out"] {
        for (settings, proxy) in
            [(by_address, "http://10.0.0.1:3128/"), (by_name, "http://proxy.example:3128/")]
        {
            assert_eq!(verdict(&output(words), &settings), format!("apt-proxy {proxy} {words}"));
        }
        assert_eq!(verdict(&output(words), &[]), format!("apt-refused http://deb.example {words}"));
    }
    let page = "Clearsigned file isn't valid, got 'NOSPLIT' (does the network require authentication?)";
    for words in [page, "Undetermined Error"] {
        assert_eq!(verdict(&output(words), &[]), format!("apt-portal http://deb.example {words}"));
    }
    for words in [
        "Certificate verification failed: The certificate is NOT trusted. The certificate issuer is unknown.",
        "SSL connection failed: error:0A000086:SSL routines::certificate verify failed / Success",
    ] {
        let said = output(words).replace("http:", "https:");
        assert_eq!(verdict(&said, &by_address), format!("apt-certificate https://deb.example {words}"));
    }
    let turned = "Ign:1 http://deb.example/debian bookworm InRelease\nErr:2 http://deb.example/debian bookworm Release\n  \
                  Redirection loop encountered\n\
                  E: The repository 'http://deb.example/debian bookworm Release' does not have a Release file.";
    assert_eq!(verdict(turned, &[]), "apt-portal http://deb.example Redirection loop encountered");
    let unsigned = output(
        "The following signatures couldn't be verified because the public key is not available: \
                           NO_PUBKEY 0123",
    );
    assert_eq!(verdict(&unsigned, &by_address), "apt-unsigned http://deb.example");
}

/// Whatever else it makes of that, such as that nothing is signed.
#[test]
fn a_closed_folder_for_temporary_files_is_no_matter_of_signatures() {
    let said = "Err:1 http://deb.example/debian bookworm InRelease\n  \
                Couldn't create temporary file /tmp/apt.conf.PcY2gS for passing config to apt-key\n\
                W: GPG error: http://deb.example/debian bookworm InRelease: Couldn't create temporary file /tmp/apt.conf.PcY2gS \
                for passing config to apt-key\n\
                E: The repository 'http://deb.example/debian bookworm InRelease' is not signed.";
    assert_eq!(verdict(said, &[]), "apt-closed-tmp");
}

/// Which package came first says nothing.
#[test]
fn scripts_that_may_not_run_are_no_matter_of_a_package() {
    let said = "Preparing to unpack .../24-apache2_2.4.68-1_amd64.deb ...\n\
                dpkg (subprocess): unable to execute new apache2 package pre-installation script (/var/lib/dpkg/tmp.ci/preinst): \
                Permission denied\n\
                dpkg: error processing archive /tmp/apt-dpkg-install-X1/22-apache2_2.4.68-1_amd64.deb (--unpack):\n \
                new apache2 package pre-installation script subprocess returned error exit status 2\n\
                Errors were encountered while processing:\n /tmp/apt-dpkg-install-X1/22-apache2_2.4.68-1_amd64.deb\n\
                E: Sub-process /usr/bin/dpkg returned an error code (1)";
    assert_eq!(verdict(said, &[]), "apt-barred /var/lib/dpkg");
}

#[test]
fn sources_releases_proxies_and_hooks_are_named() {
    let malformed = "E: Malformed entry 1 in list file /etc/apt/sources.list.d/y.list (URI)\nE: The list of sources could not be read.";
    let signed = "E: Conflicting values set for option Signed-By regarding source http://x/ y: a != b\nE: The list of sources could not be read.";
    let setting = "E: Syntax error /etc/apt/apt.conf.d/99x:2: Extra junk at end of file";
    for output in [malformed, signed, setting] {
        assert_eq!(verdict(output, &[]), format!("apt-sources {}", output.lines().next().unwrap()));
    }
    let gone = "Err:2 http://mirror.example/debian zesty Release\n  404  Not Found [IP: 10.0.0.1 80]\n\
                E: The repository 'http://mirror.example/debian zesty Release' does not have a Release file.\n\
                E: The repository 'http://mirror.example/debian zesty-updates Release' does not have a Release file.";
    assert_eq!(verdict(gone, &[]), "apt-release http://mirror.example/debian zesty");
    assert_eq!(
        fault(&verdict(gone, &[])).message.english(),
        "http://mirror.example/debian has no release zesty (404)"
    );
    let silent = "Err:1 http://deb.example stable InRelease\n  Could not connect to ADDRESS (10.0.0.1). - connect (111: Connection refused)\n\
                  W: Failed to fetch http://deb.example/dists/stable/InRelease  Could not connect to ADDRESS";
    let proxy = ("apt-config", "Acquire::http::Proxy=http://ana:secret@10.0.0.1:3128/");
    assert_eq!(verdict(&silent.replace("ADDRESS", "deb.example:80"), &[]), "apt-mirror http://deb.example");
    assert_eq!(
        verdict(&silent.replace("ADDRESS", "10.0.0.1:3128"), &[proxy]),
        "apt-proxy http://10.0.0.1:3128/"
    );
    let through = silent.replace("ADDRESS", "10.0.0.1:3128");
    let other =
        "Acquire::http::Proxy=http://10.0.0.9:8080/\nAcquire::http::Proxy::deb.example=http://10.0.0.1:3128/";
    assert_eq!(verdict(&through, &[("apt-config", other)]), "apt-proxy http://10.0.0.1:3128/");
    let environment = [("http_proxy", "http://ana:secret@10.0.0.1:3128")];
    assert_eq!(verdict_in(&through, &[], &environment), "apt-proxy http://10.0.0.1:3128");
    let direct = silent
        .replace("ADDRESS (10.0.0.1)", "deb.example:80 (10.0.0.7)")
        .replace("ADDRESS", "deb.example:80");
    assert_eq!(verdict(&direct, &[proxy]), "apt-mirror http://deb.example");
    let script = "E: Failure running script /usr/sbin/apt-listbugs apt";
    assert_eq!(verdict(script, &[]), "apt-hook DPkg::Pre-Install-Pkgs /usr/sbin/apt-listbugs apt");
    let hook = "Setting up apache2 (2.4) ...\nE: Problem executing scripts DPkg::Post-Invoke 'false'\nE: Sub-process returned an error code";
    assert_eq!(verdict(hook, &[]), "apt-hook DPkg::Post-Invoke 'false'");
}
