//! `hosts_with(role="NAME")`: the cluster's hosts with a role.

use tera::{Error, Kwargs, State, TeraResult, Value};

use crate::model::text;

pub const FUNCTION: &str = "hosts_with";
/// Where the hosts are, by role: not for people to write.
pub const HOSTS_BY_ROLE: &str = "__hosts_by_role";

#[expect(clippy::needless_pass_by_value, reason = "tera hands it over")]
pub fn hosts_with(arguments: Kwargs, state: &State<'_>) -> TeraResult<Value> {
    let role = arguments.must_get::<&str>("role")?;
    let hosts = state.get::<Value>(HOSTS_BY_ROLE)?;
    let hosts = hosts.ok_or_else(|| {
        let message = text!(en: "`hosts_with` has no place here", pt: "`hosts_with` não tem lugar aqui");
        let hint = text!(
            en: "it is for practices, and not for their defaults",
            pt: "serve para práticas, e não para os valores padrão delas",
        );
        Error::message(format!("{}\n{}", message.packed(), hint.packed()))
    })?;
    hosts.get_from_path(role).cloned().ok_or_else(|| {
        let known =
            hosts.as_map().into_iter().flat_map(|roles| roles.keys()).filter_map(|role| role.as_str());
        let known = known.map(|role| format!("`{role}`")).collect::<Vec<_>>().join(", ");
        let message = text!(en: "there is no role `{role}`", pt: "não existe o papel `{role}`");
        let hint = text!(en: "known are {known}", pt: "existem {known}");
        Error::message(format!("{}\n{}", message.packed(), hint.packed()))
    })
}
