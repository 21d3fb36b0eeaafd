import { useState } from 'preact/hooks';
import type { Picture } from '../../http/picture.ts';
import { useWords } from './language-context.ts';

/** Chooses one table and the days of it, and gives the link that saves it. */
export function DownloadForm({ picture }: { picture: Picture }) {
  const { words, language } = useWords();
  const today = picture.gateway.now.slice(0, 10);
  const factors = new Map(
    picture.instruments.flatMap(({ values }) => values.map((one) => [one.factor, one[language]])),
  );
  const [table, setTable] = useState<string | null>(null);
  const [first, setFirst] = useState<string | null>(null);
  const [last, setLast] = useState<string | null>(null);
  const tables = [
    ...[...factors].map(([factor, name]) => ({ id: `minute-${factor}`, name: words.exports.minutesOf(name) })),
    { id: 'events', name: words.exports.events },
  ];
  const chosen = tables.find(({ id }) => id === table)?.id ?? tables[0]?.id ?? 'events';
  const query = new URLSearchParams({ from: first ?? today, to: last ?? today, lang: language });
  return (
    <details class="more download">
      <summary>{words.exports.download}</summary>
      <label class="choice">
        {words.exports.what}
        <select value={chosen} onChange={({ currentTarget }) => setTable(currentTarget.value)}>
          {tables.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="choice">
        {words.exports.firstDay}
        <input
          type="date"
          value={first ?? today}
          max={last ?? today}
          onChange={({ currentTarget }) => setFirst(currentTarget.value || null)}
        />
      </label>
      <label class="choice">
        {words.exports.lastDay}
        <input
          type="date"
          value={last ?? today}
          min={first ?? undefined}
          max={today}
          onChange={({ currentTarget }) => setLast(currentTarget.value || null)}
        />
      </label>
      <a class="button quiet" href={`/api/v1/tables/${encodeURIComponent(chosen)}.csv?${query}`} download>
        {words.exports.save}
      </a>
    </details>
  );
}
