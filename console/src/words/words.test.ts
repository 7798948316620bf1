// Both languages are complete, and no value is lost between them.
import { describe, expect, it } from 'vitest';
import * as en from './en';
import { fill } from './language.svelte';
import * as zh from './zh';

const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

describe('the dictionaries', () => {
  it('have the same sections', () => expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort()));

  for (const [section, words] of Object.entries(zh)) {
    const other = en[section as keyof typeof en] as Record<string, string>;
    it(`${section}: the same keys, none empty, the same values`, () => {
      expect(Object.keys(other).sort()).toEqual(Object.keys(words).sort());
      for (const [key, text] of Object.entries(words)) {
        const translated = other[key] ?? '';
        expect(text.length * translated.length, key).toBeGreaterThan(0);
        expect(placeholders(translated), key).toEqual(placeholders(text));
        expect(translated, `${key} is not translated`).not.toMatch(/[\u4e00-\u9fff]/);
      }
    });
  }

  it('leave a value that was not given visible', () => expect(fill('{a} and {b}', { a: 1 })).toBe('1 and {b}'));
});
