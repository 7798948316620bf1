//! What a plan changes, in one sentence.

use super::comparison::Side;
use crate::time::Span;

/// The sentence in Chinese and in English: `planned` instead of `own`.
pub(super) fn sentence(planned: &Side, own: &Side) -> (String, String) {
    let share = |side: &Side| percent(side.departure.share_in_target);
    let p90 = |side: &Side| minutes(side.response.p90_s);
    let (share_now, share_then) = (share(planned), share(own));
    let (p90_now, p90_then) = (p90(planned), p90(own));
    let zh = format!(
        "3分钟出车率 {share_now}，原为 {share_then}；急救反应时间P90 {p90_now} 分钟，原为 {p90_then} 分钟"
    );
    let en = format!(
        "3-minute departures {share_now} instead of {share_then}, response P90 {p90_now} instead of {p90_then}"
    );
    (zh, en)
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", share * 100.0))
}

fn minutes(span: Option<Span>) -> String {
    span.map_or_else(|| "–".to_owned(), |span| format!("{:.1}", span.as_secs_f64() / 60.0))
}
