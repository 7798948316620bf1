//! Things by id, in the order of their ids.
//!
//! Kept in one sorted row: everything the centre does looks up ids all the time, and ids are made in the order of time, so that what
//! is new goes to the end. A tree would look longer at each of them.

use std::collections::BTreeMap;
use std::ops::{Bound, RangeBounds};

use litemap::LiteMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Things by id.
#[derive(Debug, Clone, PartialEq)]
pub struct Shelf<K, V>(LiteMap<K, V>);

impl<K, V> Default for Shelf<K, V> {
    fn default() -> Self {
        Self(LiteMap::new())
    }
}

impl<K: Ord, V> Shelf<K, V> {
    /// A thing.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.0.get(key)
    }

    /// Whether it is here.
    pub fn contains_key(&self, key: &K) -> bool {
        self.0.contains_key(key)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, in the order of their ids.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> + ExactSizeIterator + Clone {
        self.0.as_slice().iter().map(pair)
    }

    /// Their ids, in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + ExactSizeIterator + Clone {
        self.iter().map(|(key, _)| key)
    }

    /// Without their ids, in the order of these.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator + Clone {
        self.iter().map(|(_, value)| value)
    }

    /// Those whose ids lie in a range.
    pub fn range(
        &self,
        keys: impl RangeBounds<K>,
    ) -> impl DoubleEndedIterator<Item = (&K, &V)> + ExactSizeIterator + Clone {
        let row = self.0.as_slice();
        let before = |key: &K| match keys.start_bound() {
            Bound::Included(from) => key < from,
            Bound::Excluded(from) => key <= from,
            Bound::Unbounded => false,
        };
        let within = |key: &K| match keys.end_bound() {
            Bound::Included(to) => key <= to,
            Bound::Excluded(to) => key < to,
            Bound::Unbounded => true,
        };
        let first = row.partition_point(|(key, _)| before(key));
        let count = row[first..].partition_point(|(key, _)| within(key));
        row[first..first + count].iter().map(pair)
    }

    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.0.get_mut(key)
    }

    pub(super) fn insert(&mut self, key: K, value: V) {
        // Nearly always the newest of all.
        if let Some((key, value)) = self.0.try_append(key, value) {
            self.0.insert(key, value);
        }
    }

    pub(super) fn extend(&mut self, things: impl IntoIterator<Item = (K, V)>) {
        things.into_iter().for_each(|(key, value)| self.insert(key, value));
    }

    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        self.0.remove(key)
    }

    pub(super) fn retain(&mut self, keeps: impl FnMut(&K, &V) -> bool) {
        self.0.retain(keeps);
    }
}

fn pair<K, V>((key, value): &(K, V)) -> (&K, &V) {
    (key, value)
}

impl<'a, K, V> IntoIterator for &'a Shelf<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = std::iter::Map<std::slice::Iter<'a, (K, V)>, fn(&'a (K, V)) -> Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.as_slice().iter().map(pair)
    }
}

impl<K: Serialize, V: Serialize> Serialize for Shelf<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.as_slice().iter().map(pair))
    }
}

impl<'de, K: Ord + Deserialize<'de>, V: Deserialize<'de>> Deserialize<'de> for Shelf<K, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(BTreeMap::deserialize(deserializer)?.into_iter().collect())
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for Shelf<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone)]
    enum Step {
        Insert(u8, u8),
        Remove(u8),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            (any::<u8>(), any::<u8>()).prop_map(|(key, value)| Step::Insert(key, value)),
            any::<u8>().prop_map(Step::Remove),
        ];
        prop::collection::vec(step, 0..200)
    }

    proptest! {
        #[test]
        fn it_is_a_map_in_the_order_of_its_keys(steps in steps(), from in any::<u8>(), to in any::<u8>()) {
            let (mut shelf, mut model) = (Shelf::<u8, u8>::default(), BTreeMap::new());
            for step in steps {
                match step {
                    Step::Insert(key, value) => {
                        shelf.insert(key, value);
                        model.insert(key, value);
                    }
                    Step::Remove(key) => prop_assert_eq!(shelf.remove(&key), model.remove(&key)),
                }
            }
            let all: Vec<_> = shelf.iter().map(|(key, value)| (*key, *value)).collect();
            prop_assert_eq!(all, model.iter().map(|(key, value)| (*key, *value)).collect::<Vec<_>>());
            prop_assert_eq!(shelf.get(&from), model.get(&from));
            let (low, high) = (from.min(to), from.max(to));
            for bounds in [
                (Bound::Included(low), Bound::Included(high)),
                (Bound::Excluded(low), Bound::Unbounded),
                (Bound::Unbounded, Bound::Excluded(high)),
            ] {
                let within: Vec<u8> = shelf.range(bounds).map(|(key, _)| *key).collect();
                prop_assert_eq!(within, model.range(bounds).map(|(key, _)| *key).collect::<Vec<_>>());
            }
            prop_assert_eq!(serde_json::to_string(&shelf).unwrap(), serde_json::to_string(&model).unwrap());
            let mut fewer = shelf.clone();
            fewer.retain(|key, _| *key < from);
            model.retain(|key, _| *key >= from);
            prop_assert_eq!(fewer.len() + model.len(), shelf.len());
            prop_assert!(fewer.keys().all(|key| shelf.contains_key(key) && !model.contains_key(key)));
        }
    }
}
