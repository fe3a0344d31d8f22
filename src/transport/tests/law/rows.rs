//! The configurations that are tried.

/// What agrees to differ, where ssh asks a person or lets pass what we refuse.
pub enum Expected {
    AsSsh,
    /// We are in, and the host key is kept.
    In,
    /// We are not.
    Out,
}
use Expected::{AsSsh, In, Out};

/// A name, the lines of the configuration, and what comes of it. `{port}` and `{gate}` are the ports of the host and of
/// its bastion, `{dir}` is the folder with the keys.
pub type Row = (&'static str, &'static str, Expected);

pub const HOST_KEYS: &[Row] = &[
    ("yes, unknown", "StrictHostKeyChecking yes", AsSsh),
    ("yes by Match, unknown", "Match originalhost lab\nStrictHostKeyChecking yes", AsSsh),
    // A new key is kept without a question, as ever.
    ("ask, unknown", "StrictHostKeyChecking ask", In),
    ("nothing said, unknown", "", In),
    ("accept-new, unknown", "StrictHostKeyChecking accept-new", AsSsh),
    ("no, unknown", "StrictHostKeyChecking no", AsSsh),
    ("off, unknown", "StrictHostKeyChecking off", AsSsh),
    ("yes, known", "StrictHostKeyChecking yes\nUserKnownHostsFile {dir}/right", AsSsh),
    ("ask, known", "StrictHostKeyChecking ask\nUserKnownHostsFile {dir}/right", AsSsh),
    ("yes, known by a hash", "StrictHostKeyChecking yes\nUserKnownHostsFile {dir}/hashed", AsSsh),
    ("yes, known by a pattern", "StrictHostKeyChecking yes\nUserKnownHostsFile {dir}/pattern", AsSsh),
    ("yes, known to all but this", "StrictHostKeyChecking yes\nUserKnownHostsFile {dir}/negated", AsSsh),
    (
        "yes, in the second file",
        "StrictHostKeyChecking yes\nUserKnownHostsFile {dir}/none {dir}/right",
        AsSsh,
    ),
    ("yes, in the system's file", "StrictHostKeyChecking yes\nGlobalKnownHostsFile {dir}/right", AsSsh),
    (
        "yes, by its alias",
        "StrictHostKeyChecking yes\nHostKeyAlias alias\nUserKnownHostsFile {dir}/alias",
        AsSsh,
    ),
    (
        "yes, alias unknown",
        "StrictHostKeyChecking yes\nHostKeyAlias else\nUserKnownHostsFile {dir}/right",
        AsSsh,
    ),
    ("accept-new, changed", "StrictHostKeyChecking accept-new\nUserKnownHostsFile {dir}/wrong", AsSsh),
    ("yes, changed", "StrictHostKeyChecking yes\nUserKnownHostsFile {dir}/wrong", AsSsh),
    // A changed key is refused whatever is set.
    ("no, changed", "StrictHostKeyChecking no\nUserKnownHostsFile {dir}/wrong", Out),
    ("accept-new, revoked", "StrictHostKeyChecking accept-new\nUserKnownHostsFile {dir}/revoked", AsSsh),
    ("no check at home", "NoHostAuthenticationForLocalhost yes\nStrictHostKeyChecking yes", AsSsh),
    ("only another kind of key", "HostKeyAlgorithms rsa-sha2-512\nStrictHostKeyChecking no", AsSsh),
    ("hashed when kept", "HashKnownHosts yes\nStrictHostKeyChecking accept-new", AsSsh),
    ("yes, in a file with a token", "StrictHostKeyChecking yes\nUserKnownHostsFile {dir}/right-%n", AsSsh),
    ("yes, told by a command", "StrictHostKeyChecking yes\nKnownHostsCommand /bin/cat {dir}/right", AsSsh),
    (
        "on the list of revoked keys",
        "RevokedHostKeys {dir}/revoked-keys\nUserKnownHostsFile {dir}/right",
        AsSsh,
    ),
    ("vouched for", "StrictHostKeyChecking yes\nUserKnownHostsFile {dir}/vouched", AsSsh),
    ("vouched for by another", "StrictHostKeyChecking yes\nUserKnownHostsFile {dir}/misvouched", AsSsh),
    ("no list, yes", "StrictHostKeyChecking yes\nUserKnownHostsFile none", AsSsh),
    ("a list that keeps nothing", "StrictHostKeyChecking no\nUserKnownHostsFile /dev/null", AsSsh),
    // ssh fails to add the key to a list that is none, and lets nobody in.
    ("no list", "StrictHostKeyChecking accept-new\nUserKnownHostsFile none", In),
];

