import { describe, expect, it } from 'vitest';

import { amountWords, BYTES, HOURS, MILLISECONDS, readAmount, typedIn, unitFor } from './amounts';

const MIB = 1024 * 1024;
const unit = (name: string): (typeof BYTES)[number] => {
  const found = [...BYTES, ...MILLISECONDS, ...HOURS].find((one) => one.name === name);
  if (!found) throw new Error(`no unit ${name}`);
  return found;
};

describe('amounts', () => {
  it('are said in the largest unit that needs few digits', () => {
    const said = [1, 1024, 1500, 1.5 * MIB, 256 * MIB].map((amount) => amountWords(amount, BYTES));
    expect(said).toEqual(['1 byte', '1 KiB', '1500 bytes', '1.5 MiB', '256 MiB']);
    expect([100, 1000, 10_500].map((amount) => amountWords(amount, MILLISECONDS))).toEqual([
      '100 ms',
      '1 second',
      '10.5 seconds',
    ]);
    expect([0, 1, 24].map((amount) => amountWords(amount, HOURS))).toEqual(['0 hours', '1 hour', '24 hours']);
  });

  it('can be shown in every unit', () => {
    expect(typedIn(512 * 1024, unit('MiB'))).toBe('0.5');
    expect(typedIn(1500, unit('MiB'))).toBe('0.001431');
    expect(unitFor(1500, BYTES).name).toBe('bytes');
  });

  it.each([
    ['10', 'MiB', 10 * MIB],
    [' 1.5 ', 'MiB', 1.5 * MIB],
    ['0.3', 'MiB', 314_573],
    ['1024', 'bytes', 1024],
    ['256', 'MiB', 256 * MIB],
    ['257', 'MiB', 'It can be from 1 KiB to 256 MiB.'],
    ['1023', 'bytes', 'It can be from 1 KiB to 256 MiB.'],
    ['0', 'KiB', 'It can be from 1 KiB to 256 MiB.'],
    ['1024.5', 'bytes', 'Type a whole number: from 1 KiB to 256 MiB.'],
    ['', 'MiB', 'Type a number: from 1 KiB to 256 MiB.'],
    ['-1', 'MiB', 'Type a number: from 1 KiB to 256 MiB.'],
    ['1e3', 'KiB', 'Type a number: from 1 KiB to 256 MiB.'],
    ['10 MB', 'KiB', 'Type a number: from 1 KiB to 256 MiB.'],
    ['10,5', 'KiB', 'Type a number: from 1 KiB to 256 MiB.'],
  ])('s4_%j %s is read as %j', (text, name, read) => {
    expect(readAmount(text, unit(name), BYTES, [1024, 256 * MIB])).toBe(read);
  });
});
