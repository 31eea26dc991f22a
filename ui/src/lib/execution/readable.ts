/** A recorded body as people read it: JSON with line breaks, everything else as it is. */
const LONGEST = 200_000;

export function readable(body: string): string {
  if (body.length > LONGEST || !/^\s*[[{]/.test(body)) return body;
  try {
    // Numbers beyond 2^53 would change on the way through the parser; such a body stays as it came.
    return /\d{16}/.test(body) ? body : JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

/** The pointer (RFC 6901) of a dotted path such as `order.lines[0].sku`. */
export function pointerOf(path: string): string {
  const parts = path.replaceAll(/\[(\d*)\]/g, '.$1').split('.');
  return parts
    .filter((part) => part !== '')
    .map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}
