/**
 * A click anywhere in a table's row follows the row's first link, as a convenience for the pointer; the keyboard has
 * the link itself. Other links and buttons of the row keep their own meaning.
 */
export function followFirstLink(event: MouseEvent): void {
  if (!(event.target instanceof Element) || event.target.closest('a, button')) return;
  if (event.currentTarget instanceof Element) event.currentTarget.querySelector('a')?.click();
}
