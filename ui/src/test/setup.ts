/** What jsdom lacks, and the matchers. */
import { configure } from '@testing-library/svelte';
import '@testing-library/jest-dom/vitest';

// A bound against hanging, not against a slow machine.
configure({ asyncUtilTimeout: 20_000 });

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
