// Messages that reached no end by themselves: why, and what to do with them, one or all that a filter names.
import { useEffect, useState } from 'preact/hooks';
import { ask, query, useLive } from '../api';
import { useNow } from '../clock';
import { named, number, since, useWords } from '../language';
import { type Act, DeadActionDialog, type Order } from '../parts/dead_action';
import { Choice, KINDS, useInstitutions } from '../parts/filters';
import { Id, Loaded, Page, Panel, Table } from '../parts/page';
import { Exercise } from '../parts/signals';
import { go, link, place } from '../router';
import { may } from '../session';
import type { DeadGroup, DeadLetter } from '../types';

interface PageOf {
  dead_letters: DeadLetter[];
  next: string | null;
}

interface Reasons {
  groups: DeadGroup[];
  count: number;
  complete: boolean;
}

function ByReason({ reasons, now }: { reasons: Reasons; now: number }) {
  const w = useWords();
  return (
    <Panel title={w.by_reason} wide>
      <Table caption={w.by_reason} columns={[w.recipient, w.reason, w.count, w.oldest]} right={[2, 3]} empty={w.dead_none}
        rows={reasons.groups.map((group) => ({
          key: group.recipient + group.reason,
          cells: [
            group.recipient,
            <a href={link(['dead-letters'], { recipient: group.recipient, reason: group.reason })}>{named(w.dead_reasons, group.reason)}</a>,
            number(group.count),
            since(group.oldest_at, now),
          ],
        }))} />
      {!reasons.complete && <p class="note">{w.counted_partly}</p>}
    </Panel>
  );
}

export function DeadLettersPage() {
  const w = useWords();
  const now = useNow();
  const institutions = useInstitutions();
  const { query: given } = place.use();
  const chosen = {
    recipient: given.get('recipient') ?? '', reason: given.get('reason') ?? '',
    sender: given.get('sender') ?? '', kind: given.get('kind') ?? '',
  };
  const path = 'dead-letters' + query({ ...chosen, limit: 50 });
  const reasons = useLive<Reasons>('dead-letters/reasons', 5);
  const live = useLive<PageOf>(path, 5);
  const [rest, keep] = useState<PageOf>({ dead_letters: [], next: null });
  const [order, give] = useState<Order>();
  useEffect(() => keep({ dead_letters: [], next: null }), [path]);
  const more = async () => {
    const answer = await ask<PageOf>('dead-letters' + query({ ...chosen, limit: 50, next: rest.next ?? live.data?.next }));
    if ('data' in answer) keep({ dead_letters: [...rest.dead_letters, ...answer.data.dead_letters], next: answer.data.next });
  };
  const set = (name: string) => (value: string) => go(['dead-letters'], { ...chosen, [name]: value });
  const filter = Object.fromEntries(Object.entries(chosen).filter(([, value]) => value));
  const these = (action: Act) => give({ action, filter });
  const causes = [...new Set((reasons.data?.groups ?? []).map((group) => group.reason))];
  return (
    <Page title={w.dead_letters}>
      <div class="panels">
        <Loaded live={reasons}>{(data) => <ByReason reasons={data} now={now} />}</Loaded>
        <Panel title={w.dead_letters} wide>
          <div class="filters">
            <Choice name={w.recipient} value={chosen.recipient} options={institutions} change={set('recipient')} />
            <Choice name={w.reason} value={chosen.reason} options={causes.map((code) => [code, named(w.dead_reasons, code)])} change={set('reason')} />
            <Choice name={w.sender} value={chosen.sender} options={institutions} change={set('sender')} />
            <Choice name={w.kind} value={chosen.kind} options={KINDS.map((kind) => [kind, named(w.kinds, kind)])} change={set('kind')} />
          </div>
          <Loaded live={live}>
            {(first) => {
              const letters = [...new Map([...first.dead_letters, ...rest.dead_letters].map((l) => [`${l.recipient} ${l.position} ${l.ordinal}`, l]))];
              const next = rest.dead_letters.length ? rest.next : first.next;
              return (
                <>
                  {letters.length > 0 && may('POST /api/v1/dead-letters/many') && (
                    <div class="buttons">
                      <button type="button" onClick={() => these('requeue')}>{w.requeue_these}</button>
                      <button type="button" class="danger" onClick={() => these('discard')}>{w.discard_these}</button>
                    </div>
                  )}
                  <Table caption={w.dead_letters} empty={next ? w.searching : w.dead_none}
                    columns={[w.message, w.kind, `${w.sender} → ${w.recipient}`, w.reason, w.died, w.attempts, '']} right={[5]}
                    rows={letters.map(([key, letter]) => ({
                      key,
                      cells: [
                        <Id id={letter.message_id} href={link(['messages', letter.message_id])} />,
                        <>{named(w.kinds, letter.kind)} <Exercise is={letter.exercise} /></>,
                        `${letter.sender} → ${letter.recipient}`,
                        <>{named(w.dead_reasons, letter.reason)}{letter.detail && <> <code>{letter.detail}</code></>}</>,
                        since(letter.at, now),
                        number(letter.attempts),
                        <span class="row-buttons">
                          {may('POST /api/v1/dead-letters/requeue') && <button type="button" class="quiet" aria-label={`${w.requeue_one} ${letter.message_id}`} onClick={() => give({ action: 'requeue', one: letter })}>{w.requeue_one}</button>}
                          {may('POST /api/v1/dead-letters/discard') && <button type="button" class="quiet" aria-label={`${w.discard_one} ${letter.message_id}`} onClick={() => give({ action: 'discard', one: letter })}>{w.discard_one}</button>}
                        </span>,
                      ],
                    }))} />
                  {next && <button type="button" onClick={() => void more()}>{w.more}</button>}
                </>
              );
            }}
          </Loaded>
        </Panel>
      </div>
      {order && (
        <DeadActionDialog order={order} close={(changed) => {
          give(undefined);
          if (!changed) return;
          keep({ dead_letters: [], next: null });
          live.again();
          reasons.again();
        }} />
      )}
    </Page>
  );
}
