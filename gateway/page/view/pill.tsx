import type { ComponentChildren } from 'preact';

/** How something stands, from fine to broken; `quiet` is neither. */
export type Tone = 'good' | 'warning' | 'bad' | 'quiet';

const signs: Readonly<Record<Tone, string>> = { good: '✓', warning: '!', bad: '✕', quiet: '·' };

/** A short state in words, with a sign and a colour that say the same. */
export function Pill({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return (
    <span class={`pill ${tone}`}>
      <span class="sign" aria-hidden="true">
        {signs[tone]}
      </span>
      {children}
    </span>
  );
}
