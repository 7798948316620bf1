//! Who acts: the person and seat, or the person and hospital, that every write names in its headers.

use axum::http::HeaderMap;
use dispatch_core::actor::Actor;

use super::problem::Problem;

/// Who acts, from the headers of a write.
pub(crate) fn who_acts(headers: &HeaderMap) -> Result<Actor, Problem> {
    let name = text(headers, "jichi-person")?;
    let seat = text(headers, "jichi-seat")?;
    let hospital = text(headers, "jichi-hospital")?;
    let actor = match (name, seat, hospital) {
        (Some(name), Some(seat), None) => Actor::Person { name, seat },
        (Some(name), None, Some(code)) => {
            let hospital = code.parse().map_err(|_| Problem::unknown("hospital", "医院", &code))?;
            Actor::Hospital { hospital, name }
        }
        (Some(_), Some(_), Some(_)) => {
            return Err(Problem::unnamed(
                "name either a seat or a hospital, not both",
                "Jichi-Seat 与 Jichi-Hospital 只能填写一个",
            ));
        }
        _ => return Err(nobody()),
    };
    if actor.is_named() { Ok(actor) } else { Err(nobody()) }
}

fn nobody() -> Problem {
    Problem::unnamed(
        "every write names who acts: Jichi-Person and Jichi-Seat (at a hospital Jichi-Hospital), percent-encoded, \
         at most 40 characters",
        "每项操作须在 Jichi-Person 与 Jichi-Seat（医院端为 Jichi-Hospital）中写明操作人，百分号编码，最多 40 字",
    )
}

fn text(headers: &HeaderMap, name: &str) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let decoded = percent_decoded(value.as_bytes()).filter(|text| !text.chars().any(char::is_control));
    decoded.map(Some).ok_or_else(|| {
        Problem::malformed(
            format!("{name} is not percent-encoded UTF-8 without control characters"),
            format!("{name} 须为不含控制字符的 UTF-8 百分号编码"),
        )
    })
}

/// Percent-decoded text; raw UTF-8 is taken as it is. `None` for a broken escape or what is not UTF-8.
pub(crate) fn percent_decoded(bytes: &[u8]) -> Option<String> {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter();
    while let Some(&byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: &u8| char::from(*byte).to_digit(16);
            let (high, low) = (rest.next().and_then(digit)?, rest.next().and_then(digit)?);
            decoded.push((high * 16 + low) as u8);
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(pairs: &[(&'static str, &str)]) -> Result<Actor, u16> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, axum::http::HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        who_acts(&headers).map_err(|problem| problem.status().as_u16())
    }

    #[test]
    fn a_person_is_named_with_a_seat_or_a_hospital() {
        let wang = || "王芳".to_owned();
        assert_eq!(
            who(&[("jichi-person", "%E7%8E%8B%E8%8A%B3"), ("jichi-seat", "03")]),
            Ok(Actor::Person { name: wang(), seat: "03".to_owned() })
        );
        assert_eq!(
            who(&[("jichi-person", "王芳"), ("jichi-hospital", "H01")]),
            Ok(Actor::Hospital { name: wang(), hospital: "H01".parse().unwrap() })
        );
    }

    #[test]
    fn nobody_is_refused() {
        for pairs in [
            &[][..],
            &[("jichi-person", "a")],
            &[("jichi-seat", "03")],
            &[("jichi-person", "%20"), ("jichi-seat", "03")],
            &[("jichi-person", "%E7%8"), ("jichi-seat", "03")],
            &[("jichi-person", "%ff"), ("jichi-seat", "03")],
            &[("jichi-person", "a%0Ab"), ("jichi-seat", "03")],
            &[("jichi-person", "a"), ("jichi-seat", "03"), ("jichi-hospital", "H01")],
        ] {
            assert_eq!(who(pairs), Err(400), "{pairs:?}");
        }
    }
}
