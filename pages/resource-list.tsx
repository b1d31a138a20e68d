import { useId, useMemo, useRef, useState } from 'preact/hooks';
import type { Fate, TagRow, TagRows } from '../lib/pages/model.ts';
import { Choice, Long, Value } from './parts.tsx';
import { count, useSay } from './speaking.ts';

const ROWS_A_PAGE = 25;

interface Filter {
  readonly text: string;
  readonly place: string;
  readonly key: string;
  readonly rule: string;
  readonly onlyNew: boolean;
}

const EVERYTHING: Filter = { text: '', place: '', key: '', rule: '', onlyNew: false };

/** Resources with what becomes of their tags: searched, filtered, and shown page by page, however many there are. */
export function ResourceList({
  list,
  hasStaying = true,
  hasNew = false,
}: {
  readonly list: TagRows;
  readonly hasStaying?: boolean;
  readonly hasNew?: boolean;
}) {
  const say = useSay();
  const [filter, setFilter] = useState(EVERYTHING);
  const [page, setPage] = useState(0);
  const [show, setShow] = useState<'both' | 'goes'>('both');
  const top = useRef<HTMLDivElement>(null);
  const find = useMemo(() => finderOf(list), [list]);
  const found = useMemo(() => find(filter), [find, filter]);
  const options = useMemo(() => optionsOf(list), [list]);
  const pages = Math.max(1, Math.ceil(found.length / ROWS_A_PAGE));
  const at = Math.min(page, pages - 1);
  const shown = found.slice(at * ROWS_A_PAGE, (at + 1) * ROWS_A_PAGE);
  const change = (part: Partial<Filter>) => {
    setFilter({ ...filter, ...part });
    setPage(0);
  };
  const turn = (to: number) => {
    setPage(to);
    top.current?.scrollIntoView({ block: 'start' });
  };
  const pager = pages > 1 && <Pager at={at} pages={pages} onTurn={turn} />;
  return (
    <div class="list" ref={top}>
      <search class="filters">
        <Field label={say('search')} isWide>
          {(id) => (
            <input
              id={id}
              type="search"
              value={filter.text}
              placeholder={say('searchPlaceholder')}
              onInput={(event) => change({ text: event.currentTarget.value })}
            />
          )}
        </Field>
        <Select
          label={say('region')}
          options={options.places}
          value={filter.place}
          onChange={(place) => change({ place })}
        />
        <Select
          label={say('filterKey')}
          options={options.keys}
          value={filter.key}
          onChange={(key) => change({ key })}
        />
        <Select
          label={say('filterRule')}
          options={options.rules}
          value={filter.rule}
          onChange={(rule) => change({ rule })}
        />
        {hasNew && (
          <label class="check">
            <input
              type="checkbox"
              checked={filter.onlyNew}
              onChange={(event) => change({ onlyNew: event.currentTarget.checked })}
            />{' '}
            {say('onlyNew')}
          </label>
        )}
      </search>
      <div class="bar">
        <p role="status">{say('results', { n: found.length, all: list.rows.length })}</p>
        {hasStaying && (
          <Choice
            title={say('show')}
            choices={[
              ['both', say('showBoth')],
              ['goes', say('showGoes')],
            ]}
            chosen={show}
            onChoose={setShow}
          />
        )}
      </div>
      {list.cutOf !== undefined && (
        <p class="note warn">{say('cutNote', { n: goingIn(list), all: list.cutOf })}</p>
      )}
      {found.length === 0 ? (
        <p class="dim">{say('nothingFound')}</p>
      ) : (
        <ul class="resources">
          {shown.map((row) => (
            <ResourceRow key={`${row[0]} ${row[1]}`} row={row} list={list} onlyGoing={show === 'goes'} />
          ))}
        </ul>
      )}
      {pager}
      <p class="onlyprint">{say('printNote', { n: shown.length, all: list.rows.length })}</p>
    </div>
  );
}

function ResourceRow({
  row: [placeNumber, id, name, tags],
  list,
  onlyGoing,
}: {
  readonly row: TagRow;
  readonly list: TagRows;
  readonly onlyGoing: boolean;
}) {
  const say = useSay();
  const { region, type } = list.places[placeNumber]!;
  const lines = tagsOf(tags, list);
  const going = lines.filter(({ fate }) => fate.goes).length;
  const shown = onlyGoing ? lines.filter(({ fate }) => fate.goes) : lines;
  return (
    <li class="resource">
      <div class="who">
        <h3>
          <Long text={name === '' ? id : name} />
        </h3>
        {name !== '' && (
          <code class="dim">
            <Long text={id} />
          </code>
        )}
        <span class="dim">
          {region} · {type}
        </span>
        <span class="dim">{say('beforeAfter', { before: lines.length, after: lines.length - going })}</span>
        <a
          href={consoleAddress(region, type, id)}
          target="_blank"
          rel="noopener noreferrer"
          aria-label={say('openConsoleOf', { id })}
        >
          {say('openConsole')}
          <span aria-hidden="true"> ↗</span>
        </a>
      </div>
      <ul class="tags">
        {shown.map(({ key, value, fate }) => (
          <li key={key} class={fate.goes ? 'goes' : 'stays'}>
            <span class="sign" aria-hidden="true">
              {fate.goes ? '−' : ' '}
            </span>
            <span class="pair">
              <span class="unseen">{say(fate.goes ? 'goes' : 'stays')}: </span>
              <code class="key">
                <Long text={key} />
              </code>{' '}
              <span class="dim">=</span> <Value text={value} />
            </span>
            <span class="reason dim">
              {fate.isNew && <b class="new">{say('isNew')}</b>}{' '}
              {fate.reason !== undefined && fate.reason !== 'protected' && say(`reason_${fate.reason}`)}{' '}
              {fate.label !== undefined && <Long text={fate.label} />}
            </span>
          </li>
        ))}
      </ul>
    </li>
  );
}

