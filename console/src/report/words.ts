// The sentences that answer the question, made from the figures. The mean and the share are two statistics: both are said.
import { say } from '../words/report';
import { term } from '../words/terms';
import type { Figure, FigureRow, Report as ReportData } from '../api/types';

export function percent(share: number | null): string {
  return share === null ? '–' : `${(share * 100).toFixed(1)} %`;
}

/** `2 分 31 秒`: how people say it. */
export function inWords(seconds: number | null): string {
  if (seconds === null) return '–';
  const whole = Math.round(seconds);
  if (whole >= 60 && whole % 60 === 0) return say('minutes_only', { m: whole / 60 });
  return say('minutes_seconds', { m: Math.floor(whole / 60), s: whole % 60 });
}

export function figureOf(report: ReportData, measure: string): Figure | undefined {
  return report.figures.find((figure) => figure.measure === measure);
}

export function sentences(report: ReportData): string[] {
  const departure = figureOf(report, 'departure');
  const total = departure?.rows[0];
  if (!departure || !total || total.n === 0) return [say('no_runs')];
  const target = inWords(total.target_s);
  const words = [say(total.mean_in_target === false ? 'answer_departure_bad' : 'answer_departure_good', { mean: inWords(total.mean_s), target })];
  if (departure.share_wanted !== null && total.share_in_target !== null) {
    const verdict = say(total.share_in_target >= departure.share_wanted ? 'met' : 'not_met');
    words.push(say('answer_share', { target, share: percent(total.share_in_target), verdict, wanted: percent(departure.share_wanted) }));
  }
  return [...words, ...(figureOf(report, 'response')?.rows ?? []).flatMap(responseSentence)];
}

function responseSentence(row: FigureRow): string[] {
  if (row.area === null || row.n === 0 || row.target_s === null || row.mean_in_target === null) return [];
  const verdict = say(row.mean_in_target ? 'verdict_met' : 'verdict_missed');
  return [say('answer_response', { area: term(`area.${row.area}`), mean: inWords(row.mean_s), verdict, target: inWords(row.target_s) })];
}
