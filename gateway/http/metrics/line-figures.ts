import type { SlavePicture } from '../picture.ts';
import type { Figure, Sample } from './figure.ts';

/** Of every slave of every line. An instrument that talks unasked has no slave address and is told as `none`. */
function ofSlaves(samples: (slave: SlavePicture) => readonly Sample[]): Figure['samples'] {
  return ({ links }) =>
    links.flatMap(({ id: link, slaves }) =>
      slaves.flatMap((slave) => {
        const address = slave.address === null ? 'none' : String(slave.address);
        return samples(slave).map(([labels, value]): Sample => [{ link, address, ...labels }, value]);
      }),
    );
}

/** Lines, and the slaves on them. */
export const lineFigures: readonly Figure[] = [
  {
    name: 'fenceline_link_open',
    help: '1 while the line is open',
    labels: ['link'],
    samples: ({ links }) => links.map(({ id, state }) => [{ link: id }, state === 'open' ? 1 : 0]),
  },
  {
    name: 'fenceline_link_bytes_total',
    help: 'Bytes on the line',
    labels: ['link', 'direction'],
    samples: ({ links }) =>
      links.flatMap(({ id, bytesIn, bytesOut }): Sample[] => [
        [{ link: id, direction: 'in' }, bytesIn],
        [{ link: id, direction: 'out' }, bytesOut],
      ]),
  },
  {
    name: 'fenceline_link_utilisation_ratio',
    help: 'Share of the last minute in which the line was busy',
    labels: ['link'],
    samples: ({ links }) =>
      links.flatMap(({ id, utilisation }): Sample[] => (utilisation === null ? [] : [[{ link: id }, utilisation]])),
  },
  {
    name: 'fenceline_link_echo_ratio',
    help: 'Share of the last requests that came back to us: the adapter hears itself',
    labels: ['link'],
    samples: ({ links }) => links.flatMap(({ id, echo }): Sample[] => (echo === null ? [] : [[{ link: id }, echo]])),
  },
  {
    name: 'fenceline_slave_transactions_total',
    help: 'Transactions with a slave of a line by how they ended, as far as that happened',
    labels: ['link', 'address', 'outcome'],
    samples: ofSlaves(({ total }) =>
      Object.entries(total.outcomes).map(([outcome, count]): Sample => [{ outcome }, count]),
    ),
  },
  {
    name: 'fenceline_slave_response_seconds',
    help: 'Time from the end of a request to the last byte of the answer, over the last 100 transactions',
    labels: ['link', 'address', 'statistic'],
    samples: ofSlaves(({ response }) =>
      (['median', 'largest'] as const).flatMap((statistic): Sample[] =>
        response === null ? [] : [[{ statistic }, response[statistic] / 1000]],
      ),
    ),
  },
  {
    name: 'fenceline_slave_junk_bytes_total',
    help: 'Bytes stepped over before, behind or instead of an answer',
    labels: ['link', 'address'],
    samples: ofSlaves(({ total }) => [[{}, total.junk]]),
  },
  {
    name: 'fenceline_slave_echoes_total',
    help: 'Transactions in which our own request came back',
    labels: ['link', 'address'],
    samples: ofSlaves(({ total }) => [[{}, total.echoes]]),
  },
  {
    name: 'fenceline_slave_late_total',
    help: 'Transactions before which an answer to an earlier request came too late',
    labels: ['link', 'address'],
    samples: ofSlaves(({ total }) => [[{}, total.late]]),
  },
];
