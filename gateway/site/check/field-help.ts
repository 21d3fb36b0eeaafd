import type { Sentence } from './fault.ts';
import type { PropertyPath } from './json-places.ts';

/** What to write in a field, for every field that a technician fills in. `*` stands for a name of theirs, `[]` for a place in a list. */
const help: Readonly<Record<string, Sentence>> = {
  gateway: {
    en: 'add "gateway": { "id": "zl-0001", "area": "320404" }',
    zh: '添加 "gateway": { "id": "zl-0001", "area": "320404" }',
  },
  'gateway.id': {
    en: 'letters, digits, dots, underscores and hyphens, at most 40, such as "zl-0001"',
    zh: '字母、数字、点、下划线、连字符，最多 40 个，如 "zl-0001"',
  },
  'gateway.area': {
    en: 'the administrative division code in six digits and in quotes, such as "320404"',
    zh: '六位行政区划代码，加引号，如 "320404"',
  },
  'gateway.timezone': { en: 'an IANA time zone, such as "Asia/Shanghai"', zh: 'IANA 时区名，如 "Asia/Shanghai"' },
  source: {
    en: 'add "source": { "name": "…", "kind": "construction-site" }',
    zh: '添加 "source": { "name": "…", "kind": "construction-site" }',
  },
  'source.name': { en: 'the name of the enterprise or site, in quotes', zh: '污染源名称，加引号' },
  'source.creditCode': {
    en: 'the unified social credit code, 18 digits and capital letters',
    zh: '统一社会信用代码，18 位数字和大写字母',
  },
  'source.longitude': { en: 'degrees as a number, such as 119.93', zh: '经度，十进制度数，如 119.93' },
  'source.latitude': { en: 'degrees as a number, such as 31.78', zh: '纬度，十进制度数，如 31.78' },
  'clock.trust': {
    en: 'write "ntp": known once chrony or systemd-timesyncd has set the clock; or "system": the time of the operating system is always right',
    zh: '写 "ntp"：chrony 或 systemd-timesyncd 校时后才可信；或 "system"：始终采用操作系统时间',
  },
  'clock.also': {
    en: 'who else may vouch for the time: some of "battery-clock", "technician", "platform", or [] for nobody',
    zh: '还可由谁担保时间："battery-clock"（电池时钟）、"technician"（现场人员）、"platform"（平台）中的几项，都不用写 []',
  },
  'clock.also[]': {
    en: 'write "battery-clock", "technician" or "platform"',
    zh: '写 "battery-clock"（电池时钟）、"technician"（现场人员）或 "platform"（平台）',
  },
  'clock.within': {
    en: 'largest error of a known time, from "1s" to "10min", such as "60s"',
    zh: '可信时间的最大误差，"1s" 到 "10min"，如 "60s"',
  },
  'clock.batteryDrift': {
    en: 'drift of the battery clock, parts per million from 1 to 500, such as 50',
    zh: '电池时钟漂移，百万分之几，1 到 500，如 50',
  },
  'store.records': {
    en: 'how long records are kept, in days or years, such as "5y"',
    zh: '记录的保存时间，以天（d）或年（y）计，如 "5y"',
  },
  'store.samples': {
    en: 'how long raw readings are kept, in days or years, such as "14d"',
    zh: '原始读数的保存时间，以天（d）或年（y）计，如 "14d"',
  },
  'store.limit': {
    en: 'the most that the store may take, at least 50MB, such as "8GB"; without it the medium is the limit',
    zh: '数据库的最大容量，至少 50MB，如 "8GB"；不写则以存储介质为限',
  },
  links: {
    en: 'add "links": { "rs485-1": { "kind": "serial", "path": "/dev/serial/by-id/…" } }',
    zh: '添加 "links": { "rs485-1": { "kind": "serial", "path": "/dev/serial/by-id/…" } }',
  },
  'links.*': {
    en: 'letters, digits, dots, underscores and hyphens, at most 40, such as "rs485-1"',
    zh: '链路名用字母、数字、点、下划线、连字符，最多 40 个，如 "rs485-1"',
  },
  'links.*.kind': {
    en: 'write "serial", "tcp", "tcp-server" where the device connects to this gateway, "nodes" for sensor nodes, or "firmata" for a board with pins',
    zh: '写 "serial"（串口）、"tcp"，设备主动连接本网关时写 "tcp-server"，传感器节点写 "nodes"，引脚开发板（Arduino）写 "firmata"',
  },
  'links.*.path': {
    en: 'the port, best by its lasting name: see ls /dev/serial/by-id/',
    zh: '串口路径，最好用固定名称：见 ls /dev/serial/by-id/',
  },
  'links.*.baudRate': {
    en: 'the baud rate as a number, such as 9600, as set on the instrument',
    zh: '波特率，如 9600，与仪器设置一致',
  },
  'links.*.parity': { en: 'write "none", "even" or "odd"', zh: '写 "none"（无）、"even"（偶）或 "odd"（奇）' },
  'links.*.stopBits': { en: 'write 1 or 2', zh: '写 1 或 2' },
  'links.*.dataBits': { en: 'write 8 or 7', zh: '写 8 或 7' },
  'links.*.host': { en: 'the IP address or name, such as "192.168.1.20"', zh: 'IP 地址或主机名，如 "192.168.1.20"' },
  'links.*.port': { en: 'the TCP port as a number, such as 502', zh: 'TCP 端口号，如 502' },
  'links.*.senders': {
    en: 'the IP addresses that may connect, such as [ "192.168.1.20" ]',
    zh: '允许连接的设备 IP 地址，如 [ "192.168.1.20" ]',
  },
  'links.*.framing': {
    en: 'write "modbus-tcp", or "modbus-rtu" for a serial server that passes bytes through',
    zh: '写 "modbus-tcp"；透传串口服务器写 "modbus-rtu"',
  },
  'links.*.serial': {
    en: 'settings of the line behind the device server, such as "9600-8N1"',
    zh: '串口服务器后面线路的参数，如 "9600-8N1"',
  },
  'links.*.outstanding': {
    en: 'a whole number from 1 to 16, or leave it out',
    zh: '1 到 16 的整数，或删去',
  },
  'links.*.listenFirst': {
    en: 'from "0s" to "10min", such as "10s", or leave it out',
    zh: '"0s" 到 "10min"，如 "10s"，或删去',
  },
  'links.*.listen': {
    en: 'true or false for a line; for nodes the own address and port, such as "10.42.0.1:1883", or a "url" instead',
    zh: '线路写 true 或 false；节点写本机地址和端口，如 "10.42.0.1:1883"，或改用 "url"',
  },
  'links.*.url': {
    en: 'the address of the site\'s own broker, such as "mqtt://127.0.0.1:1883"; user and password have fields of their own',
    zh: '现场自有 MQTT 服务器的地址，如 "mqtt://127.0.0.1:1883"；用户名和密码另写',
  },
  'links.*.username': {
    en: 'the user that this gateway is to the broker, in quotes',
    zh: '本网关在该服务器上的用户名，加引号',
  },
  'links.*.passwordFile': {
    en: "the name of a file in the site's secrets directory, without a path",
    zh: 'secrets 目录中密码文件的文件名，不带路径',
  },
  'links.*.tls': {
    en: 'with "listen": { "certificate": "…", "key": "…" }; with "url": { "ca": "…" }: names of files in secrets',
    zh: '有 "listen" 时写 { "certificate": "…", "key": "…" }，有 "url" 时写 { "ca": "…" }，均为 secrets 中的文件名',
  },
  'links.*.tls.certificate': { en: 'the name of a PEM file in secrets', zh: 'secrets 中的 PEM 文件名' },
  'links.*.tls.key': { en: 'the name of a PEM file in secrets', zh: 'secrets 中的 PEM 文件名' },
  'links.*.tls.ca': { en: 'the name of a PEM file in secrets', zh: 'secrets 中的 PEM 文件名' },
  points: { en: 'add "points": [ { "id": "north-gate" } ]', zh: '添加 "points": [ { "id": "north-gate" } ]' },
  'points[].id': {
    en: 'letters, digits, dots, underscores and hyphens, at most 40, such as "north-gate"',
    zh: '字母、数字、点、下划线、连字符，最多 40 个，如 "north-gate"',
  },
  'points[].outlet': {
    en: 'the outlet of the discharge permit, such as "DA001" or "DW001"',
    zh: '排污许可证排口编号，如 "DA001"、"DW001"',
  },
  instruments: { en: 'add "instruments": [ … ]', zh: '添加 "instruments": [ … ]' },
  'instruments[].id': {
    en: 'lower-case letters, digits, dots, underscores and hyphens, such as "dust-1"',
    zh: '小写字母、数字、点、下划线、连字符，如 "dust-1"',
  },
  'instruments[].profile': {
    en: 'a profile of the list: fenceline profiles list',
    zh: '仪器型号，见 fenceline profiles list',
  },
  'instruments[].link': { en: 'the name of one of the links', zh: '写 links 中的一个链路名' },
  'instruments[].address': {
    en: 'the slave address as a number, as set on the instrument, such as 1',
    zh: '从站地址，与仪器设置一致，如 1',
  },
  'instruments[].meterAddress': {
    en: 'the twelve digits on the plate in quotes, such as "000000000161"; "any" where it is the only meter on its line',
    zh: '铭牌上的 12 位表号，加引号，如 "000000000161"；线路上只有这一块表时可写 "any"',
  },
  'instruments[].mn': {
    en: 'the MN as it stands in the packets, in quotes',
    zh: '报文中的 MN，加引号',
  },
  'instruments[].mayStart': {
    en: 'write true where the gateway may send what starts the instrument, false where somebody else does',
    zh: '允许网关发送启动命令时写 true，由他人启动时写 false',
  },
  'instruments[].acknowledge': {
    en: 'write true where data is to be acknowledged (CN 9014), else delete it',
    zh: '需要应答数据（CN 9014）时写 true，否则删去',
  },
  'instruments[].node': {
    en: 'the id that the node was adopted under: lower-case letters, digits, hyphens, at most 24, such as "esp-7f3a12"',
    zh: '接入节点时的名称：小写字母、数字、连字符，最多 24 个，如 "esp-7f3a12"',
  },
  'instruments[].every': { en: 'a number with its unit, such as "4s" or "500ms"', zh: '数字加单位，如 "4s"、"500ms"' },
  'instruments[].point': { en: 'the id of one of the points', zh: '写 points 中的一个点位 id' },
  'instruments[].parameters': {
    en: 'numbers by the names that the profile asks for, such as { "ct": 40 }',
    zh: '按型号文件所问的名称写数字，如 { "ct": 40 }',
  },
  'instruments[].commands': {
    en: 'the relays of the board that may be switched, such as [ "lamp" ]; delete it where none may',
    zh: '允许操作的继电器，如 [ "lamp" ]；都不允许则删去',
  },
  'instruments[].channels': {
    en: 'channel to point, such as { "1": "fan", "2": "purifier" }',
    zh: '通道对应点位，如 { "1": "fan", "2": "purifier" }',
  },
  'uplinks[].sendWithin': {
    en: 'up to four stretches of the local time of the site, such as [ "22:00-06:00" ]; delete it where the site may always send',
    zh: '站点当地时间的发送时段，最多四段，如 [ "22:00-06:00" ]；随时可发送则删去',
  },
  'uplinks[].sendWithin[]': {
    en: 'from and to in the local time of the site and in quotes, such as "22:00-06:00", over midnight too',
    zh: '站点当地时间的起止，加引号，如 "22:00-06:00"，可跨零点',
  },
  'uplinks[].megabytesPerMonth': {
    en: 'megabytes of the data plan as a number, such as 30; delete it where nobody meters the line',
    zh: '每月流量（MB），如 30；不限流量则删去',
  },
  'uplinks[].backlogShare': {
    en: 'a number from 0.05 to 1, such as 0.5: the part of the line that held data may take',
    zh: '0.05 到 1 的数，如 0.5：补传数据可占线路的比例',
  },
  'uplinks[].spreadBacklog': {
    en: 'a number with s or min, such as "5min"; "1s" where no other gateway comes back at the same time',
    zh: '数字加 s 或 min，如 "5min"；没有其他网关同时恢复时写 "1s"',
  },
  'uplinks[].window': { en: 'a whole number from 1 to 200, such as 20', zh: '1 到 200 的整数，如 20' },
  'uplinks[].id': {
    en: 'letters, digits, dots, underscores and hyphens, at most 40, such as "district"',
    zh: '字母、数字、点、下划线、连字符，最多 40 个，如 "district"',
  },
  'uplinks[].kind': { en: 'write "mqtt"', zh: '写 "mqtt"' },
  'uplinks[].url': {
    en: '"mqtt://host:1883", or "mqtts://host:8883" for TLS; user and password have fields of their own',
    zh: '"mqtt://主机:1883"，TLS 用 "mqtts://主机:8883"；用户名和密码另有字段',
  },
  'uplinks[].acknowledge': {
    en: 'write "platform", or "broker" when the platform sends no receipts',
    zh: '写 "platform"；平台不回确认时写 "broker"',
  },
  'uplinks[].passwordFile': {
    en: 'the name of a file in the secrets directory of the site, without a path',
    zh: '站点 secrets 目录中的文件名，不含路径',
  },
  'uplinks[].username': {
    en: 'the user that the broker knows this gateway by; a password needs one',
    zh: '消息服务器为本网关设置的用户名；有密码时必填',
  },
  'uplinks[].tls': {
    en: 'TLS needs an address with mqtts://, such as "mqtts://host:8883"',
    zh: '使用 TLS 时地址须以 mqtts:// 开头，如 "mqtts://主机:8883"',
  },
  'uplinks[].tls.ca': {
    en: 'a file in the secrets directory of the site with the authority\'s certificate, such as "ca.pem"',
    zh: '站点 secrets 目录中的 CA 证书文件名，如 "ca.pem"',
  },
  'uplinks[].tls.certificate': {
    en: 'a file in the secrets directory of the site, such as "gateway.pem"; it goes together with "key"',
    zh: '站点 secrets 目录中的证书文件名，如 "gateway.pem"，须与 "key" 同时填写',
  },
  'uplinks[].tls.key': {
    en: 'a file in the secrets directory of the site, such as "gateway.key"; it goes together with "certificate"',
    zh: '站点 secrets 目录中的私钥文件名，如 "gateway.key"，须与 "certificate" 同时填写',
  },
  'uplinks[].tls.serverName': {
    en: 'the name that the broker\'s certificate is for, such as "broker.example"',
    zh: '消息服务器证书上的名称，如 "broker.example"',
  },
  'uplinks[].platformKeys': {
    en: 'up to 8 public keys of the platform, as it gives them out; delete it where it is to give no commands',
    zh: '平台提供的公钥，最多 8 个；不接受平台指令则删去',
  },
  'uplinks[].platformKeys[]': {
    en: 'a raw Ed25519 public key in base64: 44 characters, the last one =',
    zh: 'base64 格式的 Ed25519 公钥：44 个字符，以 = 结尾',
  },
  'uplinks[].commands': {
    en: 'write "signed", or "unsigned-reads" to obey unsigned commands that change nothing, or "none"',
    zh: '写 "signed"；接受不作更改的未签名指令写 "unsigned-reads"；不接受指令写 "none"',
  },
  'uplinks[].answerWithin': { en: 'seconds or minutes, such as "20s"', zh: '秒（s）或分钟（min），如 "20s"' },
  'uplinks[].keepAlive': { en: 'seconds or minutes, such as "75s"', zh: '秒（s）或分钟（min），如 "75s"' },
  'page.listen': { en: 'address and port, such as "0.0.0.0:8080"', zh: '地址和端口，如 "0.0.0.0:8080"' },
  'records.commitEvery': { en: 'between "50ms" and "60s", such as "1s"', zh: '"50ms" 到 "60s"，如 "1s"' },
  'samples.commitEvery': { en: 'between "50ms" and "60s", such as "10s"', zh: '"50ms" 到 "60s"，如 "10s"' },
  'samples.keep': { en: 'write true or false', zh: '写 true 或 false' },
  'averaging.minimumValid': {
    en: 'a whole number from 1 to 60; HJ 212 asks for 12',
    zh: '1 到 60 的整数；HJ 212 要求 12',
  },
  'averaging.share': { en: 'a number from 0.5 to 1, such as 0.75', zh: '0.5 到 1 的数，如 0.75' },
};

/** What to write at this place; undefined where the field speaks for itself. */
export function helpFor(path: PropertyPath): Sentence | undefined {
  const pattern = path
    .map((step, depth) =>
      typeof step === 'number' ? '[]' : depth === 1 && path[0] === 'links' ? '.*' : `.${String(step)}`,
    )
    .join('')
    .slice(1);
  return help[pattern];
}
