//! What the rules' refusals become: a status, a kind, and the same sentence in Chinese.

use axum::http::StatusCode;
use dispatch_core::assignment::Stage;
use dispatch_core::{Refusal, Span};
use serde_json::Value;

use super::Problem;

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let (detail, detail_zh, status) = (refusal.to_string(), chinese(&refusal), status(&refusal));
        let mut members = match serde_json::to_value(&refusal) {
            Ok(Value::Object(members)) => members,
            _ => serde_json::Map::new(),
        };
        let kind = members.remove("refusal").and_then(|tag| tag.as_str().map(|tag| tag.replace('_', "-")));
        let kind = kind.unwrap_or_else(|| "refused".to_owned());
        Self { status, kind, title: title(status), detail, detail_zh, members }
    }
}

fn title(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "not found",
        StatusCode::PRECONDITION_FAILED => "changed meanwhile",
        StatusCode::UNPROCESSABLE_ENTITY => "impossible",
        StatusCode::BAD_REQUEST => "nobody is named",
        StatusCode::FORBIDDEN => "not allowed",
        _ => "the rules say no",
    }
}

fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::UnknownCall { .. }
        | Refusal::UnknownIncident { .. }
        | Refusal::UnknownAssignment { .. }
        | Refusal::UnknownUnit { .. }
        | Refusal::UnknownStation { .. }
        | Refusal::UnknownHospital { .. }
        | Refusal::UnknownProposal { .. }
        | Refusal::UnknownClosure { .. }
        | Refusal::UnknownAccident { .. }
        | Refusal::UnknownCasualty { .. }
        | Refusal::UnknownEscalation => StatusCode::NOT_FOUND,
        Refusal::Changed { .. } => StatusCode::PRECONDITION_FAILED,
        Refusal::BadTime { .. }
        | Refusal::PaperOrder { .. }
        | Refusal::TooLong { .. }
        | Refusal::Empty { .. }
        | Refusal::TooMany { .. }
        | Refusal::UnknownPolicy { .. }
        | Refusal::UnknownOverrideCode { .. }
        | Refusal::WordsNeeded { .. }
        | Refusal::OverrideReasons { .. }
        | Refusal::Shifts { .. }
        | Refusal::Traffic { .. }
        | Refusal::StationAreas { .. }
        | Refusal::MutualAid { .. }
        | Refusal::ResponsePlans { .. }
        | Refusal::UnitsWanted { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::Unnamed => StatusCode::BAD_REQUEST,
        Refusal::NotAllowed { .. } => StatusCode::FORBIDDEN,
        Refusal::IdInUse { .. }
        | Refusal::UnitTaken { .. }
        | Refusal::PaperOverlap { .. }
        | Refusal::NoCrew { .. }
        | Refusal::UnitPaused { .. }
        | Refusal::ReasonNeeded { .. }
        | Refusal::MoveUpStale { .. }
        | Refusal::OffDuty { .. }
        | Refusal::Blocked { .. }
        | Refusal::Unfit { .. }
        | Refusal::StageOrder { .. }
        | Refusal::StageEmpty { .. }
        | Refusal::AssignmentEnded { .. }
        | Refusal::NotYours { .. }
        | Refusal::IncidentEnded { .. }
        | Refusal::UnitsOnIt { .. }
        | Refusal::AccidentClosed { .. }
        | Refusal::SceneTaken { .. }
        | Refusal::CasualtyElsewhere { .. }
        | Refusal::NoBed { .. }
        | Refusal::BedsGiven { .. }
        | Refusal::CountTooLow { .. }
        | Refusal::CasualtiesWait { .. }
        | Refusal::NotMerged { .. }
        | Refusal::NotBooked { .. }
        | Refusal::UnitReserved { .. }
        | Refusal::NotOffered
        | Refusal::CallState { .. }
        | Refusal::MergeTarget
        | Refusal::NoDestination => StatusCode::CONFLICT,
    }
}