/** Where the console shows a resource: a container group has a page, the other kinds a list. */
function consoleAddress(region: string, type: string, id: string): string {
  const base = `https://eci.console.aliyun.com/#/eci/${encodeURIComponent(region)}`;
  return type === 'ContainerGroup' ? `${base}/detail/${encodeURIComponent(id)}/containers` : `${base}/list`;
}

interface Line {
  readonly key: string;
  readonly value: string;
  readonly fate: Fate;
}

function tagsOf(tags: readonly number[], { texts, fates }: TagRows): readonly Line[] {
  const lines: Line[] = [];
  for (let at = 0; at < tags.length; at += 3) {
    lines.push({ key: texts[tags[at]!]!, value: texts[tags[at + 1]!]!, fate: fates[tags[at + 2]!]! });
  }
  return lines;
}

function goingIn({ rows, fates }: TagRows): number {
  let going = 0;
  for (const [, , , tags] of rows) {
    for (let at = 2; at < tags.length; at += 3) if (fates[tags[at]!]!.goes) going += 1;
  }
  return going;
}

/** Finds rows; what is searched is put together when somebody first searches. */
function finderOf(list: TagRows): (filter: Filter) => readonly TagRow[] {
  const { rows, texts, fates } = list;
  let haystack: readonly string[] | undefined;
  return ({ text, place, key, rule, onlyNew }) => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const wantsTag = key !== '' || rule !== '' || onlyNew;
    if (words.length === 0 && place === '' && !wantsTag) return rows;
    if (words.length > 0) haystack ??= rows.map((row) => searchable(row, list));
    const passes = (tags: readonly number[]): boolean => {
      for (let at = 0; at < tags.length; at += 3) {
        const fate = fates[tags[at + 2]!]!;
        if (!fate.goes || (key !== '' && texts[tags[at]!] !== key)) continue;
        if ((rule === '' || fate.label === rule) && (!onlyNew || fate.isNew === true)) return true;
      }
      return false;
    };
    return rows.filter(
      ([ofPlace, , , tags], at) =>
        (place === '' || placeName(list, ofPlace) === place) &&
        (!wantsTag || passes(tags)) &&
        words.every((word) => haystack![at]!.includes(word)),
    );
  };
}

function searchable([, id, name, tags]: TagRow, { texts }: TagRows): string {
  let text = `${id} ${name}`;
  for (let at = 0; at < tags.length; at += 3) text += ` ${texts[tags[at]!]}=${texts[tags[at + 1]!]}`;
  return text.toLowerCase();
}

function placeName({ places }: TagRows, number: number): string {
  const { region, type } = places[number]!;
  return `${region} ${type}`;
}

/** What can be chosen: places, keys that go, and rules by which they go; the most used first. */
function optionsOf(list: TagRows): {
  readonly places: readonly string[];
  readonly keys: readonly string[];
  readonly rules: readonly string[];
} {
  const keys = new Map<number, number>();
  const rules = new Map<string, number>();
  for (const [, , , tags] of list.rows) {
    for (let at = 0; at < tags.length; at += 3) {
      const { goes, label = '' } = list.fates[tags[at + 2]!]!;
      if (!goes) continue;
      keys.set(tags[at]!, (keys.get(tags[at]!) ?? 0) + 1);
      rules.set(label, (rules.get(label) ?? 0) + 1);
    }
  }
  const byUse = <T,>(counts: Map<T, number>) => [...counts].sort((a, b) => b[1] - a[1]).map(([one]) => one);
  return {
    places: list.places.map((_, number) => placeName(list, number)),
    keys: byUse(keys)
      .slice(0, MOST_OPTIONS)
      .map((key) => list.texts[key]!),
    rules: byUse(rules)
      .slice(0, MOST_OPTIONS)
      .filter((rule) => rule !== ''),
  };
}

/** Longer menus are no help: the search finds the rest. */
const MOST_OPTIONS = 300;

function Field({
  label,
  isWide = false,
  children,
}: {
  readonly label: string;
  readonly isWide?: boolean;
  readonly children: (id: string) => preact.JSX.Element;
}) {
  const id = useId();
  return (
    <div class={isWide ? 'field grow' : 'field'}>
      <label for={id}>{label}</label>
      {children(id)}
    </div>
  );
}

export function Select({
  label,
  options,
  value,
  onChange,
  isNeeded = false,
}: {
  readonly label: string;
  readonly options: readonly string[];
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly isNeeded?: boolean;
}) {
  const say = useSay();
  if (options.length < 2) return null;
  return (
    <Field label={label}>
      {(id) => (
        <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
          {!isNeeded && <option value="">{say('all')}</option>}
          {options.map((option) => (
            <option key={option} value={option}>
              {option}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

function Pager({
  at,
  pages,
  onTurn,
}: {
  readonly at: number;
  readonly pages: number;
  readonly onTurn: (page: number) => void;
}) {
  const say = useSay();
  const step = (to: number, sign: string, word: 'firstPage' | 'previousPage' | 'nextPage' | 'lastPage') => (
    <button
      type="button"
      aria-label={say(word)}
      disabled={to === at || to < 0 || to >= pages}
      onClick={() => onTurn(to)}
    >
      {sign}
    </button>
  );
  return (
    <nav class="pager" aria-label={say('pages')}>
      {step(0, '«', 'firstPage')}
      {step(at - 1, '‹', 'previousPage')}
      <span>{say('pageOf', { n: count(at + 1), all: count(pages) })}</span>
      {step(at + 1, '›', 'nextPage')}
      {step(pages - 1, '»', 'lastPage')}
    </nav>
  );
}
