import { parseSync, Visitor } from 'vite';

/** One place in a source file that names another module. */
type Import = {
  /** The module as written, such as `../clock.ts` or `node:fs`; undefined where it is computed at run time. */
  readonly from: string | undefined;
  /** 1 for the first line. */
  readonly line: number;
  /** Whether type stripping takes it away: `import type`, `export type … from`, `import('…').Type`. */
  readonly isTypeOnly: boolean;
};

/**
 * Every import of a TypeScript source: static, side-effect, dynamic, re-exports, and types named in place.
 * An inline `import { type A }` counts as a run-time import, because under `verbatimModuleSyntax` the module is still loaded.
 * Throws where the source cannot be parsed.
 */
export function readImports(file: string, source: string): Import[] {
  const { program, errors } = parseSync(file, source);
  if (errors[0]) throw new Error(`${file} cannot be parsed: ${errors[0].message}`);
  const found: Import[] = [];
  const add = (node: { start: number }, from: string | undefined, isTypeOnly: boolean) => {
    found.push({ from, line: source.slice(0, node.start).split('\n').length, isTypeOnly });
  };
  new Visitor({
    ImportDeclaration: (node) => add(node, node.source.value, node.importKind === 'type'),
    ExportAllDeclaration: (node) => add(node, node.source.value, node.exportKind === 'type'),
    ExportNamedDeclaration: (node) => {
      if (node.source) add(node, node.source.value, node.exportKind === 'type');
    },
    TSImportType: (node) => add(node, node.source.value, true),
    ImportExpression: (node) => {
      const { source: named } = node;
      if (named.type === 'Literal' && typeof named.value === 'string') add(node, named.value, false);
      else if (named.type === 'TemplateLiteral' && named.expressions.length === 0)
        add(node, named.quasis[0]?.value.cooked ?? undefined, false);
      else add(node, undefined, false);
    },
  }).visit(program);
  return found.sort((a, b) => a.line - b.line);
}
