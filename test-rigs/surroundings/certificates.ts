import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a certificate is to be. */
interface Wanted {
  /** Common name of its subject: of a gateway, who it is to the broker. */
  readonly name: string;
  /** Alternative names, `DNS:localhost` or `IP:127.0.0.1`. */
  readonly alternatives?: readonly string[];
  /** From when until when it holds; a day back and a year on without. */
  readonly from?: Date;
  readonly until?: Date;
}

/** Certificate and key in PEM, and the files they are in. */
export interface Made {
  readonly certificate: string;
  readonly key: string;
}

const day = 86_400_000;

/** An authority of the test's own, made with openssl. Everything it makes lies in its directory, which `remove` takes away. */
export class TestAuthority {
  readonly directory = mkdtempSync(join(tmpdir(), 'fenceline-authority-'));
  /** File of its own certificate. */
  readonly certificate: string;
  #count = 0;

  constructor(name = 'Fenceline test authority') {
    const [key, certificate] = [this.#file('ca.key'), this.#file('ca.pem')];
    mkdirSync(this.#file('new'));
    writeFileSync(this.#file('index.txt'), '');
    writeFileSync(this.#file('serial'), '1000\n');
    newKey(key);
    const subject = `/CN=${name}`;
    openssl('req', '-x509', '-new', '-key', key, '-subj', subject, '-days', '3650', '-out', certificate);
    this.certificate = certificate;
  }

  /** Issues a certificate; gives back the names of the files. */
  issue({ name, alternatives = [], from, until }: Wanted): Made {
    const tag = `${++this.#count}`;
    const [key, request, certificate] = [this.#file(`${tag}.key`), this.#file(`${tag}.csr`), this.#file(`${tag}.pem`)];
    newKey(key);
    openssl('req', '-new', '-key', key, '-subj', `/CN=${name}`, '-out', request);
    const dates = [
      stamp(from ?? new Date(Date.now() - day)),
      stamp(until ?? new Date(Date.now() + 365 * day)),
    ] as const;
    writeFileSync(this.#file('ca.cnf'), this.#settings(alternatives));
    const where = ['-config', this.#file('ca.cnf'), '-in', request, '-out', certificate];
    openssl('ca', '-batch', '-notext', ...where, '-startdate', dates[0], '-enddate', dates[1]);
    return { certificate, key };
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  #file(name: string): string {
    return join(this.directory, name);
  }

  #settings(alternatives: readonly string[]): string {
    return [
      ...[
        '[ca]',
        'default_ca = own',
        '[own]',
        `database = ${this.#file('index.txt')}`,
        `serial = ${this.#file('serial')}`,
      ],
      ...[`new_certs_dir = ${this.#file('new')}`, `certificate = ${this.#file('ca.pem')}`],
      ...[`private_key = ${this.#file('ca.key')}`, 'default_md = sha256', 'policy = any', 'unique_subject = no'],
      ...['copy_extensions = none', 'x509_extensions = more', '[any]', 'commonName = supplied', '[more]'],
      'basicConstraints = CA:FALSE',
      ...(alternatives.length === 0 ? [] : [`subjectAltName = ${alternatives.join(',')}`]),
      '',
    ].join('\n');
  }
}

function newKey(file: string): void {
  openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', file);
}

/** As openssl ca takes it: YYYYMMDDHHMMSSZ. */
function stamp(date: Date): string {
  return `${date.toISOString().replace(/\D/g, '').slice(0, 14)}Z`;
}

function openssl(...args: string[]): void {
  try {
    execFileSync('openssl', args, { stdio: 'pipe' });
  } catch (error) {
    const { stderr } = error as { stderr?: Buffer };
    throw new Error(`openssl ${args.join(' ')}: ${stderr ?? (error as Error).message}`);
  }
}
