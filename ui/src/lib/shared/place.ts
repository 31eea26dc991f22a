/** Places as text: a path, and after `?` what is looked at there. */

/** A place without what stands after `?`. */
export function pathOf(place: string): string {
  return place.split('?', 1)[0] ?? '';
}

/** What stands after `?` of a place. A name that stands there twice has its first value; what can't be decoded stays as it is. */
export function queryOf(place: string): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(place.slice(pathOf(place).length + 1))) {
    if (!query.has(name)) query.set(name, value);
  }
  return query;
}

/** A place with these names of its query changed; null or nothing takes a name away, all others stay. */
export function placeWith(place: string, changes: Readonly<Record<string, string | null>>): string {
  const query = new Map([...queryOf(place), ...Object.entries(changes)]);
  const kept = [...query].filter((pair): pair is [string, string] => Boolean(pair[1]));
  const text = new URLSearchParams(kept).toString();
  return text ? `${pathOf(place)}?${text}` : pathOf(place);
}
