import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { WallTime } from '../../clock.ts';
import type { UplinkSettings } from '../settings.ts';
import { type CertificateFacts, certificatesOf, expiryOf, factsOf, type Words } from './certificate.ts';

/** Something about the files of a link that somebody should know. No secret is ever in it. */
export interface Finding {
  /** Of the uplink in the site file, such as `tls.certificate`. */
  readonly field: string;
  /** Whether there can be no connection because of it. */
  readonly isGrave: boolean;
  readonly fault: Words;
  readonly remedy: Words;
}

/** What a connection is made with: the contents of the files, as they stand now. */
export interface Credentials {
  readonly username?: string;
  readonly password?: string;
  readonly tls?: {
    /** PEM; without it the authorities that come with Node are trusted. */
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    readonly servername?: string;
  };
}

/** The files that a link needs, by the names that the site file gives them in the secrets directory. */
export interface CredentialFiles {
  readonly secrets: string;
  readonly settings: Pick<UplinkSettings, 'url' | 'username' | 'passwordFile' | 'tls'>;
}

/** What was read. `credentials` is null where something that is needed cannot be used; the findings say what. */
export interface Read {
  readonly credentials: Credentials | null;
  readonly findings: readonly Finding[];
  /** Of the gateway's own certificate. */
  readonly certificate: CertificateFacts | null;
}

/** Names of every file that the link is made with. */
export function fileNames({ passwordFile, tls }: CredentialFiles['settings']): string[] {
  return [passwordFile, tls?.ca, tls?.certificate, tls?.key].filter((name) => name !== undefined);
}

/** Reads everything that a connection needs, and looks at all of it. Never throws. */
export async function readCredentials({ secrets, settings }: CredentialFiles, now: WallTime): Promise<Read> {
  const { url, username, passwordFile, tls } = settings;
  const reading = new Reading(secrets);
  const password = await reading.secret('passwordFile', passwordFile);
  const ca = await reading.text('tls.ca', tls?.ca);
  const cert = await reading.text('tls.certificate', tls?.certificate);
  const key = await reading.secret('tls.key', tls?.key);
  const [own] = reading.certificates('tls.certificate', cert);
  const authorities = reading.certificates('tls.ca', ca);
  reading.match(own, key);
  const certificate = own === undefined ? null : factsOf(own);
  reading.expiry('tls.certificate', certificate === null ? null : expiryOf('gateway', certificate, now));
  for (const one of authorities) reading.expiry('tls.ca', expiryOf('authority', factsOf(one), now));
  if (passwordFile !== undefined && isInTheClear(url)) reading.findings.push(inTheClear);
  const { findings } = reading;
  if (findings.some(({ isGrave }) => isGrave)) return { credentials: null, findings, certificate };
  const servername = tls?.serverName;
  const credentials: Credentials = {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: password.trim() }),
    ...(tls === undefined ? {} : { tls: defined({ ca, cert, key, servername }) }),
  };
  return { credentials, findings, certificate };
}

function isInTheClear(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'mqtt:' && !/^(?:localhost|127\..*|\[::1\])$/.test(hostname);
}

const inTheClear: Finding = {
  field: 'passwordFile',
  isGrave: false,
  fault: { en: 'the password crosses the network unencrypted', zh: '密码以明文经过网络' },
  remedy: { en: 'use mqtts:// where the broker offers it', zh: '如消息服务器支持，改用 mqtts://' },
};

function defined<Fields extends object>(fields: Fields): { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

/** Reads one file after the other and collects what is wrong with them. */
class Reading {
  readonly findings: Finding[] = [];
  readonly #secrets: string;

  constructor(secrets: string) {
    this.#secrets = secrets;
  }

  /** A file that nobody else may read. */
  async secret(field: string, name: string | undefined): Promise<string | undefined> {
    const text = await this.text(field, name);
    if (name === undefined || text === undefined) return text;
    const { mode } = await stat(join(this.#secrets, name)).catch(() => ({ mode: 0 }));
    if ((mode & 0o077) === 0) return text;
    const shown = (mode & 0o777).toString(8).padStart(4, '0');
    this.#find(
      field,
      false,
      [`secrets/${name} has mode ${shown}: others may read it`, `secrets/${name} 的权限为 ${shown}，其他用户可读`],
      [`chmod 600 secrets/${name}`, `执行 chmod 600 secrets/${name}`],
    );
    return text;
  }

  async text(field: string, name: string | undefined): Promise<string | undefined> {
    if (name === undefined) return undefined;
    const put: [string, string] = [
      `put the file into the secrets directory of the site, readable for the gateway's user`,
      '将该文件放入站点的 secrets 目录，并使网关用户可读',
    ];
    try {
      const text = await readFile(join(this.#secrets, name), 'utf8');
      if (text.trim() === '') this.#find(field, true, [`secrets/${name} is empty`, `secrets/${name} 是空文件`], put);
      return text;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
      this.#find(field, true, [`secrets/${name} cannot be read (${code})`, `无法读取 secrets/${name}（${code}）`], put);
      return undefined;
    }
  }

  certificates(field: string, pem: string | undefined): X509Certificate[] {
    if (pem === undefined || pem.trim() === '') return [];
    try {
      const found = certificatesOf(pem);
      if (found.length > 0) return found;
    } catch {
      // Told below as what it is to the reader: not a certificate.
    }
    this.#find(
      field,
      true,
      ['the file holds no certificate', '文件中没有证书'],
      ['it must be PEM, with -----BEGIN CERTIFICATE-----', '须为 PEM 格式，含 -----BEGIN CERTIFICATE-----'],
    );
    return [];
  }

  /** The key has to be the certificate's. */
  match(certificate: X509Certificate | undefined, key: string | undefined): void {
    if (key === undefined || key.trim() === '') return;
    let privateKey: KeyObject;
    try {
      privateKey = createPrivateKey(key);
    } catch {
      this.#find(
        'tls.key',
        true,
        ['the file holds no private key that can be used', '文件中没有可用的私钥'],
        ['it must be PEM and without a passphrase', '须为 PEM 格式，且不带口令'],
      );
      return;
    }
    if (certificate === undefined || certificate.checkPrivateKey(privateKey)) return;
    this.#find(
      'tls.key',
      true,
      ['the key is not the one of the certificate', '私钥与证书不匹配'],
      ['put both files of one renewal there', '证书和私钥须为同一次签发的一对'],
    );
  }

  expiry(field: string, said: { fault: Words; remedy: Words } | null): void {
    // One that has ended is tried all the same: it may be our clock that is wrong.
    if (said !== null) this.findings.push({ field, isGrave: false, ...said });
  }

  #find(field: string, isGrave: boolean, fault: [string, string], remedy: [string, string]): void {
    const [words, what] = [
      { en: fault[0], zh: fault[1] },
      { en: remedy[0], zh: remedy[1] },
    ];
    this.findings.push({ field, isGrave, fault: words, remedy: what });
  }
}
