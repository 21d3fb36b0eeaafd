import type { Sentence } from './fault.ts';

/** Place in a document: member names and list indices from the outside in. */
export type PropertyPath = readonly PropertyKey[];

/** Where something stands in a text, both counted from 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

/** Why a text is not JSON, said for somebody who edited it by hand. */
interface JsonFault extends Place {
  readonly fault: Sentence;
  readonly remedy: Sentence;
}

/** A text that is JSON, with the place of every member and element, and of members that are named twice. */
interface JsonDocument {
  readonly value: unknown;
  /** Where the field stands; the nearest field around it when the path leads nowhere. */
  place(path: PropertyPath): Place;
  readonly repeated: readonly (readonly PropertyKey[])[];
}

class NotJson {
  readonly at: number;
  readonly fault: Sentence;
  readonly remedy: Sentence;

  constructor(at: number, fault: Sentence, remedy: Sentence) {
    this.at = at;
    this.fault = fault;
    this.remedy = remedy;
  }
}

/** Characters a Chinese input method leaves behind, and what JSON wants in their place. */
const fullWidth: Readonly<Record<string, string>> = {
  '，': ',',
  '、': ',',
  '：': ':',
  '“': '"',
  '”': '"',
  '‘': '"',
  '’': '"',
  '｛': '{',
  '｝': '}',
  '［': '[',
  '］': ']',
  '【': '[',
  '】': ']',
};

/** Reads JSON (RFC 8259) and remembers where everything stands, which JSON.parse does not tell. */
export function readJson(text: string): JsonDocument | JsonFault {
  const scan = new Scan(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  try {
    return scan.document();
  } catch (thrown) {
    if (!(thrown instanceof NotJson)) throw thrown;
    return { ...scan.placeAt(thrown.at), fault: thrown.fault, remedy: thrown.remedy };
  }
}

const deepest = 64;

/** One pass over one text. It throws {@link NotJson} at the first thing that JSON does not allow. */
class Scan {
  readonly #text: string;
  readonly #places = new Map<string, number>();
  readonly #repeated: PropertyKey[][] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): JsonDocument {
    this.#value([]);
    this.#space();
    if (this.#at < this.#text.length) {
      throw this.#unexpected('nothing more after the closing bracket', '最后一个括号之后不应再有内容');
    }
    return {
      value: JSON.parse(this.#text),
      place: (path) => this.#placeOf(path),
      repeated: this.#repeated,
    };
  }

  placeAt(at: number): Place {
    const before = this.#text.slice(0, at).split('\n');
    return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  }

  #placeOf(path: PropertyPath): Place {
    for (let length = path.length; length > 0; length--) {
      const at = this.#places.get(JSON.stringify(path.slice(0, length).map(String)));
      if (at !== undefined) return this.placeAt(at);
    }
    return { line: 1, column: 1 };
  }

  #value(path: readonly PropertyKey[]): void {
    this.#space();
    const first = this.#text[this.#at];
    if (path.length > deepest) throw this.#unexpected('fewer nested brackets', '括号嵌套过深');
    if (first === '{') this.#object(path);
    else if (first === '[') this.#list(path);
    else if (first === '"') this.#string();
    else this.#word();
  }

  #object(path: readonly PropertyKey[]): void {
    const names = new Set<string>();
    this.#at += 1;
    for (let more = !this.#closes('}'); more; more = this.#separates('}')) {
      this.#space();
      const at = this.#at;
      if (this.#text[at] !== '"') throw this.#unexpected('a field name in double quotes', '此处应为双引号括起的字段名');
      const name = this.#string();
      const inner = [...path, name];
      if (names.has(name)) this.#repeated.push(inner);
      names.add(name);
      this.#places.set(JSON.stringify(inner.map(String)), at);
      this.#space();
      if (this.#text[this.#at] !== ':') throw this.#unexpected('a colon after the field name', '字段名之后应为冒号');
      this.#at += 1;
      this.#value(inner);
    }
  }

  #list(path: readonly PropertyKey[]): void {
    this.#at += 1;
    let index = 0;
    for (let more = !this.#closes(']'); more; more = this.#separates(']')) {
      this.#space();
      const inner = [...path, index++];
      this.#places.set(JSON.stringify(inner.map(String)), this.#at);
      this.#value(inner);
    }
  }

  /** Steps over the bracket when it is next. */
  #closes(bracket: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== bracket) return false;
    this.#at += 1;
    return true;
  }

  /** True after a comma that something follows, false after the closing bracket. */
  #separates(bracket: string): boolean {
    if (this.#closes(bracket)) return false;
    if (this.#text[this.#at] !== ',') throw this.#unexpected(`a comma or ${bracket}`, `此处应为逗号或 ${bracket}`);
    const comma = this.#at;
    this.#at += 1;
    this.#space();
    if (this.#text[this.#at] === bracket) {
      throw new NotJson(
        comma,
        { en: `a comma before ${bracket}`, zh: `${bracket} 之前多了一个逗号` },
        { en: 'delete this comma', zh: '删去这个逗号' },
      );
    }
    return true;
  }

  #string(): string {
    const literal = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
    literal.lastIndex = this.#at;
    const found = literal.exec(this.#text);
    if (found === null) {
      throw new NotJson(
        this.#at,
        {
          en: 'a text that does not end on its line, or with a backslash JSON does not know',
          zh: '字符串未在本行结束，或含有无效的反斜杠',
        },
        { en: 'close it with a double quote; write \\\\ for a backslash', zh: '用英文双引号结束；反斜杠写作 \\\\' },
      );
    }
    this.#at = literal.lastIndex;
    return JSON.parse(found[0]) as string;
  }

  #word(): void {
    const literal = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;
    literal.lastIndex = this.#at;
    if (literal.exec(this.#text) === null) {
      throw this.#unexpected(
        'a value: text in double quotes, a number, true, false, { or [',
        '此处应为值：双引号括起的文本、数字、true、false、{ 或 [',
      );
    }
    this.#at = literal.lastIndex;
  }

  #space(): void {
    const space = /[ \t\r\n]*/y;
    space.lastIndex = this.#at;
    space.exec(this.#text);
    this.#at = space.lastIndex;
  }

  #unexpected(wanted: string, wantedZh: string): NotJson {
    const found = this.#text[this.#at];
    if (found === undefined) {
      return new NotJson(
        this.#at,
        { en: `the file ends too early; expected ${wanted}`, zh: `文件提前结束；${wantedZh}` },
        { en: 'close every bracket and quote that was opened', zh: '补全未闭合的括号或引号' },
      );
    }
    const ascii = fullWidth[found];
    if (ascii !== undefined) {
      return new NotJson(
        this.#at,
        { en: `a full-width character ${found}`, zh: `全角字符 ${found}` },
        { en: `type ${ascii} with the input method switched to English`, zh: `切换到英文输入法，改为 ${ascii}` },
      );
    }
    if (found === '/' || found === '#') {
      return new NotJson(
        this.#at,
        { en: 'a comment; JSON has none', zh: 'JSON 不允许写注释' },
        { en: 'delete the comment', zh: '删去注释' },
      );
    }
    return new NotJson(
      this.#at,
      { en: `unexpected ${found}; expected ${wanted}`, zh: `意外的字符 ${found}；${wantedZh}` },
      {
        en: 'correct this place, or restore a version from site-history',
        zh: '修正此处，或从 site-history 恢复旧版本',
      },
    );
  }
}
