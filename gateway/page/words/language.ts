import { en } from './en.ts';
import { type Language, languages, type Words } from './words.ts';
import { zh } from './zh.ts';

export const wordsOf: Readonly<Record<Language, Words>> = { zh, en };

const place = 'fenceline-language';

/** The language chosen before, else Chinese where the browser asks for it first, else English. */
export function chosenLanguage(kept: string | null, wanted: readonly string[]): Language {
  const before = languages.find((language) => language === kept);
  if (before !== undefined) return before;
  return wanted[0]?.toLowerCase().startsWith('zh') === true ? 'zh' : 'en';
}

/** The language kept in this browser; a browser that keeps nothing is asked what it prefers. */
export function firstLanguage(): Language {
  return chosenLanguage(keptText(), navigator.languages);
}

export function keepLanguage(language: Language): void {
  try {
    localStorage.setItem(place, language);
  } catch {
    // A browser that keeps nothing shows its preferred language next time.
  }
}

function keptText(): string | null {
  try {
    return localStorage.getItem(place);
  } catch {
    return null;
  }
}
