// What the operators' API answers; described in /openapi.json.
import type { Refusal } from './api';

export type Colour = 'green' | 'amber' | 'red';

export interface Reason {
  code: string;
  colour: Colour;
  waiting?: number;
  count?: number;
  since?: string;
  at?: string;
  use?: string;
}

export interface Light {
  colour: Colour;
  reasons: Reason[];
}

export interface Counts {
  sent: number;
  queued: number;
  parked: number;
  delivered: number;
  dead: number;
  discarded: number;
  referrals_sent: number;
  referrals_open: number;
  appointments_booked: number;
}

export interface Series {
  at: string[];
  accepted: number[];
  delivered: number[];
  waiting: number[];
  oldest_seconds: number[];
}

/** Of the deliveries to an institution; announced where it is not in force. */
export interface Pause {
  from: string;
  until: string;
  in_force: boolean;
  operator: string;
  reason: string;
}

export interface Institution {
  id: string;
  name: string;
  kind: string;
  light: Light;
  adapters_connected: number;
  oldest: string | null;
  pause: Pause | null;
  real: Counts;
  exercise: Counts;
}

export interface Broker {
  version: string;
  endpoint: string;
  started_at: string;
  draining: boolean;
  disk_full: boolean;
  disk_free_bytes: number;
  position: number;
  chain_hash: string;
  sessions: number;
  out_for_delivery: number;
  inputs_waiting: number;
  network: { id: string; version: number } | null;
  refusals: Record<string, number>;
  light: Light;
}

export interface Overview {
  broker: Broker;
  institutions: Institution[];
  totals: { real: Counts; exercise: Counts };
  oldest: { institution: string; at: string } | null;
  open_referrals: {
    counted_at: string;
    complete: boolean;
    real: number;
    exercise: number;
    orphans: number;
    overdue: number;
    oldest_opened_at: string | null;
    by_status: Record<string, number>;
  } | null;
  rates: { accepted_per_minute: number; delivered_per_minute: number } | null;
  history: Series;
}

export interface InstitutionPage extends Institution {
  mission: string;
  communes: number;
  adapters: { name: string; version: string; connected: boolean; since: string; why: string }[];
  keys: { use: string; id: string; valid_from: string | null; valid_until: string | null; state: string }[];
  history: Series;
}

export interface Delivery {
  recipient: string;
  state: string;
  at: string | null;
  attempts: number;
  reason: string;
}

export interface Message {
  message_id: string;
  position: number;
  at: string;
  kind: string;
  sender: string;
  purpose: string;
  agreement: string;
  referral_id: string;
  case_id: string;
  exercise: boolean;
  deliveries: Delivery[];
}

export interface DeliveryLogEntry extends Message {
  direction: 'sent' | 'received';
}

export interface MessagePage {
  messages: Message[];
  next: number | null;
  examined: number;
  first: number;
  last: number;
  reached: string | null;
}

export interface Trace extends Omit<Message, 'at'> {
  accepted_at: string;
  steps: { position: number; at: string; event: string; recipient: string; detail: string }[];
}

export interface Known {
  id: string;
  message: boolean;
  referral: boolean;
  case: boolean;
  appointment_of: string | null;
}

export interface OpenReferral {
  referral_id: string;
  case_id: string;
  status: string;
  sender: string;
  recipient: string;
  holder: string;
  purpose: string;
  agreement: string;
  exercise: boolean;
  opened_at: string | null;
  deadline: string | null;
}

export interface Orphan extends OpenReferral {
  reminders: number;
}

export interface RightsRequest {
  case_id: string;
  request_id: string;
  right: string;
  by: string;
  asked_at: string;
  due: string;
  answered: number;
  pending: string[];
}

export interface KeptSum {
  messages: number;
  bytes: number;
}

export interface Retention {
  kept: KeptSum;
  within_day: KeptSum;
  within_week: KeptSum;
  complete: boolean;
  next_erasures: { message_id: string; bytes: number; erased_at: string }[];
}

export interface SelfTest {
  message_id: string;
  sent_at: string;
  institutions: { institution: string; state: string; round_trip_ms: number | null; attempts: number; reason: string }[];
}

