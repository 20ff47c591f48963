// Asks the operators' API. What changes is asked for again and again, with the tag of the answer before: the broker says
// "not modified" without sending it once more.
import { useEffect, useState } from 'preact/hooks';
import { type Session, keepToken, nobody, session, token } from './session';
import { store } from './store';

export interface Refusal {
  code: string;
  english: string;
  french: string;
  field?: string;
}

export type Answer<T> = { data: T; tag: string | null } | { refused: Refusal } | { unchanged: true } | { silent: true };

/// Whether the broker answered when it was last asked, and since when it does not.
export const connection = store<{ up: boolean; since: number }>({ up: true, since: Date.now() });

/// What the broker's clock is ahead of ours.
let ahead = 0;
export const brokerNow = () => Date.now() + ahead;

function heard(up: boolean) {
  if (connection.get().up !== up) connection.set({ up, since: Date.now() });
}

/// Pages ask again by themselves. That somebody is in front of them shows by what they touch.
const ATTENDED_MS = 60_000;
let touched = Date.now();
for (const what of ['pointerdown', 'pointermove', 'keydown', 'scroll'])
  addEventListener(what, () => void (touched = Date.now()), { passive: true, capture: true });

async function call<T>(path: string, init: RequestInit, tag?: string | null): Promise<Answer<T>> {
  const headers: Record<string, string> = {};
  if (token.get()) headers['Authorization'] = `Bearer ${token.get()}`;
  else if (init.method === 'POST') headers['Relais-CSRF'] = session.get()?.csrf ?? '';
  if (Date.now() - touched > ATTENDED_MS) headers['Relais-Unattended'] = '1';
  if (tag) headers['If-None-Match'] = tag;
  if (init.body) headers['Content-Type'] = 'application/json';
  // Whoever asks: the answer may come when somebody else is here.
  const [asker, by] = [session.get(), token.get()];
  let answer: Response;
  try {
    answer = await fetch('/api/v1/' + path, { ...init, headers, cache: 'no-store' });
  } catch {
    heard(false);
    return { silent: true };
  }
  heard(true);
  const time = Date.parse(answer.headers.get('Relais-Time') ?? '');
  if (!Number.isNaN(time)) ahead = time - Date.now();
  if (answer.status === 304) return { unchanged: true };
  const body = await answer.json().catch(() => ({}));
  // The session is over: what was being looked at gives way to the page where one logs in.
  if (answer.status === 401 && path !== 'login' && session.get() === asker && token.get() === by) nobody();
  if (answer.ok) return { data: body as T, tag: answer.headers.get('ETag') };
  return { refused: body.refused ?? { code: `http.${answer.status}`, english: answer.statusText, french: answer.statusText } };
}

export const ask = <T>(path: string) => call<T>(path, {});

export const tell = <T>(path: string, body: unknown) => call<T>(path, { method: 'POST', body: JSON.stringify(body) });

/// Who is here, by the token or the cookie that this browser has; null with the reason when nobody is.
export async function whoIsHere(): Promise<Refusal | undefined> {
  const answer = await ask<Session>('session');
  if ('data' in answer) session.set(answer.data);
  else if ('refused' in answer) return answer.refused;
  else setTimeout(() => void whoIsHere(), 1000);
  return undefined;
}

export async function logIn(given: { name: string; password: string; code: string }): Promise<Refusal | undefined> {
  keepToken('');
  const answer = await tell<Session>('login', given);
  if ('data' in answer) session.set(answer.data);
  return 'refused' in answer ? answer.refused : undefined;
}

export async function logOut() {
  const answer = token.get() ? undefined : await tell<{ leaving: string | null }>('logout', {});
  nobody();
  if (answer && 'data' in answer && answer.data.leaving) location.assign(answer.data.leaving);
}

export function query(given: Record<string, string | number | undefined | null>): string {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return entries.length ? '?' + new URLSearchParams(entries.map(([key, value]) => [key, String(value)])) : '';
}

export interface Live<T> {
  data?: T;
  refused?: Refusal;
  /// Asks at once.
  again(): void;
}

/// The answer to `path`, asked again every `seconds` while the page is looked at.
export function useLive<T>(path: string, seconds = 2): Live<T> {
  const [state, show] = useState<{ path: string; data?: T; refused?: Refusal }>({ path });
  const [turn, nextTurn] = useState(0);
  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout>;
    let tag: string | null = null;
    const look = async () => {
      if (!document.hidden) {
        const answer: Answer<T> = await call<T>(path, {}, tag);
        if (over) return;
        if ('data' in answer) {
          tag = answer.tag;
          show({ path, data: answer.data });
        } else if ('refused' in answer) {
          tag = null;
          show({ path, refused: answer.refused });
        }
      }
      timer = setTimeout(look, seconds * 1000);
    };
    const seen = () => {
      if (document.hidden) return;
      clearTimeout(timer);
      void look();
    };
    void look();
    document.addEventListener('visibilitychange', seen);
    return () => {
      over = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', seen);
    };
  }, [path, seconds, turn]);
  const again = () => nextTurn((n) => n + 1);
  return state.path === path ? { data: state.data, refused: state.refused, again } : { again };
}
