// The messages of a case from left to right, in the order in which the broker accepted them: a lane for each institution, and
// an arrow from the sender's to each recipient's.
import { dateTime, named, useWords } from '../language';
import { link } from '../router';
import type { Message } from '../types';
import { useInstitutions } from './filters';
import { useNarrow } from './narrow';

const LANE = 46; // as .lanes li in style.css
const STEP = 38; // from one message to the next
const REACH = 24; // of an arrow, to the right
const BROKER = 'relais';

// Its class in style.css, which gives it colour and dashes.
const LOOKS: Record<string, string> = { delivered: 'delivered', queued: 'waiting', parked: 'waiting', dead: 'dead', discarded: 'discarded' };

interface Line {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

/// The tip of an arrow along `line`.
function tip({ x1, y1, x2, y2 }: Line): string {
  const length = Math.hypot(x2 - x1, y2 - y1);
  const [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length];
  const corner = (side: number) => `${(x2 - ux * 9 - uy * 4 * side).toFixed(1)} ${(y2 - uy * 9 + ux * 4 * side).toFixed(1)}`;
  return `M${x2} ${y2}L${corner(1)}L${corner(-1)}Z`;
}

/// What an arrow looks like, and what that means.
function Key({ look, name }: { look: string; name: string }) {
  const line = { x1: 1, y1: 6, x2: 29, y2: 6 };
  return (
    <span class="key">
      <svg class="path" viewBox="0 0 30 12" aria-hidden="true">
        <g class={`pass ${look}`}>
          {look === 'exercise' ? <rect class="from" x="10" y="1" width="10" height="10" /> : <><line class="way" {...line} /><path class="tip" d={tip(line)} /></>}
        </g>
      </svg>{' '}
      {name}
    </span>
  );
}

export function PathPicture({ messages, referral }: { messages: Message[]; referral: string }) {
  const w = useWords();
  const narrow = useNarrow();
  const names = new Map(useInstitutions());
  const drawn = messages.filter((message) => message.deliveries.length).sort((a, b) => a.position - b.position);
  if (!drawn.length) return <p class="empty">{w.nothing}</p>;
  const lanes = [...new Set(drawn.flatMap(({ sender, deliveries }) => [sender, ...deliveries.map((one) => one.recipient)]))];
  const name = (id: string) => (id === BROKER ? w.broker : (!narrow && names.get(id)) || id);
  const y = (id: string) => lanes.indexOf(id) * LANE + LANE / 2;
  const [width, height] = [drawn.length * STEP + REACH, lanes.length * LANE];
  const looks = new Map(drawn.flatMap(({ deliveries }) => deliveries.map(({ state }) => [LOOKS[state] ?? state, state])));
  return (
    <figure class="journey">
      <ul class="lanes" aria-hidden="true">{lanes.map((id) => <li key={id}>{name(id)}</li>)}</ul>
      <div class="sideways" tabIndex={0} role="region" aria-label={w.path}>
        <svg class="path" width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="group"
          aria-label={w.path_picture(drawn.length, lanes.length)}>
          {lanes.map((id) => <line key={id} class="lane" x1={0} y1={y(id)} x2={width} y2={y(id)} />)}
          {drawn.map((message, i) => message.deliveries.map(({ recipient, state }) => {
            const line = { x1: i * STEP + STEP / 2, y1: y(message.sender), x2: i * STEP + STEP / 2 + REACH, y2: y(recipient) };
            const own = message.referral_id === referral;
            const said = `${named(w.kinds, message.kind)}, ${name(message.sender)} → ${name(recipient)}, ${dateTime(message.at)}, `
              + `${named(w.states, state)}, ${own ? w.path_own : w.path_others}${message.exercise ? `, ${w.exercise}` : ''}`;
            return (
              <a key={`${message.message_id} ${recipient}`} href={link(['messages', message.message_id])} aria-label={said}
                class={`pass ${LOOKS[state] ?? ''} ${own ? 'own' : ''} ${message.exercise ? 'exercise' : ''}`}>
                <title>{said}</title>
                <line class="touch" {...line} />
                <line class="way" {...line} />
                <path class="tip" d={tip(line)} />
                {message.exercise
                  ? <rect class="from" x={line.x1 - 5} y={line.y1 - 5} width={10} height={10} />
                  : <circle class="from" cx={line.x1} cy={line.y1} r={4} />}
              </a>
            );
          }))}
        </svg>
      </div>
      <figcaption>
        {[...looks].map(([look, state]) => <Key key={look} look={look} name={named(w.states, look === 'waiting' ? 'queued' : state)} />)}
        {drawn.some((message) => message.referral_id !== referral) && (
          <><Key look="own" name={w.path_own} /><Key look="" name={w.path_others} /></>
        )}
        {drawn.some((message) => message.exercise) && <Key look="exercise" name={w.exercise} />}
      </figcaption>
    </figure>
  );
}
