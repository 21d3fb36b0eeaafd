import type { TransactionPicture } from '../../../http/picture.ts';
import { timeOfDay } from '../../format.ts';
import { besides, bytesShown, cameIn, figuresOf, outcomeText } from '../../transaction-text.ts';
import { Dash } from '../dash.tsx';
import { useWords } from '../language-context.ts';

/** One request and what came back. */
export function TransactionRow({ transaction }: { transaction: TransactionPicture }) {
  const { words } = useWords();
  const { at, instrument, address, outcome, sent, received, bytesSent } = transaction;
  const aside = besides(transaction, words);
  return (
    <li>
      <p class="who">
        <span>
          <time dateTime={at}>{`${timeOfDay(at)}${at.slice(19, 23)}`}</time> {instrument ?? words.line.search} ·{' '}
          {words.line.slave(address)}
        </span>
        <b class={outcome === 'ok' ? 'good' : 'bad'}>{outcomeText(transaction, words)}</b>
      </p>
      {sent === '' ? null : <Bytes sign="→" name={words.line.request} bytes={bytesShown(sent, bytesSent, words)} />}
      <Bytes sign="←" name={words.line.answer} bytes={bytesShown(received, cameIn(transaction), words)} />
      <p class="figures">{figuresOf(transaction, words).join(' · ')}</p>
      {aside.length === 0 ? null : <p class="besides">{aside.join(' · ')}</p>}
    </li>
  );
}

function Bytes({ sign, name, bytes }: { sign: string; name: string; bytes: string }) {
  const { words } = useWords();
  return (
    <p class="bytes">
      <span aria-hidden="true">{sign}</span>
      <span class="unseen">{name} </span>
      {bytes === '-' ? <Dash means={words.outcome['no-bytes']} /> : <code>{bytes}</code>}
    </p>
  );
}
