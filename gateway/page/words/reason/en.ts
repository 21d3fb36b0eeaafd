import type { ReasonWords } from './words.ts';

export const reasonEn: ReasonWords = {
  'no-answer': {
    what: 'Nothing comes back from the instrument',
    next: ({ address, settings, link }) =>
      settings === 'modbus-tcp'
        ? `The connection ${link} stands, so look behind it: has the instrument power, and is its slave address (unit id)${address === null ? '' : ` ${address}`} the one set there?`
        : `See that the instrument has power. Compare its slave address${address === null ? '' : ` (${address} expected)`} and line settings${settings === '' ? '' : ` (${settings} expected)`}. Then look for swapped or loose A and B wires on ${link}.`,
  },
  garbled: {
    what: 'What comes back is garbled',
    next: ({ settings, link }) =>
      `Compare baud rate and parity${settings === '' ? '' : ` (${settings} expected)`}. Check shield, ground and the 120 Ω terminators of ${link}.`,
  },
  'foreign-answer': {
    what: 'Another slave’s answer came back',
    next: ({ address }) =>
      `Look for two devices with the same address${address === null ? '' : ` (${address})`}, or for a second master on the line.`,
  },
  refused: {
    what: 'The instrument refused the request',
    next: ({ exception }) =>
      `Compare model and firmware: it may not have the registers this profile reads${exception === null ? '' : ` (exception ${exception})`}.`,
  },
  'line-lost': {
    what: 'The line is gone',
    next: ({ link }) =>
      `Check the USB adapter, cable or serial server of ${link}. Polling resumes by itself when it is back.`,
  },
  listening: {
    what: 'Nothing is heard from the instrument',
    next: ({ link }) =>
      `Check its power and its TX wire on ${link}. Where another master polls the line, see that it is running.`,
  },
  'not-sent': {
    what: 'The instrument sends, but not this value',
    next: () =>
      'See that it has the sensor and sends it. If it uses another code, choose the variant that fits; take what is not fitted out of "fitted".',
  },
  'wrong-time': {
    what: 'What it sends is not of now',
    next: () =>
      'Set the clock of the instrument (Beijing time). If it is sending what it had kept, wait until that is done.',
  },
  configuration: {
    what: 'The site file does not allow it to run',
    next: () => 'Correct site.json as said here, prove it with fenceline check, and restart the gateway.',
  },
  sentinel: {
    what: 'The instrument itself says it has no value',
    next: () => 'Check that the probe of this factor is plugged in, clean and alive.',
  },
  'not-a-number': {
    what: 'What came back is no number',
    next: () => 'Compare the model with the chosen profile; the byte order may differ.',
  },
  'warm-up': {
    what: 'The instrument is warming up',
    next: () => 'Wait a few minutes. If it stays so, check the instrument.',
  },
  'above-range': {
    what: 'Above the measuring range',
    next: () => 'If the air is not that bad, look for moisture, a blocked inlet or interference.',
  },
  'below-range': {
    what: 'Below the measuring range',
    next: () => 'Check the zero point and the wiring of the probe; it may need calibration.',
  },
  'instrument-status': {
    what: 'The instrument itself reports a state',
    next: () => 'Look at its display: calibration and maintenance end by themselves, a fault does not.',
  },
  'status-unknown': {
    what: 'The state of the instrument could not be read',
    next: () => 'Compare model and firmware with the profile: its state may stand in another register.',
  },
  'scale-unknown': {
    what: 'The scale or unit of the value is not known',
    next: () => 'Check the unit and decimals set on the instrument, and the parameters in site.json.',
  },
  'broken-loop': {
    what: 'The current loop is broken',
    next: () => 'Check wires and supply of the sensor: less than 3.6 mA is no measurement.',
  },
  'over-range': {
    what: 'The signal is too high to be a measurement',
    next: () => 'Look for a short circuit or a fault of the sensor.',
  },
  'outside-curve': {
    what: 'The signal is outside the curve of the profile',
    next: () => 'Check the sensor and the span in the profile.',
  },
  'not-listed': {
    what: 'The instrument does not list this parameter',
    next: () => 'Look at its own list of parameters, and at "fitted" in site.json.',
  },
  'too-fast': {
    what: 'The value jumped faster than it can',
    next: () => 'Look for loose wires, electrical noise or a second device with the same address.',
  },
  stuck: {
    what: 'The value has not moved for too long',
    next: () => 'Look for a blocked inlet, a dead sensor or a frozen instrument; switch it off and on.',
  },
  'too-few-samples': {
    what: 'Too few valid readings in that minute',
    next: () => 'Look at the line: answers come and go, or the instrument is asked too seldom.',
  },
  'gateway-not-running': {
    what: 'The gateway did not run at that time',
    next: () => 'Check the power of the gateway.',
  },
  'clock-jumped': {
    what: 'The clock was set and jumped over that time',
    next: () => 'See under “Time” on this page who set the clock, and whether NTP keeps it.',
  },
};
