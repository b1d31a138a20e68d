import { useMemo, useState } from 'preact/hooks';
import type { Bar, LimitBar, PlanPage, TagRows } from '../lib/pages/model.ts';
import {
  Badge,
  Bars,
  Choice,
  Commands,
  DataTable,
  Digest,
  Facts,
  Long,
  type Mood,
  Names,
  Section,
  Sentences,
  Tiles,
  Time,
  Track,
  Value,
} from './parts.tsx';
import { ResourceList, Select } from './resource-list.tsx';
import { count, duration, percent, percentOf, titleOf, useSay } from './speaking.ts';

const STATUS = {
  ready: ['statusReady', 'good'],
  nothing: ['statusNothing', 'calm'],
  refused: ['statusRefused', 'bad'],
  incomplete: ['statusIncomplete', 'bad'],
} as const;

export function PlanView({ page }: { readonly page: PlanPage }) {
  const say = useSay();
  const [word, mood] = STATUS[page.status];
  const { calls } = page;
  const bound = calls.untag === calls.lowerBound ? say('certified') : say('atLeast', { n: calls.lowerBound });
  return (
    <>
      <div class="title">
        <h1>
          <Long text={titleOf(page, say)} />
        </h1>
        <Badge mood={mood}>{say(word)}</Badge>
      </div>
      {page.refusal !== undefined && (
        <p class="alert bad" lang="en">
          {page.refusal}
        </p>
      )}
      <Facts
        facts={[
          [say('madeAt'), <Time key="t" at={page.createdAt} />],
          [say('validUntil'), <Time key="t" at={page.expiresAt} />],
          ...(page.accountId === undefined ? [] : [[say('account'), page.accountId] as const]),
          [say('regions'), <Names key="r" names={page.regions} />],
          [say('mode'), page.policy.mode],
          [say('digest'), <Digest key="d" text={page.digest} />],
        ]}
      />
      <Tiles
        title={say('totals')}
        tiles={[
          {
            value: count(page.tags),
            what: say('tagsWouldGo'),
            note: say('ofResources', { n: page.resources }),
          },
          {
            value: count(page.resources),
            what: say('resources'),
            note: say('ofSeen', { percent: percentOf(page.resources, page.seen, say), n: page.seen }),
          },
          { value: count(calls.untag), what: say('callsToRemove'), note: bound },
          {
            value: duration(page.untagMs),
            what: say('timeAtPace'),
            note: say(page.isCutByCanary ? 'timeNoteCanary' : 'timeNote', { n: calls.readingsBefore }),
          },
        ]}
      />
      <Section title={say('applyHeading')}>
        {page.commands.length > 0 ? (
          <Commands commands={page.commands} />
        ) : (
          <p class="dim">{say(page.status === 'nothing' ? 'applyNothing' : 'applyRefused')}</p>
        )}
      </Section>
      {page.warnings.length > 0 && (
        <Section title={say('warnings')}>
          <Sentences sentences={page.warnings} />
        </Section>
      )}
      <WhatGoes page={page} />
      <LimitsSection page={page} />
      {page.earlier !== undefined && <Earlier page={page} />}
      <Section title={say('eachResource')}>
        <ResourceList list={page.list} hasNew={(page.earlier?.onlyNew ?? 0) > 0} />
      </Section>
      <Kept page={page} />
      <Section title={say('costHeading')}>
        <p lang="en">
          <span class="dim">{say('reading')}:</span> {page.reading}
        </p>
        <p>{page.canary === 0 ? say('noCanary') : say('canaryOf', { n: page.canary })}</p>
        {page.boundReasons.length > 0 && (
          <details>
            <summary>{say('boundHeading')}</summary>
            <Sentences sentences={page.boundReasons} />
          </details>
        )}
      </Section>
      <PolicySection page={page} />
    </>
  );
}

type Grouping = 'key' | 'rule' | 'place' | 'tag';

