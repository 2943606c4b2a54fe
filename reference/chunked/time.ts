/**
 * Times of RFC 3339, in nanoseconds since 1970 (TOC-023).
 * @module
 */

const FORM =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?(?:Z|([+-])([0-9]{2}):([0-9]{2}))$/;

/** Nanoseconds from 1970-01-01T00:00:00Z to the time `text`; undefined if that is not a time. */
export function parseTime(text: string): bigint | undefined {
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const [fraction = '', sign = '+', zoneHour = '0', zoneMinute = '0'] = match.slice(7);
  if (hour > 23 || minute > 59 || second > 59 || Number(zoneHour) > 23 || Number(zoneMinute) > 59)
    return undefined;
  // `Date.UTC` takes years below 100 for those of the 20th century.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  // A month or a day that does not exist is taken for one of another month.
  if (date.getUTCMonth() !== month - 1) return undefined;
  const zone = (Number(zoneHour) * 60 + Number(zoneMinute)) * (sign === '-' ? -60 : 60);
  const seconds = date.getTime() / 1000 + hour * 3600 + minute * 60 + second - zone;
  return BigInt(seconds) * 1000000000n + BigInt(fraction.padEnd(9, '0'));
}
