import * as z from 'zod';

/** How bytes travel on a serial line. */
export interface SerialSettings {
  /** Bits per second. */
  baudRate: number;
  dataBits: 7 | 8;
  parity: 'none' | 'even' | 'odd';
  stopBits: 1 | 2;
}

const parityOf = { N: 'none', E: 'even', O: 'odd' } as const;
const letterOf = { none: 'N', even: 'E', odd: 'O' } as const;

/** Line settings written the usual way: `9600-8N1` = bits per second, data bits, parity (N, E, O), stop bits. */
export const serialSettingsSchema = z
  .string()
  .regex(
    /^[1-9]\d{2,6}-[78][NEO][12]$/,
    'must be written like 9600-8N1: bits per second, data bits, parity N, E or O, stop bits',
  )
  .transform((text): SerialSettings => {
    const [speed = '', frame = ''] = text.split('-');
    return {
      baudRate: Number(speed),
      dataBits: frame[0] === '7' ? 7 : 8,
      parity: parityOf[frame[1] as keyof typeof parityOf],
      stopBits: frame[2] === '2' ? 2 : 1,
    };
  });

/** Writes line settings the usual way, `9600-8N1`. */
export function serialSettingsText({ baudRate, dataBits, parity, stopBits }: SerialSettings): string {
  return `${baudRate}-${dataBits}${letterOf[parity]}${stopBits}`;
}
