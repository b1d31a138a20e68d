import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { Bar, CommandLine } from '../lib/pages/model.ts';
import { count, useSay } from './speaking.ts';

/** A text that may be long and without blanks: it breaks after its joints, and within a word only where it must. */
export function Long({ text }: { readonly text: string }) {
  const pieces = text.split(/(?<=[-_./:=@,;&?])(?=[^-_./:=@,;&?\s])/);
  return (
    <>
      {pieces.map((piece, at) => (
        <>
          {at > 0 && <wbr />}
          {piece}
        </>
      ))}
    </>
  );
}

/** Names one after the other, none of them broken. */
export function Names({ names }: { readonly names: readonly string[] }) {
  return (
    <>
      {names.map((name, at) => (
        <>
          {at > 0 && ', '}
          <span class="word">{name}</span>
        </>
      ))}
    </>
  );
}

/** A tag's value between quotes, as far as it is a value. */
export function Value({ text }: { readonly text: string }) {
  const say = useSay();
  return text === '' ? (
    <i class="dim">{say('empty')}</i>
  ) : (
    <code class="value">
      "<Long text={text} />"
    </code>
  );
}

/** An instant in UTC, and at the reader's place where that is another time. */
export function Time({ at }: { readonly at: string }) {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return <>{at}</>;
  const utc = `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  const local =
    date.getTimezoneOffset() === 0
      ? ''
      : date.toLocaleString('sv-SE', { timeZoneName: 'short' }).replace(/:\d\d(?= )/, '');
  return (
    <time dateTime={at}>
      {utc}
      {local !== '' && <small> ({local})</small>}
    </time>
  );
}

/** A digest in full, in groups, so that it wraps and can be read aloud. */
export function Digest({ text }: { readonly text: string }) {
  const say = useSay();
  const [algorithm = '', hex = ''] = text.split(':');
  return (
    <span class="digest">
      <code>
        {algorithm}:
        {(hex.match(/.{1,8}/g) ?? []).map((group) => (
          <>
            <wbr />
            {group}
          </>
        ))}
      </code>
      <CopyButton text={text} what={say('digest')} />
    </span>
  );
}

export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  const say = useSay();
  const [done, setDone] = useState(false);
  const copy = () => {
    navigator.clipboard?.writeText(text).then(
      () => setDone(true),
      () => setDone(false),
    );
  };
  return (
    <button type="button" class="copy" aria-label={say('copyWhat', { what })} onClick={copy}>
      <span aria-live="polite">{say(done ? 'copied' : 'copy')}</span>
    </button>
  );
}

export function Section({
  title,
  note,
  children,
}: {
  readonly title: string;
  readonly note?: string | undefined;
  readonly children: ComponentChildren;
}) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {note !== undefined && <p class="dim note">{note}</p>}
      {children}
    </section>
  );
}

export type Mood = 'good' | 'bad' | 'warn' | 'calm';

export function Badge({ mood, children }: { readonly mood: Mood; readonly children: ComponentChildren }) {
  return <span class={`badge ${mood}`}>{children}</span>;
}

/** A few names with what they stand for. */
export function Facts({
  facts,
}: {
  readonly facts: readonly (readonly [name: string, value: ComponentChildren])[];
}) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export interface Tile {
  readonly value: string;
  readonly what: string;
  readonly note?: string;
  readonly mood?: Mood;
}

export function Tiles({ title, tiles }: { readonly title: string; readonly tiles: readonly Tile[] }) {
  return (
    <ul class="tiles" aria-label={title}>
      {tiles.map(({ value, what, note, mood = 'calm' }) => (
        <li key={what} class={mood}>
          <b>{value}</b> <span>{what}</span>
          {note !== undefined && <small>{note}</small>}
        </li>
      ))}
    </ul>
  );
}

export function Commands({ commands }: { readonly commands: readonly CommandLine[] }) {
  const say = useSay();
  return (
    <>
      {commands.map(({ says, line }) => (
        <div class="command" key={line}>
          <p class="dim">{say(says)}</p>
          <div class="line">
            <pre>
              <code>
                {line.split(' ').map((word, at) => (
                  <>
                    {at > 0 && ' '}
                    <span class="word">{word}</span>
                  </>
                ))}
              </code>
            </pre>
            <CopyButton text={line} what={line} />
          </div>
        </div>
      ))}
    </>
  );
}

/** So many rows are shown before a reader asks for all. */
const SHOWN = 12;

/** A list that shows its first rows, and all where it is asked to. */
export function useShown<T>(items: readonly T[], most = SHOWN) {
  const say = useSay();
  const [isOpen, setOpen] = useState(false);
  const isLong = items.length > most + 2;
  return {
    shown: isOpen || !isLong ? items : items.slice(0, most),
    more: isLong && (
      <button type="button" class="more" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? say('showFewer') : say('showAll', { n: items.length })}
      </button>
    ),
  };
}

/** Counts as bars, in a table that can be read without them. */
export function Bars({
  caption,
  head,
  bars,
  tone = 'goes',
}: {
  readonly caption: string;
  readonly head: string;
  readonly bars: readonly Bar[];
  readonly tone?: 'goes' | 'calm';
}) {
  const say = useSay();
  const { shown, more } = useShown(bars);
  const most = Math.max(1, ...bars.map(({ tags }) => tags));
  if (bars.length === 0) return <p class="dim">{say('nothingFound')}</p>;
  return (
    <>
      <table class="bars">
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{head}</th>
            <th scope="col" class="n">
              {say('tags')}
            </th>
            <th scope="col" class="n wide">
              {say('resources')}
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ label, note, tags, resources }) => (
            <tr key={label}>
              <th scope="row">
                <Long text={label} />
                {note !== undefined && <small class="dim"> {note}</small>}
                <Track part={tags / most} tone={tone} />
              </th>
              <td class="n">{count(tags)}</td>
              <td class="n wide">{count(resources)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {more}
    </>
  );
}

export function Track({ part, tone }: { readonly part: number; readonly tone: string }) {
  return (
    <span class="track" aria-hidden="true">
      <span class={tone} style={{ width: `${Math.max(part > 0 ? 0.5 : 0, Math.min(1, part) * 100)}%` }} />
    </span>
  );
}

/** One of several views, chosen by buttons. */
export function Choice<T extends string>({
  title,
  choices,
  chosen,
  onChoose,
}: {
  readonly title: string;
  readonly choices: readonly (readonly [T, string])[];
  readonly chosen: T;
  readonly onChoose: (choice: T) => void;
}) {
  return (
    <fieldset class="choice">
      <legend class="unseen">{title}</legend>
      {choices.map(([choice, name]) => (
        <button type="button" key={choice} aria-pressed={choice === chosen} onClick={() => onChoose(choice)}>
          {name}
        </button>
      ))}
    </fieldset>
  );
}

/** Sentences of the program itself, which are English in every language. */
export function Sentences({ sentences }: { readonly sentences: readonly string[] }) {
  const { shown, more } = useShown(sentences);
  return (
    <>
      <ul class="sentences" lang="en">
        {shown.map((sentence) => (
          <li key={sentence}>
            <Long text={sentence} />
          </li>
        ))}
      </ul>
      {more}
    </>
  );
}

export interface Column {
  readonly head: string;
  readonly isNumber?: true;
  /** Left out where the screen is narrow. */
  readonly isWide?: true;
}

/** A plain table: the first cell of each row names it. */
export function DataTable({
  caption,
  columns,
  rows,
  most = 12,
}: {
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly ComponentChildren[])[];
  readonly most?: number;
}) {
  const { shown, more } = useShown(rows, most);
  const classOf = ({ isNumber, isWide }: Column) => `${isNumber ? 'n' : ''}${isWide ? ' wide' : ''}`;
  return (
    <>
      <table class="data">
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th scope="col" key={column.head} class={classOf(column)}>
                {column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((cells, at) => (
            <tr key={at}>
              {cells.map((cell, place) =>
                place === 0 ? (
                  <th scope="row" key={columns[place]!.head} class={classOf(columns[place]!)}>
                    {cell}
                  </th>
                ) : (
                  <td key={columns[place]!.head} class={classOf(columns[place]!)}>
                    {cell}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {more}
    </>
  );
}
