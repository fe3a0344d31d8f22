//! The proxies that this machine's environment names for its own requests: `http_proxy`, `https_proxy`, `no_proxy` and
//! their like, as curl reads them.

use hyper::Uri;
use hyper_util::client::proxy::matcher::Matcher;

#[derive(Debug)]
pub struct Proxies(Matcher);

impl Proxies {
    pub fn of_environment() -> Self {
        Self(Matcher::from_system())
    }

    /// The proxy that a URL goes through; how one logs in there is nobody's business.
    pub fn of(&self, url: &str) -> Option<String> {
        let proxy = self.0.intercept(&url.parse::<Uri>().ok()?)?;
        Some(proxy.uri().to_string().trim_end_matches('/').to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_told_without_its_password() {
        let matcher = Matcher::builder().http("http://ana:geheim@proxy.example:3128").no("10.0.0.0/8,.lab");
        let proxies = Proxies(matcher.build());
        assert_eq!(proxies.of("http://m.example/debian").as_deref(), Some("http://proxy.example:3128"));
        for past_it in ["https://m.example/", "http://10.1.2.3/", "http://web01.lab/", "no url"] {
            assert_eq!(proxies.of(past_it), None, "{past_it}");
        }
    }
}
