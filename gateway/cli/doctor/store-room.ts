import { accessSync, constants, statfsSync, statSync } from 'node:fs';
import { type NotReadable, StoreReader, storeFileOf } from '../../store/reader.ts';
import type { Finding, HealthCheck } from './finding.ts';

/** Less than this is little, bytes and share of the medium. */
const little = { bytes: 500_000_000, share: 0.05 };

const unreadable: Readonly<Record<NotReadable['fault'], string>> = {
  absent: '该站点还没有存储；网关首次启动时建立',
  newer: '存储由更新版本的 Fenceline 写成；请使用该版本',
  older: '存储为旧格式，网关运行时会逐步转换',
  damaged: '存储已损坏，无法读取',
  unusable: '存储无法读取：请检查介质与权限',
};

/** Whether the store can be read and written, and how much room there is. */
export const storeRoom: HealthCheck = {
  name: 'store',
  title: { en: 'Store', zh: '本机存储' },
  examine({ directory, store }) {
    const file = storeFileOf(directory.root);
    const findings: Finding[] = [];
    if (store instanceof StoreReader) {
      const megabytes = Math.round((statSync(file, { throwIfNoEntry: false })?.size ?? 0) / 1_000_000);
      findings.push({ verdict: 'good', what: { en: `readable, ${megabytes} MB`, zh: `可读，${megabytes} MB` } });
    } else {
      const isNew = store.fault === 'absent';
      findings.push({
        verdict: isNew || store.fault === 'older' ? 'note' : 'bad',
        what: { en: store.message, zh: unreadable[store.fault] },
        ...(isNew || store.fault === 'older'
          ? {}
          : {
              next: {
                en: 'Start the gateway: it sets a damaged store aside and takes over what can be read.',
                zh: '启动网关：损坏的存储会被另存，可读的内容会被接管。',
              },
            }),
      });
    }
    return [...findings, ...room(directory.root)];
  },
};

function room(root: string): Finding[] {
  try {
    accessSync(root, constants.W_OK);
  } catch {
    return [
      {
        verdict: 'bad',
        what: { en: `${root} cannot be written by this user`, zh: `当前用户无法写入 ${root}` },
        next: {
          en: 'Run the gateway as the owner of the directory; see that the medium is not mounted read-only.',
          zh: '请以目录所有者身份运行网关；检查介质是否以只读方式挂载。',
        },
      },
    ];
  }
  const { bsize, blocks, bavail } = statfsSync(root);
  const [free, size] = [bsize * bavail, bsize * blocks];
  const megabytes = Math.round(free / 1_000_000);
  const what = { en: `${megabytes} MB free on the medium of ${root}`, zh: `${root} 所在介质剩余 ${megabytes} MB` };
  if (free >= Math.min(little.bytes, size * little.share)) return [{ verdict: 'good', what }];
  const next = {
    en: 'Make room on the medium, or set "store": { "limit": … } in site.json; old entries are let go when it is full.',
    zh: '请清理介质，或在 site.json 中设置 "store": { "limit": … }；写满后会清除旧数据。',
  };
  return [{ verdict: 'warning', what, next }];
}
