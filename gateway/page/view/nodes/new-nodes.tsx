import { useId, useState } from 'preact/hooks';
import type { AdoptionPicture } from '../../../http/nodes/node-routes.ts';
import type { LinkPicture } from '../../../http/picture.ts';
import { type AdoptionForm, adoptionText, adoptNode } from '../../asking/adopt-node.ts';
import { type Seen, sinceStamp } from '../../feed/picture-age.ts';
import { durationText } from '../../format.ts';
import { useWords } from '../language-context.ts';
import { Pill } from '../pill.tsx';
import { useMayTest } from '../role-context.ts';

type NewNode = NonNullable<LinkPicture['nodes']>['fresh'][number];

/** Nodes that wait to be adopted, and what to write into the site file for those that were adopted just now. */
export function NewNodes({ seen }: { seen: Seen }) {
  // An adopted node no longer waits, but what is to be written for it is still being read.
  const [adopted, setAdopted] = useState<readonly AdoptionPicture[]>([]);
  const fresh = seen.picture.links.flatMap(({ nodes }) => nodes?.fresh ?? []);
  const close = (chip: string | undefined): void => setAdopted(adopted.filter((one) => one.chip !== chip));
  return (
    <>
      {adopted.map((one) => (
        <Adopted key={`adopted ${one.chip}`} adoption={one} close={() => close(one.chip)} />
      ))}
      {fresh
        .filter(({ chip }) => adopted.every((one) => one.chip !== chip))
        .map((node) => (
          <NewNodeCard
            key={node.chip}
            node={node}
            seen={seen}
            onAdopted={(adoption) => setAdopted([...adopted, adoption])}
          />
        ))}
    </>
  );
}

interface NewNodeCardOptions {
  readonly node: NewNode;
  readonly seen: Seen;
  readonly onAdopted: (adoption: AdoptionPicture) => void;
}

function NewNodeCard({ node, seen, onAdopted }: NewNodeCardOptions) {
  const { words } = useWords();
  const mayAdopt = useMayTest();
  const { chip, type, version, address, heardAt } = node;
  return (
    <article class="card" id={`new-node-${chip}`}>
      <header>
        <div>
          <h3>{chip}</h3>
          <p class="about">
            {type.toUpperCase()} · {version} · <span class="address">{address}</span> ·{' '}
            {words.adoption.heardAgo(durationText(sinceStamp(heardAt, seen), words))}
          </p>
        </div>
        <Pill tone={seen.lost ? 'quiet' : 'warning'}>{seen.lost ? words.stale : words.adoption.waits}</Pill>
      </header>
      {mayAdopt ? (
        <Form chip={chip} lost={seen.lost} onAdopted={onAdopted} />
      ) : (
        <p class="aside">{words.adoption.onlyTechnician}</p>
      )}
    </article>
  );
}

function Form({ chip, lost, onAdopted }: { chip: string; lost: boolean; onAdopted: NewNodeCardOptions['onAdopted'] }) {
  const { words } = useWords();
  const { adoption } = words;
  const [code, setCode] = useState('');
  const [node, setNode] = useState(`esp-${chip}`);
  const [waiting, setWaiting] = useState(false);
  const [answer, setAnswer] = useState<AdoptionPicture | 'failed' | null>(null);
  const ask = async (more: Pick<AdoptionForm, 'replace'>): Promise<void> => {
    setWaiting(true);
    setAnswer(null);
    const got = await adoptNode({ chip, code, node, ...more });
    setWaiting(false);
    if (got?.kind === 'adopted') onAdopted(got);
    else setAnswer(got ?? 'failed');
  };
  const taken = answer !== null && answer !== 'failed' && answer.kind === 'taken' ? answer : null;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!lost && !waiting) void ask({ replace: false });
      }}
    >
      <p class="aside">{adoption.hint}</p>
      <Field
        label={adoption.code}
        hint={adoption.codeHint}
        value={code}
        change={setCode}
        pattern="[0-9]{6}"
        length={6}
        digits
      />
      <Field
        label={adoption.name}
        hint={adoption.nameHint}
        value={node}
        change={setNode}
        pattern="[a-z0-9\-]{1,24}"
        length={24}
      />
      <button type="submit" class="primary" aria-disabled={lost || waiting}>
        {adoption.adopt}
      </button>
      <div role="status">
        {waiting ? <p class="aside">{adoption.adopting}</p> : null}
        {answer === null ? null : (
          <p class="fault">{answer === 'failed' ? words.requestFailed : adoptionText(answer, adoption)}</p>
        )}
      </div>
      {taken === null ? null : (
        <button type="button" class="quiet" onClick={() => void ask({ replace: true })}>
          {adoption.replace(taken.node ?? '', taken.chip ?? '')}
        </button>
      )}
    </form>
  );
}

interface FieldOptions {
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly change: (value: string) => void;
  readonly pattern: string;
  readonly length: number;
  readonly digits?: boolean;
}

function Field({ label, hint, value, change, pattern, length, digits = false }: FieldOptions) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="text"
        inputMode={digits ? 'numeric' : 'text'}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        required
        pattern={pattern}
        maxLength={length}
        value={value}
        aria-describedby={`${id}-hint`}
        onInput={({ currentTarget }) => change(currentTarget.value)}
      />
      <p class="hint" id={`${id}-hint`}>
        {hint}
      </p>
    </div>
  );
}

function Adopted({
  adoption: { node = '', chip = '', entry },
  close,
}: {
  adoption: AdoptionPicture;
  close: () => void;
}) {
  const { words } = useWords();
  return (
    <article class="card" id={`adopted-${chip}`}>
      <header>
        <h3>{node}</h3>
        <Pill tone="good">{chip}</Pill>
      </header>
      <p role="status">{words.adoption.adopted(node)}</p>
      <p class="aside">{entry === undefined ? words.adoption.isNamed : words.adoption.writeThis}</p>
      {entry === undefined ? null : <pre class="entry">{entry}</pre>}
      <button type="button" class="plain" onClick={close}>
        {words.adoption.close}
      </button>
    </article>
  );
}
