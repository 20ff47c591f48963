// The token of the operators' API. It comes typed, or behind the # of the address that `relaisctl console` prints, which
// a browser sends to nobody; it stays in this tab.
import { store } from './store';

const KEY = 'relais.token';

function first(): string {
  const given = /^#token=([0-9a-f]+)$/i.exec(location.hash);
  if (given?.[1]) {
    sessionStorage.setItem(KEY, given[1]);
    history.replaceState(null, '', location.pathname + '#/');
  }
  return sessionStorage.getItem(KEY) ?? '';
}

export const token = store(first());

export function signIn(given: string) {
  sessionStorage.setItem(KEY, given);
  token.set(given);
}

export function signOut() {
  sessionStorage.removeItem(KEY);
  token.set('');
}
