import type { FleetPage, Remedy } from '../lib/pages/model.ts';
import {
  Badge,
  Bars,
  CopyButton,
  DataTable,
  Facts,
  Long,
  Section,
  Sentences,
  Tiles,
  Time,
  Track,
  Value,
} from './parts.tsx';
import { count, percentOf, titleOf, useSay } from './speaking.ts';

export function FleetView({ page }: { readonly page: FleetPage }) {
  const say = useSay();
  const findings =
    page.caseVariants.length + page.pastDates.length + Math.min(1, page.fullCount) + page.unnamed.length;
  return (
    <>
      <div class="title">
        <h1>{titleOf(page, say)}</h1>
        <Badge mood={page.complete ? 'good' : 'bad'}>
          {say(page.complete ? 'fleetComplete' : 'fleetIncomplete')}
        </Badge>
      </div>
      <Facts
        facts={[
          [say('asOf'), <Time key="t" at={page.asOf} />],
          ...(page.accountId === undefined ? [] : [[say('account'), page.accountId] as const]),
          [say('regions'), page.regions.join(', ')],
          [
            say('policy'),
            page.policies.length === 0
              ? say('noPolicies', { folder: page.policiesDir })
              : say('policiesRead', { n: page.policies.length, folder: page.policiesDir }),
          ],
        ]}
      />
      <Tiles
        title={say('totals')}
        tiles={[
          {
            value: count(page.resources),
            what: say('resourcesSeen'),
            ...(page.unseen > 0 && { note: say('unseenTags', { n: page.unseen }), mood: 'warn' as const }),
          },
          { value: count(page.tags), what: say('tagsSeen') },
          { value: count(page.keys.length), what: say('distinctKeys') },
          {
            value: count(findings),
            what: say('findings'),
            ...(findings > 0 && { mood: 'warn' as const }),
          },
        ]}
      />
      {page.warnings.length > 0 && (
        <Section title={say('warnings')}>
          <Sentences sentences={page.warnings} />
        </Section>
      )}
      <CaseVariants page={page} />
      <PastDates page={page} />
      <Full page={page} />
      <Unnamed page={page} />
      <Keys page={page} />
    </>
  );
}

function CaseVariants({ page }: { readonly page: FleetPage }) {
  const say = useSay();
  return (
    <Section title={say('caseHeading')} note={say('caseNote')}>
      {page.caseVariants.length === 0 ? (
        <p class="dim">{say('noFinding')}</p>
      ) : (
        <DataTable
          caption={say('caseHeading')}
          columns={[
            { head: say('caseKeep') },
            { head: say('caseOthers') },
            { head: say('bothOnOne'), isNumber: true },
          ]}
          rows={page.caseVariants.map(({ keep, keepResources, others, together }) => [
            <>
              <code>
                <Long text={keep} />
              </code>{' '}
              <small class="dim">{count(keepResources)}</small>
            </>,
            <>
              {others.map(({ key, resources }) => (
                <span class="variant" key={key}>
                  <code>
                    <Long text={key} />
                  </code>{' '}
                  <small class="dim">{count(resources)}</small>
                </span>
              ))}
            </>,
            count(together),
          ])}
        />
      )}
      <RemedyBlock remedy={page.caseRemedy} />
    </Section>
  );
}

function PastDates({ page }: { readonly page: FleetPage }) {
  const say = useSay();
  return (
    <Section title={say('datesHeading')} note={say('datesNote')}>
      {page.pastDates.length === 0 ? (
        <p class="dim">{say('noFinding')}</p>
      ) : (
        <DataTable
          caption={say('datesHeading')}
          columns={[
            { head: say('key') },
            { head: say('dateFormat'), isWide: true },
            { head: say('passed'), isNumber: true },
            { head: say('share') },
            { head: say('oldest') },
          ]}
          rows={page.pastDates.map(({ key, format, passed, of, oldest }) => [
            <code key="k">
              <Long text={key} />
            </code>,
            <code key="f">{format}</code>,
            count(passed),
            <span class="near" key="s">
              <Track part={passed / of} tone="warn" />
              <span>{percentOf(passed, of, say)}</span>
            </span>,
            <Value key="o" text={oldest} />,
          ])}
        />
      )}
      <RemedyBlock remedy={page.datesRemedy} />
    </Section>
  );
}

