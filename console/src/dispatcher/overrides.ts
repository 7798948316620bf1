// Which code of the centre's list, and which words, say why another than the first proposed is sent. Pure, so that a table can test it.
import type { OverrideReason } from '../api/types';

export interface Said { code: string | null; words: string }

/** What was typed and picked, as it is sent: words alone stand under the code that asks for words, where the list has one. */
export function said(reasons: OverrideReason[], code: string | null, words: string): Said {
  const alone = reasons.find((reason) => reason.words)?.code ?? null;
  const text = words.trim();
  return { code: code ?? (text === '' ? null : alone), words: text };
}

/** Whether it says enough to be sent. */
export function enough(reasons: OverrideReason[], { code, words }: Said): boolean {
  if (code === null) return words !== '' && reasons.length === 0;
  return words !== '' || !reasons.find((reason) => reason.code === code)?.words;
}

/** The reason that a digit picks, while nothing is typed. */
export function picked(reasons: OverrideReason[], key: string): OverrideReason | undefined {
  return /^[1-9]$/.test(key) ? reasons[Number(key) - 1] : undefined;
}

/** What is recorded where a second opinion was followed: its own code, where the centre's list has it, with what it said. */
export function ofOpinion(reasons: OverrideReason[], words: string): Said {
  return said(reasons, reasons.find((reason) => reason.code === 'second_opinion')?.code ?? null, words);
}

/** The command line's `closer 问过车组`: a first word that is a code is one. */
export function fromLine(reasons: OverrideReason[], line: string): Said {
  const [first = '', ...rest] = line.trim().split(/\s+/);
  const code = reasons.find((reason) => reason.code === first.toLowerCase())?.code ?? null;
  return code === null ? said(reasons, null, line) : { code, words: rest.join(' ') };
}
