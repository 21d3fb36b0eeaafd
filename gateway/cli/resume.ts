import { RetiredFile } from '../site/retired-file.ts';
import { siteDirectory } from '../site/site-directory.ts';
import { type Command, exit, parseArguments, required, say } from './terminal.ts';

const help = `fenceline resume --site DIR [--uplink ID] [--lang zh|en]

Takes back that a platform has retired this gateway: what is held is sent again, and the instruments are read. A running
gateway does so within seconds, one that stands at its next start. It is recorded.

  --site DIR     the site directory
  --uplink ID    this uplink only; without it all that are retired

Exit code: 0 done, 1 nothing is retired here, 2 the arguments are wrong.

  fenceline resume --site /var/lib/fenceline`;

export const command: Command = {
  help,
  async run(args, { print, complain, language }) {
    const { values } = parseArguments(args, { site: { type: 'string' }, uplink: { type: 'string' } });
    const directory = siteDirectory(required(values.site, '--site'));
    const resumed = await new RetiredFile(directory).undo(values.uplink);
    if (resumed.length === 0) {
      const en = 'nothing is retired here';
      complain(say({ en, zh: '此处没有已停用的上传' }, language));
      return exit.failed;
    }
    const ids = resumed.map(({ uplink }) => uplink).join(', ');
    print(say({ en: `taken back: ${ids}`, zh: `已恢复：${ids}` }, language));
    return exit.ok;
  },
};
