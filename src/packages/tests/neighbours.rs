//! What a host may do to the others that use the relay.

use super::*;

#[tokio::test]
async fn a_mirror_without_https_is_not_down_for_those_that_ask_by_http() {
    let mirror = Mirror::of(b"package", &[]).await;
    let rig = Rig::new(&mirror);
    let secure = mirror.url("").replace("http:", "https:");
    let admission = rig.relay.admit(&HostId::new("default", "a"), sources(&secure.as_str().into()));
    let requests = rig.connect(&admission).await;
    let mut hostile = Vm { admission, requests };
    assert_eq!(hostile.get(&format!("{secure}a.deb")).await.0, StatusCode::BAD_GATEWAY);
    assert_eq!(rig.vm("b").await.get(&mirror.url("a.deb")).await.0, StatusCode::OK);
}
