// One message: where it is, and every attempt to deliver it, with the reasons.
import { useState } from 'preact/hooks';
import { ask, useLive, type Refusal } from '../api';
import { dateTime, named, number, useWords } from '../language';
import { save } from '../parts/file';
import { Facts, Loaded, Page, Panel, Refused, Table } from '../parts/page';
import { Exercise, State } from '../parts/signals';
import { link } from '../router';
import { may } from '../session';
import type { Trace } from '../types';

const BROKER = 'relais';
const EVENT_COLOURS: Record<string, string> = { delivered: 'green', parked: 'amber', dead: 'red', discarded: 'red' };

/// A file that whoever has the broker's public key can check.
function Evidence({ id }: { id: string }) {
  const w = useWords();
  const [refused, refuse] = useState<Refusal>();
  const fetch = async () => {
    refuse(undefined);
    const answer = await ask<{ evidence: string }>(`messages/${encodeURIComponent(id)}/evidence`);
    if ('data' in answer) save(`evidence-${id}.json`, 'application/json', answer.data.evidence);
    else if ('refused' in answer) refuse(answer.refused);
  };
  return (
    <>
      <p class="note">{w.evidence_note}</p>
      <button type="button" class="quiet" onClick={() => void fetch()}>{w.evidence}</button>
      {refused && <Refused refusal={refused} />}
    </>
  );
}

export function MessageView({ id }: { id: string }) {
  const w = useWords();
  const live = useLive<Trace>('messages/' + encodeURIComponent(id));
  return (
    <Page title={w.message} aside={live.data && <Exercise is={live.data.exercise} />}>
      <Loaded live={live}>
        {(trace) => (
          <div class="panels">
            <Panel title={named(w.kinds, trace.kind)}>
              <Facts facts={[
                [w.message, <code>{trace.message_id}</code>],
                [w.at, dateTime(trace.accepted_at)],
                [w.sender, trace.sender === BROKER ? w.broker : <a href={link(['institutions', trace.sender])}>{trace.sender}</a>],
                [w.purpose, named({}, trace.purpose) || '–'],
                [w.referral, trace.referral_id ? <a href={link(['referrals', trace.referral_id])}><code>{trace.referral_id}</code></a> : '–'],
                [w.case, trace.case_id ? <a href={link(['messages'], { case: trace.case_id })}><code>{trace.case_id}</code></a> : '–'],
                [w.position, number(trace.position)],
              ]} />
              {may('GET /api/v1/messages/{message_id}/evidence') && <Evidence id={trace.message_id} />}
            </Panel>
            <Panel title={w.deliveries}>
              <Table caption={w.deliveries} columns={[w.recipient, w.state, w.at, w.attempts, w.reason]} right={[3]}
                rows={trace.deliveries.map((delivery) => ({
                  key: delivery.recipient,
                  cells: [
                    <a href={link(['institutions', delivery.recipient])}>{delivery.recipient}</a>,
                    <State code={delivery.state} names={w.states} />,
                    dateTime(delivery.at),
                    number(delivery.attempts),
                    delivery.reason ? <code>{delivery.reason}</code> : '–',
                  ],
                }))} />
            </Panel>
            <Panel title={w.timeline} wide>
              <ol class="timeline">
                {trace.steps.map((step, i) => (
                  <li key={`${step.position} ${i}`} class={EVENT_COLOURS[step.event] ?? ''}>
                    <time dateTime={step.at}>{dateTime(step.at)}</time>
                    <div>
                      <strong>{named(w.events, step.event)}</strong>
                      {step.recipient && <> – {step.recipient}</>}
                      {step.detail && <p><code>{step.detail}</code></p>}
                      <p class="note">{w.position} {number(step.position)}</p>
                    </div>
                  </li>
                ))}
              </ol>
            </Panel>
          </div>
        )}
      </Loaded>
    </Page>
  );
}
