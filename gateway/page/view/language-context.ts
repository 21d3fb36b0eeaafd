import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Language, Words } from '../words/words.ts';
import { zh } from '../words/zh.ts';

interface Spoken {
  readonly language: Language;
  readonly words: Words;
  readonly change: (language: Language) => void;
}

export const LanguageContext = createContext<Spoken>({ language: 'zh', words: zh, change: () => undefined });

/** The language that the page speaks now, and its words. */
export const useWords = (): Spoken => useContext(LanguageContext);
