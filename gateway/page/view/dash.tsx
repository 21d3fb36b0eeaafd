import { dash } from '../format.ts';

/** A dash where there is nothing; what is missing is said to those who do not see it. */
export function Dash({ means }: { means: string }) {
  return (
    <>
      <span aria-hidden="true">{dash}</span>
      <span class="unseen">{means}</span>
    </>
  );
}
