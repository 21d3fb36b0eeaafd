/** The part of luaparse that the build uses; the package brings no types. https://fstirlitz.github.io/luaparse/ */
declare module 'luaparse' {
  export interface Identifier {
    readonly type: 'Identifier';
    readonly name: string;
  }
  /** A node of the tree; what else it holds depends on its type. */
  export interface SyntaxNode {
    readonly type: string;
    readonly loc?: { readonly start: { readonly line: number } };
    readonly [field: string]: unknown;
  }
  export function parse(code: string, options?: { luaVersion?: '5.1' | '5.3'; locations?: boolean }): SyntaxNode;
}
