import type { Diagnosis } from '../../diagnosis/diagnosis.ts';
import type { Keeping } from '../../driver/node/rows/keeping.ts';
import type { Holding } from '../../holding/holding.ts';
import type { Quality } from '../../quality/quality.ts';
import type { DeliveryStore } from '../../store/delivery-port.ts';

/** Where rows of nodes go: judged like every reading, into minutes or revisions of them, with how far each node is heard. */
export function nodeKeeping(
  store: Pick<DeliveryStore, 'marks'>,
  holding: Holding,
  quality: Quality,
  diagnosis: Diagnosis,
): Keeping {
  return {
    marks: () => store.marks(),
    hasRoom: (source, rows) => holding.kept.hasRoom(source, rows),
    judge: (readings) => quality.judge(readings),
    take: (source, rows) => holding.kept.take(source, rows),
    listen: (listener) => void holding.kept.listen(listener),
    show: (readings) => diagnosis.readings(readings),
  };
}
