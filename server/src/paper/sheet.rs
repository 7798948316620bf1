//! The sheet: one page that a room can work from with a pen. Nothing on it needs the network, a script or a font of its own.

use std::collections::BTreeMap;

use dispatch_core::UtcTime;
use jiff::Timestamp;
use jiff::tz::Offset;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::room::{Asked, Assignment, Call, Incident, Place, Unit};

/// The sheet of what goes on; until `trusted_until` a newer one must have come.
pub(super) fn sheet(room: &Asked, trusted_until: UtcTime) -> String {
    let clock = Clock(room.utc_offset_s);
    let page = html! {
        (DOCTYPE)
        html lang="zh-CN" {
            head {
                meta charset="utf-8";
                title { "纸面备用 Paper fallback " (clock.minute(room.at)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { "纸面备用 Paper fallback · " (room.name) }
                    p.at { "截至 as of " b { (clock.second(room.at)) } }
                    p {
                        "若现在已过 " b { (clock.minute(trusted_until)) } "，中心已无应答，请凭此页调度并手写记录，恢复后补录。"
                        span lang="en" {
                            " If it is later than that the centre no longer answers: dispatch from this page, write times down, and "
                            "enter them afterwards."
                        }
                    }
                }
                (incidents(room, clock))
                (loose_calls(room, clock))
                (units(room))
                (hospitals(room))
                (blank_lines())
            }
        }
    };
    page.into_string()
}

fn incidents(room: &Asked, clock: Clock) -> Markup {
    let mut orders: BTreeMap<&str, Vec<&Assignment>> = BTreeMap::new();
    for order in &room.assignments {
        orders.entry(&order.incident).or_default().push(order);
    }
    let calls: BTreeMap<&str, &Call> = room.calls.iter().map(|call| (call.id.as_str(), call)).collect();
    html! {
        h2 { "未结事件 Open incidents · " (room.incidents.len()) }
        table {
            tr {
                th { "编号 No." } th { "级 Level" } th { "受理 Since" } th { "地点 Where" } th { "病情 Complaint" }
                th { "电话 Call back" } th { "车组 Units" } th { "缺 Short" }
            }
            @for it in &room.incidents {
                tr.urgent[it.triage.level == "I"] {
                    td { b { (it.number) } @if it.test { " 演练 drill" } }
                    td.level { (it.triage.level) }
                    td { (clock.minute(it.created_at)) }
                    td { (place(&it.place)) }
                    td { (complaint(it, clock)) }
                    td { (phones(it, &calls, room)) }
                    td {
                        @for order in orders.get(it.id.as_str()).into_iter().flatten() {
                            div { b { (order.unit) } " " (stage(&order.stage)) " " (since(order, clock)) (destination(order)) }
                        }
                    }
                    td { @if it.units_short > 0 { b { (it.units_short) } } }
                }
            }
        }
    }
}

fn place(place: &Place) -> Markup {
    html! {
        (place.address)
        @if !place.wait_at.is_empty() { " · 等车 wait: " (place.wait_at) }
        @if let Some(at) = &place.position {
            span.faint { " " (format!("{:.5} E {:.5} N", at.longitude, at.latitude)) }
        }
    }
}

fn complaint(it: &Incident, clock: Clock) -> Markup {
    html! {
        (it.complaint)
        @for patient in &it.patients {
            " · " (patient.name_masked) " " (patient.sex.as_deref().map_or("", sex))
            @if let Some(age) = patient.age_years { " " (age) "岁 y" }
        }
        @for skill in &it.needs.skills { " · " (skill) }
        @if !it.notes.is_empty() { " · " (it.notes) }
        @if let Some(hold) = &it.hold { " · 暂缓至 held until " (clock.minute(hold.until)) " " (hold.reason) }
        @if let Some(at) = it.scheduled_at { " · 预约 booked " (clock.minute(at)) }
    }
}

fn phones(it: &Incident, calls: &BTreeMap<&str, &Call>, room: &Asked) -> Markup {
    html! {
        @for id in &it.calls {
            @if let Some(whole) = room.phones.get(id).filter(|phone| !phone.is_empty()) {
                div { b { (whole) } }
            } @else if let Some(call) = calls.get(id.as_str()) {
                div { (call.phone_masked) }
            }
        }
        @if it.text_only { div { b { "只发文字 text only" } } }
    }
}

fn loose_calls(room: &Asked, clock: Clock) -> Markup {
    let loose: Vec<&Call> = room.calls.iter().filter(|call| call.incident.is_none()).collect();
    html! {
        @if !loose.is_empty() {
            h2 { "未立事件的呼叫 Calls without an incident · " (loose.len()) }
            table {
                tr { th { "来电 Rang" } th { "状态 State" } th { "电话 Phone" } th { "地点 Where" } }
                @for call in loose {
                    tr {
                        td { (clock.minute(call.rang_at)) }
                        td { (if call.state == "ringing" { "未接 ringing" } else { "已接 answered" }) }
                        td {
                            b { (room.phones.get(&call.id).unwrap_or(&call.phone_masked)) }
                            @if call.text_only { " 只发文字 text only" }
                        }
                        td { (place(&call.place)) }
                    }
                }
            }
        }
    }
}

fn units(room: &Asked) -> Markup {
    html! {
        h2 { "车组 Units · " (room.units.len()) }
        div.units {
            @for unit in &room.units {
                div.unit.ready[unit.readiness == "ready"] {
                    b { (unit.id) } " " (state(unit)) " " (unit.phone)
                    span.faint {
                        " " (unit.posted.as_ref().map_or(unit.station_name.as_str(), |posted| &posted.name)) " " (unit.plate)
                        @for skill in &unit.skills { " " (skill) }
                        @for member in &unit.crew { " " (member.name) }
                    }
                }
            }
        }
    }
}

fn hospitals(room: &Asked) -> Markup {
    html! {
        h2 { "医院 Hospitals" }
        p {
            @for hospital in &room.hospitals {
                span.hospital {
                    (hospital.name)
                    @if let Some(diversion) = &hospital.diversion { b { " 分流 diverting: " (diversion.reason) } }
                }
            }
        }
    }
}

/// Where the room goes on by hand.
fn blank_lines() -> Markup {
    html! {
        h2 { "手写 By hand" }
        table.blank {
            tr {
                @for head in ["来电 Call", "地点、电话 Where, phone", "病情 Complaint", "车组 Unit", "派车 Order", "出车 Rolling",
                    "到达 On scene", "离开 Left", "到院 Hospital", "空闲 Free"] {
                    th { (head) }
                }
            }
            @for _ in 0..BLANK_LINES { tr { @for _ in 0..10 { td {} } } }
        }
    }
}

fn since(order: &Assignment, clock: Clock) -> String {
    order.times.get(&order.stage).map(|counted| clock.minute(counted.at)).unwrap_or_default()
}

fn destination(order: &Assignment) -> String {
    order.destination.as_ref().map(|to| format!(" → {}", to.name)).unwrap_or_default()
}

fn state(unit: &Unit) -> &str {
    match (unit.readiness.as_str(), unit.stage.as_deref()) {
        ("ready", _) => "待命 ready",
        ("taken", stage_reached) => stage_reached.map_or("任务中 taken", stage),
        ("no_crew", _) => "无人员 no crew",
        ("paused", _) => "暂停 paused",
        ("silent", _) => "失联 silent",
        (other, _) => other,
    }
}

fn stage(word: &str) -> &str {
    match word {
        "ordered" => "已派 ordered",
        "acknowledged" => "已接令 acknowledged",
        "rolling" => "已出车 rolling",
        "on_scene" => "到达现场 on scene",
        "at_patient" => "接触患者 at patient",
        "left_scene" => "离开现场 left scene",
        "at_hospital" => "到院 at hospital",
        "handed_over" => "已交接 handed over",
        "available" => "空闲 available",
        other => other,
    }
}

fn sex(word: &str) -> &str {
    match word {
        "male" => "男 m",
        "female" => "女 f",
        other => other,
    }
}

/// The clocks on the room's walls: seconds ahead of UTC.
#[derive(Debug, Clone, Copy)]
struct Clock(i32);

impl Clock {
    fn minute(self, at: UtcTime) -> String {
        self.shown(at, "%H:%M")
    }

    fn second(self, at: UtcTime) -> String {
        self.shown(at, "%Y-%m-%d %H:%M:%S")
    }

    fn shown(self, at: UtcTime, form: &str) -> String {
        let moment = Timestamp::from_microsecond(at.micros()).unwrap_or(Timestamp::UNIX_EPOCH);
        let offset = Offset::from_seconds(self.0).unwrap_or(Offset::UTC);
        offset.to_datetime(moment).strftime(form).to_string()
    }
}

/// Lines for what comes in after the last sheet.
const BLANK_LINES: usize = 14;

const STYLE: &str = "
@page { size: A4 landscape; margin: 8mm }
body { font: 10pt/1.35 'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei',sans-serif; color: #000; background: #fff; margin: 1em }
header { border: 2px solid #000; padding: 4px 10px; margin-bottom: 6px }
h1 { font-size: 14pt; margin: 0 } h2 { font-size: 11pt; margin: 8px 0 2px } p { margin: 2px 0 } .at { font-size: 13pt }
table { border-collapse: collapse; width: 100% } th, td { border: 1px solid #444; padding: 2px 4px; text-align: left; vertical-align: top }
th { font-size: 8.5pt; background: #eee } tr { break-inside: avoid } .level { font-weight: bold; text-align: center }
.urgent td { border-top-width: 2px; border-bottom-width: 2px } .urgent .level { background: #000; color: #fff }
.faint { color: #444; font-size: 8.5pt } .units { columns: 3; column-gap: 10px } .unit { break-inside: avoid; border-bottom: 1px dotted #888; opacity: .85 }
.unit.ready { opacity: 1 } .hospital { margin-right: 1.5em } .blank td { height: 22px }
@media print { .urgent .level, th { print-color-adjust: exact } }
";
