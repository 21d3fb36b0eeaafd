import { parse, type SyntaxNode } from 'luaparse';

/** Local variables that may be in force at once in one function; NodeMCU's Lua 5.1 refuses more than 50. */
export const MOST_LOCALS = 40;

/** Variables of the functions around it that one function may use; NodeMCU's Lua 5.1 refuses more than 60. */
export const MOST_UPVALUES = 50;

/** What one function of a Lua file asks of the interpreter. */
export interface FunctionDemand {
  /** Line at which the function begins; 1 for the file itself. */
  readonly line: number;
  readonly locals: number;
  readonly upvalues: number;
}

/** Modules, by name, that call for the transpiler's own library, which is not on a chip; one line each. */
export function helpersIn(parts: ReadonlyMap<string, string>): string[] {
  return [...parts].flatMap(([name, lua]) => {
    // The library itself is among what the transpiler writes.
    const helpers = name === 'lualib_bundle' ? [] : [...new Set(lua.match(/\b__TS__\w+/g))];
    if (helpers.length === 0) return [];
    return [
      `source/${name}.ts: needs ${helpers.join(', ')}, which is not on the chip; write it with plain functions, records and ` +
        'while (no classes, spread, array methods, for-of, async, try)',
    ];
  });
}

/** What NodeMCU would not load in this Lua file, one line each. */
export function faultsOf(file: string, lua: string): string[] {
  const faults: string[] = [];
  for (const { line, locals, upvalues } of demandsOf(lua)) {
    if (locals > MOST_LOCALS) {
      faults.push(`${file}:${line}: ${locals} local variables in one function, at most ${MOST_LOCALS}; split it`);
    }
    if (upvalues > MOST_UPVALUES) {
      faults.push(
        `${file}:${line}: ${upvalues} variables of the functions around it in one function, at most ${MOST_UPVALUES}; split it`,
      );
    }
  }
  return faults;
}

/** Every function of a Lua file, the file itself first. */
export function demandsOf(lua: string): FunctionDemand[] {
  const tree = parse(lua, { luaVersion: '5.1', locations: true });
  const all: Counted[] = [];
  new Counted(1, undefined, all).body(tree.body);
  return all.map(({ line, mostLocals, upvalues }) => ({ line, locals: mostLocals, upvalues: upvalues.size }));
}

const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';

/** Walks one function as the interpreter's own compiler does: a local is in force until its block ends. */
class Counted {
  mostLocals = 0;
  readonly upvalues = new Set<string>();
  readonly line: number;
  readonly #around: Counted | undefined;
  readonly #all: Counted[];
  #inForce: string[] = [];

  constructor(line: number, around: Counted | undefined, all: Counted[]) {
    this.line = line;
    this.#around = around;
    this.#all = all;
    all.push(this);
  }

  /** A list of statements that is a block of its own, with the locals that the block begins with. */
  body(statements: unknown, beginsWith: readonly string[] = []): void {
    const before = this.#inForce.length;
    for (const name of beginsWith) this.#declare(name);
    for (const statement of statements as readonly SyntaxNode[]) this.#visit(statement);
    this.#inForce = this.#inForce.slice(0, before);
  }

  #declare(name: string): void {
    this.#inForce.push(name);
    this.mostLocals = Math.max(this.mostLocals, this.#inForce.length);
  }

  /** Whether the name is a local here; a variable of a function around is noted on the way. */
  #reaches(name: string): boolean {
    if (this.#inForce.includes(name)) return true;
    if (this.#around === undefined || !this.#around.#reaches(name)) return false;
    this.upvalues.add(name);
    return true;
  }

  #visit(node: SyntaxNode): void {
    switch (node.type) {
      case 'Identifier':
        this.#reaches(node.name as string);
        return;
      case 'LocalStatement':
        this.#children(node.init);
        for (const variable of node.variables as SyntaxNode[]) this.#declare(variable.name as string);
        return;
      case 'FunctionDeclaration':
        this.#function(node);
        return;
      case 'ForNumericStatement':
        this.#children([node.start, node.end, node.step]);
        this.body(node.body, ['(index)', '(limit)', '(step)', (node.variable as SyntaxNode).name as string]);
        return;
      case 'ForGenericStatement':
        this.#children(node.iterators);
        this.body(node.body, [
          ...['(generator)', '(state)', '(control)'],
          ...(node.variables as SyntaxNode[]).map(({ name }) => name as string),
        ]);
        return;
      case 'RepeatStatement':
        // The condition still sees the block's locals.
        this.body([...(node.body as SyntaxNode[]), node.condition as SyntaxNode]);
        return;
      case 'MemberExpression':
        this.#visit(node.base as SyntaxNode);
        return;
      case 'TableKeyString':
        this.#visit(node.value as SyntaxNode);
        return;
      default:
        for (const [field, child] of Object.entries(node)) {
          if (field === 'body') this.body(child);
          else this.#children(child);
        }
    }
  }

  #children(value: unknown): void {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) this.#visit(child);
  }

  #function(node: SyntaxNode): void {
    const name = node.identifier as SyntaxNode | null;
    if (name && node.isLocal) this.#declare(name.name as string);
    else if (name) this.#visit(name);
    const parameters = (node.parameters as SyntaxNode[]).filter(({ type }) => type === 'Identifier');
    const inner = new Counted(node.loc?.start.line ?? 0, this, this.#all);
    const self = name?.type === 'MemberExpression' && name.indexer === ':' ? ['self'] : [];
    inner.body(node.body, [...self, ...parameters.map(({ name: parameter }) => parameter as string)]);
  }
}
