import type { ReasonWords } from './words.ts';

export const reasonZh: ReasonWords = {
  'no-answer': {
    what: '仪器没有任何应答',
    next: ({ address, settings, link }) =>
      settings === 'modbus-tcp'
        ? `网络连接 ${link} 正常，问题在其后：仪器是否通电，从站地址（单元标识）${address === null ? '' : ` ${address} `}是否与仪器设置一致？`
        : `先看仪器是否通电；再核对从站地址${address === null ? '' : `（应为 ${address}）`}和线路参数${settings === '' ? '' : `（${settings}）`}；最后检查 ${link} 的 A、B 线是否接反或松动。`,
  },
  garbled: {
    what: '收到数据，但校验不通过',
    next: ({ settings, link }) =>
      `核对波特率和校验位${settings === '' ? '' : `（${settings}）`}；检查 ${link} 的屏蔽、接地和终端电阻（120 Ω）。`,
  },
  'foreign-answer': {
    what: '收到的是其他从站的应答',
    next: ({ address }) =>
      `检查线路上是否有两台设备使用同一地址${address === null ? '' : `（${address}）`}，或者还有另一个主站在轮询。`,
  },
  refused: {
    what: '仪器拒绝了请求',
    next: ({ exception }) =>
      `核对仪器型号与固件版本，当前配置要读的寄存器它可能没有${exception === null ? '' : `（异常码 ${exception}）`}。`,
  },
  'line-lost': {
    what: '通讯线路断开',
    next: ({ link }) => `检查 ${link} 的 USB 转换器、网线或串口服务器；接回后自动恢复。`,
  },
  listening: {
    what: '没有听到仪器的数据',
    next: ({ link }) => `检查 ${link} 上仪器的供电和发送线（TX）；若线路由其他主站轮询，看主站是否在工作。`,
  },
  'not-sent': {
    what: '设备在发数据，但没有发这一项',
    next: () => '核对设备确实装有并上报此因子；若编码不同，请改用合适的型号变体，未装的从 fitted 中删去。',
  },
  'wrong-time': {
    what: '收到的数据时间与当前时间不符',
    next: () => '校准设备时钟（北京时间）；若设备在补传旧数据，等它补完即可。',
  },
  configuration: {
    what: '站点文件有误，仪器未投入运行',
    next: () => '按提示修改 site.json，用 fenceline check 核对后重启采集网关。',
  },
  sentinel: {
    what: '仪器自报此因子无有效值',
    next: () => '检查该因子的探头是否接好、是否需要清洁或更换。',
  },
  'not-a-number': {
    what: '收到的数据不是有效数字',
    next: () => '核对仪器型号与所选配置，字节顺序可能不同。',
  },
  'warm-up': { what: '仪器正在预热', next: () => '请等待几分钟；若一直如此，检查仪器。' },
  'above-range': {
    what: '高于仪器的测量范围',
    next: () => '若现场浓度并不高，检查探头是否受潮、堵塞或受到干扰。',
  },
  'below-range': {
    what: '低于仪器的测量范围',
    next: () => '检查零点和探头接线；仪器可能需要校准。',
  },
  'instrument-status': {
    what: '仪器自报状态',
    next: () => '查看仪器面板：校准、维护会自行结束，故障须处理。',
  },
  'status-unknown': {
    what: '未能读到仪器状态',
    next: () => '核对仪器型号与固件版本，状态可能在另一寄存器。',
  },
  'scale-unknown': {
    what: '数值的倍率或单位未知',
    next: () => '核对仪器设置的单位和小数位，以及 site.json 中的 parameters。',
  },
  'broken-loop': { what: '电流回路断开', next: () => '检查传感器接线和供电：低于 3.6 mA 不是测量值。' },
  'over-range': { what: '信号过高，不是测量值', next: () => '检查传感器是否短路或故障。' },
  'outside-curve': { what: '信号超出曲线范围', next: () => '检查传感器，并核对型号文件中的量程。' },
  'not-listed': {
    what: '仪器的参数表中没有此项',
    next: () => '查看仪器自身的参数表，并核对 site.json 中的 fitted。',
  },
  'too-fast': {
    what: '数值变化过快，不合实际',
    next: () => '检查接线是否松动、有无干扰，或是否有两台设备地址相同。',
  },
  stuck: {
    what: '数值长时间不变',
    next: () => '检查采样口是否堵塞、探头是否失效；可将仪器断电重启。',
  },
  'too-few-samples': {
    what: '这一分钟的有效采样值太少',
    next: () => '查看上面的通讯情况：应答时断时续，或采样间隔太长。',
  },
  'gateway-not-running': { what: '这段时间采集网关未运行', next: () => '检查采集网关的供电。' },
  'clock-jumped': { what: '时钟被调整，跳过了这段时间', next: () => '见本页“时间”：谁调整了时钟，NTP 是否在校时。' },
};
