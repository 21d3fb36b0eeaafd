import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MosquittoBroker } from './mosquitto-broker.ts';

const documents = join(import.meta.dirname, '..', '..', 'docs', 'broker', 'nodes');

/** The user of the gateway, and its password. */
export const gatewayLogin = { username: 'fenceline-gateway', password: 'quiet lake' } as const;

/**
 * A real mosquitto with the documented configuration for sensor nodes, on a free port of loopback. `tell` does what the
 * documented service does: the site's users and the gateway's list of nodes make one file, and SIGHUP.
 */
export class NodesMosquitto {
  readonly broker: MosquittoBroker;
  readonly #directory: string;
  readonly #ofGateway: string;

  private constructor(broker: MosquittoBroker, directory: string, ofGateway: string) {
    this.broker = broker;
    this.#directory = directory;
    this.#ofGateway = ofGateway;
  }

  /** `ofGateway`: the list of nodes that the gateway keeps for mosquitto. */
  static async start(ofGateway: string): Promise<NodesMosquitto> {
    const directory = mkdtempSync(join(tmpdir(), 'fenceline-nodes-mosquitto-'));
    const own = join(directory, 'site.users');
    execFileSync('mosquitto_passwd', ['-b', '-c', own, gatewayLogin.username, gatewayLogin.password]);
    execFileSync('mosquitto_passwd', ['-b', own, 'new', 'new']);
    joinUsers(directory, ofGateway);
    const places: Record<string, string> = {
      '/etc/mosquitto/fenceline-nodes.users': join(directory, 'all.users'),
      '/etc/mosquitto/fenceline-nodes.acl': join(documents, 'mosquitto.acl'),
    };
    const [listener = '', ...others] = readFileSync(join(documents, 'mosquitto.conf'), 'utf8').split(/^listener .*$/m);
    const lines = [listener, others[0] ?? '', others[1]?.replace(/^max_qos.*$/m, '') ?? '']
      .flatMap((part) => part.split('\n'))
      .filter((line) => line !== '' && !line.startsWith('#') && !/^(?:allow_anonymous|persistence) /.test(line))
      .map((line) => line.replace(/\/\S+$/, (place) => places[place] ?? place));
    // The rig allows the nameless and keeps nothing; the later line holds.
    const broker = await MosquittoBroker.start([...lines, 'allow_anonymous false', 'user root']);
    return new NodesMosquitto(broker, directory, ofGateway);
  }

  get url(): string {
    return this.broker.url;
  }

  tell(): void {
    joinUsers(this.#directory, this.#ofGateway);
    process.kill(this.broker.pid ?? 0, 'SIGHUP');
  }

  async stop(): Promise<void> {
    await this.broker.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function joinUsers(directory: string, ofGateway: string): void {
  const nodes = existsSync(ofGateway) ? readFileSync(ofGateway, 'utf8') : '';
  const text = readFileSync(join(directory, 'site.users'), 'utf8') + nodes;
  writeFileSync(join(directory, 'all.users'), text, { mode: 0o600 });
}
