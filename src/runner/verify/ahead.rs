//! Asks where the inventory says that a service is, while the host still looks how it sees itself: most see what the
//! inventory says, and a round trip is what takes long.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::time::Instant;

use crate::probes::{Answer, BalancerExpectation, Site, balance, stats};

use super::ask::{self, Way};
use super::{Asked, Round};

/// What came before it was known that it was asked at the right place, and the time that it took.
pub struct Early<T> {
    pub answer: T,
    pub duration: Duration,
}

impl Round<'_> {
    /// A page of a site; nothing where the host does not see itself there.
    pub(super) async fn early_page(
        &self,
        asked: &Asked<'_>,
        site: &Site,
        path: &str,
        size_limit: usize,
    ) -> Option<Early<Answer>> {
        let way = asked.way().await?;
        let expected = site.expected()?;
        let asking = Box::pin(ask::page(way, &expected, path, size_limit));
        self.ahead(asked, site, &expected, asking).await
    }

    /// HAProxy's statistics.
    pub(super) async fn early_statistics(
        &self,
        asked: &Asked<'_>,
        balancer: &BalancerExpectation,
    ) -> Option<Early<Answer>> {
        self.early_page(asked, &balancer.stats, stats::PATH, stats::SIZE_LIMIT).await
    }

    /// As many pages of a balancer as it takes to judge it, if it does what the inventory says.
    pub(super) async fn early_pages(&self, asked: &Asked<'_>) -> Option<Early<Vec<Answer>>> {
        let balancer = asked.expectation.balancer.as_ref()?;
        // Where sshd opens no streams, that is found out by a page, and not by all at once.
        let way = match asked.way().await? {
            Way::Session(session) => Way::Streams(session),
            way => way,
        };
        let expected = balancer.site.expected()?;
        let requests = balance::requests_for(balancer, None);
        let asking = Box::pin(ask::pages(way, &expected, requests, self.pages.size_limit()));
        self.ahead(asked, &balancer.site, &expected, asking).await
    }

    async fn ahead<T>(
        &self,
        asked: &Asked<'_>,
        site: &Site,
        expected: &Site,
        asking: impl Future<Output = T> + Unpin,
    ) -> Option<Early<T>> {
        let asking = pin!(async {
            let _place = self.gate.acquire().await;
            let started = Instant::now();
            let answer = asking.await;
            Early { answer, duration: started.elapsed() }
        });
        let is_there = pin!(async { site.seen_from(&asked.standpoint().await) == *expected });
        match select(is_there, asking).await {
            Either::Left((is_there, asking)) => {
                if is_there {
                    Some(asking.await)
                } else {
                    None
                }
            }
            Either::Right((early, is_there)) => is_there.await.then_some(early),
        }
    }
}
