// What is added to a list while its page is open: asked for again and again.
import { useEffect, useState } from 'preact/hooks';
import { type Answer, ask, brokerNow } from '../api';

const NEWS_MS = 5000;
const OVERLAP_MS = 10_000; // clocks are read before the journal is written
const MOST = 200;

/// `fresh`, then what of `known` is not in it.
export function joined<T>(fresh: T[], known: T[], key: (one: T) => unknown): T[] {
  const keys = new Set(fresh.map(key));
  return [...fresh, ...known.filter((one) => !keys.has(key(one)))];
}

/// What `route`, which answers its list under `name`, has got since the page was opened, the newest first. A time that is over
/// gets nothing. `full`: there are so many that no more are asked for, or the browser would choke. Begins anew with `turn`.
export function useNews<T, Name extends string>(route: string, name: Name, filter: string, key: (one: T) => unknown, turn: number) {
  const [news, tell] = useState<{ items: T[]; full: boolean }>({ items: [], full: false });
  type Stretch = Record<Name, T[]> & { next: number | null };
  useEffect(() => {
    let items: T[] = [];
    let full = false;
    tell({ items, full });
    const given = new URLSearchParams(filter);
    const until = Date.parse(given.get('until') ?? '');
    const begin = Date.parse(given.get('from') ?? '') || 0;
    let since = brokerNow();
    if (until <= since) return;
    given.set('limit', String(MOST));
    let over = false;
    let timer: ReturnType<typeof setTimeout>;
    const look = async () => {
      const asked = brokerNow();
      const parameters = new URLSearchParams(given);
      parameters.set('from', new Date(Math.max(begin, since - OVERLAP_MS)).toISOString());
      const fresh: T[] = [];
      let next: number | null = null;
      do {
        if (next) parameters.set('next', String(next));
        const answer: Answer<Stretch> = await ask<Stretch>(`${route}?${parameters}`);
        if (over || !('data' in answer)) return;
        fresh.push(...answer.data[name]);
        next = answer.data.next;
      } while (next !== null && fresh.length < MOST);
      since = asked;
      // A part of them would leave a gap.
      if (next === null) items = joined(fresh, items, key);
      full = next !== null || items.length >= MOST;
      tell({ items, full });
    };
    const wait = () => {
      timer = setTimeout(async () => {
        if (!document.hidden) await look();
        if (!over && !full) wait();
      }, NEWS_MS);
    };
    wait();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [filter, turn]);
  return news;
}
