import type { RunPage } from '../lib/pages/model.ts';
import {
  Badge,
  Bars,
  Commands,
  DataTable,
  Digest,
  Facts,
  Long,
  type Mood,
  Section,
  Sentences,
  Tiles,
  Time,
  Track,
} from './parts.tsx';
import { ResourceList } from './resource-list.tsx';
import { count, duration, percentOf, titleOf, useSay } from './speaking.ts';
import { TimelineSection } from './timeline.tsx';

const MOODS: Readonly<Record<RunPage['outcome'], Mood>> = {
  success: 'good',
  partial: 'warn',
  failure: 'bad',
  refused: 'bad',
  unfinished: 'warn',
};

export function RunView({ page }: { readonly page: RunPage }) {
  const say = useSay();
  const changed = page.ends.find(({ end }) => end === 'removed' || end === 'restored')?.tags ?? 0;
  return (
    <>
      <div class="title">
        <h1>
          <Long text={titleOf(page, say)} />
        </h1>
        <Badge mood={MOODS[page.outcome]}>{say(`outcome_${page.outcome}`)}</Badge>
        {page.isDryRun && <Badge mood="calm">{say('dryRun')}</Badge>}
      </div>
      {page.reason !== '' && (
        <p class={`alert ${MOODS[page.outcome]}`} lang="en">
          {page.code !== undefined && <code>{page.code}</code>} {page.reason}
        </p>
      )}
      <Facts
        facts={[
          [say('policy'), page.policy.name],
          [say('startedAt'), <Time key="t" at={page.startedAt} />],
          ...(page.endedAt === undefined
            ? []
            : [[say('endedAt'), <Time key="t" at={page.endedAt} />] as const]),
          [say('took'), duration(page.durationMs)],
          [say('startedBy'), page.trigger],
          ...(page.actor === '' ? [] : [[say('actor'), <Long key="a" text={page.actor} />] as const]),
          ...(page.accountId === '' ? [] : [[say('account'), page.accountId] as const]),
          ...(page.planDigest === undefined
            ? []
            : [[say('digest'), <Digest key="d" text={page.planDigest} />] as const]),
        ]}
      />
      <Tiles
        title={say('totals')}
        tiles={[
          {
            value: count(changed),
            what: say(page.undoOf === undefined ? 'tagsRemoved' : 'tagsRestored'),
            note: say('ofPlanned', { n: page.planned }),
          },
          {
            value: count(page.resources.changed),
            what: say('resourcesChanged'),
            note: say('resourcesFailed', { n: page.resources.failed }),
            ...(page.resources.failed > 0 && { mood: 'bad' as const }),
          },
          {
            value: count(page.calls.change),
            what: say('callsSent'),
            note: say('callsNote', { list: page.calls.list, retries: page.calls.retries }),
          },
          {
            value: count(page.calls.throttled),
            what: say('throttled'),
            note: say('throttledNote'),
            ...(page.calls.throttled > 0 && { mood: 'warn' as const }),
          },
        ]}
      />
      <Undo page={page} />
      {page.warnings.length > 0 && (
        <Section title={say('warnings')}>
          <Sentences sentences={page.warnings} />
        </Section>
      )}
      <Ends page={page} />
      {!page.isDryRun && <TimelineSection page={page} />}
      <Failures page={page} />
      <ProofSection page={page} />
      {page.byKey.length > 0 && (
        <Section title={say('byKeyRemoved')}>
          <Bars caption={say('byKeyRemoved')} head={say('key')} bars={page.byKey} />
        </Section>
      )}
      {page.list.rows.length > 0 && (
        <Section title={say('announcedHeading')} note={say('announcedNote')}>
          <ResourceList list={page.list} hasStaying={false} />
        </Section>
      )}
      <Records page={page} />
    </>
  );
}

function Undo({ page }: { readonly page: RunPage }) {
  const say = useSay();
  if (page.isDryRun) return null;
  return (
    <Section title={say('undoHeading')}>
      {page.undo === 'possible' && <Commands commands={page.commands} />}
      {page.undo === 'nothing' && <p class="dim">{say('undoNone')}</p>}
      {page.undo === 'keysOnly' && <p class="alert warn">{say('undoKeysOnly')}</p>}
      {page.undo === 'isUndo' && <p>{say('undoOf', { run: page.undoOf ?? '' })}</p>}
    </Section>
  );
}

const END_TONES = {
  removed: 'good',
  restored: 'good',
  absent: 'calm',
  stale: 'calm',
  vanished: 'calm',
  ended: 'calm',
  failed: 'bad',
  notReached: 'warn',
} as const;

