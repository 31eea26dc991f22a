/** What is said when a request was copied as a cURL command. */

/** More than these are not read in passing; all of them stand in the command. */
const NAMED = 3;

export function copiedSentence(shell: string, placeholders: string[]): string {
  const copied = `Copied as cURL for ${shell}.`;
  if (placeholders.length === 0) return copied;
  const named = placeholders.slice(0, NAMED);
  const more = placeholders.length - named.length;
  const all = more > 0 ? [...named, `${String(more)} more`] : named;
  const last = all.at(-1) ?? '';
  const list = all.length > 1 ? `${all.slice(0, -1).join(', ')} and ${last}` : last;
  return `${copied} Fill in ${list}.`;
}
