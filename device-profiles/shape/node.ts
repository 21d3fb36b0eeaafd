import * as z from 'zod';
import { nodeColumns } from '../node-message.ts';
import { pointFields, profileFields } from './fields.ts';
import { word } from './words.ts';

/** What a profile says of what is wired to a sensor node: which columns of its rows are values, and what they mean. */

export const nodePointSchema = z.strictObject({
  ...pointFields,
  column: z
    .enum(nodeColumns)
    .describe('The column of the rows: pm1, pm25, pm10, pm100 in µg/m³; adc, rms, dust in mV at the pin'),
  shunt: z
    .union([z.number().min(1).max(1000), word])
    .optional()
    .describe('Ohms that a loop current flows through, or the parameter that states them: the raw value is then mA'),
});

export const nodeProfileSchema = z.strictObject({
  ...profileFields,
  protocol: z.literal('node').describe('A sensor node (ESP8266, ESP32) that sends rows over MQTT'),
  leastPerMinute: z
    .int()
    .min(1)
    .max(600)
    .default(12)
    .describe(
      'Good frames or samples that a row needs for each minute of its length; with fewer its values are made of too little',
    ),
  points: z.array(nodePointSchema).min(1).describe('What can be read'),
});

export type NodeProfile = z.output<typeof nodeProfileSchema>;
export type NodePoint = z.output<typeof nodePointSchema>;
