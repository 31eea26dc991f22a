/** Token locations as the tree compares them. The tree never makes one: they come with the rows. */
import type { TokenLocation } from '$lib/api';

/** Whether two locations say the same, with what may be left out written or not. */
export function sameLocation(
  one: TokenLocation | null | undefined,
  other: TokenLocation | null | undefined,
): boolean {
  if (!one || !other) return false;
  return spelled(one) === spelled(other);
}

/** One text for each place. */
export function spelled({ in: part, at = '', then = [] }: TokenLocation): string {
  const steps = then.map((step) => {
    switch (step.open) {
      case 'json':
        return [step.open, step.at];
      case 'jwt_claim':
        return [step.open, step.claim];
      case 'line':
        return [step.open, step.number];
      case 'capture':
        return [step.open, step.pattern];
    }
  });
  // Names of headers are compared without case.
  return JSON.stringify([part, part === 'header' ? at.toLowerCase() : at, steps]);
}
