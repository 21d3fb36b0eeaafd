import * as z from 'zod';
import { pointFields, profileFields } from './fields.ts';
import { bothLanguages, word } from './words.ts';

/**
 * What a profile of an Arduino-class board says that runs StandardFirmata: what is wired to which pin. A board measures by
 * what hangs on it, so a profile is a wiring: a cabinet of a restaurant, of a construction site.
 */

/** Boards whose pins are known: both carry an ATmega328P. */
const firmataBoards = ['uno', 'nano'] as const;

const pin = z.int().min(0).max(99).describe('Digital pin as it is printed on the board');
const channel = z.int().min(0).max(15).describe('Analogue channel: 0 for A0');

const contactSchema = z.strictObject({
  pin,
  closed: z
    .enum(['low', 'high'])
    .default('low')
    .describe('The level at which it is closed: low for a contact between the pin and GND'),
  pullUp: z.boolean().default(true).describe("Whether the board's own pull-up holds the pin high while it is open"),
  debounceMs: z
    .int()
    .min(5)
    .max(2000)
    .default(50)
    .describe('A level counts once it has stood so long, in ms: a bouncing contact is one change'),
  name: bothLanguages.describe('What hangs on it, such as fan'),
  says: z
    .strictObject({
      closed: bothLanguages.describe('What closed means, such as running'),
      open: bothLanguages.describe('What open means, such as stopped'),
    })
    .describe('What is said of it'),
});

const volts = z.union([z.number().min(1).max(5.5), word]);

const loopSchema = z.strictObject({
  channel,
  shunt: z
    .number()
    .min(10)
    .max(1000)
    .describe('Resistance that the loop current flows through, ohms. The signal of the curve is then mA'),
});

const clampSchema = z.strictObject({
  channel,
  turns: z.number().min(1).max(100_000).describe('Turns of the clamp: amperes in the wire for one in the burden'),
  burden: z.number().min(0.1).max(100_000).describe('Burden resistor, ohms'),
  windowSeconds: z
    .int()
    .min(2)
    .max(30)
    .default(4)
    .describe('A root mean square is made over so long, in s; the load must be steady meanwhile'),
});

export const firmataPointSchema = z.strictObject({
  ...pointFields,
  contact: contactSchema
    .optional()
    .describe('A dry contact. The value is the share of the time since the last reading in which it was closed, in %'),
  loop: loopSchema.optional().describe('A 4-20 mA signal over a resistor; its curve says what the mA mean'),
  clamp: clampSchema.optional().describe('A clamp with a burden resistor around half the supply'),
  climate: z
    .enum(['temperature', 'humidity', 'pressure'])
    .optional()
    .describe('A value of the BME280 on the I2C pins: °C, % or kPa'),
});

/**
 * What a relay may switch. A closed list: nothing that makes, treats or measures anything is ever switched from afar.
 */
const relayUses = ['lamp', 'mist-cannon'] as const;
export type RelayUse = (typeof relayUses)[number];

const relaySchema = z.strictObject({
  id: word.describe('Name of the relay; a site allows it by this name under commands'),
  name: bothLanguages.describe('What it switches'),
  use: z
    .enum(relayUses)
    .describe(
      'lamp, or mist-cannon. Nothing else: a circuit of production, treatment or an analyser is never switched',
    ),
  pin,
  active: z.enum(['high', 'low']).default('high').describe('The level at which the relay is on'),
  lockOut: word
    .optional()
    .describe(
      'The point of the contact that must be closed for it to be on: a switch at the machine, closed for remote',
    ),
  warning: z
    .strictObject({
      seconds: z.int().min(0).max(120).describe('From the order to the switching, in s'),
      lamp: word.optional().describe('The relay of a lamp that is on meanwhile'),
    })
    .default({ seconds: 0 })
    .describe('How people nearby are warned before it is switched on'),
  longestSeconds: z
    .int()
    .min(1)
    .max(86_400)
    .describe('It is never on for longer, in s, whatever was asked; then it must be asked anew'),
  role: z.enum(['technician', 'administrator']).default('technician').describe('Who may switch it on the page'),
});

export const firmataProfileSchema = z.strictObject({
  ...profileFields,
  protocol: z.literal('firmata').describe('An Arduino-class board with StandardFirmata, on USB'),
  board: z.enum(firmataBoards).default('uno').describe('Which board: it decides which pins there are'),
  supply: volts
    .default(5)
    .describe("Volts at the board's 5V pin, which it measures against; a word is a parameter that the site states"),
  samplingMs: z
    .int()
    .min(1)
    .max(1000)
    .default(19)
    .describe('How often the board samples its channels, in ms: 11, 13, 17 or 19'),
  climateAddress: z.literal([0x76, 0x77]).default(0x76).describe('I2C address of the BME280'),
  points: z.array(firmataPointSchema).min(1).describe('What can be read'),
  relays: z.array(relaySchema).default([]).describe('What can be switched; off until a site allows it'),
});

export type FirmataProfile = z.output<typeof firmataProfileSchema>;
export type FirmataPoint = z.output<typeof firmataPointSchema>;
export type Relay = z.output<typeof relaySchema>;
