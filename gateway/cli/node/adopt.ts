import { type AdoptionPicture, adoptionBody, adoptionSchema } from '../../http/nodes/node-routes.ts';
import type { Sentence } from '../../site/check-site.ts';
import { BadInput, type Command, exit, parseArguments, required, say } from '../terminal.ts';
import { askSite, siteOf } from './ask-site.ts';

const help = `fenceline node adopt --site DIR CHIP --code CODE [--as ID] [--replace] [--json] [--lang zh|en]

Gives a new node its account, through the running gateway. The node prints its chip id and a code of six digits on
its serial console (115200 baud) after every start; fenceline node list shows the chips that wait.
Then prints what to write into the site file for it.

  --site DIR   the site directory
  --code CODE  the six digits
  --as ID      how the node is to be called: lower-case letters, digits and hyphens, at most 24; without it esp-CHIP
  --replace    the chip takes the place of the one that has this id now, which is let in no more
  --json       print { kind, node, chip, entry, … } as JSON

Exit code: 0 adopted, 1 not adopted, 2 the arguments are wrong.

  fenceline node adopt --site /var/lib/fenceline 7f3a12 --code 492817 --as dust-north`;

export const command: Command = {
  help,
  async run(args, terminal) {
    const { values, positionals } = parseArguments(args, {
      site: { type: 'string' },
      code: { type: 'string' },
      as: { type: 'string' },
      replace: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    const directory = siteOf(values.site);
    const body = adoptionBody.safeParse({
      chip: required(positionals[0], 'the chip id'),
      code: required(values.code, '--code'),
      ...(values.as === undefined ? {} : { node: values.as }),
      replace: values.replace,
    });
    if (!body.success) {
      const [issue] = body.error.issues;
      const names: Record<string, string> = { chip: 'the chip id', code: '--code', node: '--as' };
      throw new BadInput(`${names[String(issue?.path[0])] ?? ''} ${issue?.message}`);
    }
    const route = { method: 'POST', route: '/api/v1/nodes/adopt', body: body.data } as const;
    const outcome = await askSite(directory, route, adoptionSchema, terminal);
    if (outcome === undefined) return exit.failed;
    const tell = outcome.kind === 'adopted' ? terminal.print : terminal.complain;
    if (values.json) terminal.print(JSON.stringify(outcome));
    else tell(say(adoptionText(outcome), terminal.language));
    return outcome.kind === 'adopted' ? exit.ok : exit.failed;
  },
};

/** What came of an adoption, and what to do. */
function adoptionText(outcome: AdoptionPicture): Sentence {
  const { node = '', chip = '', why = '', wrong = 0, message = '', entry } = outcome;
  switch (outcome.kind) {
    case 'adopted':
      if (entry === undefined) {
        return {
          en: `${node} is adopted; the site file names it already, so its readings come as soon as it connects`,
          zh: `${node} 已接入；站点文件中已有此节点，连接后即开始接收读数`,
        };
      }
      return {
        en: `${node} is adopted. Write into "instruments" of site.json, with the profile of what hangs on it (fenceline profiles list) and a point that stands in "points"; then fenceline check, and restart the gateway:\n  ${entry}`,
        zh: `${node} 已接入。请在 site.json 的 "instruments" 中添加以下内容，型号按所接传感器填写（fenceline profiles list），点位须在 "points" 中；然后运行 fenceline check，再重启网关：\n  ${entry}`,
      };
    case 'refused':
      return why === 'code'
        ? {
            en: `the node says that the code is wrong (${wrong} so far; after 5 it takes none until it restarts). Read the code of its present start on its console`,
            zh: `节点回复接入码错误（已错 ${wrong} 次，错 5 次后须重启节点）。请查看控制台上本次启动后的接入码`,
          }
        : {
            en: `the node has not taken its account: ${why}. Look at its console, restart it, and try again`,
            zh: `节点未接受账号：${why}。请查看其控制台，重启节点后重试`,
          };
    case 'silent':
      return {
        en: `the node has not answered within 20 s. If its console says that it is adopted, it logs in as ${node} by itself; otherwise check its Wi-Fi signal, and try again with the code that it shows then`,
        zh: `节点 20 秒内没有应答。若其控制台显示已接入，它会自动以 ${node} 登录；否则请检查 Wi-Fi 信号，再用届时显示的接入码重试`,
      };
    case 'not-heard':
      return {
        en: `no new node ${chip} was heard in the last two minutes. Check that it has power, is on this gateway's Wi-Fi and has its address (fenceline node configure); a node that was told an account already does not wait for one: fenceline node forget it here, and fenceline node flash --port … --forget-account`,
        zh: `最近两分钟没有收到新节点 ${chip}。请检查供电、是否连入本网关的 Wi-Fi、网关地址是否正确（fenceline node configure）；已有账号的节点不会等待接入：须先 fenceline node forget，再用 fenceline node flash --port … --forget-account`,
      };
    case 'gone':
      return {
        en: `${chip} was heard and is gone again; check its power and Wi-Fi signal, and try again`,
        zh: `${chip} 刚才在线，现已断开；请检查供电和 Wi-Fi 信号后重试`,
      };
    case 'taken':
      return {
        en: `${node} is the chip ${chip}. Give this one another id with --as, or --replace to put it in that one's place`,
        zh: `${node} 已属于芯片 ${chip}。请用 --as 另取名称，或用 --replace 由本芯片取代它`,
      };
    case 'no-name':
      return { en: `${node} cannot be a node's id`, zh: `${node} 不能用作节点名称` };
    case 'busy':
      return { en: `${chip} is being adopted already; wait 20 s`, zh: `${chip} 正在接入，请等待 20 秒` };
    case 'not-kept':
      return {
        en: `the account could not be kept, so nothing was said to the node: ${message}`,
        zh: `账号无法保存，未向节点发送任何内容：${message}`,
      };
  }
}
