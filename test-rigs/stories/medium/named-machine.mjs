// Loaded before the gateway as `named-machine.mjs?name`, this lets it believe that it runs on the machine of that name.
import { registerHooks } from 'node:module';

const name = new URL(import.meta.url).search;
const asked = 'await read(path)';

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.endsWith('/site/machine-id.ts')) return loaded;
    const source = String(loaded.source);
    if (source.split(asked).length !== 2) throw new Error('where the machine is asked for its id was not found');
    return { ...loaded, source: source.replace(asked, `await Promise.resolve('machine ${name}')`) };
  },
});
