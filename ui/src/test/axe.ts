/** Fails with the rule and the element when something on the page can't be used by everyone. */
import axe from 'axe-core';
import { expect } from 'vitest';

export async function expectAccessible(container: Element): Promise<void> {
  // jsdom has no layout and no canvas: contrast is looked at in a real browser.
  const results = await axe.run(container, {
    rules: { 'color-contrast': { enabled: false }, region: { enabled: false } },
  });
  const found = results.violations.map(
    (violation) => `${violation.id}: ${violation.nodes.map((node) => node.html).join(' ; ')}`,
  );
  expect(found).toEqual([]);
}
