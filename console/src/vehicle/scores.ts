// The items of each score with their words, as the vehicle's own program reckons them (docs/vehicle-terminal.md). The worst stands last.
import type { ScoreKind } from '../api/types';
import type { Named } from './state';

export interface Choice extends Named { points: number }
export interface Item extends Named { choices: Choice[] }

const item = (zh: string, en: string, ...choices: [number, string, string][]): Item => ({
  zh, en, choices: choices.map(([points, zh, en]) => ({ points, zh, en })),
});
const sign = (zh: string, en: string): Item => item(zh, en, [0, '无', 'no'], [1, '有', 'yes']);

export const SCORES: Record<ScoreKind, Item[]> = {
  gcs: [
    item('睁眼', 'Eyes', [4, '自动', 'by themselves'], [3, '呼唤', 'to voice'], [2, '刺痛', 'to pain'], [1, '不睁', 'never']),
    item('语言', 'Voice', [5, '切题', 'oriented'], [4, '答非所问', 'confused'], [3, '用词错乱', 'words'], [2, '仅发声', 'sounds'], [1, '无', 'none']),
    item('运动', 'Movement', [6, '遵嘱', 'obeys'], [5, '定位', 'locates'], [4, '躲避', 'withdraws'], [3, '屈曲', 'flexes'], [2, '伸直', 'extends'], [1, '无', 'none']),
  ],
  trauma_index: [
    item('部位', 'Region', [1, '四肢', 'limb'], [3, '躯干背部', 'back'], [5, '胸腹', 'chest, belly'], [6, '头颈', 'head, neck']),
    item('类型', 'Kind', [1, '切割、挫伤', 'cut, bruise'], [3, '刺伤', 'stab'], [5, '钝挫伤', 'blunt'], [6, '弹道伤', 'missile']),
    item('循环', 'Circulation', [0, '正常', 'normal'], [1, '外出血', 'bleeding'], [3, '收缩压<100', 'SBP<100'], [5, '收缩压<80', 'SBP<80'], [6, '无脉搏', 'no pulse']),
    item('呼吸', 'Breathing', [0, '正常', 'normal'], [1, '胸痛', 'chest pain'], [3, '呼吸困难', 'laboured'], [5, '发绀', 'cyanosis'], [6, '无呼吸', 'none']),
    item('意识', 'Consciousness', [0, '清醒', 'awake'], [1, '倦怠', 'drowsy'], [3, '嗜睡', 'stupor'], [5, '浅昏迷', 'light coma'], [6, '深昏迷', 'deep coma']),
  ],
  apgar: [
    item('肤色', 'Colour', [2, '全身红', 'pink'], [1, '四肢青紫', 'blue limbs'], [0, '青紫或苍白', 'blue or pale']),
    item('心率', 'Pulse', [2, '≥100', '≥100'], [1, '<100', '<100'], [0, '无', 'none']),
    item('反射', 'Reflexes', [2, '哭、喷嚏', 'cries'], [1, '皱眉', 'grimace'], [0, '无', 'none']),
    item('肌张力', 'Tone', [2, '活动', 'active'], [1, '略屈曲', 'some flexion'], [0, '松弛', 'limp']),
    item('呼吸', 'Breathing', [2, '佳', 'good'], [1, '慢、不规则', 'weak'], [0, '无', 'none']),
  ],
  fast: [sign('面瘫', 'Face droops'), sign('上肢无力', 'Arm drifts'), sign('言语不清', 'Speech slurred')],
};

export const SCORE_KINDS = Object.keys(SCORES) as ScoreKind[];

/** The sum; `null` while something is not chosen. */
export function total(chosen: (number | null)[]): number | null {
  return chosen.some((points) => points === null) ? null : chosen.reduce<number>((sum, points) => sum + (points ?? 0), 0);
}
