/** Fake cURL: commands as the tests paste them, read by their plainest form. */
import type { CurlSource, FieldDraft, HttpMethod } from '../bindings';
import { refuse, type FakeWorkspace, type Part } from './parts';

type Commands = 'parseCurl' | 'parseConnectorCurl' | 'copyCurl';

function urlOf(command: string): string {
  const quote = command.indexOf("'");
  if (quote >= 0 && command.split("'").length % 2 === 0) {
    const position = String(Array.from(command.slice(0, command.lastIndexOf("'"))).length + 1);
    refuse(
      'invalid',
      `Unclosed quote: ' at character ${position} is never closed.`,
      'Close the quote.',
      `curl[${position}]`,
    );
  }
  const url = /https?:\/\/[^\s'"]+/.exec(command)?.[0];
  if (!command.trim().startsWith('curl') || !url) {
    refuse(
      'invalid',
      'This is no cURL command with a URL.',
      'Paste the whole command, beginning with curl.',
      'curl',
    );
  }
  return url;
}

function fieldsOf(command: string, expression: RegExp): FieldDraft[] {
  return [...command.matchAll(expression)].map(([, name = '', value = '']) => ({
    name,
    value,
    secret: true,
    stored: null,
  }));
}

const HEADERS = /-H\s+['"]([^:'"]+):\s*([^'"]*)['"]/g;

function notesOf(command: string): string[] {
  return command.includes('--insecure') ? ['--insecure was left out: certificates are always checked.'] : [];
}

function placeholdersOf(source: CurlSource): string[] {
  if (source.kind === 'step') return ['<Authorization>'];
  if (source.kind === 'connector') {
    return source.draft.data_inputs
      .filter(({ default_value }) => !default_value)
      .map(({ name }) => `{{${name}}}`);
  }
  if (source.draft.token_type !== 'http_request') {
    refuse('invalid', 'This token has no request to copy.', 'Copy its value instead.', 'token_type');
  }
  const { headers = [], parameters = [], url } = source.draft.request;
  if (!url.includes('://')) {
    refuse('invalid', 'This is not a whole URL.', 'Write it like https://auth.example.com/login.', 'url');
  }
  return [...headers, ...parameters].filter(({ secret }) => secret !== false).map(({ name }) => `<${name}>`);
}

export function fakeCurl(workspace: FakeWorkspace): Part<Commands> {
  return {
    async parseCurl(command) {
      const url = urlOf(command);
      return workspace.answer({
        request: {
          method: /-X\s+(\w+)/.exec(command)?.[1] ?? 'POST',
          url,
          headers: fieldsOf(command, HEADERS),
          parameters: fieldsOf(command, /-d\s+['"]?([^='"\s]+)=([^'"\s]*)/g),
          encoding: 'form',
        },
        notes: notesOf(command),
      });
    },

    async parseConnectorCurl(command) {
      const url = urlOf(command);
      const names = [...command.matchAll(/\{\{(\w+)\}\}/g)].map(([, name = '']) => name);
      return workspace.answer({
        request: {
          http_method: (/-X\s+(\w+)/.exec(command)?.[1] ?? 'get').toLowerCase() as HttpMethod,
          url,
          headers: fieldsOf(command, HEADERS).map((header) => ({
            ...header,
            secret: header.name === 'Authorization',
          })),
          body: /-d\s+'([^']*)'/.exec(command)?.[1] ?? '',
          inputs: [...new Set(names)],
        },
        notes: notesOf(command),
      });
    },

    async copyCurl(source, shell) {
      workspace.copied.push({ source, shell });
      return workspace.answer({ placeholders: placeholdersOf(source), notes: [] });
    },
  };
}
