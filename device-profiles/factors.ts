/**
 * The closed list of measured quantities: one name and one unit each, for profiles, readings, records and the page.
 * Codes: HJ 212-2017 Annex B unless a heading says otherwise; `null` where it has none.
 */

export interface Factor {
  /** HJ 212 code, or `null` where the standard has none. Several factors may share a code (air and stack gas do). */
  hj212: string | null;
  /** Name in Chinese, as the page shows it. */
  zh: string;
  /** Name in English, as the page shows it. */
  en: string;
  /** The one unit of this quantity everywhere in Fenceline; empty for a ratio. */
  unit: string;
  /** Digits after the point to show. Display only: stored values are not rounded. */
  decimals: number;
  /** g/mol, for conversion between ppm and mg/m³. */
  molarMass?: number;
  /**
   * What the value of a period is: `arithmetic` mean; `direction` = vector mean of degrees; `energy-level` = equivalent
   * level (Leq) of decibels; `counter` = a cumulative reading, whose period value is a difference and never a mean.
   */
  average: 'arithmetic' | 'direction' | 'energy-level' | 'counter';
}

type Average = Factor['average'];

/**
 * Litres a mole of gas takes at 101.325 kPa, by the state that a concentration in mg/m³ is stated for: sources at 0 °C
 * (HJ 212-2017 annex D: M / 22.4), ambient gases at 25 °C (GB 3095-2026).
 */
export const molarVolumes = { '0C': 22.4, '25C': 24.45 } as const;

/** One row of the list: HJ 212 code, name in Chinese, name in English, unit, decimals, molar mass. */
const row =
  (average: Average) =>
  (hj212: string | null, zh: string, en: string, unit: string, decimals: number, molarMass?: number): Factor =>
    molarMass === undefined
      ? { hj212, zh, en, unit, decimals, average }
      : { hj212, zh, en, unit, decimals, average, molarMass };

const mean = row('arithmetic');
const direction = row('direction');
const level = row('energy-level');
const counter = row('counter');

