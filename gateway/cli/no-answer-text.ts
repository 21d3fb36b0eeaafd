import type { Sentence } from '../site/check-site.ts';
import type { SiteDirectory } from '../site/site-directory.ts';
import type { SocketAnswer } from './gateway-socket.ts';

/** Why the gateway of a site answers nothing of use to a command, and what to do. */
export function noAnswerText(answer: SocketAnswer, { root, socket }: SiteDirectory, command: string): Sentence {
  if (answer.kind === 'denied') {
    const asOwner = `sudo -u "$(stat -c %U ${root})" fenceline ${command} …`;
    return {
      en: `this user may not ask the gateway of ${root}: its socket ${socket} is for the owner of the site alone. As the owner: ${asOwner}`,
      zh: `当前用户无权访问 ${root} 的采集网关：套接字 ${socket} 只对站点所有者开放。请以所有者身份运行：${asOwner}`,
    };
  }
  if (answer.kind === 'broken') {
    return {
      en: `the gateway did not answer to the end: ${answer.message}. Look at its log, and try again`,
      zh: `采集网关没有答完：${answer.message}。请查看其日志后重试`,
    };
  }
  if (answer.kind !== 'answer') {
    return { en: 'the gateway has ended meanwhile', zh: '采集网关已停止运行' };
  }
  return {
    en: `the running gateway answers ${answer.status} and is not understood; it may be of another version: restart it`,
    zh: `运行中的采集网关返回 ${answer.status}，无法理解；其版本可能不同，请重启采集网关`,
  };
}

/** The body of an answer that is as it should be; undefined for every other. */
export function bodyOf<Body>(
  answer: SocketAnswer,
  schema: { safeParse(body: unknown): { success: true; data: Body } | { success: false } },
  status = 200,
): Body | undefined {
  if (answer.kind !== 'answer' || answer.status !== status) return undefined;
  const parsed = schema.safeParse(answer.body);
  return parsed.success ? parsed.data : undefined;
}
