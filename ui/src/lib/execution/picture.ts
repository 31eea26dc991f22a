/**
 * A run as a picture: which lanes there are, and where each step's marks stand. Pure, so that a test
 * can read it. Texts are HTML above the lines, so they wrap, scale with the font and can be selected.
 */
import type { Exchange, Step } from '$lib/api';
import { duration } from './words';

export type Tone = 'ok' | 'bad' | 'brass' | 'muted';

/** A vertical line of the picture. Login and API are two lanes even on one host: they are two parts in the play. */
export interface Lane {
  part: 'connector' | 'api' | 'login';
  title: string;
  host: string;
  x: number;
}

interface Placed {
  /** The position of the step in the run. */
  index: number;
  step: Step;
  label: string;
  tone: Tone;
  top: number;
  height: number;
}

/** A request that went out, and what came back, if anything did. A failed refresh may be another run's, which is shared. */
export interface Arrow extends Placed {
  mark: 'arrow';
  lane: Lane;
  request: string;
  answer: string;
  /** No answer came. */
  broken: boolean;
  /** What went wrong, where the status alone does not say it. */
  remark: string | null;
}

/** Something that happened at the connector's own lane, without an arrow of this run's. */
export interface Note extends Placed {
  mark: 'note';
  /** A stop ends the run here. */
  stop: boolean;
  /** Where the circuit breaker's shut gate stands that the run came up against; null for anything else. */
  gate: number | null;
  text: string;
}

export interface Picture {
  lanes: Lane[];
  marks: (Arrow | Note)[];
  width: number;
  height: number;
  /** Where the lanes begin. */
  top: number;
  /** There is no room for labels beside the lanes: they stand before the request. */
  narrow: boolean;
  /** The room for a lane's title. */
  titleWidth: number;
}

/** Where the connector's lane stands: with its labels at the left, or without where there is little room. */
const FIRST = 120;
const FIRST_NARROW = 46;
/** Left of the right edge, for half of the last lane's title. */
const EDGE = 110;
const EDGE_NARROW = 64;
const NARROW = 600;
const LEAST_LANE = 140;
const TOP = 48;
const ARROW_HEIGHT = 70;
const REMARK_HEIGHT = 36;
const NOTE_HEIGHT = 52;
const GATE_HEIGHT = 84;
const FOOT = 14;

/** Lays a run out over the given width; wider when its lanes need more. `circuitOpen`: the breaker refused it (C4). */
export function draw(steps: Step[], available: number, apiHost: string, circuitOpen = false): Picture {
  const lanes = lanesOf(steps, apiHost);
  const narrow = available < NARROW;
  const first = narrow ? FIRST_NARROW : FIRST;
  const edge = available < NARROW + 200 ? EDGE_NARROW : EDGE;
  const width = Math.max(available, first + edge + (lanes.length - 1) * LEAST_LANE);
  const gap = lanes.length > 1 ? (width - first - edge) / (lanes.length - 1) : width;
  lanes.forEach((lane, position) => (lane.x = Math.round(first + position * gap)));

  const marks: (Arrow | Note)[] = [];
  let top = TOP;
  steps.forEach((step, index) => {
    const gate = circuitOpen && step.kind === 'gate' && step.outcome === 'refused' ? gateOf(lanes) : null;
    const mark = step.exchange ? arrow(step, step.exchange, lanes, index, top) : note(step, index, top, gate);
    if (!mark) return;
    marks.push(mark);
    top += mark.height;
  });
  return {
    lanes,
    marks,
    width,
    height: top + FOOT,
    top: TOP,
    narrow,
    titleWidth: Math.min(210, gap - 8, 2 * edge),
  };
}

function lanesOf(steps: Step[], apiHost: string): Lane[] {
  const lanes: Lane[] = [{ part: 'connector', title: 'Connector', host: '', x: 0 }];
  const asked = steps.find((step) => step.kind !== 'refresh' && step.exchange)?.exchange?.host ?? apiHost;
  if (asked !== '') lanes.push({ part: 'api', title: 'API', host: asked, x: 0 });
  for (const step of steps) {
    const host = step.kind === 'refresh' ? step.exchange?.host : undefined;
    if (host && !lanes.some((lane) => lane.part === 'login' && lane.host === host)) {
      lanes.push({ part: 'login', title: 'Login', host, x: 0 });
    }
  }
  return lanes;
}

