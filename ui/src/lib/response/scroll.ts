/**
 * Rows of one fixed height in a scroll area, also when there are more of them than a browser can lay out.
 * Engines stop at 16 to 33 million pixels, so beyond 8 million the scroll bar is mapped onto the rows.
 */
export const ROW_HEIGHT = 24;
const TALLEST = 8_000_000;

export class RowScroll {
  constructor(
    readonly total: number,
    readonly viewport: number,
    readonly rowHeight = ROW_HEIGHT,
  ) {}

  /** The height of all rows together, laid out or not. */
  get content(): number {
    return this.total * this.rowHeight;
  }

  /** More than are ever seen at once: rows with the same remainder share one place in the page. */
  get slots(): number {
    return Math.ceil(this.viewport / this.rowHeight) + 4;
  }

  /** The height that is laid out. */
  get spacer(): number {
    return Math.min(this.content, TALLEST);
  }

  /** Whether the scroll bar stands for more than it measures. */
  get mapped(): boolean {
    return this.content > TALLEST;
  }

  /** Where in the rows a position of the scroll bar points. */
  toContent(scrollTop: number): number {
    if (!this.mapped) return scrollTop;
    return (scrollTop / (this.spacer - this.viewport)) * (this.content - this.viewport);
  }

  /** Where the scroll bar stands for a position in the rows. */
  toScroll(contentTop: number): number {
    if (!this.mapped) return contentTop;
    return (contentTop / (this.content - this.viewport)) * (this.spacer - this.viewport);
  }

  /** A position that is not before the first nor after the last row. */
  clamp(contentTop: number): number {
    return Math.max(0, Math.min(contentTop, this.content - this.viewport));
  }

  /** The rows that a position shows, one more at each end. */
  visible(contentTop: number): { from: number; to: number } {
    const from = Math.max(0, Math.floor(contentTop / this.rowHeight) - 1);
    const to = Math.min(this.total, Math.ceil((contentTop + this.viewport) / this.rowHeight) + 1);
    return { from, to };
  }

  /** The least move that brings a row into view. */
  reveal(row: number, contentTop: number): number {
    const top = row * this.rowHeight;
    if (top < contentTop) return top;
    const bottom = top + this.rowHeight - this.viewport;
    return bottom > contentTop ? this.clamp(bottom) : contentTop;
  }
}