fn chinese(refusal: &Refusal) -> String {
    let zh = |stage: &Stage| stage.row().zh;
    match refusal {
        Refusal::Blocked { .. } | Refusal::Unfit { .. } | Refusal::MoveUpStale { .. } => of_a_unit(refusal),
        Refusal::OffDuty { unit } => format!("按班次表 {unit} 不当班：请说明为何派它"),
        Refusal::UnknownCall { call } => format!("没有呼救 {call}"),
        Refusal::UnknownIncident { incident } => format!("没有事件 {incident}"),
        Refusal::UnknownAssignment { assignment } => format!("没有任务 {assignment}"),
        Refusal::UnknownUnit { unit } => format!("没有车组 {unit}"),
        Refusal::UnknownStation { station } => format!("没有急救站 {station}"),
        Refusal::UnknownHospital { hospital } => format!("没有医院 {hospital}"),
        Refusal::UnknownProposal { proposal } => format!("此事件没有推荐 {proposal}"),
        Refusal::UnknownClosure { closure } => format!("没有封路 {closure}"),
        Refusal::UnknownAccident { .. }
        | Refusal::UnknownCasualty { .. }
        | Refusal::AccidentClosed { .. }
        | Refusal::SceneTaken { .. }
        | Refusal::CasualtyElsewhere { .. }
        | Refusal::NoBed { .. }
        | Refusal::BedsGiven { .. }
        | Refusal::CountTooLow { .. }
        | Refusal::CasualtiesWait { .. } => of_an_accident(refusal),
        Refusal::UnknownEscalation => "该告警已解除或从未发生".to_owned(),
        Refusal::IdInUse { id } => format!("编号 {id} 已被使用，请生成新的编号"),
        Refusal::Changed { version } => format!("已被他人修改，当前版本为 {version}，请重新查看"),
        Refusal::UnitTaken { unit, number, stage, free_in_s, .. } => {
            format!("{unit} 正在执行事件 {number}（{}）{}", zh(stage), free_in(*free_in_s))
        }
        Refusal::NoCrew { unit } => format!("{unit} 无人签到，请车组先签到或由调度台代签"),
        Refusal::UnitPaused { unit, reason } => format!("{unit} 已暂停调用：{reason}"),
        Refusal::ReasonNeeded { unit } => format!("{unit} 不是首选推荐，请说明选派原因"),
        Refusal::UnknownOverrideCode { code } => format!("本中心的另选原因中没有 {code}"),
        Refusal::WordsNeeded { code } => format!("原因 {code} 须另加文字说明"),
        Refusal::StageOrder { from, to } => {
            format!("“{}”之后不能是“{}”，如需更改记录请用更正", zh(from), zh(to))
        }
        Refusal::StageEmpty { stage } => format!("“{}”尚无时间可更正", zh(stage)),
        Refusal::BadTime { .. } => "所填时间不成立：不得晚于现在，也不得早于派车".to_owned(),
        Refusal::PaperOrder { .. } | Refusal::PaperOverlap { .. } => of_a_form(refusal),
        Refusal::AssignmentEnded { .. } => "该任务已结束".to_owned(),
        Refusal::NotYours { unit } => format!("该派车单不属于 {unit}"),
        Refusal::IncidentEnded { number } => format!("事件 {number} 已结束"),
        Refusal::UnitsOnIt { number } => format!("事件 {number} 仍有车组，请先召回"),
        Refusal::CallState { .. } => "该呼救的当前状态不允许此操作".to_owned(),
        Refusal::NotBooked { number } => format!("事件 {number} 没有预约时间，请直接派车"),
        Refusal::UnitReserved { unit, number, .. } => {
            format!("{unit} 已为事件 {number} 预留，如需派出请先在该事件取消预留")
        }
        Refusal::NotOffered => "尚未移交给其他中心".to_owned(),
        Refusal::NotMerged { number } => format!("事件 {number} 未并入其他事件"),
        Refusal::MergeTarget => "事件只能并入另一个未结束的事件".to_owned(),
        Refusal::NoDestination => "该任务尚未选定送达医院".to_owned(),
        Refusal::TooLong { chars_max } => format!("文字超过 {chars_max} 个字符"),
        Refusal::Empty { .. } => "必填内容为空".to_owned(),
        Refusal::TooMany { count_max, .. } => format!("数量超过 {count_max}"),
        Refusal::UnitsWanted { units_max } => format!("所需车组数须在 1 到 {units_max} 之间"),
        Refusal::Unnamed => "每项操作须有具名人员与席位".to_owned(),
        Refusal::UnknownPolicy { .. }
        | Refusal::OverrideReasons { .. }
        | Refusal::ResponsePlans { .. }
        | Refusal::Shifts { .. }
        | Refusal::Traffic { .. }
        | Refusal::StationAreas { .. }
        | Refusal::MutualAid { .. } => of_the_rules(refusal),
        Refusal::NotAllowed { what } => not_allowed(what).to_owned(),
    }
}

