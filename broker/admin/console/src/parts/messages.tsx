import { dateTime, named, useWords } from '../language';
import { link } from '../router';
import type { Message } from '../types';
import { Id, Table } from './page';
import { Exercise, State } from './signals';

export function MessageTable({ messages, empty }: { messages: Message[]; empty?: string }) {
  const w = useWords();
  return (
    <Table caption={w.messages} empty={empty}
      columns={[w.at, w.message, w.kind, w.sender, `${w.recipients} – ${w.state}`, w.referral, w.case]}
      rows={messages.map((message) => ({
        key: message.message_id,
        cells: [
          dateTime(message.at),
          <Id id={message.message_id} href={link(['messages', message.message_id])} />,
          <>{named(w.kinds, message.kind)} <Exercise is={message.exercise} /></>,
          message.sender,
          <ul class="plain">
            {message.deliveries.map((delivery) => (
              <li key={delivery.recipient}>{delivery.recipient} <State code={delivery.state} names={w.states} /></li>
            ))}
          </ul>,
          <Id id={message.referral_id} href={link(['referrals', message.referral_id])} />,
          <Id id={message.case_id} href={link(['messages'], { case: message.case_id })} />,
        ],
      }))} />
  );
}
