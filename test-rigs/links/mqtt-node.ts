import mqtt, { type IClientOptions, type IClientPublishOptions, type MqttClient } from 'mqtt';

interface MqttNodeOptions {
  readonly url: string;
  /** Node id, or `new` for one without an account. */
  readonly user: string;
  readonly chip: string;
  readonly password?: string;
  /** More of what mqtt.js takes, to break a rule with. */
  readonly more?: Partial<IClientOptions>;
}

const topics = 'fenceline-node/v1';
const toNode = ['have', 'time', 'configuration', 'update', 'chunk'];

/** A node as its broker sees it, through mqtt.js: MQTT 3.1.1, clean session, never connecting again by itself. */
export class MqttNode {
  readonly client: MqttClient;
  /** What it was sent: the last level of the topic, and the payload. */
  readonly heard: { kind: string; payload: Uint8Array }[] = [];
  /** Its own topics up to the kind. */
  readonly prefix: string;
  isConnected = true;

  private constructor(client: MqttClient, { user, chip }: MqttNodeOptions) {
    this.client = client;
    this.prefix = user === 'new' ? `${topics}/new/${chip}` : `${topics}/${user}`;
    client.on('message', (topic, payload) => {
      this.heard.push({ kind: topic.split('/').at(-1) ?? '', payload: new Uint8Array(payload) });
    });
    client.once('close', () => {
      this.isConnected = false;
    });
  }

  /** Resolves when it is connected; rejects with what the broker answered, `code` the one of its CONNACK. */
  static async connect(options: MqttNodeOptions): Promise<MqttNode> {
    const { url, user, chip, password, more = {} } = options;
    const client = mqtt.connect(url, {
      ...{ protocolVersion: 4, clientId: chip, username: user, clean: true, reconnectPeriod: 0, keepalive: 60 },
      ...(password === undefined ? {} : { password }),
      ...(user === 'new' ? {} : { will: { topic: `${topics}/${user}/gone`, payload: Buffer.from('1'), qos: 0 } }),
      ...more,
    });
    let problem: Error | undefined;
    client.on('error', (error) => {
      problem = error;
    });
    const isConnected = await new Promise<boolean>((resolve) => {
      client.once('connect', () => resolve(true));
      client.once('close', () => resolve(false));
    });
    if (isConnected) return new MqttNode(client, options);
    client.end(true);
    throw problem ?? new Error('the connection was closed');
  }

  /** Connects and listens to all that is its own. */
  static async listening(options: MqttNodeOptions): Promise<MqttNode> {
    const node = await MqttNode.connect(options);
    const kinds = options.user === 'new' ? ['adopt'] : toNode;
    await node.client.subscribeAsync(
      kinds.map((kind) => `${node.prefix}/${kind}`),
      { qos: 1 },
    );
    return node;
  }

  /** Resolves at the PUBACK; rejects once the connection is gone. */
  async say(kind: string, payload: string | Uint8Array): Promise<void> {
    await this.publish(`${this.prefix}/${kind}`, payload);
  }

  /** As `say`, on any topic and in any way. */
  publish(topic: string, payload: string | Uint8Array, how: IClientPublishOptions = { qos: 1 }): Promise<void> {
    return new Promise((resolve, reject) => {
      const lost = (): void => reject(new Error('the connection was closed'));
      if (!this.isConnected) return lost();
      this.client.once('close', lost);
      this.client.publish(topic, Buffer.from(payload), how, (error) => {
        this.client.off('close', lost);
        if (error) reject(error);
        else resolve();
      });
    });
  }

  /** The connection is cut off without a word. */
  vanish(): void {
    this.client.stream.destroy();
  }

  async leave(): Promise<void> {
    await this.client.endAsync(true);
  }
}
