import type { Clock } from '../../gateway/clock.ts';
import type { SiteDocument } from '../../gateway/site/site-schema.ts';
import { SimulatedPlantower } from '../instruments/framed/simulated-plantower.ts';
import { jxctDust } from '../instruments/jxct-jxbs-3001.ts';
import { renkeStation } from '../instruments/renke-rs-fsxcs.ts';
import { Sdm630 } from '../instruments/sdm630.ts';
import { SimulatedModbusSlave } from '../instruments/simulated-modbus-slave.ts';
import { join } from '../links/byte-end.ts';
import { PacedLine } from '../links/paced-line.ts';
import { TcpListener } from '../links/tcp-listener.ts';

/** Milliseconds after switching on in which the demo's particle sensor sends zeros, as real ones do. */
const particleWarmUp = 10_000;

/** The instruments of a small construction site, each behind a real stream of bytes on 127.0.0.1. */
export class SimulatedSite {
  readonly #listeners: readonly TcpListener[];
  readonly #ports: { readonly line: number; readonly cabinet: number; readonly particles: number };

  readonly #silence: () => void;

  private constructor(line: TcpListener, cabinet: TcpListener, particles: TcpListener, silence: () => void) {
    this.#silence = silence;
    this.#listeners = [line, cabinet, particles];
    this.#ports = { line: line.port, cabinet: cabinet.port, particles: particles.port };
  }

  static async start(clock: Clock): Promise<SimulatedSite> {
    // A device server in front of an RS-485 line at 9600 8N1: a meter and a weather station share the wires.
    const wires = new PacedLine({ clock, baudRate: 9600 });
    const meter = new SimulatedModbusSlave({ address: 1, registers: new Sdm630(clock).registers, turnAround: 20 });
    const station = new SimulatedModbusSlave({ address: 2, registers: renkeStation(clock), turnAround: 30 });
    meter.serveRtu(wires.connect());
    station.serveRtu(wires.connect());
    const line = await TcpListener.listen((end) => void join(end, wires.connect()));
    // A dust meter in a cabinet that speaks Modbus TCP itself.
    const dust = new SimulatedModbusSlave({ address: 1, registers: jxctDust(clock), turnAround: 5 });
    const cabinet = await TcpListener.listen((end) => dust.serveModbusTcp(end));
    // A particle sensor that talks by itself, behind another device server.
    const sensor = new SimulatedPlantower({ clock, warmUp: particleWarmUp });
    const particleWires = new PacedLine({ clock, baudRate: 9600 });
    const silence = sensor.serve(particleWires.connect());
    const particles = await TcpListener.listen((end) => void join(end, particleWires.connect()));
    return new SimulatedSite(line, cabinet, particles, silence);
  }

  /** The site document that names them. `broker` is the uplink's address, `page` where the page listens. */
  document(broker: string, page: string): SiteDocument {
    const host = '127.0.0.1';
    const instrument = { every: '1s', simulated: true } as const;
    // Nobody else is on these lines, and the first values shall be there at once.
    const deviceServer = { kind: 'tcp', host, framing: 'modbus-rtu', serial: '9600-8N1', listenFirst: '0s' } as const;
    return {
      gateway: { id: 'demo-0001', area: '320404', timezone: 'Asia/Shanghai' },
      source: { name: 'Fenceline demo site', kind: 'construction-site', longitude: 119.93, latitude: 31.78 },
      links: {
        'rs485-1': { ...deviceServer, port: this.#ports.line },
        cabinet: { kind: 'tcp', host, port: this.#ports.cabinet, framing: 'modbus-tcp' },
        particles: { ...deviceServer, port: this.#ports.particles },
      },
      points: [
        { id: 'north-gate', place: 'north gate' },
        { id: 'wheel-wash', place: 'wheel wash' },
        { id: 'office', place: 'site office' },
        { id: 'fan', place: 'dust extraction fan' },
      ],
      instruments: [
        { ...instrument, id: 'meter-1', profile: 'eastron/sdm630', link: 'rs485-1', address: 1, point: 'fan' },
        {
          ...{ ...instrument, id: 'station-1', profile: 'renke/rs-fsxcs-n01@wind-tenths' },
          ...{ link: 'rs485-1', address: 2, point: 'north-gate' },
          fitted: ['humidity', 'temperature', 'noise', 'pm2.5', 'pm10', 'pressure'],
        },
        { ...instrument, id: 'dust-1', profile: 'jxct/jxbs-3001-pm', link: 'cabinet', address: 1, point: 'wheel-wash' },
        { ...instrument, id: 'particles-1', profile: 'plantower/pms5003', link: 'particles', point: 'office' },
      ],
      // aedes speaks 3.1.1; the short pause lets a person who restores the uplink see it at once.
      uplinks: [{ id: 'district', kind: 'mqtt', url: broker, protocol: '3.1.1', reconnectWithin: '3s' }],
      samples: { keep: true, commitEvery: '1s' },
      page: { listen: page },
    };
  }

  async stop(): Promise<void> {
    this.#silence();
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }
}
