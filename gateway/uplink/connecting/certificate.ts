import { X509Certificate } from 'node:crypto';
import type { WallTime } from '../../clock.ts';

/** What of a certificate matters to whoever has to renew it. */
export interface CertificateFacts {
  /** Names and addresses that it is for; its subject where it has none of them. */
  readonly names: readonly string[];
  readonly from: WallTime;
  readonly until: WallTime;
}

/** One finding's words: English for log and API, Chinese for the technician. */
export interface Words {
  readonly zh: string;
  readonly en: string;
}

/** Whose certificate it is: the gateway's own, the broker's, or the authority's by which the broker is known. */
type Whose = 'gateway' | 'broker' | 'authority';

const day = 86_400_000;
/** Days before the end from which a certificate is warned about. */
const warnedDays = 30;

/** Every certificate in a PEM text, first the one that the file is about; throws where one cannot be read. */
export function certificatesOf(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

export function factsOf(certificate: X509Certificate): CertificateFacts {
  const names = certificate.subjectAltName?.split(', ') ?? [certificate.subject.replaceAll('\n', ', ')];
  const [from, until] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()];
  return { names, from: from as WallTime, until: until as WallTime };
}

/** Whole days until it ends; negative once it has. */
function daysLeft({ until }: Pick<CertificateFacts, 'until'>, now: WallTime): number {
  return Math.floor((until - now) / day);
}

const owners: Readonly<Record<Whose, Words>> = {
  gateway: { en: "this gateway's certificate", zh: '本网关的证书' },
  broker: { en: "the broker's certificate", zh: '消息服务器的证书' },
  authority: { en: "the authority's certificate", zh: 'CA 证书' },
};

const remedies: Readonly<Record<Whose, Words>> = {
  gateway: {
    en: 'put a new certificate and key in the place of the files; the gateway takes them without a restart',
    zh: '用新的证书和私钥替换原文件，无需重启',
  },
  broker: { en: 'tell whoever runs the broker', zh: '通知消息服务器的管理方' },
  authority: {
    en: 'ask whoever runs the broker for the new authority, and put it in the place of the file',
    zh: '向消息服务器的管理方索取新的 CA 证书并替换原文件',
  },
};

/** What has to be said about how long a certificate still holds; null while that is far away. */
export function expiryOf(whose: Whose, facts: CertificateFacts, now: WallTime): { fault: Words; remedy: Words } | null {
  const { en, zh } = owners[whose];
  const date = new Date(facts.until).toISOString().slice(0, 10);
  const left = daysLeft(facts, now);
  const remedy = remedies[whose];
  if (now < facts.from) {
    const from = new Date(facts.from).toISOString().slice(0, 16);
    const today = new Date(now).toISOString().slice(0, 16);
    return {
      fault: {
        en: `${en} holds from ${from}Z only, and it is ${today}Z here`,
        zh: `${zh}自 ${from}Z 起有效，本机时间为 ${today}Z`,
      },
      remedy: { en: 'check the clock of this gateway', zh: '检查本网关的时钟' },
    };
  }
  if (now >= facts.until) return { fault: { en: `${en} ended on ${date}`, zh: `${zh}已于 ${date} 到期` }, remedy };
  if (left >= warnedDays) return null;
  const days = left === 1 ? '1 day' : `${left} days`;
  return { fault: { en: `${en} ends in ${days}, on ${date}`, zh: `${zh}还有 ${left} 天到期（${date}）` }, remedy };
}
