import { readAt } from './files/reading.ts';
import { putNew, renameOver } from './files/renaming.ts';
import { sizeOf } from './files/size.ts';
import { write } from './files/writing.ts';
import type { Hardware } from './hardware.ts';

/*
 * What the chip starts with. It leaves five seconds in which the serial console can hold it (`fenceline_hold=true`, or the
 * button at GPIO0), and brings a node back whose update does not work: an update on trial (`update.go`) is started from
 * its `.new` files, each boot of it is counted in `update.boots`, and after three in which the gateway was not heard, or if
 * it does not even load, the node goes on with what it had. Only `main` says that it was heard: `update.done`.
 */

declare const fenceline_hold: boolean | undefined;

const WINDOW = 5000;
const TRIALS = 3;
/** Milliseconds after which a firmware that did not start is tried again. */
const RETRY = 60000;
const SOON = 100;

const chip = file.exists('esp32.lua') ? 'esp32' : 'esp8266';

/** @noSelf */
type OnName = (name: string) => boolean;

/** Calls with each file of an update until one answers false; true if none did. */
function everyFile(mark: string, then: OnName): boolean {
  const text = readAt(mark, 0, 1024) || '';
  let [, end, name] = string.find(text, '%["([%w.]+)"');
  while (end !== undefined && name !== undefined) {
    if (!then(tostring(name))) return false;
    [, end, name] = string.find(text, '%["([%w.]+)"', end);
  }
  return true;
}

function putInForce(): void {
  everyFile('update.done', (name) => {
    putNew(`${name}.new`, name, `${name}.old`);
    return true;
  });
  file.remove('update.boots');
  file.remove('update.done');
}

function goBack(): void {
  // The list last: cut before that, the next boot finds files missing and goes back again. None may be left over, to be
  // started with another update.
  everyFile('update.go', (name) => {
    file.remove(`${name}.new`);
    return true;
  });
  file.remove('update.boots');
  renameOver('update.go', 'update.bad');
}

/** Whether an update is on trial in this boot. */
function isOnTrial(): boolean {
  if (!file.exists('update.go')) return false;
  // Counted first: a file that is too large to load takes the chip down.
  if (sizeOf('update.boots') < TRIALS && write('update.boots', 'a', '.')) {
    const loads = everyFile('update.go', (name) => {
      const [chunk] = loadfile(`${name}.new`);
      return chunk !== undefined;
    });
    if (loads) return true;
  }
  goBack();
  return false;
}

function isHeld(): boolean {
  if (fenceline_hold) return true;
  if (chip === 'esp32') {
    const { config } = gpio;
    if (config !== undefined) config({ gpio: 0, dir: gpio.IN });
    return gpio.read(0) === 0;
  }
  const { mode } = gpio;
  if (mode !== undefined) mode(3, gpio.INPUT);
  return gpio.read(3) === 0;
}

function fileOf(name: string, isTrial: boolean): string {
  return isTrial && file.exists(`${name}.new`) ? `${name}.new` : name;
}

function begin(): void {
  if (isHeld()) {
    print('fenceline: held');
    return;
  }
  const { stripdebug } = node;
  if (stripdebug !== undefined) stripdebug(3);
  if (file.exists('update.done')) putInForce();
  const isTrial = isOnTrial();
  // In a timer of its own: until then what stands in this file is let go of, and the heap is free.
  const name = fileOf('node.lua', isTrial);
  const chipName = fileOf(`${chip}.lua`, isTrial);
  tmr.create().alarm(SOON, tmr.ALARM_SINGLE, starter(name, chipName));
}

/** What starts the firmware; it holds nothing but the names of its files. If it does not start, the next boot is another trial. */
function starter(name: string, chipName: string): () => void {
  return () => {
    const [isStarted, fault] = pcall(() => {
      const shared = dofile(name) as { start(this: void, hardware: Hardware, name: string): void };
      const own = dofile(chipName) as { hardware(this: void): Hardware };
      shared.start(own.hardware(), name);
    });
    if (isStarted) return;
    print(`fenceline: ${tostring(fault)}`);
    tmr.create().alarm(RETRY, tmr.ALARM_SINGLE, () => node.restart());
  };
}

print('fenceline: starting in 5 s');
tmr.create().alarm(WINDOW, tmr.ALARM_SINGLE, begin);
