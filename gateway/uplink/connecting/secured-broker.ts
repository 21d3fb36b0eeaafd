import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, pause, type WallTime } from '../../clock.ts';
import { type Broker, type BrokerConnection, type BrokerFault, type ConnectOptions, isBrokerFault } from '../broker.ts';
import type { UplinkEvent } from '../port.ts';
import { type CertificateFacts, expiryOf } from './certificate.ts';
import { type CredentialFiles, type Credentials, type Finding, fileNames, readCredentials } from './credentials.ts';

export interface SecuredBrokerOptions {
  readonly uplink: string;
  readonly files: CredentialFiles;
  readonly clock: Clock;
  readonly observe: (event: UplinkEvent) => void;
  /** The broker as it is reached with these credentials. */
  readonly open: (credentials: Credentials) => Broker;
}

/** Milliseconds between two looks at whether a file is another one, and between two looks at how long all holds. */
const filesLook = 5000;
const expiryLook = 3_600_000;
/** A connection made with the old certificate is ended so long before its end, or after two thirds of a short life. */
const renewBefore = 86_400_000;

/**
 * A broker whose passwords and certificates are files: read anew for every connection, watched meanwhile. What is wrong
 * with them, or soon will be, is told; a connection is made anew with a renewed certificate before the old one ends.
 */
export class SecuredBroker implements Broker {
  readonly #options: SecuredBrokerOptions;
  #told = '';

  constructor(options: SecuredBrokerOptions) {
    this.#options = options;
  }

  async connect(how: ConnectOptions): Promise<BrokerConnection | BrokerFault> {
    const { files, clock, open } = this.#options;
    const stamp = await this.#stamp();
    const { credentials, findings, certificate } = await readCredentials(files, clock.wall());
    if (credentials === null) {
      this.#tell(findings, { gateway: certificate, broker: null });
      const [first] = findings.filter(({ isGrave }) => isGrave);
      return { kind: 'denied', message: `${first?.field}: ${first?.fault.en}; ${first?.remedy.en}` };
    }
    const over = new AbortController();
    const onClosed = (reason: string): void => {
      over.abort();
      how.onClosed(reason);
    };
    const connection = await open(credentials).connect({ ...how, onClosed });
    const used = { gateway: certificate, broker: isBrokerFault(connection) ? null : (connection.certificate ?? null) };
    this.#tell(findings, used);
    if (isBrokerFault(connection)) return connection;
    const leave = async (reason: string): Promise<void> => {
      await connection.close();
      onClosed(reason);
    };
    void this.#watch(used, stamp, over.signal, leave);
    return {
      receiveMaximum: connection.receiveMaximum,
      maximumPacketSize: connection.maximumPacketSize,
      certificate: used.broker,
      publish: (message) => connection.publish(message),
      subscribe: (topic, qos) => connection.subscribe(topic, qos),
      close() {
        over.abort();
        return connection.close();
      },
    };
  }

  /** Until the connection is over: looks whether the files are others, and whether what is in use still holds. */
  async #watch(
    used: InUse,
    stamp: string,
    signal: AbortSignal,
    leave: (reason: string) => Promise<void>,
  ): Promise<void> {
    const { clock, files } = this.#options;
    let [seen, lookAt] = [stamp, clock.monotonic() + expiryLook];
    /** When to connect anew; null while the files are those in use. */
    let leaveAt: WallTime | null = null;
    for (;;) {
      await pause(clock, filesLook, signal);
      if (signal.aborted) return;
      const now = await this.#stamp();
      if (now !== seen || clock.monotonic() >= lookAt) {
        [seen, lookAt] = [now, clock.monotonic() + expiryLook];
        const { findings, certificate, credentials } = await readCredentials(files, clock.wall());
        if (signal.aborted) return;
        this.#tell(findings, { ...used, gateway: certificate });
        leaveAt = credentials === null ? null : renewalOf(used.gateway, certificate, clock.wall());
      }
      if (leaveAt !== null && clock.wall() >= leaveAt) return leave('connecting anew with the renewed certificate');
    }
  }

  /** Changes whenever one of the files is another one. */
  async #stamp(): Promise<string> {
    const { secrets, settings } = this.#options.files;
    const stamps = fileNames(settings).map(async (name) => {
      const { ino, mtimeMs, size, mode } = await stat(join(secrets, name)).catch(() => noFile);
      return `${ino} ${mtimeMs} ${size} ${mode}`;
    });
    return (await Promise.all(stamps)).join('\n');
  }

  #tell(findings: readonly Finding[], certificates: InUse): void {
    const { uplink, observe, clock } = this.#options;
    const ofBroker = certificates.broker === null ? null : expiryOf('broker', certificates.broker, clock.wall());
    const all = ofBroker === null ? findings : [...findings, { field: 'url', isGrave: false, ...ofBroker }];
    const held = (['gateway', 'broker'] as const).flatMap((whose) => {
      const facts = certificates[whose];
      return facts === null ? [] : [{ whose, ...facts }];
    });
    const event = { kind: 'uplink-credentials', uplink, findings: all, certificates: held } as const;
    const told = JSON.stringify(event);
    if (told === this.#told) return;
    this.#told = told;
    observe(event);
  }
}

/** The certificates of one connection, as far as they are known. */
type InUse = Readonly<Record<'gateway' | 'broker', CertificateFacts | null>>;

const noFile = { ino: 0, mtimeMs: 0, size: 0, mode: 0 };

/** When a connection made with one certificate is to be made anew with another; null where the other is of no use. */
export function renewalOf(
  used: CertificateFacts | null,
  found: CertificateFacts | null,
  now: WallTime,
): WallTime | null {
  if (used === null || found === null || found.until === used.until || found.until <= now) return null;
  return (used.until - Math.min(renewBefore, (used.until - used.from) / 3)) as WallTime;
}
