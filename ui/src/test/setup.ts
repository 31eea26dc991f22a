/** What jsdom lacks, and the matchers. */
import '@testing-library/jest-dom/vitest';

const nothing = (): void => undefined;

// jsdom has no modal dialogs.
HTMLDialogElement.prototype.showModal ??= function showModal(this: HTMLDialogElement) {
  this.open = true;
};
HTMLDialogElement.prototype.close ??= function close(this: HTMLDialogElement) {
  this.open = false;
};
// Nothing scrolls, and nothing changes its size, without a layout.
Element.prototype.scrollIntoView ??= nothing;
HTMLCanvasElement.prototype.getContext = () => null;
globalThis.ResizeObserver ??= class {
  observe = nothing;
  unobserve = nothing;
  disconnect = nothing;
};
window.matchMedia ??= (media: string) =>
  ({
    matches: false,
    media,
    addEventListener: nothing,
    removeEventListener: nothing,
  }) as unknown as MediaQueryList;
