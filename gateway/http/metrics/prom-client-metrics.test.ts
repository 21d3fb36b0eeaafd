import { expect, test } from 'vitest';
import { soundNode, troubledNodes } from '../../../test-rigs/surroundings/sample-nodes.ts';
import { healthyPicture, troubledPicture } from '../../../test-rigs/surroundings/sample-picture.ts';
import { createMetrics } from './prom-client-metrics.ts';

test('metrics carry the current values, the counters and the backlog', async () => {
  const lines = (await createMetrics(troubledPicture)()).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'fenceline_value{point="north-gate",factor="pm10",unit="µg/m³",instrument="dust-1"} 86.4',
      '# TYPE fenceline_instrument_transactions_total counter',
      'fenceline_instrument_transactions_total{instrument="meter-1",outcome="no-bytes"} 702',
      'fenceline_uplink_backlog{uplink="district",stream="records"} 372',
      'fenceline_uplink_backlog_age_seconds{uplink="district"} 22320',
      'fenceline_uplink_connected{uplink="district"} 0',
    ]),
  );
});

test('metrics tell the outcomes and answer times of each slave of a line, and no time where nothing answered', async () => {
  const lines = (await createMetrics(troubledPicture)()).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      '# TYPE fenceline_slave_transactions_total counter',
      'fenceline_slave_transactions_total{link="rs485-1",address="2",outcome="no-bytes"} 702',
      'fenceline_slave_response_seconds{link="rs485-1",address="1",statistic="median"} 0.0385',
      'fenceline_slave_junk_bytes_total{link="rs485-1",address="1"} 18',
      'fenceline_slave_late_total{link="rs485-1",address="2"} 1',
      'fenceline_link_echo_ratio{link="rs485-1"} 0',
    ]),
  );
  expect(lines.filter((line) => line.startsWith('fenceline_slave_response') && line.includes('address="2"'))).toEqual(
    [],
  );
});

test('a missing value is absent from the metrics, not 0', async () => {
  const text = await createMetrics(troubledPicture)();
  expect(text).not.toMatch(/fenceline_value\{.*instrument="meter-1"/);
});

test('metrics follow the picture from one request to the next', async () => {
  let picture = troubledPicture();
  const metrics = createMetrics(() => picture);
  await metrics();
  picture = healthyPicture();
  expect(await metrics()).not.toContain('instrument="meter-1"');
});

test('metrics tell of each node what it said last, and nothing of one that never said anything', async () => {
  const nodes = structuredClone([soundNode, ...troubledNodes]);
  const lines = (await createMetrics(() => ({ ...healthyPicture(), nodes }))()).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'fenceline_node_connected{node="dust-gate"} 1',
      'fenceline_node_connected{node="dust-pit"} 0',
      'fenceline_node_info{node="dust-crane",version="0.1.0",chip="esp8266"} 1',
      'fenceline_node_held_rows{node="dust-crane"} 1310',
      'fenceline_node_dropped_rows{node="dust-crane"} 72',
      'fenceline_node_signal_dbm{node="spare"} -84',
      'fenceline_node_troubles_total{node="dust-crane",trouble="replayed-boot"} 12',
    ]),
  );
  expect(lines.filter((line) => line.includes('dust-pit'))).toHaveLength(1);
});
