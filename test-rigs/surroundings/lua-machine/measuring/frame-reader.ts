import { type FirmwareLanguage, firmwareLua, firmwarePart } from '../firmware-part.ts';
import { LuaMachine } from '../lua-machine.ts';

export type Values = readonly (number | undefined)[];

/** A reader of the firmware in one language, with what it called and counted. */
export interface FrameReader {
  feed(bytes: Uint8Array): void;
  /** The three values of each frame so far, as they were told; empties the list. */
  told(): Values[];
  good(): number;
  bad(): number;
}

type OnFrame = (...values: Values) => void;
type Maker = (heard: { good: number; bad: number }, onFrame: OnFrame) => (bytes: string) => void;

export async function openFrameReader(
  sensor: 'plantower' | 'nova',
  language: FirmwareLanguage,
): Promise<() => FrameReader> {
  const make = language === 'JavaScript' ? await inJavaScript(sensor) : await inLua(sensor, language);
  return () => {
    let all: Values[] = [];
    const { feed, good, bad } = make((first, second, third) => void all.push([first, second, third]));
    return {
      feed: (bytes) => feed(Buffer.from(bytes).toString('latin1')),
      told: () => {
        const told = all;
        all = [];
        return told;
      },
      good,
      bad,
    };
  };
}

type Made = (onFrame: OnFrame) => { feed(bytes: string): void; good(): number; bad(): number };

async function inJavaScript(sensor: 'plantower' | 'nova'): Promise<Made> {
  const part = await firmwarePart<Record<typeof sensor, Maker>>(`frames/${sensor}.ts`, 'JavaScript');
  return (onFrame) => {
    const heard = { good: 0, bad: 0 };
    return { feed: part[sensor](heard, onFrame), good: () => heard.good, bad: () => heard.bad };
  };
}

/** What the reader counts is a table, which only Lua can look into. */
async function inLua(sensor: 'plantower' | 'nova', language: 'Lua 5.1' | 'Lua 5.3'): Promise<Made> {
  const machine = await LuaMachine.create(language === 'Lua 5.1' ? '5.1' : '5.3');
  return machine.run(
    `local part = (function() ${firmwareLua(`frames/${sensor}.ts`)} end)()
     return function(onFrame)
       local heard = { good = 0, bad = 0 }
       return {
         feed = part.${sensor}(heard, onFrame),
         good = function() return heard.good end, bad = function() return heard.bad end,
       }
     end`,
    sensor,
  ) as unknown as Made;
}
