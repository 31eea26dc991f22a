import { render, screen } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import { exchange } from '$lib/api/fake/runs';

import Recorded from './Recorded.svelte';
import { partsOf } from './redacted';
import { compareShapes } from './shapes';
import { fine, timingOf, timingWords } from './timings';

describe('what was redacted', () => {
  it.each<[string, string[]]>([
    ['', []],
    ['plain', ['plain']],
    ['****', ['[****]']],
    ['Bearer ****', ['Bearer ', '[****]']],
    [
      'https://****@example.com/a?****#****',
      ['https://', '[****]', '@example.com/a?', '[****]', '#', '[****]'],
    ],
    ['{"a":"****"}', ['{"a":"', '[****]', '"}']],
    ['2 ** 3 and *****', ['2 ** 3 and *****']],
    ['••••••••: string(3)', ['[••••••••]', ': string(3)']],
  ])('s2_is_told_apart_in %s', (text, parts) => {
    expect(partsOf(text).map((part) => (part.redacted ? `[${part.text}]` : part.text))).toEqual(parts);
    expect(
      partsOf(text)
        .map((part) => part.text)
        .join(''),
    ).toBe(text);
  });

  it('s2_shows_as_a_mark_and_stays_as_recorded_in_the_text', () => {
    const { container } = render(Recorded, { text: 'a **** b\n  c' });
    expect(screen.getByTestId('redacted')).toHaveTextContent('****');
    expect(container.textContent).toBe('a **** b\n  c');
  });
});

describe('where the time went', () => {
  const timings = {
    redirects_us: 0,
    dns_us: 1200,
    connect_us: 11_000,
    tls_us: null,
    first_byte_us: 950_000,
    download_us: 40,
  };

  it('is a slice for each part that took place', () => {
    const timing = timingOf(exchange({ timings }));
    expect(timing?.slices.map(({ label }) => label)).toEqual(['DNS', 'connect', 'first byte', 'download']);
    expect(timing?.microseconds).toBe(962_240);
    expect(timing?.reused).toBe(false);
  });

  it('says that a connection was used again', () => {
    const reused = timingOf(exchange({ timings: { ...timings, dns_us: null, connect_us: null } }));
    expect(reused && timingWords(reused)).toBe('connection reused, first byte 950 ms, download 0.04 ms');
  });

  it('is unknown where nothing was measured', () => {
    expect(timingOf(exchange({ timings: null }))).toBeNull();
  });

  it('is said in words that fit its size', () => {
    expect([40, 1234, 96_400, 1_240_000].map(fine)).toEqual(['0.04 ms', '1.2 ms', '96 ms', '1.24 s']);
  });
});

describe('the shapes of two answers', () => {
  it('e7_are_the_same_where_name_place_and_type_are', () => {
    const [saved, came] = compareShapes(
      'object\n  data: object\n    token: string(40)\n  token: string(2)\nheaders\n  X-Token: string(3)',
      'object\n  data: object\n    expires: number\n  token: string(99)\nheaders\n  X-Token: string(4)',
    );
    expect(saved.filter(({ change }) => change !== 'same')).toEqual([
      { depth: 2, key: 'token', text: 'string(40)', change: 'gone' },
    ]);
    expect(came.filter(({ change }) => change !== 'same')).toEqual([
      { depth: 2, key: 'expires', text: 'number', change: 'new' },
    ]);
  });
});
