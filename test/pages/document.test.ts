import { describe, expect, it } from 'vitest';
import { aResource } from '../support/builders.ts';
import { lookTwice } from '../support/hostile-text.ts';
import { aPlanPage, openPage, scriptOf, writtenPage } from '../support/pages.ts';

const HOSTILE = [
  '</script><script>alert(1)</script>',
  '<!--<script>',
  '<img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  '\u202eevil\u2028\u0000',
  '&lt;b&gt;',
];

const hostilePage = async () => {
  const tags = Object.fromEntries(HOSTILE.map((text, at) => [`ci-${at}${text}`, text]));
  const resources = [aResource({ id: 'eci-1', name: HOSTILE[0]!, tags })];
  return aPlanPage(resources, { limits: { maxPercent: 100 } });
};

const hundred = Array.from({ length: 100 }, (_, n) =>
  aResource({
    id: `eci-${String(n).padStart(3, '0')}`,
    name: `job-${n}`,
    tags: { 'ci-run': String(n), env: n % 4 === 0 ? 'dev' : 'test', team: n % 2 === 0 ? 'search' : 'pay' },
  }),
);

const open = async (language: 'en' | 'zh-CN' = 'en') => {
  const { page } = await aPlanPage(hundred, { limits: { maxPercent: 100 } }, { language });
  const window = openPage(writtenPage(page));
  await window.happyDOM.waitUntilComplete();
  return window;
};

const textOf = (element: { readonly textContent: string | null } | null) => element?.textContent ?? '';

describe('a page as one file', () => {
  it('lets nothing run but its own script, and loads nothing', async () => {
    const { page } = await hostilePage();

    const text = writtenPage(page);

    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(text)?.[1] ?? '';
    expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; /);
    expect(policy).toContain("base-uri 'none'; form-action 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(scriptOf(text).allowed).toBe(true);
    expect(text.match(/<script/g)).toHaveLength(2);
    expect(text).not.toMatch(/ (?:src|href)="|@import|url\(/);
  });

  it('holds what is hostile as data, and shows it as text, spelt out', async () => {
    const { page } = await hostilePage();
    const text = writtenPage(page);

    const window = openPage(text);
    await window.happyDOM.waitUntilComplete();

    const { document } = window;
    expect(lookTwice(text)).toEqual([]);
    expect(document.querySelectorAll('script:not([type]), img, main svg')).toHaveLength(0);
    const shown = [...document.querySelectorAll('.tags .value')].map(textOf);
    expect(shown).toEqual(
      expect.arrayContaining([
        '"</script><script>alert(1)</script>"',
        '"&lt;b&gt;"',
        '"\\u202eevil\\u2028\\x00"',
      ]),
    );
    expect(textOf(document.querySelector('.resource h3'))).toBe(HOSTILE[0]);
  });

  it('says the essence where no script runs', async () => {
    const { page } = await hostilePage();

    const [head = ''] = writtenPage(page).split('<script');

    expect(head).toContain(page.digest);
    expect(head).toContain('6 tags, 1 resource');
    expect(head).toContain('<noscript>');
  });
});

describe('the page of a plan in a browser', () => {
  it('has one heading, landmarks, captions and scopes', async () => {
    const { document } = await open();

    expect(document.querySelectorAll('h1')).toHaveLength(1);
    for (const landmark of ['header', 'main', 'footer', 'nav', 'search'])
      expect(document.querySelectorAll(landmark)).toHaveLength(1);
    for (const table of document.querySelectorAll('table')) {
      expect(table.querySelector('caption')).not.toBeNull();
      for (const cell of table.querySelectorAll('th'))
        expect(cell.getAttribute('scope')).toMatch(/^(row|col)$/);
    }
    for (const section of document.querySelectorAll('section')) {
      expect(document.getElementById(section.getAttribute('aria-labelledby') ?? '')?.tagName).toBe('H2');
    }
  });

  it('shows resources page by page, and goes on to the next', async () => {
    const window = await open();
    const { document } = window;
    const first = () => textOf(document.querySelector('.resource h3'));
    expect([document.querySelectorAll('.resource').length, first()]).toEqual([25, 'job-0']);

    button(document, 'Next page').click();
    await window.happyDOM.waitUntilComplete();

    expect([document.querySelectorAll('.resource').length, first()]).toEqual([25, 'job-25']);
    expect(textOf(document.querySelector('.pager'))).toContain('Page 2 of 4');
  });

  it('finds resources by id, key or value, every word of it', async () => {
    const window = await open();

    await type(window, 'TEAM=SEARCH env=dev eci-04');

    expect(textOf(window.document.querySelector('[role=status]'))).toBe('3 of 100 resources');
  });

  it('says so where nothing is found', async () => {
    const window = await open();

    await type(window, 'no such thing');

    expect(textOf(window.document.querySelector('[role=status]'))).toBe('0 of 100 resources');
    expect(textOf(window.document.querySelector('.list'))).toContain('Nothing matches.');
  });

  it('adds up what goes by the value of a tag that its reader chooses', async () => {
    const window = await open();
    const { document } = window;

    button(document, 'By value of a tag').click();
    await window.happyDOM.waitUntilComplete();

    const rows = [...document.querySelectorAll('.bars tbody tr')].map((row) =>
      [...row.children].map((cell) => textOf(cell)),
    );
    expect(rows).toEqual([
      ['search', '50', '50'],
      ['pay', '50', '50'],
    ]);
  });

  it('speaks the other language when asked to', async () => {
    const window = await open('zh-CN');
    const { document } = window;
    expect([document.documentElement.lang, document.title]).toEqual(['zh-CN', '策略 a-policy 的计划']);

    button(document, 'English').click();
    await window.happyDOM.waitUntilComplete();

    expect([document.documentElement.lang, document.title]).toEqual(['en', 'Plan of a-policy']);
  });

  type Window = Awaited<ReturnType<typeof open>>;

  function button(document: Window['document'], name: string) {
    const found = [...document.querySelectorAll('button')].find(
      (one) => one.getAttribute('aria-label') === name || textOf(one) === name,
    );
    if (found === undefined) throw new Error(`There is no button ${name}.`);
    return found;
  }

  async function type(window: Window, text: string): Promise<void> {
    const field = window.document.querySelector('input[type=search]') as unknown as { value: string };
    field.value = text;
    (field as unknown as EventTarget).dispatchEvent(
      new window.Event('input', { bubbles: true }) as unknown as Event,
    );
    await window.happyDOM.waitUntilComplete();
  }
});
