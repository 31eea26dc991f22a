import './app.css';

import { mount } from 'svelte';

import App from './App.svelte';
import { setBackend } from './lib/api';
import { realBackend } from './lib/api/real';

async function start(): Promise<void> {
  if (import.meta.env.MODE === 'fake') {
    const { fakeFromAddress } = await import('./lib/api/fake/browser');
    setBackend(fakeFromAddress(new URLSearchParams(location.search)));
  } else {
    setBackend(realBackend());
  }
  const target = document.getElementById('app');
  if (!target) return;
  target.replaceChildren();
  mount(App, { target });
}

void start();
