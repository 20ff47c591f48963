// Who uses the console. Somebody who logged in has a cookie that no script can read; whoever is root on the broker's machine
// has its token, typed, or behind the # of the address that `relaisctl console` prints, which a browser sends to nobody.
import { store } from './store';

export interface Session {
  name: string | null; // nobody's: root has the token
  role: string;
  institution: string | null;
  csrf: string | null;
  may: string[]; // "GET /api/v1/status"
  ends_at: string | null;
}

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

export function keepToken(given: string) {
  if (given) sessionStorage.setItem(KEY, given);
  else sessionStorage.removeItem(KEY);
  token.set(given);
}

/// undefined: not asked yet. null: nobody.
export const session = store<Session | null | undefined>(undefined);

export const may = (route: string) => !!session.get()?.may.includes(route);

export function nobody() {
  keepToken('');
  session.set(null);
}
