// Putting back or discarding: says first what it would do, then asks who and why, then does it, a portion at a time.
import { useEffect, useRef, useState } from 'preact/hooks';
import { tell, type Answer, type Refusal } from '../api';
import { named, number, useWords } from '../language';
import type { DeadGroup, DeadLetter, Rehearsal } from '../types';
import { Refused, Table } from './page';
import { SignatureFields, useSignature } from './signature';

export type Act = 'requeue' | 'discard';

export interface Order {
  action: Act;
  one?: DeadLetter;
  filter?: Record<string, string>;
}

interface Portion {
  done: number;
  gone: number;
  next: string | null;
  refused?: Refusal;
}

function Groups({ groups }: { groups: DeadGroup[] }) {
  const w = useWords();
  return (
    <Table caption={w.by_reason} columns={[w.recipient, w.reason, w.count, w.adapters]} right={[2]}
      rows={groups.map((group) => ({
        key: group.recipient + group.reason,
        cells: [group.recipient, named(w.dead_reasons, group.reason), number(group.count), w.connected_adapters(group.adapters_connected ?? 0)],
      }))} />
  );
}

function What({ order, rehearsal }: { order: Order; rehearsal?: Rehearsal }) {
  const w = useWords();
  const means = order.action === 'requeue' ? w.requeue_means : w.discard_means;
  if (order.one) {
    return (
      <>
        <p><code>{order.one.message_id}</code></p>
        <p>{w.one_message} {means}</p>
      </>
    );
  }
  if (!rehearsal) return <p role="status">{w.loading}</p>;
  if (!rehearsal.matching) return <p>{w.would_touch_none}</p>;
  return (
    <>
      <p>{w.would_touch(number(rehearsal.matching))}</p>
      <Groups groups={rehearsal.groups} />
      <p>{w.each_message} {means}</p>
      {!rehearsal.complete && <p class="note">{w.counted_partly}</p>}
    </>
  );
}

export function DeadActionDialog({ order, close }: { order: Order; close(changed: boolean): void }) {
  const w = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const [rehearsal, rehearse] = useState<Rehearsal>();
  const [refused, refuse] = useState<Refusal>();
  const signature = useSignature();
  const { operator, reason, signed } = signature;
  const [everything, meanEverything] = useState(false);
  const [progress, setProgress] = useState<{ done: number; gone: number; over: boolean }>();
  const title = order.action === 'requeue' ? w.requeue : w.discard;

  useEffect(() => {
    dialog.current?.showModal();
    if (order.one) return;
    void tell<Rehearsal>('dead-letters/many', { action: order.action, filter: order.filter, dry_run: true }).then((answer) => {
      if ('data' in answer) rehearse(answer.data);
      else if ('refused' in answer) refuse(answer.refused);
    });
  }, []);

  const act = async () => {
    refuse(undefined);
    if (order.one) {
      const { recipient, position, ordinal } = order.one;
      const answer = await tell(order.action === 'requeue' ? 'dead-letters/requeue' : 'dead-letters/discard', { operator, reason, recipient, position, ordinal });
      if ('data' in answer) setProgress({ done: 1, gone: 0, over: true });
      else if ('refused' in answer) refuse(answer.refused);
      return;
    }
    const sum = { done: 0, gone: 0 };
    setProgress({ ...sum, over: false });
    let next: string | null = null;
    do {
      const answer: Answer<Portion> = await tell<Portion>('dead-letters/many', {
        action: order.action, operator, reason, filter: order.filter, until: rehearsal?.until,
        everything, next,
      });
      if (!('data' in answer)) {
        refuse('refused' in answer ? answer.refused : undefined);
        break;
      }
      sum.done += answer.data.done;
      sum.gone += answer.data.gone;
      next = answer.data.refused ? null : answer.data.next;
      if (answer.data.refused) refuse(answer.data.refused);
      setProgress({ ...sum, over: false });
    } while (next);
    setProgress({ ...sum, over: true });
  };

  const ready = order.one ? signed : signed && !!rehearsal?.matching && (!rehearsal.everything || everything);
  return (
    <dialog ref={dialog} aria-labelledby="dead-title" onClose={() => close(!!progress)}>
      <form onSubmit={(event) => {
        event.preventDefault();
        if (ready && !progress) void act();
      }}>
        <h2 id="dead-title">{title}</h2>
        <What order={order} rehearsal={rehearsal} />
        {!progress && rehearsal?.everything && (
          <label class="tick warning">
            <input type="checkbox" checked={everything} onChange={(event) => meanEverything(event.currentTarget.checked)} />
            <span>{w.would_touch_all(number(rehearsal.matching))} <strong>{w.everything}</strong></span>
          </label>
        )}
        {!progress && (order.one || !!rehearsal?.matching) && <SignatureFields signature={signature} />}
        {progress && <p role="status">{progress.over ? w.done(number(progress.done), number(progress.gone)) : w.working(number(progress.done))}</p>}
        {refused && <Refused refusal={refused} />}
        <div class="buttons">
          <button type="button" class="quiet" onClick={() => dialog.current?.close()}>{progress ? w.close : w.cancel}</button>
          {!progress && <button type="submit" class={order.action === 'discard' ? 'danger' : ''} disabled={!ready}>{title}</button>}
        </div>
      </form>
    </dialog>
  );
}
