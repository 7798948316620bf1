//! The small language of a case's generator: sums and products of numbers, and distributions by name, `Exponential(1/280)`.

/// A name with its arguments.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) arguments: Vec<f64>,
}

/// A number written as a sum of products, `1 + 14 + 0.1` or `50/60/60/24`; `None` when it is not.
pub(super) fn number(text: &str) -> Option<f64> {
    let mut reader = Reader { rest: text.trim() };
    let value = reader.sum()?;
    (reader.rest.is_empty() && value.is_finite()).then_some(value)
}

/// A distribution, `Normal(50/60, 0)` or `Categorical([0.5, 0.5])`; `None` when it is not.
pub(super) fn named(text: &str) -> Option<Named> {
    let (name, rest) = text.trim().split_once('(')?;
    let inside = rest.trim_end().strip_suffix(')')?.trim();
    let inside = inside.strip_prefix('[').and_then(|list| list.strip_suffix(']')).unwrap_or(inside);
    let arguments: Option<Vec<f64>> = inside.split(',').map(number).collect();
    Some(Named { name: name.trim().to_owned(), arguments: arguments? })
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn sum(&mut self) -> Option<f64> {
        let mut value = self.product()?;
        while let Some(sign) = self.one_of("+-") {
            let next = self.product()?;
            value += if sign == '+' { next } else { -next };
        }
        Some(value)
    }

    fn product(&mut self) -> Option<f64> {
        let mut value = self.factor()?;
        while let Some(sign) = self.one_of("*/") {
            let next = self.factor()?;
            value = if sign == '*' { value * next } else { value / next };
        }
        Some(value)
    }

    fn factor(&mut self) -> Option<f64> {
        if self.one_of("(").is_some() {
            let value = self.sum()?;
            self.one_of(")")?;
            return Some(value);
        }
        let negative = self.one_of("-").is_some();
        let end = self.rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        let value: f64 = digits.parse().ok()?;
        Some(if negative { -value } else { value })
    }

    fn one_of(&mut self, signs: &str) -> Option<char> {
        let sign = self.rest.chars().next().filter(|c| signs.contains(*c))?;
        self.rest = self.rest[sign.len_utf8()..].trim_start();
        Some(sign)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_distributions_are_read_and_nothing_else() {
        assert_eq!(number("1 + 14 + 0.1"), Some(15.1));
        assert_eq!(number("50/60/60/24"), Some(50.0 / 60.0 / 60.0 / 24.0));
        assert_eq!(number("2*(3 - 1)/-4"), Some(-1.0));
        for wrong in ["", "1 +", "x", "1/0", "2 2", "(1"] {
            assert_eq!(number(wrong), None, "{wrong}");
        }
        let drawn = named("Categorical([0.57, 0.245, 0.185])").unwrap();
        assert_eq!((drawn.name.as_str(), drawn.arguments.len()), ("Categorical", 3));
        assert_eq!(named("Normal(50/60, 0)").unwrap().arguments, [50.0 / 60.0, 0.0]);
        assert!(named("Normal").is_none() && named("Normal(a)").is_none());
    }
}
