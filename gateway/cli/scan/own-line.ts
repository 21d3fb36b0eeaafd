import { pause, systemClock } from '../../clock.ts';
import type { DriverEvent, LineSilence } from '../../driver/events.ts';
import { isSilent } from '../../driver/events.ts';
import { Line } from '../../driver/line/line.ts';
import { systemLinks } from '../../joining/system-parts.ts';
import type { Link, LinkEvent } from '../../link/link.ts';
import { characterTimeOf, isListenOnly, lineOf, listenFirstOf } from '../../link/settings.ts';
import type { MeterReport } from '../../scan/meters.ts';
import { Scan } from '../../scan/scan.ts';
import { lineSilenceText } from '../line-silence-text.ts';
import { say, type Terminal } from '../terminal.ts';
import { searchOwnMeters } from './own-meters.ts';
import type { OtherMaster, Search, Searched } from './search.ts';
import { type Target, targetText } from './target.ts';
import { ScanProgress } from './words/progress.ts';

/** Searches a line that nobody else in this machine uses: listens first, and sends nothing where another master is heard. */
export async function searchOwnLine(target: Target, search: Search, terminal: Terminal): Promise<Searched> {
  const { id, settings } = target;
  const heard = new Heard(target, terminal);
  const createLink = await systemLinks({ links: { [id]: settings } }, systemClock);
  const framing = settings.kind === 'tcp' ? settings.framing : 'modbus-rtu';
  const link = createLink(id, settings, heard.observe);
  const line = new Line({
    link,
    framing,
    instruments: [],
    clock: systemClock,
    listenFirst: listenFirstOf(settings),
    listenOnly: isListenOnly(settings),
    observe: heard.observe,
    onReadings: () => undefined,
  });
  const progress = new ScanProgress(targetText(target), terminal, systemClock);
  line.start();
  try {
    const scan = new Scan({
      ...search,
      ask: (question) => line.explore({ ...question, instrument: null }),
      clock: systemClock,
      framing,
      characterTime: characterTimeOf(lineOf(settings)),
      observe: progress.observe,
    });
    const report = await scan.run();
    // As long again, to tell whom it asks.
    if (heard.isOtherMaster) await pause(systemClock, listenFirstOf(settings), search.signal);
    const meters = typeof report.ended === 'string' ? await metersOn(line, link, search) : null;
    return { report, otherMaster: heard.otherMaster, skipped: [], meters };
  } finally {
    progress.end();
    await line.stop();
  }
}

/** Meters are asked once the Modbus search has let go of the line. */
async function metersOn(line: Line, link: Link, { meters, signal }: Search): Promise<MeterReport | null> {
  if (meters === undefined || signal.aborted) return null;
  await line.stop();
  return searchOwnMeters(link, meters, signal);
}

/** What is heard of a line beside the answers to the search. */
class Heard {
  readonly #target: Target;
  readonly #terminal: Terminal;
  readonly #answering = new Set<number>();
  #silence: LineSilence | undefined;

  constructor(target: Target, terminal: Terminal) {
    this.#target = target;
    this.#terminal = terminal;
  }

  get isOtherMaster(): boolean {
    return this.#silence?.state === 'other-master';
  }

  get otherMaster(): OtherMaster | null {
    if (!this.#silence || !this.isOtherMaster) return null;
    return { asked: this.#silence.asked, answering: [...this.#answering].sort((a, b) => a - b) };
  }

  readonly observe = (event: DriverEvent | LinkEvent): void => {
    if (event.kind === 'line-silence') this.#hearSilence(event);
    // Nothing was sent by us: somebody else asked, and was answered.
    if (event.kind === 'transaction' && event.bytesSent === 0 && event.address !== null && !isSilent(event.outcome)) {
      this.#answering.add(event.address);
    }
  };

  #hearSilence(silence: LineSilence): void {
    const isNews = silence.state !== this.#silence?.state;
    this.#silence = silence;
    if (!isNews) return;
    const { complain, language } = this.#terminal;
    const sentence = lineSilenceText(silence, listenFirstOf(this.#target.settings));
    if (sentence) complain(say(sentence, language));
    if (silence.state !== 'not-understood') return;
    const en = `${silence.link}: ${silence.junk} bytes were heard that make no Modbus frame: noise, or a line of another speed`;
    complain(
      say({ en, zh: `${silence.link}：听到 ${silence.junk} 个不成 Modbus 帧的字节：噪声，或线路速率不同` }, language),
    );
  }
}
