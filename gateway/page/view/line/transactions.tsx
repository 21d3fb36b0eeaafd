import { useEffect, useState } from 'preact/hooks';
import type { LinkPicture, TracePicture } from '../../../http/picture.ts';
import { followTrace, mostShown } from '../../feed/trace-feed.ts';
import { countText } from '../../format.ts';
import { useWords } from '../language-context.ts';
import { SlaveTable } from './slave-table.tsx';
import { TransactionRow } from './transaction-row.tsx';

/** What went over a line, in a fold: asked for only while it is open, not paused, and somebody can see it. */
export function Transactions({ link }: { link: LinkPicture }) {
  const { words } = useWords();
  const [open, setOpen] = useState(false);
  return (
    <details class="more transactions" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{words.line.transactions}</summary>
      {open ? <Unfolded link={link} /> : null}
    </details>
  );
}

function Unfolded({ link }: { link: LinkPicture }) {
  const { words, language } = useWords();
  const [paused, setPaused] = useState(false);
  const [trace, setTrace] = useState<TracePicture | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    if (paused) return;
    return followTrace(link.id, {
      trace(told) {
        setTrace(told);
        setFailed(false);
      },
      failed: () => setFailed(true),
    });
  }, [link.id, paused]);
  const file = `/api/v1/links/${encodeURIComponent(link.id)}/trace.txt?lang=${language}`;
  return (
    <>
      <SlaveTable link={link} />
      <div class="controls">
        <button type="button" class="quiet" onClick={() => setPaused(!paused)}>
          {paused ? words.line.goOn : words.line.pause}
        </button>
        <a class="button quiet" href={file} download>
          {words.line.save}
        </a>
      </div>
      <p class="aside" role="status">
        {paused ? words.line.paused : failed ? words.line.notFetched : ''}
      </p>
      <Rows trace={trace} name={`${words.line.transactions} ${link.id}`} />
    </>
  );
}

function Rows({ trace, name }: { trace: TracePicture | null; name: string }) {
  const { words } = useWords();
  if (trace === null) return <p class="aside">{words.loading}</p>;
  if (trace.transactions.length === 0) return <p class="aside">{words.noTransactions}</p>;
  const older = trace.total - trace.transactions.length;
  return (
    <>
      {/* It scrolls by itself, so that what comes does not push the page about; the keyboard has to reach it for that. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls */}
      <section class="rows" aria-label={name} tabIndex={0}>
        <ol>
          {trace.transactions.toReversed().map((one) => (
            <TransactionRow key={one.number} transaction={one} />
          ))}
        </ol>
        {older > 0 && trace.transactions.length === mostShown ? (
          <p class="aside">{words.line.notShown(countText(older, words))}</p>
        ) : null}
      </section>
    </>
  );
}
