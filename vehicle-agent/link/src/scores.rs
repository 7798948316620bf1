//! The scores that a crew takes at a patient: how many items each has, what an item may be, and what the sum says. Both ends reckon
//! with these, so that a total on the hospital's board is the one that the crew saw.

use crate::v1::{Score, ScoreKind};

/// How grave a total is. A crew's aid, not a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gravity {
    /// Nothing speaks for more.
    Light,
    /// To be watched.
    Moderate,
    /// Act on it.
    Grave,
}

/// What each item of a score may be, in their order. Empty for a kind that is unknown here.
///
/// Sources: Glasgow coma scale (1974, eyes, voice, movement); trauma index of Kirkpatrick and Youmans (1971), with 0 for
/// what is in order; Apgar (1953); FAST of the stroke campaigns.
pub fn items_of(kind: ScoreKind) -> &'static [&'static [u32]] {
    const WHERE_AND_HOW: &[u32] = &[1, 3, 5, 6];
    const STATE: &[u32] = &[0, 1, 3, 5, 6];
    const APGAR: &[u32] = &[0, 1, 2];
    const YES_NO: &[u32] = &[0, 1];
    match kind {
        ScoreKind::Unspecified => &[],
        ScoreKind::Gcs => &[&[1, 2, 3, 4], &[1, 2, 3, 4, 5], &[1, 2, 3, 4, 5, 6]],
        ScoreKind::TraumaIndex => &[WHERE_AND_HOW, WHERE_AND_HOW, STATE, STATE, STATE],
        ScoreKind::Apgar => &[APGAR, APGAR, APGAR, APGAR, APGAR],
        ScoreKind::Fast => &[YES_NO, YES_NO, YES_NO],
    }
}

/// The sum of a score's items. `None`: an item is missing, or is none that the score has.
///
/// ```
/// use link::v1::ScoreKind;
/// assert_eq!(link::scores::total(ScoreKind::Gcs, &[3, 4, 6]), Some(13));
/// assert_eq!(link::scores::total(ScoreKind::Gcs, &[5, 4, 6]), None);
/// ```
pub fn total(kind: ScoreKind, items: &[u32]) -> Option<u32> {
    let allowed = items_of(kind);
    let fits = items.len() == allowed.len()
        && !items.is_empty()
        && items.iter().zip(allowed).all(|(item, allowed)| allowed.contains(item));
    fits.then(|| items.iter().sum())
}

/// What a total says. `None` for a kind that is unknown here.
///
/// GCS: 3 to 8 grave, 9 to 12 moderate. Trauma index: 17 and more grave, 10 to 16 moderate. Apgar: 0 to 3 grave, 4 to 7 moderate.
/// FAST: any sign is grave.
pub fn gravity(kind: ScoreKind, total: u32) -> Option<Gravity> {
    let (grave, moderate) = match kind {
        ScoreKind::Unspecified => return None,
        ScoreKind::Gcs => (total <= 8, total <= 12),
        ScoreKind::TraumaIndex => (total >= 17, total >= 10),
        ScoreKind::Apgar => (total <= 3, total <= 7),
        ScoreKind::Fast => (total >= 1, false),
    };
    Some(match (grave, moderate) {
        (true, _) => Gravity::Grave,
        (false, true) => Gravity::Moderate,
        (false, false) => Gravity::Light,
    })
}

/// Whether a score's items are of its kind and its total is their sum.
pub(crate) fn is_sound(score: &Score) -> bool {
    total(score.kind(), &score.items) == Some(score.total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_is_the_sum_of_items_that_the_score_has() {
        for (kind, items, expected) in [
            (ScoreKind::Gcs, &[4, 5, 6][..], Some(15)),
            (ScoreKind::Gcs, &[1, 1, 1], Some(3)),
            (ScoreKind::Gcs, &[0, 1, 1], None),
            (ScoreKind::Gcs, &[4, 5], None),
            (ScoreKind::TraumaIndex, &[6, 6, 6, 6, 6], Some(30)),
            (ScoreKind::TraumaIndex, &[1, 1, 0, 0, 0], Some(2)),
            (ScoreKind::TraumaIndex, &[0, 1, 1, 1, 1], None),
            (ScoreKind::TraumaIndex, &[2, 1, 1, 1, 1], None),
            (ScoreKind::Apgar, &[2, 2, 1, 2, 2], Some(9)),
            (ScoreKind::Fast, &[1, 0, 1], Some(2)),
            (ScoreKind::Unspecified, &[], None),
        ] {
            assert_eq!(total(kind, items), expected, "{kind:?} {items:?}");
        }
    }

    #[test]
    fn a_total_says_how_grave_it_is() {
        for (kind, light, moderate, grave) in [
            (ScoreKind::Gcs, 13, Some(12), 8),
            (ScoreKind::TraumaIndex, 9, Some(10), 17),
            (ScoreKind::Apgar, 8, Some(7), 3),
            (ScoreKind::Fast, 0, None, 1),
        ] {
            assert_eq!(gravity(kind, light), Some(Gravity::Light), "{kind:?}");
            if let Some(moderate) = moderate {
                assert_eq!(gravity(kind, moderate), Some(Gravity::Moderate), "{kind:?}");
            }
            assert_eq!(gravity(kind, grave), Some(Gravity::Grave), "{kind:?}");
        }
    }
}
