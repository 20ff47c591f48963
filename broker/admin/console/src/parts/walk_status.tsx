import { dateTime, number, useWords } from '../language';
import type { useWalk } from './walk';

/// How far the walk is, and the buttons to go on or to stop.
export function WalkStatus({ walk }: { walk: ReturnType<typeof useWalk<unknown, string>> }) {
  const w = useWords();
  const { found, full, again, more, stop } = walk;
  return (
    <>
      <p class="status" role="status">
        {found.working ? w.searching : w.found(number(found.items.length), found.next !== null)}{' '}
        {found.next === null && !found.working ? w.searched_all : found.reached && w.search_back(dateTime(found.reached))}
      </p>
      {full && <p class="note">{w.news_full} <button type="button" class="quiet" onClick={again}>{w.news_again}</button></p>}
      {found.working && <button type="button" class="quiet" onClick={stop}>{w.stop}</button>}
      {!found.working && found.next !== null && <button type="button" onClick={more}>{w.more}</button>}
    </>
  );
}
