//! Drawings of all sizes.

use std::collections::HashSet;

use super::*;
use crate::model::Language;

fn members(count: usize, requests: bool) -> Vec<Member> {
    let member = |index| Member {
        name: format!("a-rather-long-name-of-host-{index}"),
        note: "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff".to_owned(),
        state: State::Pass,
        requests: requests.then_some(index),
    };
    (0..count).map(member).collect()
}

fn label(node: &Node) -> &str {
    &node.name
}

fn drawn(balancers: usize, web: usize, socket: usize, requests: bool) -> Drawing {
    let groups = [("backend_servers", web, true), ("socket", socket, false)];
    let subject = Subject {
        balancers: members(balancers, false),
        requests: if requests { web * web.saturating_sub(1) / 2 } else { 0 },
        groups: groups
            .into_iter()
            .filter(|(_, count, _)| *count > 0)
            .map(|(title, count, is_balanced)| Group {
                title: title.to_owned(),
                is_balanced,
                members: members(count, requests && is_balanced),
            })
            .collect(),
    };
    Drawing::new(&subject, Words(Language::English))
}

#[test]
fn nothing_overlaps_or_sticks_out_however_many_hosts_there_are() {
    for web in [0, 1, 2, 3, 4, 5, 12, 13, 60] {
        for (balancers, socket) in [(0, 1), (1, 0), (1, web), (3, 5)] {
            for requests in [false, true] {
                let drawing = drawn(balancers, web, socket, requests);
                let place = format!("{balancers} + {web} + {socket}");
                let names: HashSet<_> = drawing.nodes[balancers..balancers + web].iter().map(label).collect();
                assert_eq!(names.len(), web, "{place}: {names:?}");
                assert_eq!(drawing.nodes.len(), balancers + web + socket, "{place}");
                for (index, node) in drawing.nodes.iter().enumerate() {
                    assert!(node.x + node.width <= drawing.width, "{place}");
                    assert!(node.y + node.height <= drawing.height, "{place}");
                    let is_apart = |other: &Node| {
                        node.x + node.width < other.x
                            || other.x + other.width < node.x
                            || node.y + node.height < other.y
                            || other.y + other.height < node.y
                    };
                    assert!(drawing.nodes[index + 1..].iter().all(is_apart), "{place}");
                    if let Some(share) = &node.share {
                        assert!(share.filled <= share.width && share.y + 5 < node.height, "{place}");
                    }
                }
            }
        }
    }
}

#[test]
fn few_hosts_have_a_line_each_and_many_one_to_all() {
    assert_eq!(drawn(1, 3, 0, true).edges.len(), 3);
    assert_eq!(drawn(2, 3, 0, true).edges.len(), 6);
    assert_eq!(drawn(1, 13, 0, true).edges.len(), 1);
    assert_eq!(drawn(0, 3, 0, true).edges.len(), 0);
}

#[test]
fn shares_are_told_in_bars_and_figures() {
    let drawing = drawn(1, 3, 0, true);
    let shares: Vec<_> = drawing.nodes.iter().filter_map(|node| node.share.as_ref()).collect();
    let texts: Vec<_> = shares.iter().filter_map(|share| share.text.as_deref()).collect();
    assert_eq!(texts, ["0%", "33%", "67%"]);
    assert_eq!(shares[0].filled, 0);
    assert_eq!(shares[1].filled, shares[1].width / 2);
    assert_eq!(shares[2].filled, shares[2].width);
    assert_eq!(drawing.requests.as_deref(), Some("3 requests"));
    assert_eq!(drawing.edges[0].state, State::Fail, "no request goes to a host that answers none");
    assert_eq!(drawing.edges[1].state, State::Pass);
}

#[test]
fn long_names_are_cut_and_told_whole_in_the_title() {
    let drawing = drawn(1, 1, 0, false);
    assert_eq!(drawing.nodes[1].name, "a-rathe…host-0");
    assert_eq!(
        drawing.nodes[1].title,
        "a-rather-long-name-of-host-0 (2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff): works"
    );
    assert!(drawing.label.starts_with("balancer a-rather-long-name-of-host-0 "), "{}", drawing.label);
}
