/** @noSelf */
export interface Joining {
  client: MqttClient;
  host: string;
  port: number;
  isSecure: boolean;
  /** Topics begin with it: `fenceline-node/v1/esp-7f3a12/`. */
  prefix: string;
  /** Kinds to listen to. */
  kinds: string[];
  /** Another step was taken. */
  onStep(): void;
  onJoined(): void;
  onFailure(): void;
}

/**
 * Connects to the broker and subscribes, one topic after the answer to the one before: an ESP32 takes no table of them.
 * The client throws or answers false where it cannot even begin.
 */
export function join(joining: Joining): void {
  const { client, kinds } = joining;
  let subscribed = 0;
  const subscribe = (): void => {
    joining.onStep();
    const kind = kinds[subscribed];
    if (kind === undefined) {
      joining.onJoined();
      return;
    }
    subscribed += 1;
    const [isTaken, result] = pcall(() => client.subscribe(joining.prefix + kind, 1, () => subscribe()));
    if (!isTaken || !result) joining.onFailure();
  };
  const [isTaken, result] = pcall(() =>
    client.connect(
      joining.host,
      joining.port,
      joining.isSecure,
      () => subscribe(),
      () => joining.onFailure(),
    ),
  );
  if (!isTaken || result === false) joining.onFailure();
}
