//! Puts steps in an order in which each comes after what it depends on.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A step before it has its place: its dependencies are positions in the unsorted list.
pub(super) struct Node<T> {
    pub(super) content: T,
    /// Among steps that could come next, the smallest comes first.
    pub(super) priority: (usize, String),
    pub(super) after: Vec<usize>,
}

/// The nodes in order, with dependencies as positions in that order; the positions that lie on a cycle otherwise.
pub(super) fn sort<T>(nodes: Vec<Node<T>>) -> Result<Vec<(T, Vec<usize>)>, Vec<usize>> {
    let mut dependents = vec![Vec::new(); nodes.len()];
    let mut missing: Vec<usize> = nodes.iter().map(|node| node.after.len()).collect();
    for (position, node) in nodes.iter().enumerate() {
        for dependency in &node.after {
            dependents[*dependency].push(position);
        }
    }
    let mut ready: BinaryHeap<_> = (0..nodes.len())
        .filter(|position| missing[*position] == 0)
        .map(|position| Reverse((nodes[position].priority.clone(), position)))
        .collect();
    let mut order = Vec::with_capacity(nodes.len());
    while let Some(Reverse((_, position))) = ready.pop() {
        order.push(position);
        for dependent in &dependents[position] {
            missing[*dependent] -= 1;
            if missing[*dependent] == 0 {
                ready.push(Reverse((nodes[*dependent].priority.clone(), *dependent)));
            }
        }
    }
    if order.len() < nodes.len() {
        return Err((0..nodes.len()).filter(|position| missing[*position] > 0).collect());
    }
    let mut place = vec![0; nodes.len()];
    for (index, position) in order.iter().enumerate() {
        place[*position] = index;
    }
    let mut sorted: Vec<_> = nodes
        .into_iter()
        .enumerate()
        .map(|(position, node)| {
            let mut after: Vec<_> = node.after.iter().map(|dependency| place[*dependency]).collect();
            after.sort_unstable();
            after.dedup();
            (place[position], (node.content, after))
        })
        .collect();
    sorted.sort_unstable_by_key(|(index, _)| *index);
    Ok(sorted.into_iter().map(|(_, node)| node).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str, after: &[usize]) -> Node<String> {
        Node { content: name.to_owned(), priority: (0, name.to_owned()), after: after.to_vec() }
    }

    #[test]
    fn each_node_comes_after_what_it_depends_on() {
        let sorted = sort(vec![node("c", &[1, 2]), node("b", &[2]), node("a", &[]), node("d", &[])]).unwrap();
        let names: Vec<_> = sorted.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c", "d"]);
        assert_eq!(sorted[2].1, [0, 1]);
    }

    #[test]
    fn a_cycle_is_named() {
        assert_eq!(sort(vec![node("a", &[1]), node("b", &[0]), node("c", &[])]).map(|_| ()), Err(vec![0, 1]));
    }
}
