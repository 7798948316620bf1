//! Street names that read like a city: long roads by old names with 东西南北, lanes by plain ones, each used once.

use crate::chance::Chance;

/// Hands out street names, each once.
#[derive(Debug)]
pub struct Names {
    roads: Vec<String>,
    lanes: Vec<String>,
    handed_out: usize,
}

impl Names {
    /// All names in an order by chance.
    pub fn new(chance: &mut Chance) -> Self {
        let mut roads: Vec<String> = ROADS.iter().map(|&name| name.to_owned()).collect();
        // The best known come first: they fall to the widest roads.
        chance.shuffle(&mut roads[WELL_KNOWN..]);
        let mut lanes: Vec<String> = LANE_FIRST
            .iter()
            .flat_map(|first| LANE_SECOND.iter().map(move |second| format!("{first}{second}")))
            .collect();
        chance.shuffle(&mut lanes);
        Self { roads, lanes, handed_out: 0 }
    }

    /// The stem of a through road (解放, 中山): the caller adds 路, 大道 or the quarter.
    pub fn road(&mut self) -> String {
        if self.roads.is_empty() { self.lane() } else { self.roads.remove(0) }
    }

    /// The stem of a small street (青石, 桂花): the caller adds 街, 巷 or 里.
    pub fn lane(&mut self) -> String {
        let place = self.handed_out % self.lanes.len();
        let round = self.handed_out / self.lanes.len();
        self.handed_out += 1;
        let lane = &self.lanes[place];
        // When a very large city runs out of names it counts, as cities do: 青石二.
        if round == 0 { lane.clone() } else { format!("{lane}{}", COUNT[round.min(COUNT.len() - 1)]) }
    }
}

/// How many names at the start of the list are kept for the widest roads.
const WELL_KNOWN: usize = 12;

const ROADS: [&str; 64] = [
    "解放",
    "人民",
    "中山",
    "建设",
    "和平",
    "新华",
    "胜利",
    "文化",
    "长江",
    "体育场",
    "迎宾",
    "环城",
    "朝阳",
    "学府",
    "中兴",
    "振兴",
    "前进",
    "团结",
    "友谊",
    "光明",
    "工业",
    "科技",
    "创新",
    "发展",
    "兴业",
    "站前",
    "府前",
    "民主",
    "五一",
    "八一",
    "青年",
    "劳动",
    "东风",
    "红旗",
    "凤凰",
    "湖滨",
    "望江",
    "沿河",
    "金桥",
    "银杏",
    "紫荆",
    "丹桂",
    "海棠",
    "玉兰",
    "梅园",
    "兰亭",
    "竹溪",
    "菊香",
    "松涛",
    "柏林",
    "枫桥",
    "槐安",
    "榆树",
    "桃源",
    "杏林",
    "樱花",
    "石榴",
    "芙蓉",
    "云岭",
    "北苑",
    "临溪",
    "沙洲",
    "白鹭",
    "锦江",
];

const LANE_FIRST: [&str; 36] = [
    "青石", "桂花", "柳荫", "书院", "古井", "水塔", "菜市", "钟楼", "豆腐", "铁匠", "竹器", "南货", "油坊",
    "祠堂", "牌坊", "石桥", "书坊", "梧桐", "春晖", "秋水", "听雨", "望月", "锦绣", "安康", "盐仓", "米市",
    "茶厂", "丝绸", "文庙", "鼓楼", "马坊", "花园", "明德", "仁爱", "清泉", "福田",
];
const LANE_SECOND: [&str; 10] = ["", "前", "后", "东", "西", "南", "北", "上", "下", "新"];
const COUNT: [&str; 6] = ["", "二", "三", "四", "五", "六"];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_name_is_handed_out_twice() {
        let mut names = Names::new(&mut Chance::of(1, "names", 0));
        assert_eq!(names.road(), "解放");
        let roads: BTreeSet<String> = (1..ROADS.len()).map(|_| names.road()).collect();
        let lanes: BTreeSet<String> = (0..700).map(|_| names.lane()).collect();
        assert_eq!((roads.len(), lanes.len()), (ROADS.len() - 1, 700));
    }
}
