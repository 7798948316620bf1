//! The two languages of a finding, and the marks before it.

use clap::ValueEnum;

/// The same thing said twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// Both at once.
pub(super) fn words(zh: impl Into<String>, en: impl Into<String>) -> Words {
    Words { zh: zh.into(), en: en.into() }
}

/// Which of the two is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// 中文
    Zh,
    /// English
    En,
}

impl Language {
    /// By `LC_ALL`, `LC_MESSAGES` or `LANG`, the first that is set.
    pub fn of_environment() -> Self {
        Self::of(&environment(&["LC_ALL", "LC_MESSAGES", "LANG"]))
    }

    fn of(locale: &str) -> Self {
        if locale.starts_with("zh") { Self::Zh } else { Self::En }
    }
}

impl Words {
    /// In one language.
    pub fn of(&self, language: Language) -> &str {
        match language {
            Language::Zh => &self.zh,
            Language::En => &self.en,
        }
    }
}

/// What stands before a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marks {
    /// ✔ and ✘.
    Signs,
    /// OK and !!, for a terminal that shows nothing else.
    Letters,
}

impl Marks {
    /// Signs where the locale is in UTF-8.
    pub fn of_environment() -> Self {
        Self::of(&environment(&["LC_ALL", "LC_CTYPE", "LANG"]))
    }

    fn of(locale: &str) -> Self {
        let locale = locale.to_ascii_lowercase();
        if locale.contains("utf-8") || locale.contains("utf8") { Self::Signs } else { Self::Letters }
    }

    /// The one for good or for bad.
    pub fn of_verdict(self, is_good: bool) -> &'static str {
        match (self, is_good) {
            (Self::Signs, true) => "✔",
            (Self::Signs, false) => "✘",
            (Self::Letters, true) => "OK",
            (Self::Letters, false) => "!!",
        }
    }
}

fn environment(names: &[&str]) -> String {
    let set = names.iter().filter_map(|name| std::env::var(name).ok());
    set.into_iter().find(|value| !value.is_empty()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locale_decides() {
        assert_eq!((Language::of("zh_CN.UTF-8"), Language::of("en_GB.UTF-8")), (Language::Zh, Language::En));
        assert_eq!((Language::of(""), Language::of("C")), (Language::En, Language::En));
        assert_eq!((Marks::of("zh_CN.utf8"), Marks::of("POSIX")), (Marks::Signs, Marks::Letters));
    }
}
