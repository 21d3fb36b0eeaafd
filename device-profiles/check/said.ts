/** What is said to whoever writes a profile: in both languages, or in English only. */
export type Said = string | { readonly en: string; readonly zh: string };

export const both = (en: string, zh: string): { readonly en: string; readonly zh: string } => ({ en, zh });

const inEnglish = (said: Said): string => (typeof said === 'string' ? said : said.en);
const inChinese = (said: Said): string => (typeof said === 'string' ? said : said.zh);

/** The words of a fault: English, and Chinese beside it. */
export function spoken(fault: Said, remedy: Said) {
  const zh = { fault: inChinese(fault), remedy: inChinese(remedy) };
  return { fault: inEnglish(fault), remedy: inEnglish(remedy), zh };
}
