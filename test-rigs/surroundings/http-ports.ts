import type { Picture } from '../../gateway/http/picture.ts';
import type { HttpPorts } from '../../gateway/http/server.ts';
import { troubledPicture } from './sample-picture.ts';

/** Everything that an API shows, as a test sets it; the parts stand still until the test moves them. */
export class SampleHttpPorts implements HttpPorts {
  now = troubledPicture();
  health: { ok: boolean; faults: readonly string[] } = { ok: true, faults: [] };
  /** What `recent` was asked for. */
  readonly asked: { limit: number; point: string | undefined }[] = [];
  readonly #listeners = new Set<() => void>();

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Changes the picture and tells so. */
  show(picture: Picture): void {
    this.now = picture;
    for (const listener of this.#listeners) listener();
  }

  readonly picture: HttpPorts['picture'] = () => this.now;

  readonly subscribe: HttpPorts['subscribe'] = (listener) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  recent: HttpPorts['recent'] = async (limit, point) => {
    this.asked.push({ limit, point });
    return [
      {
        key: { stream: 'records', epoch: 'e1', seq: 7, hash: '0'.repeat(64) },
        entry: {
          kind: 'minute',
          point: point ?? 'north-gate',
          factor: 'pm10',
          from: '2026-11-24T11:44:00.000+08:00',
          average: 84.93,
          minimum: 80,
          maximum: 90,
          count: 15,
          expected: 15,
          flag: 'N',
          reason: null,
          basis: null,
          revision: 0,
          origin: 'measured',
        },
      },
    ];
  };

  readonly metrics: HttpPorts['metrics'] = async () => 'fenceline_info 1\n';
  readonly healthy: HttpPorts['healthy'] = () => this.health;
}
