import { describe, expect, it } from 'vitest';

import { runSteps, step, token, exchange, loginExchange } from '$lib/api/fake/runs';

import { aside, describe as words, draw, type Arrow, type Note, type Picture } from './picture';

const WIDTH = 900;

function arrows(picture: Picture): Arrow[] {
  return picture.marks.filter((mark) => mark.mark === 'arrow');
}

function notes(picture: Picture): Note[] {
  return picture.marks.filter((mark) => mark.mark === 'note');
}

describe('the picture of a run', () => {
  it('shows one arrow for a run that succeeds at once', () => {
    const picture = draw(runSteps.succeeded, WIDTH, '');
    expect(picture.lanes.map((lane) => lane.part)).toEqual(['connector', 'api']);
    expect(arrows(picture).map((arrow) => [arrow.request, arrow.tone])).toEqual([
      ['GET /orders/A-1042', 'ok'],
    ]);
    expect(notes(picture)).toEqual([]);
  });

  it('e4_shows_the_401_the_refresh_in_brass_with_its_generations_and_the_retry', () => {
    const picture = draw(runSteps.refreshed, WIDTH, '');
    expect(picture.lanes.map((lane) => lane.part)).toEqual(['connector', 'api', 'login']);
    expect(arrows(picture).map(({ label, answer, tone }) => [label, answer, tone])).toEqual([
      ['request', '401 · 118 ms', 'bad'],
      ['refresh', '200 · 243 ms · generation 7 → 8', 'brass'],
      ['retry, once', '200 · 96 ms', 'ok'],
    ]);
  });

  it('e6_draws_a_shared_refresh_as_a_note_without_an_arrow', () => {
    const picture = draw(runSteps.shared, WIDTH, '');
    expect(picture.lanes.some((lane) => lane.part === 'login')).toBe(false);
    expect(notes(picture).map(({ label, stop, tone }) => [label, stop, tone])).toEqual([
      ['shared', false, 'brass'],
    ]);
    expect(notes(picture)[0]?.text).toContain('Shared with another run: generation 7 → 8.');
  });

  it('e7_draws_the_failed_login_of_another_run_as_a_shared_one', () => {
    const failed = step({
      kind: 'refresh',
      outcome: 'failed',
      token: token(7, 7, true),
      exchange: loginExchange({ http_status: 503 }),
      detail: "Another run's refresh was already under way: its outcome is shared.",
    });
    expect(arrows(draw([failed], WIDTH, 'api.example.com'))).toMatchObject([
      { label: 'shared', tone: 'bad', remark: failed.detail },
    ]);
  });

  it('e7_draws_a_failed_login_in_red_with_its_reason', () => {
    const login = arrows(draw(runSteps.login_failed, WIDTH, '')).at(-1);
    expect(login).toMatchObject({ tone: 'bad', broken: false, answer: '503 · 412 ms' });
    expect(login?.remark).toContain('The login endpoint answered 503.');
  });

  it('e2_draws_a_refusal_as_a_stop_at_the_connector', () => {
    const picture = draw(runSteps.refused, WIDTH, '');
    expect(picture.lanes.map((lane) => lane.part)).toEqual(['connector']);
    expect(notes(picture)).toMatchObject([{ stop: true, label: 'refused', tone: 'bad' }]);
  });

  it('c4_puts_the_breakers_gate_before_the_api_and_only_for_a_run_that_it_refused', () => {
    const open = draw(runSteps.circuit_open, WIDTH, 'api.example.com', true);
    const [connector, api] = open.lanes;
    const gate = notes(open)[0]?.gate ?? 0;
    expect(gate).toBeGreaterThan(connector?.x ?? 0);
    expect(gate).toBeLessThan(api?.x ?? 0);
    expect(notes(open)).toMatchObject([{ label: 'breaker', tone: 'bad', stop: true }]);
    expect(notes(draw(runSteps.circuit_open, 320, '', true))[0]?.gate).toBeLessThan(320);
    expect(notes(draw(runSteps.refused, WIDTH, '', false))[0]?.gate).toBeNull();
  });

  it('e13_breaks_the_arrow_of_a_run_that_was_cancelled', () => {
    expect(arrows(draw(runSteps.cancelled, WIDTH, ''))).toMatchObject([
      { broken: true, tone: 'muted', remark: 'Cancelled before the answer came.' },
    ]);
  });

  it('e11_breaks_the_arrow_of_a_request_without_an_answer_and_says_why', () => {
    expect(arrows(draw(runSteps.no_answer, WIDTH, ''))).toMatchObject([
      { broken: true, tone: 'bad', remark: '127.0.0.1:4010 did not answer within 10 s.' },
    ]);
  });

  it('e3_says_that_a_first_value_was_fetched', () => {
    const fetched = step({ kind: 'refresh', token: token(0, 1), exchange: loginExchange(), duration_ms: 80 });
    expect(arrows(draw([fetched], WIDTH, 'api.example.com'))).toMatchObject([
      { label: 'first fetch', answer: '200 · 80 ms · first value, generation 1' },
    ]);
  });

  it('gives each login host its own lane and grows with the steps', () => {
    const logins = ['a.example.com', 'b.example.com'].map((host) =>
      step({ kind: 'refresh', token: token(1, 2), exchange: loginExchange({ host }) }),
    );
    const one = draw(logins.slice(0, 1), WIDTH, 'api.example.com');
    const both = draw(logins, WIDTH, 'api.example.com');
    expect(both.lanes.map((lane) => lane.host)).toEqual([
      '',
      'api.example.com',
      'a.example.com',
      'b.example.com',
    ]);
    expect(both.height).toBeGreaterThan(one.height);
  });

  it('keeps its lanes in order and inside, however little room there is', () => {
    for (const width of [0, 320, 420, 616, 1600]) {
      const picture = draw(runSteps.refreshed, width, '');
      const places = picture.lanes.map((lane) => lane.x);
      expect(places).toEqual([...places].sort((a, b) => a - b));
      expect(Math.max(...places)).toBeLessThan(picture.width);
    }
  });

  it('says how often a redirect was followed', () => {
    const redirected = step({ exchange: exchange({ redirects: 2 }) });
    expect(arrows(draw([redirected], WIDTH, ''))[0]?.answer).toBe('200 · 96 ms · 2 redirects followed');
  });

  it('says in words what is not drawn, and where an arrow goes', () => {
    expect(words(step({ kind: 'gate', detail: 'All in order.' }))).toBe('check: All in order.');
    expect(aside(step({ exchange: exchange(), detail: 'It answered.' }))).toBe(
      'to 127.0.0.1:4010. It answered.',
    );
  });
});
