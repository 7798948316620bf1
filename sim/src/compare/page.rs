//! A comparison as a page that needs nothing else: no script, no network, light and dark.

use std::fmt::Write;
use std::path::Path;

use sim::case::Point;
use sim::twin::comparison::{Comparison, Kind};

use super::chart::{COLOURS, escaped};
use super::plots;
use super::table::{CALLS, PRIORITIES, UNITS, Unit, shown};

/// The page.
pub(super) fn of(case: &Path, comparison: &Comparison, outlines: &[Vec<Point>]) -> String {
    let city = case
        .file_name()
        .map_or_else(|| case.display().to_string(), |name| name.to_string_lossy().into_owned());
    let mut page = format!(
        "<!doctype html><html lang='zh-CN'><head><meta charset='utf-8'><meta name='viewport' content='width=device-width'>\
         <title>策略比较 · {0}</title><style>{STYLE}</style></head><body><main><h1>派车策略比较 <small>Policies compared · {0}</small></h1>",
        escaped(&city)
    );
    let _ = write!(
        page,
        "<p>种子 seeds <b>{}</b> · {} 次重复 replications × {} 天 days，前 {} 天预热不计 (the first {3} is warm-up)。各策略面对相同的呼救；\
         差值逐次配对，± 为 95% 区间。<b>*</b> 表示经 Holm 校正后 p &lt; 0.05。\
         <span lang='en'>Every policy meets the same calls; differences are paired, ± is the 95 % interval, * is p &lt; 0.05 after Holm's \
         correction. Tuning only ever sees the train seeds.</span></p>",
        escaped(&comparison.seeds),
        comparison.replications,
        comparison.days,
        comparison.warm_up_days
    );
    legend(&mut page, comparison);
    section(&mut page, "响应时间 <small>Response times, min</small>");
    for (group, heading) in PRIORITIES {
        if comparison.policies.first().is_some_and(|policy| policy.mean(group, "calls") > 0.0) {
            table(&mut page, comparison, (Kind::Priority, group), heading, &CALLS);
        }
    }
    page.push_str("<div class='pair'>");
    figure(
        &mut page,
        "响应时间分布 <small>Share of calls answered within</small>",
        &plots::curves(comparison),
    );
    if comparison.policies.len() > 1 {
        let on_time = plots::differences(comparison, "on_time", 100.0, "百分点 percentage points (→ better)");
        figure(&mut page, "按时率之差 <small>On time, difference from the first</small>", &on_time);
        let p90 = plots::differences(comparison, "p90_s", 1.0 / 60.0, "分 min (← better)");
        figure(&mut page, "P90 之差 <small>P90, difference from the first</small>", &p90);
    }
    figure(&mut page, "各时段按时率 <small>On time by hour</small>", &plots::hours(comparison));
    page.push_str("</div>");
    section(&mut page, "车组 <small>Units</small>");
    table(&mut page, comparison, (Kind::Units, "units"), "行驶与负荷 driving and workload", &UNITS);
    figure(&mut page, "各车组占用 <small>Busy share, a dot a unit</small>", &plots::workloads(comparison));
    section(&mut page, "区域 <small>Areas (H3)</small>");
    page.push_str("<div class='pair'>");
    for (title, map) in plots::maps(comparison, outlines) {
        figure(&mut page, &escaped(&title), &map);
    }
    page.push_str("</div></main></body></html>\n");
    page
}

fn legend(page: &mut String, comparison: &Comparison) {
    page.push_str("<ul class='legend'>");
    for (place, policy) in comparison.policies.iter().enumerate() {
        let _ = write!(page, "<li><i class='c{}'></i>{}</li>", place % COLOURS, escaped(&policy.policy));
    }
    page.push_str("</ul>");
}

fn section(page: &mut String, heading: &str) {
    let _ = write!(page, "<h2>{heading}</h2>");
}

fn figure(page: &mut String, caption: &str, svg: &str) {
    if !svg.is_empty() {
        let _ = write!(page, "<figure><figcaption>{caption}</figcaption>{svg}</figure>");
    }
}

