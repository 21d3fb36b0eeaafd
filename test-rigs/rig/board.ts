import { standardFirmata } from '../surroundings/avr-board/sketches.ts';
import { TtyUno } from '../surroundings/avr-board/tty-uno.ts';
import { untilTheEnd } from './prompt.ts';

/** Digital pins that a site may use, and may see driven. */
const pins = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

const help = `close PIN, open PIN   a contact between that pin and GND
bounce PIN            the same contact closes, as a worn one does
volts CHANNEL VOLTS   at an analogue pin, 0 to 5
clamp CHANNEL VOLTS   a current clamp: 50 Hz around 2.5 V, so many volts root mean square
climate on|off        a BME280 on A4 and A5
reset                 the button on the board
unplug, replug        its USB cable
help, quit`;

/** An Uno with the real StandardFirmata to train with, behind a tty. What its pins are driven to is printed when it changes. */
export async function runBoard(seconds: number): Promise<void> {
  const uno = await TtyUno.plugIn(standardFirmata());
  const link = { kind: 'firmata', path: uno.path };
  console.log(`An Uno with StandardFirmata on ${uno.path}

For the site file: "links": { "board": ${JSON.stringify(link)} }, and an instrument with a profile such as fenceline/uno-construction-site

Type help for what it can be told to do.
`);
  const driven = new Map<number, boolean | undefined>();
  const printing = setInterval(async () => {
    for (const pin of pins) {
      const level = await uno.driven(pin);
      if (driven.get(pin) !== level)
        console.log(`pin ${pin} ${level === undefined ? 'floats' : level ? 'HIGH' : 'low'}`);
      driven.set(pin, level);
    }
  }, 500);
  await untilTheEnd({ seconds, obey: (line) => obey(line, uno) });
  clearInterval(printing);
  await uno.remove();
}

async function obey(line: string, uno: TtyUno): Promise<string | null> {
  const [word = '', first = '', second = ''] = line.trim().split(/\s+/);
  const [place, volts] = [Number(first), Number(second)];
  const isPin = pins.includes(place) || (place >= 14 && place <= 19);
  const isChannel = first !== '' && place >= 0 && place <= 5 && second !== '' && volts >= 0 && volts <= 5;
  switch (word) {
    case 'quit':
      return null;
    case 'close':
    case 'open':
      if (!isPin) return `${word} takes a pin: 2 to 12, or 14 to 19 for A0 to A5`;
      uno.setPin(place, word === 'close' ? 'ground' : 'open');
      return `pin ${place} is ${word === 'close' ? 'closed to GND' : 'open'}`;
    case 'bounce':
      if (!isPin) return 'bounce takes a pin: 2 to 12, or 14 to 19 for A0 to A5';
      uno.bounce(place, 'open', 'ground', [1, 3, 4, 9, 11]);
      return `pin ${place} closes, bouncing for 11 ms`;
    case 'volts':
    case 'clamp':
      if (!isChannel) return `${word} takes a channel, 0 to 5, and volts, 0 to 5`;
      uno.setAnalogue(place, word === 'volts' ? volts : { middle: 2.5, rms: volts, hertz: 50 });
      return `A${place} has ${volts} V`;
    case 'climate':
      uno.setClimate(first === 'off' ? null : { temperature: 519_888, pressure: 415_148, humidity: 28_000 });
      return first === 'off' ? 'the BME280 is gone' : 'a BME280 reads 25.08 °C';
    case 'reset':
      uno.reset();
      return 'it restarts';
    case 'unplug':
      await uno.unplug();
      return 'the cable is out';
    case 'replug':
      await uno.replug();
      return 'the cable is in';
    default:
      return help;
  }
}
