import type { LinkPicture, Outcome, SlavePicture } from '../../../http/picture.ts';
import { dash } from '../../format.ts';
import { responseText } from '../../transaction-text.ts';
import { useWords } from '../language-context.ts';

/**
 * How the last requests to each slave ended: whether one device or all of them have a fault tells most about where it
 * is. Only outcomes that occurred have a column.
 */
export function SlaveTable({ link: { id, slaves } }: { link: LinkPicture }) {
  const { words } = useWords();
  if (slaves.length === 0) return null;
  const occurred = new Set(slaves.flatMap(({ recent }) => Object.keys(recent.outcomes)));
  const outcomes = (Object.keys(words.outcome) as Outcome[]).filter((outcome) => occurred.has(outcome));
  const extras = (['junk', 'echoes', 'late'] as const).filter((extra) =>
    slaves.some(({ recent }) => recent[extra] > 0),
  );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls
    <section class="wide" aria-label={`${words.line.recent} ${id}`} tabIndex={0}>
      <table>
        <caption>{words.line.recent}</caption>
        <Head outcomes={outcomes} extras={extras} />
        <tbody>
          {slaves.map((slave) => (
            <Row key={slave.address} slave={slave} outcomes={outcomes} extras={extras} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Which columns there are besides the answer time. */
interface Columns {
  readonly outcomes: readonly Outcome[];
  readonly extras: readonly ('junk' | 'echoes' | 'late')[];
}

function Head({ outcomes, extras }: Columns) {
  const { words } = useWords();
  const { line } = words;
  const extraName = { junk: line.junkBytes, echoes: line.echoes, late: line.lateAnswers };
  const names = [
    line.slaveAddress,
    ...outcomes.map((outcome) => words.outcome[outcome]),
    line.response,
    ...extras.map((extra) => extraName[extra]),
  ];
  return (
    <thead>
      <tr>
        {names.map((name) => (
          <th scope="col" key={name}>
            {name}
          </th>
        ))}
      </tr>
    </thead>
  );
}

function Row({ slave, outcomes, extras }: Columns & { readonly slave: SlavePicture }) {
  const { address, instruments, recent, response } = slave;
  const { words } = useWords();
  return (
    <tr>
      <th scope="row">
        {address ?? words.talksUnasked} <small>{instruments.join(', ')}</small>
      </th>
      {outcomes.map((outcome) => {
        const times = recent.outcomes[outcome] ?? 0;
        return (
          <td key={outcome} class={times > 0 && outcome !== 'ok' ? 'bad' : ''}>
            {times}
          </td>
        );
      })}
      <td>{response === null ? dash : responseText(response, words)}</td>
      {extras.map((extra) => (
        <td key={extra}>{recent[extra]}</td>
      ))}
    </tr>
  );
}
