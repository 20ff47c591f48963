// Fields above a list. What they say stands in the address: it can be kept, sent, and gone back to.
import { useLive } from '../api';
import { useWords } from '../language';
import type { Agreements } from '../types';

export function Choice({ name, value, options, change, any, needed }: {
  name: string;
  value: string;
  options: [string, string][];
  change(value: string): void;
  any?: string;
  /// One of the options, never any.
  needed?: boolean;
}) {
  const w = useWords();
  return (
    <label>
      {name}
      <select value={value} onChange={(event) => change(event.currentTarget.value)}>
        {!needed && <option value="">{any ?? w.any}</option>}
        {value && !options.some(([code]) => code === value) && <option value={value}>{value}</option>}
        {options.map(([code, text]) => <option key={code} value={code}>{text}</option>)}
      </select>
    </label>
  );
}

/// What a date field holds is local; the address, and `value`, hold UTC.
const toField = (iso: string) => {
  if (!iso) return '';
  const date = new Date(iso);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};
const toUtc = (local: string) => (local ? new Date(local).toISOString() : '');

export function TimeField({ name, value, change }: { name: string; value: string; change(value: string): void }) {
  return (
    <label>
      {name}
      <input type="datetime-local" value={toField(value)} onChange={(event) => change(toUtc(event.currentTarget.value))} />
    </label>
  );
}

/// The institutions of the network definition, as options.
export function useInstitutions(): [string, string][] {
  const live = useLive<Agreements>('agreements', 60);
  return (live.data?.institutions ?? []).map(({ id, name }) => [id, name]);
}

/// Its agreements.
export function useAgreements(): [string, string][] {
  const live = useLive<Agreements>('agreements', 60);
  return (live.data?.agreements ?? []).map(({ id, name }) => [id, name]);
}

export const KINDS = [
  'referral_requested', 'referral_received', 'referral_accepted', 'referral_rejected', 'referral_forwarded',
  'referral_started', 'referral_held', 'referral_completed', 'referral_cancelled', 'referral_expired',
  'outcome_acknowledged', 'information_requested', 'information_provided', 'deadline_missed', 'delivery_failed',
  'appointment_proposed', 'appointment_held', 'appointment_booked', 'appointment_rescheduled',
  'appointment_cancelled', 'appointment_arrived', 'appointment_fulfilled', 'appointment_no_show',
  'referral_reassigned', 'note_shared', 'lead_offered', 'lead_accepted', 'lead_declined', 'participant_kept',
  'participant_released', 'consent_granted', 'consent_withdrawn', 'rights_requested', 'rights_answered', 'rights_overdue',
  'slots_published', 'slots_withdrawn', 'announcement_made', 'connection_tested',
];
export const STATES = ['queued', 'parked', 'delivered', 'dead', 'discarded'];
export const OPEN_STATUSES = [
  'requested', 'received', 'accepted', 'in_progress', 'on_hold', 'rejected', 'completed', 'cancelled', 'expired', 'forwarded',
];
