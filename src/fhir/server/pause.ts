/**
 * How long to wait before a server is asked again: as long as it says, else for a time that doubles.
 *
 * Source: RFC 9110, section 10.2.3: seconds, or a date
 *
 * @param retryAfter the header
 * @param tries how often it was asked, from 1
 * @param first pause in milliseconds, where the server says nothing
 * @returns milliseconds
 * @example
 * pauseAfter("2", 1) // 2000
 */
export function pauseAfter(retryAfter: string | null | undefined, tries: number, first = 500): number {
  const said = retryAfter?.trim() ?? "";
  const asked = /^\d+$/.test(said) ? Number(said) * 1000 : Date.parse(said) - Date.now();
  const pause = Number.isNaN(asked) ? first * 2 ** (tries - 1) : asked;
  return Math.max(0, pause);
}
