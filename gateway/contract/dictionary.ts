/**
 * The preset dictionary of version 1 (RFC 1950 section 2.2, FDICT): text that batches are made of, so that even a message
 * of a few records need not spell it out. A zlib payload names it by its Adler-32. It is part of the wire format: not a
 * character may change. Published as `schemas/dictionary.txt`, UTF-8 without a line end. What is likeliest stands last.
 */
const words = [
  '"clock-unknown","store-lost","gateway-not-running","stated","inferred","epoch-begun","previousEpoch","previousLastSeq"',
  '"kind","at","who","action","details","publicKey","previous","signature","version","document","profiles","revision"],"rows":1,"columns":[["audit"],["',
  '"kind","at","instrument","state","reason","parameters","revision"],"rows":1,"columns":[["state"],["not-answering"],["answering"],["at-fault"],[{}],',
  '"kind","at","event","point","factor","details","revision"],"rows":1,"columns":[["event"],["',
  '"not-listed","outside-curve","over-range","broken-loop","scale-unknown","status-unknown","not-sent","wrong-time","too-fast","stuck"',
  '"below-range","above-range","not-a-number","sentinel","configuration","instrument-status","warm-up","too-few-samples"',
  '"not for this uplink","expired","disk-full","lost","listening","line-lost","refused","foreign-answer","garbled"',
  '"frequency","power-factor","apparent-power","reactive-power","water-volume","gas-volume","flue-oxygen","flue-velocity","flue-temperature"',
  '"oxygen","ammonia","hydrogen-sulfide","nmhc","voc","fume","illuminance","rainfall","solar-radiation","wind-force","particles-0.3"',
  '"sulfur-dioxide","nitrogen-dioxide","ozone","carbon-monoxide","carbon-dioxide","liquid-resistance","vapour-liquid-ratio","tank-pressure"',
  '"current-a","current-b","current-c","voltage-a","voltage-b","voltage-c","active-power-a","voltage","current","active-power","energy-import","energy-total"',
  '"stream":"samples","late":true,"keys":["kind","from","instrument","times","series","values","flags","reasons"],"rows":1,"columns":[["samples"],[',
  '[0,1000,2000,3000,4000,5000,6000,7000,8000,9000],[[{"factor":"pm10","origin":"measured","point":"north-gate"},{"factor":"","origin":"simulated","point":"',
  '["NNNNNNNNNN","NNNNNNNNNN"]],[[]]]',
  ',"but":[[8,8,"B"],[8,8,"no-answer"],[8,8,"observed"],[3,3,14],[16,8,14],[8,8,0]]}',
  '{"offset":"+08:00","lag":10,"deltas":{"=":60000,"but":[[0,10,17]]}},{"each":["point"]},{"scale":"33344323","lag":8,"deltas":[,-1,-2,-3,1,2,3,null,null]},',
  '{"v":1,"encoding":"columns","alg":"Ed25519","stream":"records","late":false,"site":"0123456789abcdef","epoch":"1-',
  '","from":1,"to":10,"before":"","after":"","absent":[],"records":[{"keys":["kind","flag","reason","basis","expected","revision","origin","count",',
  '"from","point","factor","average","minimum","maximum","total"],"rows":50,"columns":[{"=":"minute"},{"=":"N"},{"=":null},{"=":null},{"=":15},{"=":1},{"=":"measured"},{"=":15},{"=":"2026-11-',
  ':00.000+08:00"},{"=":"north-gate"},["pressure","pm1","pm2.5","pm10","tsp","temperature","humidity","wind-speed","wind-direction","noise"],["pm10","pm2.5"],[32.1,55.2,128.4,23.3,2.2],',
  '{"scale":"32032032","deltas":[10,20,30],"below":"average"},{"scale":"11111101","deltas":[1,2,3,4,5],"above":"average"},{"scale":"2","lag":1,"deltas":[4]}],"has":{"total":{"=":0,"but":[[2,1,1]]}}}]}],"signature":"',
];

export const dictionary: Buffer = Buffer.from(words.join(''), 'utf8');
