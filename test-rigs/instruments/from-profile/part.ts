import type { Cancel } from '../../../gateway/clock.ts';
import type { ByteEnd } from '../../links/byte-end.ts';

/** What each protocol makes of the picture. */
export interface Part {
  on: boolean;
  serve(end: ByteEnd, framing: 'modbus-rtu' | 'modbus-tcp'): Cancel;
}
