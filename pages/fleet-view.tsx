import type { FleetFinding, FleetKey, FleetPage } from '../lib/pages/model.ts';
import {
  Badge,
  CopyButton,
  DataTable,
  Facts,
  Long,
  Names,
  Section,
  Sentences,
  Tiles,
  Time,
  Track,
  useShown,
  Value,
} from './parts.tsx';
import { count, titleOf, useSay } from './speaking.ts';

const KINDS = ['caseVariants', 'pastDates', 'nearlyFull', 'families', 'rareKeys', 'unnamed'] as const;

export function FleetView({ page }: { readonly page: FleetPage }) {
  const say = useSay();
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
          [say('regions'), <Names key="r" names={page.regions} />],
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
          { value: count(page.keyCount), what: say('distinctKeys') },
          { value: count(page.findings.length), what: say('findings') },
        ]}
      />
      {page.warnings.length > 0 && (
        <Section title={say('warnings')}>
          <Sentences sentences={page.warnings} />
        </Section>
      )}
      {page.findings.length === 0 && <p class="dim">{say('noFinding')}</p>}
      {KINDS.map((kind) => (
        <Kind key={kind} kind={kind} page={page} />
      ))}
      <Section title={say('keysHeading')}>
        <KeyTable caption={say('keysHeading')} keys={page.keys} most={25} />
        <More all={page.keyCount} listed={page.keys.length} />
      </Section>
    </>
  );
}

function Kind({ kind, page }: { readonly kind: FleetFinding['kind']; readonly page: FleetPage }) {
  const say = useSay();
  const { shown, more } = useShown(
    page.findings.filter((finding) => finding.kind === kind),
    6,
  );
  if (shown.length === 0) return null;
  const note =
    kind === 'nearlyFull' ? say('note_nearlyFull', { n: page.nearlyFullFrom }) : say(`note_${kind}`);
  return (
    <Section title={say(`found_${kind}`)} note={note}>
      {kind === 'nearlyFull' && <Full page={page} />}
      {shown.map((finding, at) => (
        <div class="finding" key={finding.keys[0]?.key ?? at}>
          <p>
            <b>
              {say('foundOn', {
                tags: say('nTags', { n: finding.tags }),
                resources: say('nResources', { n: finding.resources }),
              })}
            </b>
          </p>
          {finding.keys.length > 0 && (
            <KeyTable caption={`${say(`found_${kind}`)} ${at + 1}`} keys={finding.keys} most={6} />
          )}
          <More all={finding.keyCount} listed={finding.keys.length} />
          <RemedyBlock finding={finding} />
        </div>
      ))}
      {more}
    </Section>
  );
}

function KeyTable({
  caption,
  keys,
  most,
}: {
  readonly caption: string;
  readonly keys: readonly FleetKey[];
  readonly most: number;
}) {
  const say = useSay();
  const highest = Math.max(1, ...keys.map(({ resources }) => resources));
  const tellsNames = keys.some(({ isNamed }) => isNamed !== undefined);
  return (
    <DataTable
      caption={caption}
      columns={[
        { head: say('key') },
        { head: say('resources'), isNumber: true },
        { head: say('values'), isNumber: true },
        { head: say('example'), isWide: true },
        ...(tellsNames ? [{ head: say('named'), isWide: true } as const] : []),
      ]}
      rows={keys.map(({ key, resources, values, examples, isNamed }) => [
        <>
          <code>
            <Long text={key} />
          </code>
          <Track part={resources / highest} tone="calm" />
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
        ...(tellsNames ? [say(isNamed ? 'yes' : 'no')] : []),
      ])}
      most={most}
    />
  );
}

function More({ all, listed }: { readonly all: number; readonly listed: number }) {
  const say = useSay();
  return all > listed ? <p class="dim">{say('andMore', { n: all - listed })}</p> : null;
}

function Full({ page }: { readonly page: FleetPage }) {
  const say = useSay();
  const most = Math.max(1, ...page.byTagCount);
  return (
    <>
      <figure>
        <figcaption>{say('byCount')}</figcaption>
        <div class="columns" aria-hidden="true">
          {page.byTagCount.map((resources, tags) => {
            const isFull = tags >= page.nearlyFullFrom;
            return (
              <span key={`${tags}`} class={isFull ? 'warn' : ''}>
                <i style={{ height: `${(resources / most) * 100}%` }} />
                <small>{tags % 5 === 0 ? tags : ''}</small>
              </span>
            );
          })}
        </div>
        <details>
          <summary>{say('timelineTable')}</summary>
          <DataTable
            caption={say('byCount')}
            columns={[{ head: say('numberOfTags') }, { head: say('resources'), isNumber: true }]}
            rows={page.byTagCount.map((resources, tags) => [tags, count(resources)])}
            most={30}
          />
        </details>
      </figure>
      <DataTable
        caption={say('found_nearlyFull')}
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
      <More all={page.fullCount} listed={page.full.length} />
    </>
  );
}

function RemedyBlock({ finding: { remedy } }: { readonly finding: FleetFinding }) {
  const say = useSay();
  if (remedy === undefined) return null;
  return (
    <details class="remedy">
      <summary>
        {say('cleanBy')}: {remedy.name}
      </summary>
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