fn table(
    page: &mut String,
    comparison: &Comparison,
    of: (Kind, &str),
    heading: &str,
    columns: &[(&'static str, &'static str, Unit)],
) {
    let _ = write!(page, "<div class='wide'><table><thead><tr><th scope='col'>{heading}</th>");
    for (_, name, _) in columns {
        let _ = write!(page, "<th scope='col'>{name}</th>");
    }
    page.push_str("</tr></thead><tbody>");
    for (place, policy) in comparison.policies.iter().enumerate() {
        let _ = write!(
            page,
            "<tr><th scope='row'><i class='c{}'></i>{}</th>",
            place % COLOURS,
            escaped(&policy.policy)
        );
        for column in columns {
            let (value, difference, sure) = shown(policy, of, *column);
            let class = if sure { " class='sure'" } else { "" };
            let _ = write!(page, "<td>{value}<small{class}>{difference}</small></td>");
        }
        page.push_str("</tr>");
    }
    page.push_str("</tbody></table></div>");
}

const STYLE: &str = "
:root{color-scheme:light dark;--ink:#1d2733;--soft:#5b6876;--line:#d9dfe6;--paper:#fbfcfd;
--c0:#3d5a80;--c1:#c2571a;--c2:#2a8a68;--c3:#9a4f96;--c4:#a67c00;--c5:#2f8fb5;--better:#1f7a5c;--worse:#b4481e}
@media(prefers-color-scheme:dark){:root{--ink:#e3e8ee;--soft:#9aa7b4;--line:#303a45;--paper:#12171d;
--c0:#8fb0d9;--c1:#f0965c;--c2:#66c9a3;--c3:#d190cd;--c4:#e0b84a;--c5:#72c3e4;--better:#57c39b;--worse:#ee8d62}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.55 system-ui,'Noto Sans SC','PingFang SC','Microsoft YaHei',sans-serif}
main{max-width:1240px;margin:0 auto;padding:28px 24px 60px}h1{font-size:24px;font-weight:600;margin:0 0 8px}h2{font-size:18px;font-weight:600;margin:36px 0 8px}
small{color:var(--soft);font-weight:400;font-size:.82em}p{max-width:90ch;color:var(--soft)}p b{color:var(--ink)}
.legend{display:flex;flex-wrap:wrap;gap:6px 22px;list-style:none;padding:0;margin:14px 0}i{display:inline-block;width:11px;height:11px;border-radius:50%;margin-right:7px;background:currentColor}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;margin:10px 0 18px;font-size:13px;font-variant-numeric:tabular-nums}th,td{padding:6px 8px;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap;vertical-align:top}
th{font-weight:600}th:first-child{text-align:left}thead th{color:var(--soft);font-size:.85em}td small{display:block}td small.sure{color:var(--ink);font-weight:600}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(440px,100%),1fr));gap:18px 28px}figure{margin:14px 0;min-width:0}figcaption{font-weight:600;margin-bottom:6px}
svg{width:100%;max-width:680px;height:auto;display:block}svg.map{max-width:420px}svg text{fill:var(--soft);font:12.5px system-ui,'Noto Sans SC',sans-serif}
.grid{stroke:var(--line);fill:none}.zero{stroke:var(--soft);stroke-dasharray:3 3;fill:none}.line{fill:none;stroke:currentColor;stroke-width:2}.dot{fill:currentColor}.faint{fill-opacity:.45}
.c0{color:var(--c0)}.c1{color:var(--c1)}.c2{color:var(--c2)}.c3{color:var(--c3)}.c4{color:var(--c4)}.c5{color:var(--c5)}
polygon{stroke:var(--line);stroke-width:1}polygon.better{fill:var(--better)}polygon.worse{fill:var(--worse)}polygon.nothing{fill:none}
@media print{main{max-width:none}.pair{grid-template-columns:1fr 1fr}}
";
