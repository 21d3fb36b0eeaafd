/**
 * What is at the other end of a node's MQTT connection. The chip's client speaks through it and never sees a packet; what
 * a network can do to packets, the far side does.
 */
export interface FarSide {
  /** Opens a connection; exactly one of `onAnswer` comes, or nothing at all from a silent one. */
  connect(options: FarSideOptions, events: FarSideEvents): FarConnection;
}

export interface FarSideOptions {
  readonly host: string;
  readonly port: number;
  readonly clientId: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Seconds. */
  readonly keepAlive: number;
  readonly will:
    | { readonly topic: string; readonly message: string; readonly qos: number; readonly retain: boolean }
    | undefined;
}

/** What comes from the far side. All later than the call that led to it. */
export interface FarSideEvents {
  /** TCP stands; the login is on its way. */
  onSocket(): void;
  /** CONNACK, 0 for accepted. */
  onAnswer(code: number): void;
  /** Nobody takes the connection. */
  onUnreachable(): void;
  /** The far side ended the connection: orderly (FIN) or not (reset). */
  onClosed(isOrderly: boolean): void;
  onPuback(messageId: number): void;
  onSuback(messageId: number): void;
  onPingAnswer(): void;
  onMessage(topic: string, payload: string): void;
}

export interface FarConnection {
  /** `messageId` 0 for QoS 0. A repeated one has its first number. */
  publish(topic: string, payload: string, qos: number, retain: boolean, messageId: number): void;
  subscribe(topics: ReadonlyMap<string, number>, messageId: number): void;
  ping(): void;
  /** Orderly with DISCONNECT, or as when the chip loses its power: then the far side notices later. */
  close(isOrderly: boolean): void;
}
