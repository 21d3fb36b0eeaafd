import type { NodeRig } from '../lua-machine/node-rig.ts';
import type { ConsoleBrain, LineOutcome } from './lua-console.ts';

/**
 * A whole chip on the bench behind a console: its own interpreter (5.1 on an ESP8266, 5.3 with 32-bit integers on an
 * ESP32), the modules as NodeMCU's documents have them, and whatever init.lua starts. Made anew at each reset from outside.
 */
export class BenchConsole implements ConsoleBrain {
  readonly #rig: NodeRig;
  #shown: number;
  #open = '';

  constructor(rig: NodeRig) {
    this.#rig = rig;
    this.#shown = rig.console.length;
    if (rig.isPowered) rig.reset();
    else rig.powerOn();
  }

  take(line: string): LineOutcome {
    const before = this.#rig.console.length;
    this.#rig.type(`${this.#open}${line}\n`);
    const [last] = this.#rig.console.slice(Math.max(before, this.#rig.console.length - 1));
    const isOpen = last !== undefined && /near '?<eof>'?$/.test(last);
    // The bench runs whole lines; what is continued is said again with what follows.
    this.#open = isOpen ? `${this.#open}${line} ` : '';
    if (!isOpen) return 'done';
    this.#rig.console.pop();
    return 'more';
  }

  said(): string {
    const lines = this.#rig.console.slice(this.#shown);
    this.#shown = this.#rig.console.length;
    return lines.map((line) => `${line}\n`).join('');
  }

  close(): void {}
}
