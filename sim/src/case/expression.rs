//! The small language of a case's generator: sums and products of numbers, and distributions by name, `Exponential(1/280)`, also
//! inside one another, `Truncated(Exponential(12/60/24), 2/60/24, Inf)`.

/// A name with its arguments.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) arguments: Vec<Argument>,
}

/// What may stand between the brackets.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Argument {
    Number(f64),
    Named(Named),
}

impl Named {
    /// The arguments where all of them are numbers.
    pub(super) fn numbers(&self) -> Option<Vec<f64>> {
        let number = |argument: &Argument| match argument {
            Argument::Number(value) => Some(*value),
            Argument::Named(_) => None,
        };
        self.arguments.iter().map(number).collect()
    }
}

/// A number written as a sum of products, `1 + 14 + 0.1` or `50/60/60/24`; `None` when it is not.
pub(super) fn number(text: &str) -> Option<f64> {
    let mut reader = Reader::of(text)?;
    let value = reader.sum()?;
    (reader.rest.is_empty() && value.is_finite()).then_some(value)
}

/// A distribution, `Normal(50/60, 0)` or `Categorical([0.5, 0.5])`; `None` when it is not.
pub(super) fn named(text: &str) -> Option<Named> {
    let mut reader = Reader::of(text)?;
    let named = reader.named(0)?;
    reader.rest.is_empty().then_some(named)
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn of(text: &'a str) -> Option<Self> {
        (text.len() <= LENGTH_MAX).then(|| Reader { rest: text.trim() })
    }

    fn named(&mut self, depth: usize) -> Option<Named> {
        let name = self.word().filter(|_| depth <= DEPTH_MAX)?;
        self.one_of("(")?;
        let mut arguments = Vec::new();
        while self.one_of(")").is_none() {
            if !arguments.is_empty() {
                self.one_of(",")?;
            }
            self.argument(depth, &mut arguments)?;
        }
        Some(Named { name, arguments })
    }

    /// One argument, or the members of a list.
    fn argument(&mut self, depth: usize, arguments: &mut Vec<Argument>) -> Option<()> {
        if self.one_of("[").is_some() {
            arguments.push(Argument::Number(self.sum()?));
            while self.one_of(",;").is_some() {
                arguments.push(Argument::Number(self.sum()?));
            }
            return self.one_of("]").map(drop);
        }
        let is_name = self.rest.starts_with(|c: char| c.is_alphabetic()) && !self.rest.starts_with(INFINITY);
        let argument = if is_name {
            Argument::Named(self.named(depth + 1)?)
        } else {
            Argument::Number(self.sum().filter(|value| !value.is_nan())?)
        };
        arguments.push(argument);
        Some(())
    }

    fn word(&mut self) -> Option<String> {
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        word.starts_with(|c: char| c.is_ascii_alphabetic()).then(|| word.to_owned())
    }

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
        let value = match self.rest.strip_prefix(INFINITY) {
            Some(rest) => {
                self.rest = rest.trim_start();
                f64::INFINITY
            }
            None => self.digits()?,
        };
        Some(if negative { -value } else { value })
    }

    /// Digits with a point and an exponent, `2.5e-3`.
    fn digits(&mut self) -> Option<f64> {
        let plain = |text: &str| text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let mut end = plain(self.rest);
        if let Some(exponent) = self.rest[end..].strip_prefix(['e', 'E']) {
            let signed = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            let count = plain(signed);
            if count > 0 {
                end += 1 + (exponent.len() - signed.len()) + count;
            }
        }
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        digits.parse().ok()
    }

    fn one_of(&mut self, signs: &str) -> Option<char> {
        let sign = self.rest.chars().next().filter(|c| signs.contains(*c))?;
        self.rest = self.rest[sign.len_utf8()..].trim_start();
        Some(sign)
    }
}

const INFINITY: &str = "Inf";
/// Longer than anybody writes; brackets are read one inside the other.
const LENGTH_MAX: usize = 2_000;
/// Distributions inside one another.
const DEPTH_MAX: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_distributions_are_read_and_nothing_else() {
        assert_eq!(number("1 + 14 + 0.1"), Some(15.1));
        assert_eq!(number("50/60/60/24"), Some(50.0 / 60.0 / 60.0 / 24.0));
        assert_eq!(number("2*(3 - 1)/-4"), Some(-1.0));
        assert_eq!(number("1/(8*24)"), Some(1.0 / 192.0));
        assert_eq!(number("2.5e-3 + 1E2"), Some(100.0025));
        for wrong in ["", "1 +", "x", "1/0", "2 2", "(1", "Inf", "e3"] {
            assert_eq!(number(wrong), None, "{wrong}");
        }
        let drawn = named("Categorical([0.57, 0.245, 0.185])").unwrap();
        assert_eq!((drawn.name.as_str(), drawn.arguments.len()), ("Categorical", 3));
        assert_eq!(named("Normal(50/60, 0)").unwrap().numbers(), Some(vec![50.0 / 60.0, 0.0]));
        assert_eq!(named("Weibull(2.5, 34.3/60/24)").unwrap().arguments.len(), 2);
        assert_eq!(named("Exponential()").unwrap().arguments.len(), 0);
        for wrong in ["Normal", "Normal(a)", "Normal(1,)", "Normal(1 2)", "(1)", "Normal(1) 2", "Normal(1"] {
            assert_eq!(named(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_distribution_may_stand_inside_another() {
        let cut = named("truncated(Normal(2/60/24, 1/60/24), 20/60/60/24, Inf)").unwrap();
        assert!(matches!(&cut.arguments[0], Argument::Named(inner) if inner.name == "Normal"));
        assert_eq!(cut.arguments[2], Argument::Number(f64::INFINITY));
        let deep = "Truncated(".repeat(50);
        assert_eq!(named(&deep), None);
    }
}
