import { useEffect, useState } from 'preact/hooks';
import type { Page } from '../lib/pages/model.ts';
import { type Language, speaker } from '../lib/words/words.ts';
import { FleetView } from './fleet-view.tsx';
import { PlanView } from './plan-view.tsx';
import { RunView } from './run-view.tsx';
import { SpeakerContext, titleOf } from './speaking.ts';

/** A page in the language that it was made for, or that its reader chose. */
export function App({ page }: { readonly page: Page }) {
  const [language, setLanguage] = useState<Language>(page.language);
  const say = speaker(language);
  useEffect(() => {
    document.documentElement.lang = language;
    document.title = titleOf(page, say);
  });
  const other = language === 'en' ? 'zh-CN' : 'en';
  return (
    <SpeakerContext.Provider value={{ say, language }}>
      <a class="skip" href="#content">
        {say('skipToContent')}
      </a>
      <header class="top">
        <span class="brand">
          tagsweep <span class="dim">/ {say(page.kind)}</span>
        </span>
        <button type="button" lang={other} onClick={() => setLanguage(other)}>
          {say('otherLanguage')}
        </button>
      </header>
      <main id="content" tabIndex={-1}>
        {page.kind === 'plan' && <PlanView page={page} />}
        {page.kind === 'run' && <RunView page={page} />}
        {page.kind === 'fleet' && <FleetView page={page} />}
      </main>
      <footer class="dim">{say('madeBy', { version: page.version })}</footer>
    </SpeakerContext.Provider>
  );
}
