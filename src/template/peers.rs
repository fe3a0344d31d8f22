//! `hosts_with(role="NAME")`: the cluster's hosts with a role.

use tera::{Error, Kwargs, State, TeraResult, Value};

pub const FUNCTION: &str = "hosts_with";
/// Where the hosts are, by role: not for people to write.
pub const HOSTS_BY_ROLE: &str = "__hosts_by_role";

#[expect(clippy::needless_pass_by_value, reason = "tera hands it over")]
pub fn hosts_with(arguments: Kwargs, state: &State<'_>) -> TeraResult<Value> {
    let role = arguments.must_get::<&str>("role")?;
    let hosts = state.get::<Value>(HOSTS_BY_ROLE)?;
    let hosts = hosts.ok_or_else(|| {
        Error::message("`hosts_with` has no place here\nit is for practices, and not for their defaults")
    })?;
    hosts.get_from_path(role).cloned().ok_or_else(|| {
        let known =
            hosts.as_map().into_iter().flat_map(|roles| roles.keys()).filter_map(|role| role.as_str());
        let known: Vec<_> = known.map(|role| format!("`{role}`")).collect();
        Error::message(format!("there is no role `{role}`\nknown are {}", known.join(", ")))
    })
}