function WhatGoes({ page }: { readonly page: PlanPage }) {
  const say = useSay();
  const [grouping, setGrouping] = useState<Grouping>('key');
  if (page.tags === 0) return null;
  const choices = [
    ['key', say('byKey')],
    ['rule', say('byRule')],
    ['place', say('byPlace')],
    ['tag', say('byTag')],
  ] as const;
  const heads = { key: say('key'), rule: say('rule'), place: say('region') } as const;
  const bars = { key: page.byKey, rule: page.byRule, place: page.byPlace } as const;
  const name = choices.find(([choice]) => choice === grouping)![1];
  return (
    <Section title={say('whatGoes')}>
      <Choice title={say('whatGoes')} choices={choices} chosen={grouping} onChoose={setGrouping} />
      {grouping === 'tag' ? (
        <ByTag list={page.list} />
      ) : (
        <Bars caption={`${say('whatGoes')}: ${name}`} head={heads[grouping]} bars={bars[grouping]} />
      )}
    </Section>
  );
}

/** Tags by which people mostly tell whose a resource is. */
const USUAL = ['team', 'owner', 'app', 'application', 'project', 'env', 'environment', 'cost-center'];
const MOST_VALUES = 500;
const MOST_CHOICES = 60;

function ByTag({ list }: { readonly list: TagRows }) {
  const say = useSay();
  const keys = useMemo(() => keysToGroupBy(list), [list]);
  const [chosen, setChosen] = useState<string>();
  const key = chosen ?? keys[0] ?? '';
  const without = say('withoutTag');
  const bars = useMemo(() => barsByValue(list, key, without), [list, key, without]);
  if (keys.length === 0) return <p class="dim">{say('nothingFound')}</p>;
  return (
    <>
      <div class="filters">
        <Select label={say('tagToGroupBy')} options={keys} value={key} onChange={setChosen} isNeeded />
      </div>
      <Bars caption={`${say('byTag')}: ${key}`} head={key} bars={bars} />
      <p class="dim note">{say('groupedOf', { n: list.rows.length })}</p>
    </>
  );
}

/** Keys that tell resources apart, and do not name each by itself: the usual ones first, then the most used. */
function keysToGroupBy({ rows, texts }: TagRows): readonly string[] {
  const uses = new Map<number, { resources: number; values: Set<number> }>();
  for (const [, , , tags] of rows) {
    for (let at = 0; at < tags.length; at += 3) {
      const use = uses.get(tags[at]!) ?? { resources: 0, values: new Set() };
      uses.set(tags[at]!, use);
      use.resources += 1;
      if (use.values.size <= MOST_VALUES) use.values.add(tags[at + 1]!);
    }
  }
  const rank = (key: string) => {
    const place = USUAL.indexOf(key.toLowerCase());
    return place < 0 ? USUAL.length : place;
  };
  return [...uses]
    .filter(([, { values }]) => values.size <= MOST_VALUES)
    .map(([number, { resources }]) => ({ key: texts[number]!, resources }))
    .sort((a, b) => rank(a.key) - rank(b.key) || b.resources - a.resources)
    .slice(0, MOST_CHOICES)
    .map(({ key }) => key);
}

function barsByValue({ rows, texts, fates }: TagRows, key: string, without: string): readonly Bar[] {
  const number = texts.indexOf(key);
  const bars = new Map<number, { tags: number; resources: number }>();
  for (const [, , , tags] of rows) {
    let value = -1;
    let going = 0;
    for (let at = 0; at < tags.length; at += 3) {
      if (tags[at] === number) value = tags[at + 1]!;
      if (fates[tags[at + 2]!]!.goes) going += 1;
    }
    const bar = bars.get(value) ?? { tags: 0, resources: 0 };
    bars.set(value, bar);
    bar.tags += going;
    bar.resources += 1;
  }
  return [...bars]
    .map(([value, bar]) => ({ label: value < 0 ? without : texts[value]! || '""', ...bar }))
    .sort((a, b) => b.tags - a.tags);
}