export interface Referral extends OpenReferral {
  closed: boolean;
  appointments: { appointment_id: string; status: string; start: string | null; end: string | null }[];
}

export interface DeadLetter {
  recipient: string;
  position: number;
  ordinal: number;
  message_id: string;
  case_id: string;
  kind: string;
  sender: string;
  reason: string;
  detail: string;
  at: string;
  attempts: number;
  exercise: boolean;
}

export interface DeadGroup {
  recipient: string;
  reason: string;
  count: number;
  exercise: number;
  oldest_at: string;
  adapters_connected?: number;
}

export interface Rehearsal {
  until: string;
  matching: number;
  others: number;
  everything: boolean;
  complete: boolean;
  groups: DeadGroup[];
  sample: DeadLetter[];
}

/// Counts by what became of it, and their total; null: may not be shown.
export type Published = Record<string, number | null>;

export interface IndicatorGroup {
  name: string;
  title?: string | null; // of a group; the total has none
  referrals: Published;
  appointments: Published;
  days_to_decision: number | null;
  days_to_appointment: number | null;
  days_to_end: number | null;
}

export interface Breakdown {
  by: string;
  groups: IndicatorGroup[];
  total: IndicatorGroup;
}

export interface Indicators {
  month: string;
  breakdowns: Breakdown[];
}

export interface Digest {
  day: string;
  institutions: {
    institution: string;
    requested: number;
    received: number;
    accepted: number;
    rejected: number;
    completed: number;
    handed_on: number;
    expired: number;
    booked: number;
    no_shows: number;
    deadlines_missed: number;
    dead_letters: number;
  }[];
}

export interface OperatorAct {
  position: number;
  at: string;
  operator: string;
  action: string;
  reason: string;
  about: { message_id: string; recipient: string } | { network_version: number } | { institution: string } | { account: string } | null;
}

export interface Account {
  name: string;
  role: string;
  institution: string | null;
  second_factor: boolean;
  disabled: boolean;
  sessions: number;
}

export interface AccountDone {
  position: number;
  totp: string | null; // the address of a new second factor
}

export interface Drain {
  draining: boolean;
  out_for_delivery: number;
  inputs_waiting: number;
  nothing_in_flight: boolean;
}

export interface ChainStretch {
  reached: number;
  hash: string;
  end: number;
  damaged: Refusal | null;
}

export interface Agreements {
  network: { id: string; name: string; version: number };
  institutions: { id: string; name: string; kind: string }[];
  purposes: { id: string; english: string; french: string }[];
  agreements: {
    id: string;
    name: string;
    legal_basis: string;
    state: string;
    valid_from: string | null;
    valid_until: string | null;
    forwarding: boolean;
    retention_ms: number;
    directions: { from: string; to: string; messages: number; last_at: string | null }[];
    purposes: { purpose: string; categories: string[] }[];
    open_referrals: number | null;
  }[];
}

export interface Backup {
  number: number;
  made_at: string;
  bytes: number;
  files: number;
  position: number;
}

export type KeptBackup = ({ damaged: false } & Backup) | { damaged: true; number: number };

export interface VerifiedBackup extends Backup {
  records: number;
  chain_hash: string;
}

export interface NetworkOutline {
  id: string;
  name: string;
  version: number;
  signed_at: string | null;
  institutions: number;
  agreements: number;
  services: number;
}

export interface NetworkInForce extends NetworkOutline {
  authority: string;
}

export interface NetworkTrial {
  network: NetworkOutline;
  present: number | null;
  authentic: boolean;
  violations: { path: string; problem: string; allowed: string }[];
  acceptable: boolean;
}

export interface Slot {
  institution: string;
  slot_id: string;
  service: string;
  service_name: string | null;
  location: string;
  location_name: string | null;
  start: string | null;
  end: string | null;
  open: boolean;
  withdrawn: boolean;
  capacity: number;
  taken: number;
  free: number;
}

export interface Slots {
  slots: Slot[];
  more: boolean;
}

export interface Statement {
  agreement: string;
  name: string;
  legal_basis: string;
  from: string;
  until: string;
  unit_price_cents: number;
  services: number;
  total_cents: number;
  lines: { completed_at: string; referral_id: string; from: string; acting: string; to: string; purpose: string; outcome: string }[];
}
