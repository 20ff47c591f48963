// A list that the broker finds by walking back through its journal, a stretch at a time: the page asks for the next
// stretch until it has a screenful, or the reader says stop. What is newer is put before it, and moves nothing else.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, type Refusal } from '../api';
import { joined, useNews } from './news';

const SCREENFUL = 50;

interface Walked<T> {
  items: T[];
  next: number | null;
  reached: string | null;
  working: boolean;
  refused?: Refusal;
}

type Stretch<Name extends string, T> = Record<Name, T[]> & { next: number | null; reached: string | null };

/// `route` answers its list under `name`; `key` tells two of its items apart.
export function useWalk<T, Name extends string>(route: string, name: Name, filter: string, key: (one: T) => unknown) {
  const [turn, begin] = useState(0);
  const news = useNews<T, Name>(route, name, filter, key, turn);
  const [found, show] = useState<Walked<T>>({ items: [], next: null, reached: null, working: true });
  const run = useRef(0);
  const walk = async (from: number | null, before: T[]) => {
    const mine = ++run.current;
    let { items, next, reached } = { items: before, next: from, reached: null as string | null };
    show((old) => ({ ...old, items, working: true, refused: undefined }));
    const wanted = before.length + SCREENFUL;
    do {
      const parameters = new URLSearchParams(filter);
      parameters.set('limit', String(wanted - items.length));
      if (next) parameters.set('next', String(next));
      const answer = await ask<Stretch<Name, T>>(`${route}?${parameters}`);
      if (run.current !== mine) return;
      if (!('data' in answer)) {
        const refused = 'refused' in answer ? answer.refused : undefined;
        show({ items, next, reached, working: false, refused });
        return;
      }
      items = [...items, ...answer.data[name]];
      next = answer.data.next;
      reached = answer.data.reached ?? reached;
      show({ items, next, reached, working: next !== null && items.length < wanted });
    } while (next !== null && items.length < wanted);
  };
  useEffect(() => {
    void walk(null, []);
    return () => void ++run.current;
  }, [filter, turn]);
  return {
    found: { ...found, items: joined(news.items, found.items, key) },
    full: news.full,
    again: () => begin(turn + 1),
    more: () => void walk(found.next, found.items),
    stop() {
      ++run.current;
      show((old) => ({ ...old, working: false }));
    },
  };
}
