/**
 * The preset dictionary of version 1 (RFC 1950 section 2.2, FDICT): text that batches are made of, so that even a message
 * of a few records need not spell it out. A zlib payload names it by its Adler-32. It is part of the wire format: not a
 * character may change. Published as `schemas/dictionary.txt`, UTF-8 without a line end. What is likeliest stands last.
 */
const words = [
  '"not-answering","at-fault","answering","clock-unknown","store-lost","gateway-not-running","stated","inferred","observed"',
  '"kind","at","who","action","details","publicKey","previous","signature","state","parameters","document","profiles"',
  '{"columns":[{"=":"event"},{"=":"gap"},{"=":"hour"},{"=":"day"},"average","minimum","maximum","count","expected"]}',
  '"too-few-samples","below-range","above-range","warm-up","not-a-number","sentinel","configuration","listening"',
  '"line-lost","refused","foreign-answer","garbled","no-answer","power","energy","current","voltage","frequency","flow"',
  '"oxygen","ammonia","nitrogen-dioxide","sulfur-dioxide","carbon-monoxide","ozone","illuminance","rainfall","wind-force"',
  '"pressure","noise","wind-direction","wind-speed","humidity","temperature","tsp","pm1","pm2.5","pm10"',
  '"stream":"samples","epoch":"","late":true,"encoding":"columns","records":[{"keys":["kind","instrument","from","times",',
  '"series","values","flags","reasons"],"rows":1,"columns":[["samples"],[0,1000,2000,3000,4000,5000,6000,7000,8000,9000],',
  '[[{"point":"","factor":"","origin":"measured"},{"point":"simulated"}]],["NNNNNNNNNN","NNNNNNNNNN"],[[]]]}],"absent":[]',
  '"absent":[[1,1,"expired","disk-full","lost","not for this uplink"',
  '{"v":1,"stream":"records","epoch":"","from":1,"to":1,"late":false,"site":"","before":"0123456789abcdef","after":"',
  '","encoding":"columns","records":[{"keys":["kind","point","factor","from","average","minimum","maximum","total","count",',
  '"expected","flag","reason","basis","revision","origin"],"rows":10,"columns":[{"=":"minute"},["',
  '"average","minimum","maximum","count","expected","flag","reason","basis","revision","origin"],"rows":',
  ',"columns":[{"=":"minute"},{"=":"","2026-01-01T00:00:00.000+08:00"},{"offset":"+08:00","lag":1,"deltas":[17',
  ',0,0,0,0,0,0,0,60000]},{"scale":1,"lag":1,"deltas":[-1,-2,1,2,null]},{"scale":2,"lag":{"scale":3,"lag":1,"deltas":[',
  ']},{"=":15},{"=":15},{"=":"N"},{"=":null},{"=":null},{"=":0},{"=":"measured"}]}],"absent":[],"alg":"Ed25519","signature":"',
];

export const dictionary: Buffer = Buffer.from(words.join(''), 'utf8');
