/** The record that a JSON text is; undefined if it is none. */
export function decoded(text: string): { [field: string]: unknown } | undefined {
  const [isJson, document] = pcall(sjson.decode, text);
  return isJson && typeof document === 'object' ? (document as { [field: string]: unknown }) : undefined;
}
