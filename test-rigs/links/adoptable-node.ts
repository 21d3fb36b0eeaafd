import { MqttNode } from './mqtt-node.ts';

interface AdoptableNodeOptions {
  readonly url: string;
  readonly chip: string;
  /** What it prints on its console. */
  readonly code: string;
}

/** A node as the firmware is one when it is adopted: without an account, with its code, and then with its account. */
export class AdoptableNode {
  readonly #options: AdoptableNodeOptions;
  #link: MqttNode | undefined;
  /** Wrong codes; after five it takes none. */
  wrong = 0;
  account: { readonly node: string; readonly password: string } | undefined;

  constructor(options: AdoptableNodeOptions) {
    this.#options = options;
  }

  get isConnected(): boolean {
    return this.#link?.isConnected ?? false;
  }

  /** Starts, as it does with power: logs in with its account where it has one, else waits for one. Rejects when refused. */
  async start(): Promise<void> {
    const { url, chip } = this.#options;
    const { node: user = 'new', password } = this.account ?? {};
    const link = await MqttNode.listening({ url, user, chip, ...(password === undefined ? {} : { password }) });
    this.#link = link;
    if (this.account !== undefined) return link.say('hello', hello);
    link.client.on('message', (_, payload) => void this.#offered(payload.toString()).catch(() => undefined));
    return link.say('hello', '{"l":1,"chip":"esp8266","version":"0.1.0"}');
  }

  async stop(): Promise<void> {
    await this.#link?.leave();
  }

  async #offered(text: string): Promise<void> {
    const { code, node, password } = JSON.parse(text) as { code: string; node: string; password: string };
    if (code !== this.#options.code || this.wrong >= 5) {
      this.wrong += 1;
      return this.#link?.say('refused', '{"what":"adopt","why":"code"}');
    }
    this.account = { node, password };
    await this.#link?.say('adopted', JSON.stringify({ node }));
    await this.#link?.leave();
    await this.start();
  }
}

const hello = JSON.stringify({
  ...{ l: 1, b: 1, u: 3, version: '0.1.0', chip: 'esp8266', reason: 'power', rssi: -61, heap: 21_000, lowest: 20_000 },
  ...{ held: 0, flash: [0, 40], dropped: 0, frames: [0, 0], configuration: 1, boots: ['power'], sensor: 'plantower' },
});
