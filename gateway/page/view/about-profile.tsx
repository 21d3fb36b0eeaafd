import { useState } from 'preact/hooks';
import type { ProfilePicture } from '../../http/picture/profile-picture.ts';
import { useWords } from './language-context.ts';

type Known = ProfilePicture | 'asking' | 'unknown';

async function profileOf(instrument: string): Promise<Known> {
  try {
    const answer = await fetch(`/api/v1/instruments/${encodeURIComponent(instrument)}/profile`);
    return answer.ok ? await answer.json() : 'unknown';
  } catch {
    return 'unknown';
  }
}

/** Where the facts come from by which an instrument is understood, and what surprises people; asked for when opened. */
export function AboutProfile({ instrument }: { instrument: string }) {
  const { words } = useWords();
  const [known, setKnown] = useState<Known>('asking');
  const open = (details: HTMLDetailsElement): void => {
    if (details.open && typeof known === 'string') void profileOf(instrument).then(setKnown);
  };
  return (
    <details class="more" onToggle={({ currentTarget }) => open(currentTarget)}>
      <summary>{words.aboutProfile}</summary>
      {typeof known === 'string' ? (
        <p class="aside">{known === 'asking' ? words.loading : words.requestFailed}</p>
      ) : (
        <Facts profile={known} />
      )}
    </details>
  );
}

function Facts({ profile: { confidence, unproven, sources, gotchas } }: { profile: ProfilePicture }) {
  const { words, language } = useWords();
  return (
    <>
      {gotchas.length === 0 ? null : (
        <ul class="notes">
          {gotchas.map((gotcha) => (
            <li key={gotcha.en}>{gotcha[language]}</li>
          ))}
        </ul>
      )}
      <p>{words.confidence[confidence]}</p>
      {unproven ? <p>{words.unprovenMeans}</p> : null}
      <p class="aside">
        {words.sources} {sources.join('; ')}
      </p>
    </>
  );
}
