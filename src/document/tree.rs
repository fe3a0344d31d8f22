//! The YAML document as a tree whose nodes can be found again in the text.
//!
//! Owns the only pass of the YAML parser over the text, with limits on size, depth and repetition. Knows nothing of
//! inventories; what the nodes mean is read by [`super::reader`].

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde_json::Number;

/// More nodes than 200 hosts with everything spelt out need; aliases could make any number.
const NODE_LIMIT: usize = 200_000;

/// A node's number: its place in the order of the text, aliased nodes counted at each use.
pub type NodeId = usize;

#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// Nothing, `null` or `~`.
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<NodeId>),
    /// A map, in the order of the text, duplicate keys included.
    Map(Vec<(NodeId, NodeId)>),
    /// A value with a tag such as `!vault`.
    Tagged,
}

#[derive(Debug)]
pub struct Tree {
    nodes: Vec<Node>,
}

impl Tree {
    pub const ROOT: NodeId = 0;

    pub fn parse(text: &str) -> Result<Self, serde_yaml::Error> {
        let walk = RefCell::new(Walk { nodes: Vec::new(), stop_at: None });
        Seed(&walk).deserialize(serde_yaml::Deserializer::from_str(text))?;
        Ok(Self { nodes: walk.into_inner().nodes })
    }

    pub fn replace_texts(&mut self, others: &BTreeMap<String, String>) {
        for node in &mut self.nodes {
            if let Node::Text(text) = node
                && let Some(other) = others.get(text)
            {
                other.clone_into(text);
            }
        }
    }

    pub fn node(&self, id: NodeId) -> &Node {
        self.nodes.get(id).unwrap_or(&Node::Null)
    }

    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        self.nodes.iter().enumerate()
    }

    /// The keys and values of a map; none for any other node.
    pub fn entries(&self, id: NodeId) -> &[(NodeId, NodeId)] {
        if let Node::Map(entries) = self.node(id) { entries } else { &[] }
    }

    /// A scalar as text, as far as the parser lets us have it; `None` for lists, maps, nothing and fractions.
    pub fn scalar(&self, id: NodeId) -> Option<String> {
        match self.node(id) {
            Node::Text(text) => Some(text.clone()),
            Node::Number(number) if !number.is_f64() => Some(number.to_string()),
            Node::Bool(value) => Some(value.to_string()),
            _ => None,
        }
    }
}

/// Where a node begins, in bytes. The parser tells positions only in errors, so the same walk is made once more and
/// fails at the node; that is cheap enough for the few nodes that have faults.
pub fn offset(text: &str, id: NodeId) -> Option<usize> {
    let walk = RefCell::new(Walk { nodes: Vec::new(), stop_at: Some(id) });
    let stopped = Seed(&walk).deserialize(serde_yaml::Deserializer::from_str(text)).err()?;
    Some(stopped.location()?.index())
}

struct Walk {
    nodes: Vec<Node>,
    stop_at: Option<NodeId>,
}

/// Reads one node and what is below it.
#[derive(Clone, Copy)]
struct Seed<'a>(&'a RefCell<Walk>);

impl Seed<'_> {
    /// Numbers a node before its children are read.
    fn enter<E: serde::de::Error>(self) -> Result<NodeId, E> {
        let mut walk = self.0.borrow_mut();
        let id = walk.nodes.len();
        if walk.stop_at == Some(id) {
            return Err(E::custom("here"));
        }
        if id >= NODE_LIMIT {
            return Err(E::custom(TOO_MANY_NODES));
        }
        walk.nodes.push(Node::Null);
        Ok(id)
    }

    fn leave(self, id: NodeId, node: Node) -> NodeId {
        if let Some(place) = self.0.borrow_mut().nodes.get_mut(id) {
            *place = node;
        }
        id
    }

    fn leaf<E: serde::de::Error>(self, node: Node) -> Result<NodeId, E> {
        Ok(self.leave(self.enter()?, node))
    }
}