/// All of these know the host.
pub const IDENTITIES: &[Row] = &[
    ("a file", "IdentityFile {dir}/right-key", AsSsh),
    ("a name with a blank", "IdentityFile \"{dir}/a key\"", AsSsh),
    ("the local user", "IdentityFile {dir}/u-%u", AsSsh),
    ("the local user's number", "IdentityFile {dir}/i-%i", AsSsh),
    ("the remote user", "IdentityFile {dir}/r-%r", AsSsh),
    ("the host", "IdentityFile {dir}/h-%h", AsSsh),
    ("the name as typed", "IdentityFile {dir}/n-%n", AsSsh),
    ("the port", "IdentityFile {dir}/p-%p", AsSsh),
    ("a percent sign", "IdentityFile {dir}/100%%", AsSsh),
    ("this machine's name", "IdentityFile {dir}/L-%L", AsSsh),
    ("this machine's full name", "IdentityFile {dir}/l-%l", AsSsh),
    ("the alias of the host key", "IdentityFile {dir}/k-%k\nHostKeyAlias lab", AsSsh),
    ("no alias of the host key", "IdentityFile {dir}/k-%k", AsSsh),
    ("the connection's hash", "IdentityFile {dir}/%C", AsSsh),
    ("a variable", "IdentityFile {dir}/${CARGO_PKG_NAME}", AsSsh),
    ("the second of two", "IdentityFile {dir}/other\nIdentityFile {dir}/right-key", AsSsh),
    ("one that is not there", "IdentityFile {dir}/none\nIdentityFile {dir}/right-key", AsSsh),
    ("none", "IdentityFile none", AsSsh),
    ("the wrong one", "IdentityFile {dir}/other", AsSsh),
    ("open to others", "IdentityFile {dir}/open", AsSsh),
    ("encrypted", "IdentityFile {dir}/encrypted", AsSsh),
    ("RSA", "IdentityFile {dir}/rsa", AsSsh),
    ("an RSA key that is too short", "RequiredRSASize 4096\nIdentityFile {dir}/rsa", AsSsh),
    ("ECDSA", "IdentityFile {dir}/ecdsa", AsSsh),
    ("a certificate beside it", "IdentityFile {dir}/certified", AsSsh),
    ("a certificate elsewhere", "IdentityFile {dir}/bare\nCertificateFile {dir}/certified-cert.pub", AsSsh),
    ("an agent's", "IdentityAgent {dir}/agent", AsSsh),
    ("an agent's, by a token", "IdentityAgent {dir}/agent-%r", AsSsh),
    ("an agent's, by a variable", "IdentityAgent {dir}/${CARGO_PKG_NAME}-agent", AsSsh),
    ("an agent's, by its public half", "IdentityAgent {dir}/agent\nIdentityFile {dir}/half.pub", AsSsh),
    ("not the agent's", "IdentityAgent {dir}/agent\nIdentitiesOnly yes\nIdentityFile {dir}/other", AsSsh),
    ("an agent's certificate", "IdentityAgent {dir}/certificates", AsSsh),
    ("no agent", "IdentityAgent none", AsSsh),
    ("no keys", "PubkeyAuthentication no\nIdentityFile {dir}/right-key", AsSsh),
    ("passwords only", "PreferredAuthentications password\nIdentityFile {dir}/right-key", AsSsh),
    (
        "some kinds of key",
        "PubkeyAcceptedAlgorithms ecdsa-sha2-nistp256\nIdentityFile {dir}/right-key",
        AsSsh,
    ),
];

/// All of these know the host and name a key that opens it.
pub const WAYS: &[Row] = &[
    ("a user", "User root", AsSsh),
    ("the user of another", "Host else\nUser root", AsSsh),
    ("by Match user", "Match user student\nPort 1", AsSsh),
    ("by Match exec", "Match exec true\nUser root", AsSsh),
    ("by Match exec with a token", "Match exec \"test %n = lab\"\nUser root", AsSsh),
    ("by a pattern", "Host l?b !lub\nUser root", AsSsh),
    ("included", "Include {dir}/included", AsSsh),
    ("a host name with a token", "HostName 127.0.0.1\nUser root", AsSsh),
    ("an address family", "AddressFamily inet", AsSsh),
    ("another address family", "AddressFamily inet6", AsSsh),
    ("an address of ours", "BindAddress 127.0.0.1", AsSsh),
    ("a cipher", "Ciphers aes256-ctr", AsSsh),
    ("a key exchange", "KexAlgorithms diffie-hellman-group14-sha256", AsSsh),
    ("a cipher that nobody has", "Ciphers 3des-cbc", AsSsh),
    ("compression", "Compression yes", AsSsh),
    ("a bastion with a key of its own", "ProxyJump gate", AsSsh),
    ("a bastion by its address", "ProxyJump student@127.0.0.1:{gate}", AsSsh),
    ("a bastion as a URL", "ProxyJump ssh://student@127.0.0.1:{gate}", AsSsh),
    ("a bastion by a token", "ProxyJump %n-gate", AsSsh),
    ("a bastion by a command", "ProxyCommand ssh -F {dir}/config -W %h:%p gate", AsSsh),
    ("a bastion with a descriptor handed on", "ProxyUseFdpass no\nProxyJump gate\nCiphers aes256-ctr", AsSsh),
    ("a bastion behind a bastion", "ProxyJump gate,gate", AsSsh),
    ("a bastion that does not know us", "ProxyJump closed", AsSsh),
    ("a bastion that nobody knows", "ProxyJump unknown", AsSsh),
    ("no bastion", "ProxyJump none", AsSsh),
    ("a command", "ProxyCommand sh -c 'exec 3<>/dev/tcp/127.0.0.1/{port}; cat <&3 & cat >&3'", AsSsh),
    ("a command that fails", "ProxyCommand false", AsSsh),
    ("an agent forwarded", "ForwardAgent yes", AsSsh),
    ("a local command", "PermitLocalCommand yes\nLocalCommand touch {dir}/never", AsSsh),
    ("without input", "StdinNull yes\nCiphers aes256-ctr", AsSsh),
    ("a terminal", "RequestTTY force", AsSsh),
    ("an environment", "SetEnv LANG=x", AsSsh),
    ("a shared master", "ControlMaster auto\nControlPath {dir}/never", AsSsh),
    // What ssh can't do for us is not ours to do.
    ("a remote command", "RemoteCommand touch {dir}/never", In),
    ("a forward that can't be", "LocalForward 127.0.0.1:{port} x:1\nExitOnForwardFailure yes", In),
];