function Ends({ page }: { readonly page: RunPage }) {
  const say = useSay();
  if (page.ends.length === 0) return null;
  return (
    <Section title={say('endsHeading')}>
      <DataTable
        caption={say('endsHeading')}
        columns={[
          { head: say('end') },
          { head: say('tags'), isNumber: true },
          { head: say('share') },
          { head: say('why'), isWide: true },
        ]}
        rows={page.ends.map(({ end, tags }) => [
          say(`end_${end}`),
          count(tags),
          <span class="near" key="s">
            <Track part={page.planned === 0 ? 0 : tags / page.planned} tone={END_TONES[end]} />
            <span>{percentOf(tags, page.planned, say)}</span>
          </span>,
          <span class="dim" key="m">
            {say(`meaning_${end}`)}
          </span>,
        ])}
      />
    </Section>
  );
}

function Failures({ page }: { readonly page: RunPage }) {
  const say = useSay();
  if (page.isDryRun && page.failures.length === 0) return null;
  return (
    <Section title={say('failuresHeading')}>
      {page.failures.length === 0 ? (
        <p class="dim">{say('noFailures')}</p>
      ) : (
        <DataTable
          caption={say('failuresHeading')}
          columns={[
            { head: say('resource') },
            { head: say('keys') },
            { head: say('message') },
            { head: say('requestId'), isWide: true },
          ]}
          rows={page.failures.map(({ region, type, id, keys, code, message, requestId }) => [
            <>
              <code>
                <Long text={id} />
              </code>{' '}
              <small class="dim">
                {region} · {type}
              </small>
            </>,
            <code key="k">
              <Long text={keys.join(', ')} />
            </code>,
            <span lang="en" key="m">
              <b>{code}</b> <Long text={message} />
            </span>,
            <code key="r">
              <Long text={requestId} />
            </code>,
          ])}
        />
      )}
      {page.failuresCut > 0 && <p>{say('failuresCut', { n: page.failuresCut })}</p>}
    </Section>
  );
}

function ProofSection({ page: { proof, isDryRun } }: { readonly page: RunPage }) {
  const say = useSay();
  if (isDryRun) return null;
  if (proof === undefined) {
    return (
      <Section title={say('proofHeading')}>
        <p class="dim">{say('proofNone')}</p>
      </Section>
    );
  }
  const counts = (['foreign', 'lost', 'unread', 'unexplained'] as const).filter((one) => proof[one] > 0);
  return (
    <Section title={say('proofHeading')}>
      <p class={`alert ${proof.verified ? 'good' : 'warn'}`}>
        {say(proof.verified ? 'proofVerified' : 'proofNotVerified')}
      </p>
      {counts.length > 0 && (
        <DataTable
          caption={say('proofHeading')}
          columns={[{ head: say('end') }, { head: say('tags'), isNumber: true }]}
          rows={counts.map((one) => [say(`proof_${one}`), count(proof[one])])}
        />
      )}
      {proof.differences.length > 0 && <Sentences sentences={proof.differences} />}
    </Section>
  );
}

function Records({ page }: { readonly page: RunPage }) {
  const say = useSay();
  return (
    <Section title={say('recordsHeading')}>
      <p>{say(page.isSigned ? 'recordsSigned' : 'recordsUnsigned')}</p>
      <DataTable
        caption={say('recordsHeading')}
        columns={[{ head: say('recordKind') }, { head: say('recordCount'), isNumber: true }]}
        rows={page.records.map(({ name, count: n }) => [<code key="n">{name}</code>, count(n)])}
      />
      {page.attempts.length > 1 && (
        <>
          <h3>{say('attemptsHeading')}</h3>
          <DataTable
            caption={say('attemptsHeading')}
            columns={[
              { head: say('run') },
              { head: say('attempt'), isWide: true },
              { head: say('startedAt'), isWide: true },
              { head: say('end') },
              { head: say('tags'), isNumber: true },
            ]}
            rows={page.attempts.map(({ runId, attemptId, startedAt, outcome, changed, planned }) => [
              <code key="r">
                <Long text={runId} />
              </code>,
              <code key="a">
                <Long text={attemptId} />
              </code>,
              <Time key="t" at={startedAt} />,
              say(`outcome_${outcome}`),
              `${count(changed)} / ${count(planned)}`,
            ])}
          />
        </>
      )}
      {page.aside.length > 0 && (
        <>
          <h3>{say('asideHeading')}</h3>
          <Sentences sentences={page.aside} />
        </>
      )}
    </Section>
  );
}