function Full({ page }: { readonly page: FleetPage }) {
  const say = useSay();
  const most = Math.max(1, ...page.byCount);
  return (
    <Section title={say('fullHeading')} note={say('fullNote')}>
      <figure>
        <figcaption>{say('byCount')}</figcaption>
        <div class="columns" aria-hidden="true">
          {page.byCount.map((resources, tags) => (
            <span key={tags} class={tags >= 18 ? 'warn' : ''}>
              <i style={{ height: `${(resources / most) * 100}%` }} />
              <small>{tags % 5 === 0 ? tags : ''}</small>
            </span>
          ))}
        </div>
        <details>
          <summary>{say('timelineTable')}</summary>
          <DataTable
            caption={say('byCount')}
            columns={[{ head: say('numberOfTags') }, { head: say('resources'), isNumber: true }]}
            rows={page.byCount.map((resources, tags) => [tags, count(resources)])}
            most={30}
          />
        </details>
      </figure>
      {page.full.length === 0 ? (
        <p class="dim">{say('noFinding')}</p>
      ) : (
        <DataTable
          caption={say('fullHeading')}
          columns={[
            { head: say('resource') },
            { head: say('region'), isWide: true },
            { head: say('tags'), isNumber: true },
          ]}
          rows={page.full.map(({ region, type, id, name, tags }) => [
            <>
              <Long text={name === '' ? id : name} />{' '}
              {name !== '' && (
                <small class="dim">
                  <Long text={id} />
                </small>
              )}
            </>,
            `${region} · ${type}`,
            tags,
          ])}
        />
      )}
      {page.fullCount > page.full.length && (
        <p class="dim">{say('andMore', { n: page.fullCount - page.full.length })}</p>
      )}
      <RemedyBlock remedy={page.fullRemedy} />
    </Section>
  );
}

function Unnamed({ page }: { readonly page: FleetPage }) {
  const say = useSay();
  const uses = new Map(page.keys.map((one) => [one.key, one]));
  return (
    <Section title={say('unnamedHeading')} note={say('unnamedNote')}>
      {page.unnamed.length === 0 ? (
        <p class="dim">{say('noFinding')}</p>
      ) : (
        <Bars
          caption={say('unnamedHeading')}
          head={say('key')}
          tone="calm"
          bars={page.unnamed.map((key) => {
            const resources = uses.get(key)?.resources ?? 0;
            return { label: key, tags: resources, resources };
          })}
        />
      )}
      <RemedyBlock remedy={page.unnamedRemedy} />
    </Section>
  );
}

function Keys({ page }: { readonly page: FleetPage }) {
  const say = useSay();
  const most = Math.max(1, ...page.keys.map(({ resources }) => resources));
  return (
    <Section title={say('keysHeading')}>
      <DataTable
        caption={say('keysHeading')}
        columns={[
          { head: say('key') },
          { head: say('resources'), isNumber: true },
          { head: say('values'), isNumber: true },
          { head: say('example'), isWide: true },
          { head: say('namedBy'), isWide: true },
        ]}
        rows={page.keys.map(({ key, resources, values, examples, policies }) => [
          <>
            <code>
              <Long text={key} />
            </code>
            <Track part={resources / most} tone="calm" />
          </>,
          count(resources),
          count(values),
          <>
            {examples.map((example) => (
              <span class="variant" key={example}>
                <Value text={example} />
              </span>
            ))}
          </>,
          <Long key="p" text={policies.join(', ')} />,
        ])}
        most={25}
      />
    </Section>
  );
}

function RemedyBlock({ remedy }: { readonly remedy: Remedy | undefined }) {
  const say = useSay();
  if (remedy === undefined) return null;
  return (
    <details class="remedy">
      <summary>{say('cleanBy')}</summary>
      <p class="dim note">{say('cleanByNote')}</p>
      <div class="line">
        <pre>
          <code>{remedy.text}</code>
        </pre>
        <CopyButton text={remedy.text} what={remedy.name} />
      </div>
    </details>
  );
}