function LimitsSection({ page }: { readonly page: PlanPage }) {
  const say = useSay();
  const shown = ({ planned, isPercent }: LimitBar) => (isPercent ? percent(planned, say) : count(planned));
  return (
    <Section title={say('limits')}>
      <DataTable
        caption={say('limits')}
        columns={[
          { head: say('limit') },
          { head: say('planned'), isNumber: true },
          { head: say('allowed'), isNumber: true },
          { head: say('howNear') },
        ]}
        rows={page.limits.map((limit) => {
          const [text, tone] = nearness(limit);
          return [
            <code key="l">{limit.limit}</code>,
            shown(limit),
            limit.isPercent ? percent(limit.allowed, say) : count(limit.allowed),
            limit.isLookedAt ? (
              <span class="near" key="n">
                <Track part={limit.used} tone={tone} />
                <span class={`text-${tone}`}>
                  {percent(limit.used * 100, say)} · {say(text)}
                </span>
              </span>
            ) : (
              <span class="dim" key="n">
                {say('limitNotLookedAt', { n: page.percentFrom })}
              </span>
            ),
          ];
        })}
      />
    </Section>
  );
}

function nearness({ isPassed, used }: LimitBar): readonly ['limitPassed' | 'limitNear' | 'limitFree', Mood] {
  if (isPassed) return ['limitPassed', 'bad'];
  return used > 0.8 ? ['limitNear', 'warn'] : ['limitFree', 'good'];
}

function Kept({ page }: { readonly page: PlanPage }) {
  const say = useSay();
  if (page.kept.length === 0) return null;
  return (
    <Section title={say('keptHeading')} note={say('keptNote', { n: page.keptOf })}>
      <DataTable
        caption={say('keptHeading')}
        columns={[
          { head: say('why') },
          { head: say('tags'), isNumber: true },
          { head: say('resources'), isNumber: true, isWide: true },
          { head: say('example'), isWide: true },
        ]}
        rows={page.kept.map(({ reason, label, tags, resources, example }) => [
          <>
            {say(`reason_${reason}`)}
            {label !== undefined && (
              <small class="dim">
                {' '}
                <Long text={label} />
              </small>
            )}
          </>,
          count(tags),
          count(resources),
          <>
            <code>
              <Long text={example.key} />
            </code>{' '}
            = <Value text={example.value} />
          </>,
        ])}
      />
    </Section>
  );
}

function Earlier({ page: { earlier } }: { readonly page: PlanPage }) {
  const say = useSay();
  if (earlier === undefined) return null;
  return (
    <Section title={say('compareHeading')}>
      <Facts
        facts={[
          [say('compareWith'), <Time key="t" at={earlier.createdAt} />],
          [say('digest'), <Digest key="d" text={earlier.digest} />],
        ]}
      />
      {earlier.isSame && <p>{say('compareSameDigest')}</p>}
      {earlier.isOfOtherPolicy && <p>{say('compareOtherPolicy')}</p>}
      <Tiles
        title={say('compareHeading')}
        tiles={[
          { value: count(earlier.both), what: say('compareBoth') },
          { value: count(earlier.onlyNew), what: say('compareNew') },
          { value: count(earlier.onlyEarlier), what: say('compareGone') },
        ]}
      />
      {earlier.onlyEarlier > 0 && (
        <details>
          <summary>{say('compareGoneList')}</summary>
          <ResourceList list={earlier.gone} hasStaying={false} />
        </details>
      )}
    </Section>
  );
}

function PolicySection({ page }: { readonly page: PlanPage }) {
  const say = useSay();
  return (
    <Section title={say('policyHeading')} note={say('policyNote')}>
      <pre class="policy">
        {page.policyLines.map(({ text, count: counted }, at) => (
          <span class={counted === undefined ? 'code' : `code ${counted.does}`} key={at}>
            <span class="text">{`${text}\n`}</span>
            {counted !== undefined && (
              <span class="said">
                {say(counted.does === 'removes' ? 'lineRemoves' : 'lineKeeps', { n: counted.tags })}
              </span>
            )}
          </span>
        ))}
      </pre>
    </Section>
  );
}
