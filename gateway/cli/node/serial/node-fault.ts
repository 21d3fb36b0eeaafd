import type { Sentence } from '../../../site/check-site.ts';

/** Why work over a node's console came to its end. */
export type NodeFaultKind =
  /** The port of this machine: not there, taken, pulled out. */
  | 'port'
  | 'silent'
  /** Bytes that are no text. */
  | 'garbage'
  /** The maker's own firmware, which takes AT commands. */
  | 'at-firmware'
  /** Text of something else than NodeMCU. */
  | 'stranger'
  /** The console is never quiet, and nothing typed is answered. */
  | 'flooded'
  /** What is typed arrives damaged, again and again. */
  | 'lossy'
  /** It restarts again and again. */
  | 'restarting'
  /** The NodeMCU image cannot run the firmware. */
  | 'image'
  | 'full'
  /** What the flash gives back is not what was written. */
  | 'flash'
  /** Lua refused what was asked. */
  | 'refused'
  | 'interrupted';

/** Ends the work over a console; told in one sentence with its remedy. */
export class NodeFault extends Error {
  readonly kind: NodeFaultKind;
  readonly sentence: Sentence;

  constructor(kind: NodeFaultKind, sentence: Sentence) {
    super(sentence.en);
    this.kind = kind;
    this.sentence = sentence;
  }
}

/** What was heard of something that is no NodeMCU console, by which it is told what it may be. */
export interface Heard {
  readonly bytes: number;
  /** Of them, those that no text has. */
  readonly unreadable: number;
  /** It took `AT` for a command. */
  readonly isAtFirmware: boolean;
  /** It sent something in every half second that it was listened to. */
  readonly isNeverQuiet: boolean;
}

const image = {
  en: 'write a NodeMCU image to it with esptool (edge/node/README.md, From an empty chip to readings)',
  zh: '请用 esptool 写入 NodeMCU 固件（见 edge/node/README.zh-CN.md）',
};

/** Why no prompt came, from what was heard meanwhile. */
export function noPrompt(port: string, heard: Heard): NodeFault {
  if (heard.bytes === 0) {
    return new NodeFault('silent', {
      en: `nothing answers on ${port}: see that it is the node's port, that the node has power and that TX and RX are not swapped; press its RST button and try again; if it stays silent, ${image.en}`,
      zh: `${port} 无应答：请确认端口正确、节点已上电、TX 与 RX 未接反；按节点的 RST 键后重试；若仍无应答，${image.zh}`,
    });
  }
  if (heard.isAtFirmware) {
    return new NodeFault('at-firmware', {
      en: `${port}: the chip runs the maker's AT firmware, not NodeMCU: ${image.en}`,
      zh: `${port}：芯片运行的是厂家 AT 固件，而非 NodeMCU：${image.zh}`,
    });
  }
  if (heard.unreadable > heard.bytes / 4) {
    return new NodeFault('garbage', {
      en: `${port}: only unreadable bytes come: another device, or a chip without a program: see which port it is; for a new chip, ${image.en}`,
      zh: `${port}：只收到无法辨认的字节：可能是其他设备，或芯片内没有程序。请核对端口；新芯片${image.zh}`,
    });
  }
  if (heard.isNeverQuiet) {
    return new NodeFault('flooded', {
      en: `${port}: a program on the chip writes without a pause and takes no commands: hold the FLASH button (GPIO0) for 6 s after pressing RST and try again; if that does not help, ${image.en}`,
      zh: `${port}：芯片上的程序不停输出，不接受命令：按下 RST 后按住 FLASH 键（GPIO0）6 秒再试；若无效，${image.zh}`,
    });
  }
  return new NodeFault('stranger', {
    en: `${port}: what answers is no NodeMCU console: see which port it is; if it is the node, ${image.en}`,
    zh: `${port}：应答者不是 NodeMCU 控制台：请核对端口；若确为节点，${image.zh}`,
  });
}

type PortFault = { readonly kind: keyof typeof portFaults; readonly message: string };

const portFaults = {
  absent: '没有这个串口；请插好 USB 线，或核对 --port',
  taken: '串口正被其他程序占用；请先停止那个程序',
  denied: '没有使用权限；请把当前用户加入 dialout 组并重新登录',
  refused: '这个设备不能当串口使用；请核对 --port',
  lost: '串口中断；请检查 USB 线，再次执行同一命令即可续传',
};

export const faults = {
  port: (name: string, { kind, message }: PortFault) =>
    new NodeFault('port', {
      // The link has the name of its port for an id here.
      en: message.replace(`${name}: ${name}`, name).replace(/correct links\.[^ ;]+\.path/, 'correct --port'),
      zh: `${name}：${portFaults[kind]}`,
    }),
  interrupted: () =>
    new NodeFault('interrupted', {
      en: 'interrupted; what was written stays, and the same command goes on from there',
      zh: '已中断；已写入的部分保留，再次执行同一命令即可续传',
    }),
  lossy: (port: string) =>
    new NodeFault('lossy', {
      en: `${port}: what is sent arrives damaged again and again: use a shorter USB cable or another adapter, and try again`,
      zh: `${port}：发送的数据屡次受损：请换较短的 USB 线或其他适配器后重试`,
    }),
  restarting: (port: string) =>
    new NodeFault('restarting', {
      en: `${port}: the node restarts again and again: give it a stronger 5 V supply or another USB port, and try again`,
      zh: `${port}：节点反复重启：请换用更强的 5 V 电源或其他 USB 口后重试`,
    }),
  full: (free: number, needed: number) =>
    new NodeFault('full', {
      en: `the node's file system has ${free} bytes left and ${needed} are needed: remove files that are not Fenceline's, or format it with file.format() on its console`,
      zh: `节点文件系统剩余 ${free} 字节，需要 ${needed} 字节：请删除无关文件，或在其控制台执行 file.format() 格式化`,
    }),
  flash: (name: string) =>
    new NodeFault('flash', {
      en: `${name}: what the node's flash gives back is not what was written; try again; if it stays so, the flash is worn out: replace the node`,
      zh: `${name}：从节点闪存读回的内容与写入不符；请重试；若仍如此，闪存已损坏，请更换节点`,
    }),
  refused: (what: string) =>
    new NodeFault('refused', {
      en: `the node refused: ${what}; press RST and try again`,
      zh: `节点拒绝：${what}；请按 RST 后重试`,
    }),
};
