import type { Clock } from '../../../clock.ts';
import { durationText } from '../../../page/format.ts';
import { wordsOf } from '../../../page/words/language.ts';
import type { ScanEvent } from '../../../scan/report.ts';
import { say, type Terminal } from '../../terminal.ts';
import { identityText } from './instrument-text.ts';

/** Where there is no terminal, how far it is is said so often, milliseconds. */
const saidEvery = 30_000;

/** Shows how far a search is: one line in place on a terminal, else a line now and then. */
export class ScanProgress {
  readonly #terminal: Terminal;
  readonly #clock: Clock;
  readonly #line: string;
  #saidAt: number;

  constructor(line: string, terminal: Terminal, clock: Clock) {
    this.#terminal = terminal;
    this.#clock = clock;
    this.#line = line;
    this.#saidAt = clock.monotonic();
  }

  readonly observe = (event: ScanEvent): void => {
    const { language, complain } = this.#terminal;
    const zh = language === 'zh';
    switch (event.kind) {
      case 'asking':
      case 'comparing':
        this.#show(event);
        break;
      case 'answered':
        complain(
          zh
            ? `地址 ${event.address} 有应答，正在比对型号`
            : `address ${event.address} answers; comparing it with the profiles`,
        );
        break;
      case 'identified': {
        const what = identityText(event.instrument, language);
        complain(zh ? `地址 ${event.instrument.address}：${what}` : `address ${event.instrument.address}: ${what}`);
        break;
      }
      case 'garbled':
        complain(
          zh ? `地址 ${event.address} 有应答但已损坏` : `address ${event.address}: something answers, but garbled`,
        );
        break;
    }
  };

  /** Nothing is under way any more. */
  end(): void {
    this.#terminal.status?.('');
  }

  #show(event: Extract<ScanEvent, { kind: 'asking' | 'comparing' }>): void {
    const { status, complain, language } = this.#terminal;
    const text = say(this.#sentence(event), language);
    if (status) {
      status(text);
      return;
    }
    const now = this.#clock.monotonic();
    if (now - this.#saidAt < saidEvery) return;
    this.#saidAt = now;
    complain(text);
  }

  #sentence(event: Extract<ScanEvent, { kind: 'asking' | 'comparing' }>) {
    const left = (language: 'en' | 'zh'): string => durationText(event.left, wordsOf[language]);
    const { address, of } = event;
    if (event.kind === 'comparing') {
      return {
        en: `${this.#line}: address ${address}, profile ${event.tried + 1} of ${of}`,
        zh: `${this.#line}：地址 ${address}，比对型号 ${event.tried + 1}/${of}`,
      };
    }
    const { done, found, round } = event;
    const which = {
      en: round === 1 ? 'asked' : 'asked once more in another way',
      zh: round === 1 ? '已询问' : '换一种方式再次询问',
    };
    return {
      en: `${this.#line}: address ${address}, ${done} of ${of} ${which.en}, ${found} found, about ${left('en')} left`,
      zh: `${this.#line}：地址 ${address}，${which.zh} ${done}/${of}，找到 ${found} 台，约剩 ${left('zh')}`,
    };
  }
}
