//! One line of what was found.

use super::words::{Language, Marks, Words};

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// The configuration file.
    Config,
    /// The vehicle's certificate and key, and the centre's authority.
    Certificate,
    /// The file that survives a loss of power.
    Spool,
    /// The crew's page.
    Terminal,
    /// The GNSS receiver.
    Receiver,
    /// The computer's clock.
    Clock,
    /// One of the centre's addresses.
    Centre,
    /// Which node of the centre leads.
    Leader,
}

/// How it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It works.
    Good(Words),
    /// It does not.
    Bad {
        /// What is wrong.
        problem: Words,
        /// What to do.
        remedy: Words,
    },
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub about: About,
    /// How it stands.
    pub verdict: Verdict,
}

impl Finding {
    pub(super) fn good(about: About, shown: Words) -> Self {
        Self { about, verdict: Verdict::Good(shown) }
    }

    pub(super) fn bad(about: About, problem: Words, remedy: Words) -> Self {
        Self { about, verdict: Verdict::Bad { problem, remedy } }
    }

    /// Whether nothing has to be done.
    pub fn is_good(&self) -> bool {
        matches!(self.verdict, Verdict::Good(_))
    }

    /// As one line.
    pub fn line(&self, language: Language, marks: Marks) -> String {
        let mark = marks.of_verdict(self.is_good());
        let about = self.about.name(language);
        let text = match (&self.verdict, language) {
            (Verdict::Good(shown), language) => shown.of(language).to_owned(),
            (Verdict::Bad { problem, remedy }, Language::Zh) => format!("{} → {}", problem.zh, remedy.zh),
            (Verdict::Bad { problem, remedy }, Language::En) => format!("{} -> {}", problem.en, remedy.en),
        };
        format!("{mark} {about}: {}", text.replace('\n', " "))
    }
}

impl About {
    fn name(self, language: Language) -> &'static str {
        let (zh, en) = match self {
            Self::Config => ("配置", "configuration"),
            Self::Certificate => ("证书", "certificate"),
            Self::Spool => ("存储", "spool"),
            Self::Terminal => ("车载终端", "terminal"),
            Self::Receiver => ("定位接收机", "receiver"),
            Self::Clock => ("时钟", "clock"),
            Self::Centre => ("中心", "centre"),
            Self::Leader => ("主节点", "leader"),
        };
        match language {
            Language::Zh => zh,
            Language::En => en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::words;
    use super::*;

    #[test]
    fn a_finding_is_one_line_in_either_language() {
        let bad = Finding::bad(About::Spool, words("满\n了", "it is\nfull"), words("清理", "make room"));
        assert_eq!(bad.line(Language::Zh, Marks::Signs), "✘ 存储: 满 了 → 清理");
        assert_eq!(bad.line(Language::En, Marks::Letters), "!! spool: it is full -> make room");
        let good = Finding::good(About::Clock, words("准", "right"));
        assert_eq!(good.line(Language::En, Marks::Signs), "✔ clock: right");
        assert!(good.is_good() && !bad.is_good());
    }
}
