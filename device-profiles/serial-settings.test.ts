import { expect, test } from 'vitest';
import { serialSettingsSchema, serialSettingsText } from './serial-settings.ts';

test.each([
  ['9600-8N1', { baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 }],
  ['2400-8E1', { baudRate: 2400, dataBits: 8, parity: 'even', stopBits: 1 }],
  ['115200-7O2', { baudRate: 115_200, dataBits: 7, parity: 'odd', stopBits: 2 }],
])('%s is read and written', (text, settings) => {
  expect(serialSettingsSchema.parse(text)).toEqual(settings);
  expect(serialSettingsText(serialSettingsSchema.parse(text))).toBe(text);
});

test.each(['9600 8N1', '9600-9N1', '9600-8M1', '9600-8N3', '000-8N1', '0600-8N1', '-8N1'])('%s is refused', (text) => {
  expect(serialSettingsSchema.safeParse(text).error?.issues[0]?.message).toMatch(/^must be written like 9600-8N1/);
});
