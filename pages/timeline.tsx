import type { RunPage, Timeline, TimelineSlot } from '../lib/pages/model.ts';
import { DataTable, Section } from './parts.tsx';
import { count, useSay } from './speaking.ts';

/** Units of the drawing; it is as wide as its place. */
const WIDTH = 800;
const CALLS_HEIGHT = 120;
const PROGRESS_HEIGHT = 120;
const WAVE_HEIGHT = 10;

/** When the calls were sent and how far the tags were, drawn and as a table. */
export function TimelineSection({ page }: { readonly page: RunPage }) {
  const say = useSay();
  const { timeline } = page;
  if (timeline === undefined) {
    return (
      <Section title={say('timelineHeading')}>
        <p class="dim">{say('timelineNone')}</p>
      </Section>
    );
  }
  const sum = (of: (slot: TimelineSlot) => number) => timeline.slots.reduce((all, one) => all + of(one), 0);
  const failed = sum((slot) => slot.failed + slot.unknown);
  const told = say('timelineAlt', {
    calls: sum((slot) => slot.done) + failed,
    from: clockTime(timeline, 0),
    to: clockTime(timeline, lengthOf(timeline)),
    failed,
    tags: sum((slot) => slot.tags),
  });
  return (
    <Section title={say('timelineHeading')} note={told}>
      <Figure title={say('timelineCalls')} peak={mostCalls(timeline)} timeline={timeline}>
        <CallBars timeline={timeline} />
      </Figure>
      <p class="legend" aria-hidden="true">
        <span class="dot calm" /> {say('callsDone')} <span class="dot bad" /> {say('callsFailed')}{' '}
        <span class="dot warn" /> {say('callsUnknown')}
      </p>
      <Figure title={say('timelineProgress')} peak={mostTags(timeline, page.planned)} timeline={timeline}>
        <ProgressLine timeline={timeline} planned={page.planned} />
      </Figure>
      <p class="dim note">{say('timelineNote', { n: timeline.slotMs / 1000 })}</p>
      <details>
        <summary>{say('timelineTable')}</summary>
        <DataTable
          caption={say('timelineHeading')}
          columns={[
            { head: `${say('time')} (UTC)` },
            { head: say('callsDone'), isNumber: true },
            { head: say('callsFailed'), isNumber: true },
            { head: say('callsUnknown'), isNumber: true, isWide: true },
            { head: say('tags'), isNumber: true },
          ]}
          rows={timeline.slots.map(({ fromMs, done, failed, unknown, tags }) => [
            clockTime(timeline, fromMs),
            count(done),
            count(failed),
            count(unknown),
            count(tags),
          ])}
        />
      </details>
    </Section>
  );
}

function Figure({
  title,
  peak,
  timeline,
  children,
}: {
  readonly title: string;
  /** What the top of the drawing stands for. */
  readonly peak: number;
  readonly timeline: Timeline;
  readonly children: preact.ComponentChildren;
}) {
  return (
    <figure>
      <figcaption>
        {title} <span aria-hidden="true">↑ {count(peak)}</span>
      </figcaption>
      {children}
      <div class="axis dim" aria-hidden="true">
        <span>{clockTime(timeline, 0)}</span>
        <span>{clockTime(timeline, lengthOf(timeline))} UTC</span>
      </div>
    </figure>
  );
}

function CallBars({ timeline }: { readonly timeline: Timeline }) {
  const { slots, slotMs } = timeline;
  const most = mostCalls(timeline);
  const width = Math.max(1.5, (slotMs / lengthOf(timeline)) * WIDTH - 1);
  return (
    <div class="plot">
      <svg
        viewBox={`0 0 ${WIDTH} ${CALLS_HEIGHT + WAVE_HEIGHT}`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        {slots.map((slot) => {
          const x = xOf(timeline, slot.fromMs);
          let y = CALLS_HEIGHT;
          return (['done', 'unknown', 'failed'] as const).map((part) => {
            const height = (slot[part] / most) * (CALLS_HEIGHT - 4);
            y -= height;
            return slot[part] === 0 ? null : (
              <rect key={`${slot.fromMs} ${part}`} class={part} x={x} y={y} width={width} height={height} />
            );
          });
        })}
        <line class="base" x1="0" x2={WIDTH} y1={CALLS_HEIGHT} y2={CALLS_HEIGHT} />
        {timeline.waves.map(({ atMs }) => (
          <rect
            key={atMs}
            class="wave"
            x={Math.min(WIDTH - 2, xOf(timeline, atMs))}
            y={CALLS_HEIGHT + 3}
            width="2"
            height={WAVE_HEIGHT - 3}
          />
        ))}
      </svg>
    </div>
  );
}

function ProgressLine({ timeline, planned }: { readonly timeline: Timeline; readonly planned: number }) {
  const { slots, slotMs } = timeline;
  const most = mostTags(timeline, planned);
  let done = 0;
  const points = slots.map(({ fromMs, tags }) => {
    done += tags;
    return `${xOf(timeline, fromMs + slotMs)},${PROGRESS_HEIGHT - (done / most) * (PROGRESS_HEIGHT - 4)}`;
  });
  const line = [`0,${PROGRESS_HEIGHT}`, ...points].join(' ');
  return (
    <div class="plot">
      <svg viewBox={`0 0 ${WIDTH} ${PROGRESS_HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        <polygon class="area" points={`${line} ${WIDTH},${PROGRESS_HEIGHT}`} />
        <polyline class="line" points={line} />
        <line class="base" x1="0" x2={WIDTH} y1={PROGRESS_HEIGHT} y2={PROGRESS_HEIGHT} />
        <line class="goal" x1="0" x2={WIDTH} y1="4" y2="4" />
      </svg>
    </div>
  );
}

function mostCalls({ slots }: Timeline): number {
  return Math.max(1, ...slots.map(({ done, failed, unknown }) => done + failed + unknown));
}

function mostTags({ slots }: Timeline, planned: number): number {
  return Math.max(
    1,
    planned,
    slots.reduce((sum, { tags }) => sum + tags, 0),
  );
}

function lengthOf({ slots, slotMs }: Timeline): number {
  return Math.max(1, slots.length) * slotMs;
}

function xOf(timeline: Timeline, atMs: number): number {
  return Math.min(WIDTH, (atMs / lengthOf(timeline)) * WIDTH);
}

function clockTime({ from }: Timeline, atMs: number): string {
  return new Date(Date.parse(from) + atMs).toISOString().slice(11, 19);
}