/// Refusals of a paper form.
fn of_a_form(refusal: &Refusal) -> String {
    match refusal {
        Refusal::PaperOrder { unit, earlier, later } => {
            let unit = unit.map_or_else(String::new, |unit| format!("{unit}："));
            format!("{unit}纸质单上“{}”早于“{}”，请核对两个时间", later.texts().0, earlier.texts().0)
        }
        Refusal::PaperOverlap { unit, number, .. } => {
            format!("{unit} 当时在执行事件 {number}：请核对两处时间；如均属实，请填写时间重叠的原因")
        }
        _ => unreachable!("only refusals of paper forms are sent here"),
    }
}

/// Refusals of what a unit lacks, or of where it should stand by.
fn of_a_unit(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Blocked { unit, .. } => {
            format!("{unit} 缺少此事件所需的能力或设备：须说明原因方可派出")
        }
        Refusal::Unfit { unit, .. } => format!("{unit} 缺少此事件所需的能力或设备，规则禁止派出"),
        Refusal::MoveUpStale { unit, station } => {
            format!("{unit} 到 {station} 待命的建议已失效：请保持原处，或直接指定待命点")
        }
        _ => unreachable!("only refusals about a unit are sent here"),
    }
}

/// When a unit at hospital may be sent, in words.
fn free_in(left: Option<Span>) -> String {
    let minutes = |left: Span| (left.micros() + 59_999_999) / 60_000_000;
    left.map_or_else(String::new, |left| format!("：空出后方可派出，预计还需{}分钟", minutes(left)))
}

/// Refusals of rules that make no sense.
fn of_the_rules(refusal: &Refusal) -> String {
    match refusal {
        Refusal::UnknownPolicy { .. } => "没有该名称的派车策略".to_owned(),
        Refusal::OverrideReasons { .. } => "另选原因列表有误".to_owned(),
        Refusal::ResponsePlans { problem } => format!("派车方案有误：{problem}"),
        Refusal::Shifts { problem } => format!("班次表有误：{problem}"),
        Refusal::StationAreas { problem } => format!("辖区规则有误：{problem}"),
        Refusal::MutualAid { problem } => format!("外援规则有误：{problem}"),
        Refusal::Traffic { problem } => format!("分时车速表有误：{problem}"),
        _ => unreachable!("only refusals of rules are sent here"),
    }
}

/// Refusals that concern accidents and their casualties.
fn of_an_accident(refusal: &Refusal) -> String {
    match refusal {
        Refusal::UnknownAccident { accident } => format!("没有事故 {accident}"),
        Refusal::UnknownCasualty { tag } => format!("该事故中没有 {tag} 号伤员"),
        Refusal::AccidentClosed { number } => format!("事故 {number} 已结案"),
        Refusal::SceneTaken { number, accident } => format!("事件 {number} 已是事故 {accident} 的现场"),
        Refusal::CasualtyElsewhere { tag } => format!("{tag} 号伤员已不在该处，请重新查看伤员表"),
        Refusal::NoBed { hospital, colour } => {
            format!("{hospital} 已无{}标床位，请与医院联系或另选医院", colour.texts().0)
        }
        Refusal::BedsGiven { hospital, colour, given } => {
            format!("{hospital} 的{}标床位已用 {given} 张，请先释放", colour.texts().0)
        }
        Refusal::CountTooLow { colour, count_min } => {
            format!("该现场{}标伤员已有 {count_min} 人登记或离开，不能更少", colour.texts().0)
        }
        Refusal::CasualtiesWait { count } => format!("仍有 {count} 名伤员未转运"),
        _ => unreachable!("only refusals about accidents are sent here"),
    }
}

