// A colour is never alone: a shape and a word go with it.
import { since, number, useWords, dateTime } from '../language';
import type { Colour, Light, Reason } from '../types';

const SHAPES: Record<Colour, string> = { green: '●', amber: '▲', red: '■' };

export function Signal({ colour }: { colour: Colour }) {
  const w = useWords();
  return (
    <span class={`signal ${colour}`}>
      <span aria-hidden="true">{SHAPES[colour]}</span> {w.lights[colour]}
    </span>
  );
}

function useReason(now: number) {
  const w = useWords();
  return (reason: Reason) => {
    const text = w.reasons[reason.code] ?? reason.code;
    if (reason.code === 'waits_long' || reason.code === 'silent') return `${text} ${since(reason.since, now)}`;
    if (reason.code === 'maintenance') return `${text} ${dateTime(reason.at)}`;
    if (reason.code === 'key_expired') return `${text} ${w.uses[reason.use ?? '']}`;
    if (reason.code === 'key_expires') return `${text} ${w.uses[reason.use ?? '']}, ${dateTime(reason.at)}`;
    if (reason.count !== undefined) return `${number(reason.count)} ${text}`;
    return text;
  };
}

export function Reasons({ light, now }: { light: Light; now: number }) {
  const say = useReason(now);
  if (!light.reasons.length) return null;
  return (
    <ul class="reasons">
      {light.reasons.map((reason) => (
        <li key={reason.code + (reason.use ?? '')}>{say(reason)}</li>
      ))}
    </ul>
  );
}

const STATE_COLOURS: Record<string, string> = {
  delivered: 'green', valid: 'green', completed: 'green', queued: 'plain', parked: 'amber', dead: 'red',
  expired: 'red', expires_soon: 'amber', discarded: 'plain',
};

export function State({ code, names }: { code: string; names: Record<string, string> }) {
  return <span class={`state ${STATE_COLOURS[code] ?? 'plain'}`}>{names[code] ?? code.replace(/_/g, ' ')}</span>;
}

export function Exercise({ is }: { is: boolean }) {
  const w = useWords();
  return is ? <span class="state exercise">{w.exercise}</span> : null;
}
