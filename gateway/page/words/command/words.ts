import type { CommandsPicture } from '../../../http/picture.ts';

type Outcome = CommandsPicture['last'][number]['outcome'];

/** The words for what platforms ask of the gateway. */
export interface CommandWords {
  readonly title: string;
  /** A site change on trial: from and to are site versions. */
  readonly trial: (from: string, to: string, left: string) => string;
  readonly trialEnds: string;
  /** An uplink that its platform has retired: before and after everything is delivered. */
  readonly retiring: (uplink: string, since: string) => string;
  readonly retired: (uplink: string, since: string) => string;
  readonly notReading: string;
  readonly resume: string;
  /** By name; one that is not here is shown by its own name. */
  readonly kind: Readonly<Record<string, string>>;
  readonly outcome: Readonly<Record<Outcome, string>>;
}
