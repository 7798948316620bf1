//! Joins the ways of an outline into closed rings.

use std::collections::BTreeMap;

/// The closed rings that the lines make when joined at their ends; what does not close (cut at the border of an extract) is left
/// out. Rings repeat their first node at the end.
pub(super) fn join(lines: &[&[i64]]) -> Vec<Vec<i64>> {
    let mut rings = Vec::new();
    let mut at_end: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    let mut used = vec![false; lines.len()];
    for (number, line) in lines.iter().enumerate() {
        if let (Some(&first), Some(&last)) = (line.first(), line.last()) {
            at_end.entry(first).or_default().push(number);
            at_end.entry(last).or_default().push(number);
        }
    }
    for start in 0..lines.len() {
        if used[start] || lines[start].len() < 2 {
            continue;
        }
        used[start] = true;
        let mut ring = lines[start].to_vec();
        while ring.first() != ring.last() {
            let end = *ring.last().expect("invariant: a line has two nodes at least");
            let next = at_end.get(&end).and_then(|numbers| numbers.iter().copied().find(|&n| !used[n]));
            let Some(next) = next else {
                break;
            };
            used[next] = true;
            if lines[next].first() == Some(&end) {
                ring.extend(&lines[next][1..]);
            } else {
                ring.extend(lines[next].iter().rev().skip(1));
            }
        }
        if ring.first() == ring.last() && ring.len() > 3 {
            rings.push(ring);
        }
    }
    rings
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn lines_join_in_any_direction_and_open_ones_are_left_out() {
        let rings = join(&[&[1, 2, 3], &[5, 4, 3], &[5, 1], &[7, 8, 9], &[20, 21, 22, 20], &[9]]);
        assert_eq!(rings, vec![vec![1, 2, 3, 4, 5, 1], vec![20, 21, 22, 20]]);
        assert!(join(&[]).is_empty());
    }
}
