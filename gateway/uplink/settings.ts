import * as z from 'zod';
import { pingAfter } from './broker.ts';
import { sendHours } from './pacing/send-hours.ts';

const seconds = { s: 1, min: 60 } as const;

/** `"30s"`, `"5min"`; in use, seconds. */
const cadence = z
  .string()
  .regex(/^[1-9]\d{0,3}(?:s|min)$/, 'a number with s or min, such as "30s"')
  .transform((text) => Number.parseInt(text, 10) * seconds[text.endsWith('min') ? 'min' : 's']);

/** Name of a file in the site's `secrets` directory: no path, so that it cannot point elsewhere. */
const secretName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, "the name of a file in the site's secrets directory");

/** TLS of an uplink: files of the secrets directory, in PEM. */
const tlsSettings = z.strictObject({
  ca: secretName
    .optional()
    .describe('Certificates of the authorities that the broker is known by; left out: those of Node'),
  certificate: secretName.optional().describe('Client certificate, with what leads up to its authority'),
  key: secretName.optional().describe('Its private key, without a passphrase; mode 0600'),
  serverName: z
    .string()
    .regex(/^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$/)
    .optional()
    .describe("Name that the broker's certificate must be for, where it is not the one in the address"),
});

/** An uplink as the site file writes it: one platform behind one MQTT broker. */
const uplinkFields = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,38}[A-Za-z0-9])?$/)
    .describe('Letters, digits, dots, underscores and hyphens, at most 40'),
  kind: z.literal('mqtt'),
  url: z
    .url({ protocol: /^mqtts?$/, error: 'mqtt://host:1883, or mqtts://host:8883 for TLS' })
    .refine((url) => new URL(url).username === '', 'user and password do not belong in the address')
    .describe('mqtt:// or mqtts://; user and password have fields of their own'),
  protocol: z.enum(['3.1.1', '5']).default('5').describe('MQTT version; the contract is the same over both'),
  acknowledge: z
    .enum(['broker', 'platform'])
    .default('platform')
    .describe('Let go at the PUBACK, or only when the platform says that it has the record'),
  username: z.string().min(1).optional(),
  passwordFile: secretName.optional(),
  tls: tlsSettings.optional(),
  answerWithin: cadence.default(20).describe('How long the broker may take to answer a publish before it is left'),
  keepAlive: cadence
    .default(pingAfter)
    .describe('Silence after which the broker is asked whether it is still there; past a minute, minutes spare it'),
  platformKeys: z
    .array(z.string().regex(/^[A-Za-z0-9+/]{43}=$/, 'a raw Ed25519 public key: 44 characters of base64'))
    .max(8)
    .optional()
    .describe('Raw Ed25519 public keys, base64, whose commands this gateway obeys'),
  commands: z
    .enum(['signed', 'unsigned-reads', 'none'])
    .default('signed')
    .describe('Which commands are obeyed: signed ones, also unsigned ones that change nothing, or none'),
  statusEvery: cadence
    .default(600)
    .describe(
      'How often status is repeated: what is committed shows life sooner, and the will tells of a lost connection',
    ),
  reconnectWithin: cadence
    .default(30)
    .describe('Longest pause between two tries to connect; they begin at 1 s and double'),
  window: z
    .int()
    .min(1)
    .max(200)
    .default(20)
    .describe('Batches that may be under way at once, new minutes apart; a lower Receive Maximum of the broker wins'),
  sendWithin: z
    .array(sendHours)
    .min(1)
    .max(4)
    .optional()
    .describe('Local times of the site between which there may be a connection; left out: always'),
  megabytesPerMonth: z
    .number()
    .positive()
    .max(1_000_000)
    .optional()
    .describe(
      'Megabytes (10^6 bytes) that a metered line may take in a month of the calendar; fresh records go out in any case',
    ),
  backlogShare: z
    .number()
    .min(0.05)
    .max(1)
    .default(1)
    .describe("Part of the line's measured rate that the backlog may take"),
  spreadBacklog: cadence
    .default(300)
    .describe(
      'Longest time that the backlog waits after an outage, each gateway its own part of it, so that a region does not begin at once',
    ),
  sampleStream: z.boolean().default(true).describe('Whether this platform is given the single readings too'),
});

/** What belongs together or excludes each other, told at the field that is to be changed. */
function checkTogether(uplink: z.output<typeof uplinkFields>, context: z.RefinementCtx): void {
  const { url, username, passwordFile, tls } = uplink;
  const complain = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
  if (tls !== undefined && !url.startsWith('mqtts:')) complain(['tls'], 'only an address with mqtts:// has TLS');
  if (tls?.key === undefined && tls?.certificate !== undefined) complain(['tls', 'key'], 'a certificate needs its key');
  if (tls?.certificate === undefined && tls?.key !== undefined) {
    complain(['tls', 'certificate'], 'a key needs its certificate');
  }
  if (passwordFile !== undefined && username === undefined) complain(['username'], 'a password needs a user');
}

export const uplinkSettings = uplinkFields.superRefine(checkTogether);

/** An uplink in use: defaults filled in, cadences in seconds. */
export type UplinkSettings = z.output<typeof uplinkSettings>;
