/** What is said to whoever writes a profile, in both languages. */
export interface Said {
  readonly en: string;
  readonly zh: string;
}

export const both = (en: string, zh: string): Said => ({ en, zh });

/** The words of a fault: English, and Chinese beside it. */
export function spoken(fault: Said, remedy: Said) {
  return { fault: fault.en, remedy: remedy.en, zh: { fault: fault.zh, remedy: remedy.zh } };
}
