import { registerHooks } from 'node:module';

/**
 * Loaded before the gateway: one of its sources is read with something replaced, each place of it exactly once.
 * @param {string} file end of its path
 * @param {readonly (readonly [string, string])[]} places
 */
export function replaced(file, places) {
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      if (!url.endsWith(file)) return loaded;
      let source = String(loaded.source);
      for (const [from, to] of places) {
        if (source.split(from).length !== 2)
          throw new Error(`to make a mistake in ${file}, this was not found: ${from}`);
        source = source.replace(from, () => to);
      }
      return { ...loaded, source };
    },
  });
}