/// The core says in English what may not be done; here are its words in Chinese.
fn not_allowed(what: &str) -> &'static str {
    match what {
        "the patient has been handed over already" => "患者已完成交接",
        "when the order was given is the centre's own act" => "派车时间由指挥中心记录，不能修改",
        "an order is taken back by recalling the unit" => "撤销派车请使用召回",
        "an order cannot end in this way at this step" => "任务在当前步骤不能以此方式结束",
        "this ambulance goes to another hospital" => "该救护车送往另一家医院",
        "a line is written under the writer's own name" => "文字须以本人名义书写",
        "the crew is with the patient: it ends the order itself, or the desk enters how it ended" => {
            "车组已接触患者：由车组结束任务，或由席位登记结果"
        }
        "that another centre took it is recorded by a person at a seat" => "对方接收须由席位人员登记",
        "only what is not urgent (level IV) goes to another service: triage it anew first" => {
            "仅非急症（Ⅳ级）可转非急救服务，请先重新分级"
        }
        "an emergency is not booked for later" => "现场急救不能预约",
        "the run has its units already" => "该事件已有车组",
        "a drill and a real event are not one" => "演练与真实事件不能合并",
        "one incident is one scene" => "同一事件只能作为一个现场",
        "no beds are offered for the dead" => "黑标不需要床位",
        "this ambulance is at no scene of the accident" => "该救护车不在此事故的现场",
        "casualties are loaded from arrival at the scene until the hospital" => {
            "伤员上车须在到达现场之后、到达医院之前"
        }
        "this incident is no scene of the accident" => "该事件不是此事故的现场",
        "an accident has at least one scene: close it instead" => "事故至少有一个现场，如已处置完毕请结案",
        "a hospital says only which beds it offers itself" => "医院只能填报本院可收治床位",
        "personal data are erased by a person at a seat" => "个人信息须由席位人员删除",
        "a paper form is entered by a person at a seat" => "纸质单须由席位人员补录",
        "a paper form is entered within 31 days of its call" => "纸质单须在来电后31天内补录：请核对日期",
        "a paper form begins when its call was taken" => "纸质单须自受理时起",
        "one unit stands on the form twice at one time" => "同一车组在单上出现两次且时间重叠",
        "what no unit served was called off on the form, or goes on: enter what goes on as a new incident" => {
            "没有车组完成任务的须注明取消；仍在进行的请新建事件"
        }
        "what goes on keeps its data: erase it once it has ended" => {
            "未结束的事件不能删除个人信息，请在结束后进行"
        }
        _ => "当前不允许此操作",
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_taken_unit_says_to_whom() {
        let refusal = Refusal::UnitTaken {
            unit: "A12".parse().unwrap(),
            assignment: dispatch_core::ids::AssignmentId::new(Uuid::nil()),
            incident: dispatch_core::ids::IncidentId::new(Uuid::nil()),
            number: "20261121-0042".parse().unwrap(),
            stage: Stage::Rolling,
            free_in_s: None,
        };
        let problem = Problem::from(refusal);
        assert_eq!((problem.status.as_u16(), problem.kind.as_str()), (409, "unit-taken"));
        assert_eq!(problem.members["unit"], "A12");
        assert_eq!(problem.members["number"], "20261121-0042");
        assert!(problem.members["incident"].as_str().is_some_and(|id| id.starts_with("incident_")));
        assert!(problem.detail_zh.contains("A12") && problem.detail_zh.contains("出车"));
    }
}