export const factors = {
  // Particles (HJ 212-2017 Annex B). Annex B prints ng/m³ for some of these; the instruments and the platforms use µg/m³.
  pm1: mean('a34005', 'PM1', 'PM1', 'µg/m³', 1),
  'pm2.5': mean('a34004', 'PM2.5', 'PM2.5', 'µg/m³', 1),
  pm10: mean('a34002', 'PM10', 'PM10', 'µg/m³', 1),
  tsp: mean('a34001', '总悬浮颗粒物', 'Total suspended particles', 'µg/m³', 1),
  'particles-0.3': mean(null, '>0.3 µm 颗粒数浓度', 'Particles >0.3 µm', '1/L', 0),
  'particles-0.5': mean(null, '>0.5 µm 颗粒数浓度', 'Particles >0.5 µm', '1/L', 0),
  'particles-1': mean(null, '>1 µm 颗粒数浓度', 'Particles >1 µm', '1/L', 0),
  'particles-2.5': mean(null, '>2.5 µm 颗粒数浓度', 'Particles >2.5 µm', '1/L', 0),
  'particles-5': mean(null, '>5 µm 颗粒数浓度', 'Particles >5 µm', '1/L', 0),
  'particles-10': mean(null, '>10 µm 颗粒数浓度', 'Particles >10 µm', '1/L', 0),

  // Weather (HJ 212-2017 Annex B); wind force is the Beaufort number.
  temperature: mean('a01001', '气温', 'Air temperature', '°C', 1),
  humidity: mean('a01002', '相对湿度', 'Relative humidity', '%', 1),
  pressure: mean('a01006', '大气压', 'Air pressure', 'kPa', 2),
  'wind-speed': mean('a01007', '风速', 'Wind speed', 'm/s', 2),
  'wind-direction': direction('a01008', '风向', 'Wind direction', '°', 0),
  'wind-force': mean(null, '风力等级', 'Wind force', 'Bft', 0),
  rainfall: counter(null, '累计雨量', 'Rainfall, cumulative', 'mm', 1),
  illuminance: mean(null, '光照度', 'Illuminance', 'lx', 0),
  'solar-radiation': mean(null, '太阳总辐射', 'Solar radiation', 'W/m²', 0),
  noise: level('LA', '噪声', 'Noise, A-weighted', 'dB', 1),

  // Ambient gases (HJ 212-2017 Annex B; ozone a05024 is an HJ 524 code that field frames use).
  'sulfur-dioxide': mean('a21026', '二氧化硫', 'Sulfur dioxide', 'µg/m³', 1, 64.07),
  'nitrogen-dioxide': mean('a21004', '二氧化氮', 'Nitrogen dioxide', 'µg/m³', 1, 46.01),
  'nitric-oxide': mean('a21003', '一氧化氮', 'Nitric oxide', 'µg/m³', 1, 30.01),
  'nitrogen-oxides': mean('a21002', '氮氧化物(以NO2计)', 'Nitrogen oxides as NO2', 'µg/m³', 1, 46.01),
  ozone: mean('a05024', '臭氧', 'Ozone', 'µg/m³', 1, 48),
  'carbon-monoxide': mean('a21005', '一氧化碳', 'Carbon monoxide', 'mg/m³', 2, 28.01),
  ammonia: mean('a21001', '氨', 'Ammonia', 'mg/m³', 3, 17.03),
  'hydrogen-sulfide': mean('a21028', '硫化氢', 'Hydrogen sulfide', 'mg/m³', 4, 34.08),
  'carbon-dioxide': mean(null, '二氧化碳', 'Carbon dioxide', 'ppm', 0, 44.01),

  // Organic compounds (HJ 212-2017 Annex B).
  nmhc: mean('a24088', '非甲烷总烃', 'Non-methane hydrocarbons', 'mg/m³', 3),
  'total-hydrocarbons': mean('a24087', '总烃', 'Total hydrocarbons', 'mg/m³', 3),
  methane: mean('a05002', '甲烷', 'Methane', 'mg/m³', 3, 16.04),
  benzene: mean('a25002', '苯', 'Benzene', 'mg/m³', 4, 78.11),
  toluene: mean('a25003', '甲苯', 'Toluene', 'mg/m³', 4, 92.14),
  ethylbenzene: mean('a25004', '乙苯', 'Ethylbenzene', 'mg/m³', 4, 106.17),
  xylene: mean('a25005', '二甲苯', 'Xylene', 'mg/m³', 4, 106.17),
  styrene: mean('a25038', '苯乙烯', 'Styrene', 'mg/m³', 4, 104.15),
  formaldehyde: mean(null, '甲醛', 'Formaldehyde', 'mg/m³', 3, 30.03),
  tvoc: mean(null, '总挥发性有机物', 'Total volatile organic compounds', 'ppb', 0),
  voc: mean(null, '挥发性有机物', 'Volatile organic compounds', 'mg/m³', 3),
  'voc-inlet': mean(null, '处理前挥发性有机物', 'Volatile organic compounds before treatment', 'mg/m³', 3),

  // Stack gas (HJ 212-2017 Annex B); the pollutants in mg/m³, as stack analysers report them.
  'flue-flow': mean('a00000', '废气流量', 'Flue gas flow', 'm³/s', 3),
  'flue-velocity': mean('a01011', '烟气流速', 'Flue gas velocity', 'm/s', 2),
  'flue-temperature': mean('a01012', '烟气温度', 'Flue gas temperature', '°C', 1),
  'flue-pressure': mean('a01013', '烟气静压', 'Flue gas static pressure', 'kPa', 3),
  'flue-humidity': mean('a01014', '烟气湿度', 'Flue gas humidity', '%', 2),
  'flue-dynamic-pressure': mean('a01017', '烟气动压', 'Flue gas dynamic pressure', 'kPa', 3),
  'flue-oxygen': mean('a19001', '烟气含氧量', 'Flue gas oxygen', '%', 2),
  'flue-dust': mean('a34013', '烟尘', 'Smoke dust', 'mg/m³', 2),
  'flue-sulfur-dioxide': mean('a21026', '烟气二氧化硫', 'Flue gas sulfur dioxide', 'mg/m³', 2, 64.07),
  'flue-nitrogen-oxides': mean('a21002', '烟气氮氧化物(以NO2计)', 'Flue gas nitrogen oxides as NO2', 'mg/m³', 2, 46.01),
  'flue-nitric-oxide': mean('a21003', '烟气一氧化氮', 'Flue gas nitric oxide', 'mg/m³', 2, 30.01),
  'flue-nitrogen-dioxide': mean('a21004', '烟气二氧化氮', 'Flue gas nitrogen dioxide', 'mg/m³', 2, 46.01),
  'flue-carbon-monoxide': mean('a21005', '烟气一氧化碳', 'Flue gas carbon monoxide', 'mg/m³', 2, 28.01),
  'flue-hydrogen-chloride': mean('a21024', '烟气氯化氢', 'Flue gas hydrogen chloride', 'mg/m³', 2, 36.46),
  'flue-ammonia': mean('a21001', '烟气氨', 'Flue gas ammonia', 'mg/m³', 2, 17.03),

  // Fuel gas, by the meter before a burner.
  'gas-volume': counter(null, '标况累计气量', 'Gas volume at standard conditions, cumulative', 'm³', 4),
  'gas-volume-working': counter(null, '工况累计气量', 'Gas volume as measured, cumulative', 'm³', 4),
  'gas-temperature': mean(null, '燃气温度', 'Temperature of the fuel gas', '°C', 1),
  'gas-pressure': mean(null, '燃气压力', 'Pressure of the fuel gas', 'kPa', 1),

  // Restaurant fume: a34041 is used by platforms but is not in the 2017 table.
  fume: mean('a34041', '油烟', 'Cooking fume', 'mg/m³', 2),

  // Vapour recovery at filling stations: codes of the Chinese station consoles, not in Annex B.
  'vapour-liquid-ratio': mean('i41020', '气液比', 'A/L ratio', '', 2),
  'vapour-concentration': mean('i41025', '油气浓度', 'Vapour concentration', 'g/m³', 2),
  'vapour-temperature': mean('i41026', '油气温度', 'Vapour temperature', '°C', 1),
  'liquid-resistance': mean('i41027', '液阻', 'Liquid resistance', 'Pa', 0),
  'tank-pressure': mean('i41028', '油罐压力', 'Tank pressure', 'Pa', 0),
  'vapour-line-pressure': mean(null, '油气管线压力', 'Pressure in the vapour line', 'Pa', 0),
  'unloading-vapour-concentration': mean('i41030', '卸油区油气浓度', 'Vapour concentration at unloading', 'g/m³', 2),
  'treated-vapour-concentration': mean('i41031', '处理装置排放浓度', 'Vapour concentration after treatment', 'g/m³', 2),

  // Electricity: HJ 212-2017 has codes only for the station's own supply, so a meter on a fan or a purifier has none.
  voltage: mean(null, '电压', 'Voltage', 'V', 1),
  'voltage-a': mean(null, 'A相电压', 'Voltage, phase A', 'V', 1),
  'voltage-b': mean(null, 'B相电压', 'Voltage, phase B', 'V', 1),
  'voltage-c': mean(null, 'C相电压', 'Voltage, phase C', 'V', 1),
  'voltage-average': mean(null, '平均相电压', 'Mean phase voltage', 'V', 1),
  current: mean(null, '电流', 'Current', 'A', 3),
  'current-a': mean(null, 'A相电流', 'Current, phase A', 'A', 3),
  'current-b': mean(null, 'B相电流', 'Current, phase B', 'A', 3),
  'current-c': mean(null, 'C相电流', 'Current, phase C', 'A', 3),
  'current-average': mean(null, '平均电流', 'Mean current', 'A', 3),
  'current-sum': mean(null, '电流之和', 'Sum of currents', 'A', 3),
  'active-power': mean(null, '有功功率', 'Active power', 'W', 1),
  'active-power-a': mean(null, 'A相有功功率', 'Active power, phase A', 'W', 1),
  'active-power-b': mean(null, 'B相有功功率', 'Active power, phase B', 'W', 1),
  'active-power-c': mean(null, 'C相有功功率', 'Active power, phase C', 'W', 1),
  'apparent-power': mean(null, '视在功率', 'Apparent power', 'VA', 1),
  'apparent-power-a': mean(null, 'A相视在功率', 'Apparent power, phase A', 'VA', 1),
  'apparent-power-b': mean(null, 'B相视在功率', 'Apparent power, phase B', 'VA', 1),
  'apparent-power-c': mean(null, 'C相视在功率', 'Apparent power, phase C', 'VA', 1),
  'reactive-power': mean(null, '无功功率', 'Reactive power', 'var', 1),
  'reactive-power-a': mean(null, 'A相无功功率', 'Reactive power, phase A', 'var', 1),
  'reactive-power-b': mean(null, 'B相无功功率', 'Reactive power, phase B', 'var', 1),
  'reactive-power-c': mean(null, 'C相无功功率', 'Reactive power, phase C', 'var', 1),
  'power-factor': mean(null, '功率因数', 'Power factor', '', 3),
  'power-factor-a': mean(null, 'A相功率因数', 'Power factor, phase A', '', 3),
  'power-factor-b': mean(null, 'B相功率因数', 'Power factor, phase B', '', 3),
  'power-factor-c': mean(null, 'C相功率因数', 'Power factor, phase C', '', 3),
  'phase-angle': direction(null, '相角', 'Phase angle', '°', 1),
  'phase-angle-a': direction(null, 'A相相角', 'Phase angle, phase A', '°', 1),
  'phase-angle-b': direction(null, 'B相相角', 'Phase angle, phase B', '°', 1),
  'phase-angle-c': direction(null, 'C相相角', 'Phase angle, phase C', '°', 1),
  frequency: mean(null, '频率', 'Frequency', 'Hz', 2),
  'energy-import': counter(null, '正向有功电能', 'Active energy, import', 'kWh', 2),
  'energy-import-a': counter(null, 'A相正向有功电能', 'Active energy, import, phase A', 'kWh', 2),
  'energy-import-b': counter(null, 'B相正向有功电能', 'Active energy, import, phase B', 'kWh', 2),
  'energy-import-c': counter(null, 'C相正向有功电能', 'Active energy, import, phase C', 'kWh', 2),
  'energy-export': counter(null, '反向有功电能', 'Active energy, export', 'kWh', 2),
  'energy-export-a': counter(null, 'A相反向有功电能', 'Active energy, export, phase A', 'kWh', 2),
  'energy-export-b': counter(null, 'B相反向有功电能', 'Active energy, export, phase B', 'kWh', 2),
  'energy-export-c': counter(null, 'C相反向有功电能', 'Active energy, export, phase C', 'kWh', 2),
  'energy-total': counter(null, '总有功电能', 'Active energy, total', 'kWh', 2),
  'energy-total-a': counter(null, 'A相总有功电能', 'Active energy, total, phase A', 'kWh', 2),
  'energy-total-b': counter(null, 'B相总有功电能', 'Active energy, total, phase B', 'kWh', 2),
  'energy-total-c': counter(null, 'C相总有功电能', 'Active energy, total, phase C', 'kWh', 2),
  'reactive-energy-import': counter(null, '正向无功电能', 'Reactive energy, import', 'kvarh', 2),
  'reactive-energy-export': counter(null, '反向无功电能', 'Reactive energy, export', 'kvarh', 2),
  'reactive-energy-total': counter(null, '总无功电能', 'Reactive energy, total', 'kvarh', 2),
  'voltage-thd': mean(null, '平均电压总谐波畸变率', 'Voltage THD, mean', '%', 2),
  'voltage-thd-a': mean(null, 'A相电压总谐波畸变率', 'Voltage THD, phase A', '%', 2),
  'voltage-thd-b': mean(null, 'B相电压总谐波畸变率', 'Voltage THD, phase B', '%', 2),
  'voltage-thd-c': mean(null, 'C相电压总谐波畸变率', 'Voltage THD, phase C', '%', 2),

  // Fuel and vapour of one fill, and the flows (codes of the Chinese station consoles).
  'vapour-volume': mean(null, '回收油气体积', 'Vapour recovered', 'L', 3),
  'fuel-volume': mean(null, '加油体积', 'Fuel delivered', 'L', 3),
  'vapour-flow': mean('i41021', '油气流速', 'Vapour flow', 'L/min', 2),
  'fuel-flow': mean('i41022', '油气流量', 'Fuel flow', 'L/min', 2),
  // What a console reads from the probe in a tank.
  'fuel-stock': mean(null, '油品体积', 'Fuel in the tank', 'L', 0),
  'fuel-stock-compensated': mean(null, '油品标准体积', 'Fuel in the tank at the reference temperature', 'L', 0),
  'tank-ullage': mean(null, '油罐空容', 'Ullage of the tank', 'L', 0),
  'fuel-level': mean(null, '油品液位', 'Fuel level', 'mm', 1),
  'tank-water-level': mean(null, '罐底水位', 'Water level in the tank', 'mm', 1),
  'tank-water': mean(null, '罐底水量', 'Water in the tank', 'L', 0),
  'fuel-temperature': mean(null, '油品温度', 'Fuel temperature', '°C', 1),
  'lower-explosive-limit': mean(null, '可燃气体浓度', 'Combustible gas', '%LEL', 1),

  // Treatment units.
  'treatment-efficiency': mean(null, '处理效率', 'Treatment efficiency', '%', 1),
  'emission-rate': mean(null, '排放速率', 'Emission rate', 'kg/h', 4),
  'pressure-difference': mean(null, '压差', 'Pressure difference', 'Pa', 0),

  // Contacts of a control cabinet, as the share of the time in which they are closed; and the air in it. HJ 212-2017 has no
  // codes for them: its a01001 and a01002 are the air outside.
  'door-closed': mean(null, '柜门关闭时间占比', 'Cabinet door closed, share of time', '%', 1),
  'fan-running': mean(null, '风机运行时间占比', 'Fan running, share of time', '%', 1),
  'purifier-running': mean(null, '净化器运行时间占比', 'Purifier running, share of time', '%', 1),
  'mains-present': mean(null, '市电正常时间占比', 'Mains present, share of time', '%', 1),
  'remote-released': mean(null, '允许远控时间占比', 'Released for remote control, share of time', '%', 1),
  'contact-closed': mean(null, '触点闭合时间占比', 'Contact closed, share of time', '%', 1),
  'cabinet-temperature': mean(null, '柜内温度', 'Temperature in the cabinet', '°C', 1),
  'cabinet-humidity': mean(null, '柜内湿度', 'Humidity in the cabinet', '%', 1),

  // Water (HJ 212-2017 Annex B; level and salinity are not in it).
  'water-flow': mean('w00000', '废水流量', 'Waste water flow', 'L/s', 2),
  'water-volume': counter(null, '累计水量', 'Water volume, cumulative', 'm³', 2),
  'water-level': mean(null, '水位', 'Water level', 'm', 3),
  ph: mean('w01001', 'pH值', 'pH', 'pH', 2),
  turbidity: mean('w01003', '浑浊度', 'Turbidity', 'NTU', 1),
  'dissolved-oxygen': mean('w01009', '溶解氧', 'Dissolved oxygen', 'mg/L', 2),
  'oxygen-saturation': mean(null, '溶解氧饱和度', 'Oxygen saturation', '%', 1),
  'water-temperature': mean('w01010', '水温', 'Water temperature', '°C', 1),
  'suspended-solids': mean('w01012', '悬浮物', 'Suspended solids', 'mg/L', 1),
  conductivity: mean('w01014', '电导率', 'Conductivity', 'µS/cm', 0),
  'redox-potential': mean(null, '氧化还原电位', 'Redox potential', 'mV', 0),
  salinity: mean(null, '盐度', 'Salinity', 'g/kg', 2),
  'dissolved-solids': mean(null, '溶解性总固体', 'Total dissolved solids', 'mg/L', 0),
  'chemical-oxygen-demand': mean('w01018', '化学需氧量', 'Chemical oxygen demand', 'mg/L', 1),
  'permanganate-index': mean('w01019', '高锰酸盐指数', 'Permanganate index', 'mg/L', 2),
  'total-nitrogen': mean('w21001', '总氮', 'Total nitrogen', 'mg/L', 2),
  ammonium: mean(null, '铵离子', 'Ammonium', 'mg/L', 2),
  'ammonia-nitrogen': mean('w21003', '氨氮', 'Ammonia nitrogen', 'mg/L', 2),
  'total-phosphorus': mean('w21011', '总磷', 'Total phosphorus', 'mg/L', 3),
  chlorophyll: mean(null, '叶绿素', 'Chlorophyll', 'µg/L', 2),
  'blue-green-algae': mean(null, '蓝绿藻', 'Blue-green algae', 'µg/L', 2),
} satisfies Record<string, Factor>;

export type FactorCode = keyof typeof factors;

/** Every factor's key, in the order of the list. */
export const factorCodes = Object.keys(factors) as FactorCode[];