/// The message of the error for a document that is larger than it looks.
pub const TOO_MANY_NODES: &str = "too many values";

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = NodeId;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<NodeId, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = NodeId;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<NodeId, E> {
        self.leaf(Node::Null)
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<NodeId, E> {
        self.leaf(Node::Null)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<NodeId, E> {
        self.leaf(Node::Bool(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<NodeId, E> {
        self.leaf(Node::Number(value.into()))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<NodeId, E> {
        self.leaf(Node::Number(value.into()))
    }

    fn visit_i128<E: serde::de::Error>(self, value: i128) -> Result<NodeId, E> {
        self.leaf(Node::Text(value.to_string()))
    }

    fn visit_u128<E: serde::de::Error>(self, value: u128) -> Result<NodeId, E> {
        self.leaf(Node::Text(value.to_string()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<NodeId, E> {
        self.leaf(Number::from_f64(value).map_or_else(|| Node::Text(value.to_string()), Node::Number))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<NodeId, E> {
        self.leaf(Node::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<NodeId, A::Error> {
        let id = self.enter()?;
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(self)? {
            items.push(item);
        }
        Ok(self.leave(id, Node::List(items)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<NodeId, A::Error> {
        let id = self.enter()?;
        let mut entries = Vec::new();
        while let Some(key) = access.next_key_seed(self)? {
            entries.push((key, access.next_value_seed(self)?));
        }
        Ok(self.leave(id, Node::Map(entries)))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<NodeId, A::Error> {
        let id = self.enter()?;
        let (_tag, value) = access.variant::<String>()?;
        value.newtype_variant_seed(self)?;
        Ok(self.leave(id, Node::Tagged))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_node_is_found_again() {
        let text = "a: 1\nb: [x, \"y\", {c: ~}]\n\"d\":\n  e: true\n";
        let tree = Tree::parse(text).unwrap();
        let seen: Vec<_> =
            tree.nodes().map(|(id, node)| (offset(text, id).map(|at| &text[at..]), node)).collect();
        let starts_with = |at: usize, start: &str| {
            assert!(seen[at].0.unwrap().starts_with(start), "{at}: {:?}", seen[at]);
        };
        for (at, start) in
            [(0, "a: 1"), (1, "a"), (2, "1"), (3, "b"), (4, "["), (5, "x"), (6, "\"y"), (7, "{c"), (8, "c")]
        {
            starts_with(at, start);
        }
        starts_with(9, "~");
        starts_with(10, "\"d\"");
        starts_with(11, "e: true");
        assert_eq!(seen.len(), 14);
    }

    #[test]
    fn bytes_are_counted_as_bytes() {
        let text = "é: ação\nb: ü\n";
        assert_eq!(offset(text, 4), Some(text.find('ü').unwrap()));
    }

    #[test]
    fn aliases_are_walked_at_each_use() {
        let text = "a: &x {b: 1}\nc: *x\n";
        let tree = Tree::parse(text).unwrap();
        assert_eq!(tree.nodes().count(), 9);
        assert_eq!(offset(text, 8), Some(10));
    }

    #[test]
    fn bombs_are_refused() {
        let level = |level: usize| {
            format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 9].join(","))
        };
        let bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned() + &(1..9).map(level).collect::<String>();
        assert!(Tree::parse(&bomb).is_err());
        // Few jumps, each to much: below the parser's own limit.
        let wide = format!("a: &a [{}]\nb: [{}]\n", vec!["x"; 9000].join(","), vec!["*a"; 9000].join(","));
        let error = Tree::parse(&wide).unwrap_err();
        assert!(error.to_string().contains(TOO_MANY_NODES), "{error}");
        assert!(Tree::parse(&format!("{}{}", "[".repeat(150), "]".repeat(150))).is_err());
    }

    #[test]
    fn tags_are_seen() {
        let tree = Tree::parse("a: !vault x\nb: !!str 1\n").unwrap();
        assert_eq!(tree.node(2), &Node::Tagged);
        assert!(tree.nodes().any(|(_, node)| node == &Node::Text("1".to_owned())));
    }
}
