import { useLive } from '../api';
import { useNow } from '../clock';
import { dateTime, named, since, useWords } from '../language';
import { MessageTable } from '../parts/messages';
import { joined } from '../parts/news';
import { Facts, Loaded, Page, Panel, Table } from '../parts/page';
import { PathPicture } from '../parts/path_picture';
import { Exercise, State } from '../parts/signals';
import { link } from '../router';
import type { MessagePage, Referral } from '../types';

/// The case's first page may not reach back to this referral, the referral's own does; older messages of the case are a link away.
function Story({ id, caseId }: { id: string; caseId: string }) {
  const w = useWords();
  const own = useLive<MessagePage>(`messages?referral=${encodeURIComponent(id)}&limit=200`, 5);
  const all = useLive<MessagePage>(`messages?case=${encodeURIComponent(caseId)}&limit=200`, 5);
  return (
    <>
      <Panel title={w.path} note={w.path_note} wide>
        <Loaded live={all}>
          {(page) => (
            <>
              <PathPicture messages={joined(own.data?.messages ?? [], page.messages, (one) => one.message_id)} referral={id} />
              {page.next !== null && <p class="note">{w.path_more} <a href={link(['messages'], { case: caseId })}>{w.path_all}</a></p>}
            </>
          )}
        </Loaded>
      </Panel>
      <Panel title={w.its_story} wide>
        <Loaded live={own}>{(page) => <MessageTable messages={page.messages} empty={page.next ? w.searching : undefined} />}</Loaded>
      </Panel>
    </>
  );
}

export function ReferralView({ id }: { id: string }) {
  const w = useWords();
  const now = useNow();
  const live = useLive<Referral>('referrals/' + encodeURIComponent(id), 5);
  return (
    <Page title={w.referral} aside={live.data && (
      <>
        <State code={live.data.status} names={w.statuses} /> <Exercise is={live.data.exercise} />
      </>
    )}>
      <Loaded live={live}>
        {(referral) => (
          <div class="panels">
            <Panel title={w.referral}>
              <Facts facts={[
                [w.referral, <code>{referral.referral_id}</code>],
                [w.case, <a href={link(['messages'], { case: referral.case_id })}><code>{referral.case_id}</code></a>],
                [w.sender, <a href={link(['institutions', referral.sender])}>{referral.sender}</a>],
                [w.recipient, <a href={link(['institutions', referral.recipient])}>{referral.recipient}</a>],
                [w.purpose, named({}, referral.purpose)],
                [w.agreement, referral.agreement],
                [w.opened, `${dateTime(referral.opened_at)} (${w.ago(since(referral.opened_at, now))})`],
                [w.closed, referral.closed ? w.yes : w.no],
                ...(referral.closed ? [] : ([
                  [w.holder, <a href={link(['institutions', referral.holder])}>{referral.holder}</a>],
                  [w.deadline, dateTime(referral.deadline)],
                ] as [string, preact.ComponentChildren][])),
              ]} />
            </Panel>
            <Panel title={w.appointments}>
              <Table caption={w.appointments} columns={[w.start, w.state, 'id']} empty={w.nothing}
                rows={referral.appointments.map((one) => ({
                  key: one.appointment_id,
                  cells: [dateTime(one.start), <State code={one.status} names={w.statuses} />, <code>{one.appointment_id}</code>],
                }))} />
            </Panel>
            <Story id={id} caseId={referral.case_id} />
          </div>
        )}
      </Loaded>
    </Page>
  );
}
