/**
 * The page's place, kept in the address after `#`: a path, and after `?` what is looked at there (filters of a log, what an
 * execution is compared with). Leaving asks the unsaved guard first.
 */
import { pathOf, queryOf } from './place';
import { mayLeave } from './unsaved.svelte';

export type ConnectorTab = 'setup' | 'test' | 'reliability' | 'logs';

export type Route =
  | { page: 'overview' }
  | { page: 'logs'; execution: string | null }
  | { page: 'connectors' }
  | { page: 'connector_new' }
  | { page: 'connector'; id: string; tab: ConnectorTab; execution: string | null }
  | { page: 'tokens' }
  | { page: 'token_new' }
  | { page: 'token_new_text' }
  | { page: 'token_new_http_request' }
  | { page: 'token'; id: string }
  | { page: 'token_new_user' }
  | { page: 'customers' }
  | { page: 'customer_new' }
  | { page: 'customer'; userId: string }
  | { page: 'messenger' }
  | { page: 'storage' }
  | { page: 'appearance' }
  | { page: 'sandbox' };

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Reads the path of a place such as `/connectors/7/test`; anything unknown is the start page. */
export function parse(place: string): Route {
  const [area = '', id = '', tab = '', execution = ''] = pathOf(place).split('/').slice(1).map(decoded);
  if (area === 'authentication') {
    if (!id) return { page: 'tokens' };
    if (id !== 'new') return { page: 'token', id };
    if (tab === 'text') return { page: 'token_new_text' };
    if (tab === 'http_request') return { page: 'token_new_http_request' };
    if (tab === 'user') return { page: 'token_new_user' };
    return { page: 'token_new' };
  }
  if (area === 'customers') {
    // A user id may be any text: it stands behind `id/`, so that a customer called “new” can be opened.
    if (id === 'id' && tab) return { page: 'customer', userId: tab };
    return { page: id === 'new' ? 'customer_new' : 'customers' };
  }
  if (area === 'messenger') return { page: area };
  if (area === 'storage' || area === 'appearance' || area === 'sandbox') return { page: area };
  if (area === 'overview') return { page: area };
  if (area === 'logs') return { page: area, execution: id || null };
  if (area !== 'connectors' || !id) return { page: 'connectors' };
  if (id === 'new') return { page: 'connector_new' };
  const known = tab === 'test' || tab === 'reliability' || tab === 'logs' ? tab : 'setup';
  return { page: 'connector', id, tab: known, execution: known === 'logs' && execution ? execution : null };
}

class Router {
  /** The present place without `#`, such as `/connectors` or `/logs?success=false`. */
  place = $state('/connectors');
  /** The place without its query. It changes only when the path does. */
  readonly path = $derived(pathOf(this.place));
  readonly route = $derived(parse(this.path));
  readonly query = $derived(queryOf(this.place));
  /** The path as it may be written to disk: without the user id of a customer, which says who somebody is. */
  readonly remembered = $derived(this.route.page === 'customer' ? '/customers' : this.path);

  /** Follows the address until the returned function is called. */
  start(first: string): () => void {
    if (!location.hash) history.replaceState(null, '', `#${first}`);
    this.place = location.hash.slice(1) || '/connectors';
    const follow = (): void => {
      void this.follow();
    };
    window.addEventListener('hashchange', follow);
    return () => {
      window.removeEventListener('hashchange', follow);
    };
  }

  go(place: string): void {
    location.hash = place;
  }

  /** Changes the address without a new entry and without asking, for places that belong to the same form. */
  replace(place: string): void {
    history.replaceState(null, '', `#${place}`);
    this.place = place;
  }

  /** Drops the query, which may hold what was typed. */
  forgetQuery(): void {
    if (this.place !== this.path) this.replace(this.path);
  }

  private async follow(): Promise<void> {
    const wanted = location.hash.slice(1) || '/connectors';
    if (wanted === this.place) return;
    if (!(await mayLeave(this.place, wanted))) {
      history.replaceState(null, '', `#${this.place}`);
      return;
    }
    this.place = wanted;
  }
}

export const router = new Router();
