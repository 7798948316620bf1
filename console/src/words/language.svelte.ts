// Chinese first, English by a switch. Every string on a screen comes from a typed dictionary, complete in both.

export type Language = 'zh' | 'en';
const KEPT_UNDER = 'jichi.language';

class Choice {
  current = $state<Language>(kept());

  set(language: Language): void {
    this.current = language;
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
    try {
      localStorage.setItem(KEPT_UNDER, language);
    } catch {
      // Storage may be forbidden; the choice then lasts as long as the page.
    }
  }

  toggle(): void {
    this.set(this.current === 'zh' ? 'en' : 'zh');
  }
}

function kept(): Language {
  try {
    return localStorage.getItem(KEPT_UNDER) === 'en' ? 'en' : 'zh';
  } catch {
    return 'zh';
  }
}

export const language = new Choice();
if (typeof document !== 'undefined') document.documentElement.lang = language.current === 'zh' ? 'zh-CN' : 'en';

export type Values = Record<string, string | number>;

/** The words of one page in whichever language is chosen; `{name}` stands for a value. */
export function speaker<Key extends string>(zh: Record<Key, string>, en: Record<Key, string>) {
  return (key: Key, values?: Values): string => fill((language.current === 'zh' ? zh : en)[key], values);
}

/** Of two names the centre gives, the one in the chosen language. */
export function named(both: { zh: string; en: string }): string {
  return language.current === 'zh' ? both.zh : both.en;
}

export function fill(text: string, values: Values = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
