import { render } from 'preact';
import type { Page } from '../lib/pages/model.ts';
import { App } from './app.tsx';

const data = document.getElementById('data')?.textContent ?? '';
const place = document.getElementById('page');
if (place !== null) {
  place.textContent = '';
  render(<App page={JSON.parse(data) as Page} />, place);
}