function arrow(step: Step, exchange: Exchange, lanes: Lane[], index: number, top: number): Arrow | null {
  const part = step.kind === 'refresh' ? 'login' : 'api';
  const lane = lanes.find((lane) => lane.part === part && lane.host === exchange.host) ?? lanes[1];
  if (!lane) return null;
  const remark = remarkOf(step, exchange);
  return {
    mark: 'arrow',
    index,
    step,
    lane,
    label: labelOf(step),
    tone: toneOf(step),
    top,
    height: ARROW_HEIGHT + (remark === null || exchange.http_status === null ? 0 : REMARK_HEIGHT),
    request: `${exchange.method} ${exchange.path}`,
    answer: answerOf(step, exchange),
    broken: exchange.http_status === null,
    remark,
  };
}

function remarkOf(step: Step, exchange: Exchange): string | null {
  if (exchange.http_status === null) {
    return step.outcome === 'cancelled'
      ? 'Cancelled before the answer came.'
      : (exchange.failure ?? 'No answer came.');
  }
  return step.kind === 'refresh' && step.outcome === 'failed' ? step.detail : null;
}

/** Between the connector and whom it would have asked. */
function gateOf([connector, next]: Lane[]): number {
  const from = connector?.x ?? 0;
  return Math.round(from + Math.min(320, next ? (next.x - from) * 0.62 : 220));
}

/** Passed gates, and a reading that went well, are not drawn: they are in the list beside the picture. */
function note(step: Step, index: number, top: number, gate: number | null): Note | null {
  const stop = step.outcome === 'refused' || step.outcome === 'failed' || step.outcome === 'cancelled';
  if (!stop && step.kind !== 'refresh') return null;
  return {
    mark: 'note',
    index,
    step,
    stop,
    gate,
    label: gate === null ? labelOf(step) : 'breaker',
    tone: toneOf(step),
    top,
    height: gate === null ? NOTE_HEIGHT : GATE_HEIGHT,
    text: step.token ? `${tokenWords(step)} ${step.detail}`.trim() : step.detail,
  };
}

function tokenWords(step: Step): string {
  if (!step.token?.shared || step.outcome === 'cancelled') return '';
  if (step.outcome === 'failed') return 'Shared with another run.';
  return `Shared with another run: ${generations(step)}.`;
}

function generations(step: Step): string {
  const token = step.token;
  if (!token || token.generation_after === token.generation_before) return '';
  if (token.generation_before === 0) return `first value, generation ${token.generation_after}`;
  return `generation ${token.generation_before} → ${token.generation_after}`;
}

function answerOf(step: Step, exchange: Exchange): string {
  if (exchange.http_status === null) return duration(step.duration_ms);
  const redirects =
    exchange.redirects > 0
      ? `${exchange.redirects} redirect${exchange.redirects > 1 ? 's' : ''} followed`
      : '';
  return [exchange.http_status, duration(step.duration_ms), redirects, generations(step)]
    .filter(Boolean)
    .join(' · ');
}

function toneOf(step: Step): Tone {
  if (step.outcome === 'cancelled') return 'muted';
  if (step.outcome === 'failed' || step.outcome === 'refused') return 'bad';
  if (step.exchange && (step.exchange.http_status === null || step.exchange.http_status >= 300)) return 'bad';
  return step.kind === 'refresh' ? 'brass' : 'ok';
}

/** What a step is called. */
export function labelOf(step: Step): string {
  switch (step.kind) {
    case 'gate':
      return step.outcome === 'refused' ? 'refused' : 'check';
    case 'request':
      return 'request';
    case 'retry':
      return 'retry, once';
    case 'mapping':
      return 'reading';
    case 'refresh':
      if (step.token?.shared) return 'shared';
      return step.token?.generation_before === 0 ? 'first fetch' : 'refresh';
  }
}

/** A step that is not drawn, in words. */
export function describe(step: Step): string {
  return `${labelOf(step)}: ${step.detail}`;
}

/** What the words beside an arrow leave to the eye: where it goes, and the step's own words. */
export function aside(step: Step): string {
  return step.exchange ? `to ${step.exchange.host}. ${step.detail}` : step.detail;
}
