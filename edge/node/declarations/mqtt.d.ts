/**
 * MQTT 3.1.1. https://nodemcu.readthedocs.io/en/release/modules/mqtt/ and its source, app/modules/mqtt.c (ESP8266);
 * https://nodemcu.readthedocs.io/en/dev-esp32/modules/mqtt/ and components/modules/mqtt.c (ESP32). What both share, and
 * where they part:
 *
 * - One slot for the callback of `publish` and one for that of `subscribe`, without ids: the last one set answers for all.
 * - ESP8266: `offline` comes when a TCP connection that had come about ends; so after a refused login first the failure
 *   callback is called and then `offline`. ESP32: `offline` comes after every failed attempt too, behind the failure callback.
 * - ESP8266: without an answer a message is dropped from the queue after 5 s, silently; it is not sent again, and its
 *   callback never comes. A connection that ends abnormally calls the failure callback (-5) and then `offline`.
 */

interface MqttClient {
  /**
   * `onFailure` gets a reason: -5 nobody there, -4 no CONNACK, -3 no such name, -2 and -1 timeouts (after up to 60 s), 1 to
   * 5 refused by the broker (4 user or password, 5 not allowed); on ESP32 always -6. ESP8266 throws `already connected`.
   */
  connect(
    this: MqttClient,
    host: string,
    port: number,
    isSecure: boolean | number,
    onConnect: (this: void, client: MqttClient) => void,
    onFailure: (this: void, client: MqttClient, reason: number) => void,
  ): boolean | undefined;
  /** Ends the connection without `offline`, and drops what waits to be sent. */
  close(this: MqttClient): boolean | undefined;
  /** To be called before `connect`. ESP32: topic at most 32, message at most 128 characters. */
  lwt(this: MqttClient, topic: string, message: string, qos?: number, retain?: number): void;
  /** `message` comes without its third value when it is empty. ESP32 has no `overflow`. */
  on(this: MqttClient, event: 'connect' | 'offline', then: (this: void, client: MqttClient) => void): void;
  on(
    this: MqttClient,
    event: 'message' | 'overflow',
    then: (this: void, client: MqttClient, topic: string, message?: string) => void,
  ): void;
  /**
   * True if it is queued. Without a connection: throws `not connected` on ESP8266, false on ESP32. QoS 1: `onAcknowledged`
   * on the PUBACK; QoS 0: when it was sent.
   */
  publish(
    this: MqttClient,
    topic: string,
    message: string,
    qos: number,
    retain: number,
    onAcknowledged?: (this: void, client: MqttClient) => void,
  ): boolean;
  /** As `publish`. ESP32 takes no table of topics, so subscribe one by one, each after the callback of the one before. */
  subscribe(
    this: MqttClient,
    topic: string,
    qos: number,
    onSubscribed?: (this: void, client: MqttClient) => void,
  ): boolean;
}

declare const mqtt: {
  /**
   * @param cleanSession 1 (the default) or 0
   * @param longestMessage ESP8266: a longer PUBLISH, topic and header included, is acknowledged and dropped; 1024 if not given
   */
  Client(
    this: void,
    clientId: string,
    keepAliveSeconds: number,
    user?: string,
    password?: string,
    cleanSession?: number,
    longestMessage?: number,
  ): MqttClient;
};
