import type { SiteFaultPicture } from '../../http/picture.ts';
import { useWords } from './language-context.ts';

/** What in the site document is wrong, and what to write instead. */
export function SiteFaults({ faults }: { faults: readonly SiteFaultPicture[] }) {
  const { words, language } = useWords();
  if (faults.length === 0) return null;
  return (
    <ul class="troubles">
      {faults.map(({ field, fault, remedy }) => (
        <li key={`${field} ${fault.en}`}>
          <p class="what">
            <code>{field}</code> {fault[language]}
          </p>
          <p>
            <b>{words.remedy}</b> {remedy[language]}
          </p>
        </li>
      ))}
    </ul>
  );
}
