/** Milliseconds east of UTC, from `+08:00`. */
function offsetMilliseconds(offset: string): number {
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6));
  return (offset.startsWith('-') ? -minutes : minutes) * 60_000;
}

/** A stamp at that offset for a moment in milliseconds since the Unix epoch; undefined outside the years 0 to 9999. */
export function writeStamp(time: number, offset: string): string | undefined {
  const local = time + offsetMilliseconds(offset);
  if (!(local >= -62_167_219_200_000 && local < 253_402_300_800_000)) return undefined;
  return new Date(local).toISOString().slice(0, -1) + offset;
}

/** The moment of a stamp; undefined when it is no stamp at that offset or would not come back letter by letter. */
export function readStampExactly(stamp: string, offset: string): number | undefined {
  if (stamp.length !== 29 || !stamp.endsWith(offset) || !/^[+-]\d\d:\d\d$/.test(offset)) return undefined;
  const time = Date.parse(stamp);
  return !Number.isNaN(time) && writeStamp(time, offset) === stamp ? time : undefined;
}
