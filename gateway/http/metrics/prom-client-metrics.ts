import { Gauge, Registry } from 'prom-client';
import type { Picture } from '../picture.ts';
import { gatewayFigures } from './gateway-figures.ts';
import { instrumentFigures } from './instrument-figures.ts';
import { lineFigures } from './line-figures.ts';
import { nodeFigures } from './node-figures.ts';
import { storeFigures } from './store-figures.ts';
import { uplinkFigures } from './uplink-figures.ts';

const figures = [
  ...gatewayFigures,
  ...instrumentFigures,
  ...lineFigures,
  ...nodeFigures,
  ...storeFigures,
  ...uplinkFigures,
];

/** Makes the text of `/metrics` from the picture, on request only: nothing is measured while nobody asks. */
export function createMetrics(picture: () => Picture): () => Promise<string> {
  return async () => {
    const now = picture();
    const registry = new Registry();
    for (const { name, help, labels, samples } of figures) {
      const gauge = new Gauge({ name, help, labelNames: [...labels], registers: [registry] });
      for (const [of, value] of samples(now)) gauge.set({ ...of }, value);
    }
    // A gauge holds what the stations counted; its declared type follows the name.
    const text = await registry.metrics();
    return text.replace(/^# TYPE (\S+_total) gauge$/gm, '# TYPE $1 counter');
  };
}
