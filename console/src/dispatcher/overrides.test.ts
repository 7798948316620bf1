// A digit and Enter, or words and Enter, say why.
import { describe, expect, it } from 'vitest';
import type { OverrideReason } from '../api/types';
import { enough, fromLine, ofOpinion, picked, said } from './overrides';

const reason = (code: string, words = false): OverrideReason => ({ code, zh: code, en: code, words });
const list = [reason('closer'), reason('road'), reason('other', true)];

describe('why another is sent', () => {
  it.each([
    ['closer', '', { code: 'closer', words: '' }, true],
    ['closer', ' 问过车组 ', { code: 'closer', words: '问过车组' }, true],
    ['other', '', { code: 'other', words: '' }, false],
    [null, '听班长指示', { code: 'other', words: '听班长指示' }, true],
    [null, '', { code: null, words: '' }, false],
  ])('%s %s', (code, words, sent, isEnough) => {
    expect(said(list, code, words)).toEqual(sent);
    expect(enough(list, said(list, code, words))).toBe(isEnough);
  });

  it('needs words alone where the centre has no list', () => {
    expect(enough([], said([], null, '更近'))).toBe(true);
    expect(enough([], said([], null, ''))).toBe(false);
  });

  it('is the second opinion, by its own code where the centre has one', () => {
    expect(ofOpinion([...list, reason('second_opinion')], 'A11')).toEqual({ code: 'second_opinion', words: 'A11' });
    expect(ofOpinion(list, 'A11')).toEqual({ code: 'other', words: 'A11' });
    expect(ofOpinion([], 'A11')).toEqual({ code: null, words: 'A11' });
  });

  it('is picked by a digit', () => {
    expect(picked(list, '2')?.code).toBe('road');
    expect(picked(list, '9')).toBeUndefined();
    expect(picked(list, '0')).toBeUndefined();
    expect(picked(list, 'x')).toBeUndefined();
  });

  it('is read from the command line, with or without a code', () => {
    expect(fromLine(list, 'closer 问过 车组')).toEqual({ code: 'closer', words: '问过 车组' });
    expect(fromLine(list, 'CLOSER')).toEqual({ code: 'closer', words: '' });
    expect(fromLine(list, '听班长指示')).toEqual({ code: 'other', words: '听班长指示' });
  });
});
