import { wordsOf } from '../words/language.ts';
import { useWords } from './language-context.ts';

/** One button that says, in the other language, what that language is called. */
export function LanguageSwitch() {
  const { language, change } = useWords();
  const other = language === 'zh' ? 'en' : 'zh';
  const { code, self } = wordsOf[other];
  return (
    <button type="button" class="plain language-switch" lang={code} onClick={() => change(other)}>
      {self}
    </button>
  );
}
