-- Version 1 of the schema "relais", which lives in the institution's own database. See README.md for its use.

-- ---- what came in ----

-- One row for each message for the institution's software. The software reads it, sets `read_at`, and may set
-- `local_reference`; it may delete rows it no longer needs (relais.seen_message remembers the ids).
CREATE TABLE relais.inbox (
  message_id       uuid NOT NULL,
  institution      text NOT NULL,          -- for which of the institutions that this database serves
  number           bigint GENERATED ALWAYS AS IDENTITY UNIQUE,  -- order of arrival
  kind             text NOT NULL,          -- "referral_requested", "appointment_booked", ...
  referral_id      uuid,                   -- empty in a message about a whole case
  case_id          uuid,                   -- empty in an announcement
  appointment_id   uuid,
  sender           text NOT NULL,
  purpose          text NOT NULL,          -- '' in what the broker says of a whole case
  priority         text NOT NULL,          -- routine, urgent, asap, stat
  exercise         boolean NOT NULL,       -- true: not a real person
  sent_at          timestamptz NOT NULL,
  accepted_at      timestamptz NOT NULL,   -- by the broker
  stored_at        timestamptz NOT NULL DEFAULT now(),
  position         bigint NOT NULL,        -- in the broker's journal
  local_reference  text,                   -- the software's own number of the referral
  -- What the message says besides, in codes, ids and times; only those that its kind has.
  service_need text, commune text, service_id text, based_on uuid,
  reason text, better_recipient text, outcome text, until timestamptz, expires_at timestamptz, deadline timestamptz,
  forward_to text, new_referral_id uuid, in_reply_to uuid,
  meeting_start timestamptz, meeting_end timestamptz, meeting_location_id text, meeting_service_id text, meeting_mode text,
  cancelled_by text, holder text, about_message uuid, about_recipient text, deadline_step text, reminder integer,
  reassigned_from text, reassigned_to text, consent_purposes text, consent_form text, consent_valid_until timestamptz, member text,
  announced_until timestamptz, announced_kinds text, announced_communes text, announced_epcis text, announced_departements text,
  person_right text, rights_request uuid, rights_asked_by text, rights_due timestamptz, rights_reply text, rights_unanswered text,
  -- Personal data by category, as far as this institution may read it: {"identity": {...}, "contact": {...}}.
  contents         jsonb NOT NULL DEFAULT '{}',
  withheld         text[] NOT NULL DEFAULT '{}',  -- categories that the message has and this institution did not get
  columns          jsonb,                  -- the mapping's columns, where the adapter has a mapping for this table
  read_at          timestamptz,
  PRIMARY KEY (message_id, institution)
);
CREATE INDEX inbox_unread ON relais.inbox (number) WHERE read_at IS NULL;
CREATE INDEX inbox_referral ON relais.inbox (referral_id);

-- The ids of all messages ever written, whatever became of the rows: what makes the effect of a delivery happen once.
CREATE TABLE relais.seen_message (
  message_id   uuid NOT NULL,
  institution  text NOT NULL,
  seen_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (message_id, institution)
);
CREATE INDEX seen_message_age ON relais.seen_message (seen_at);

-- ---- what is known ----

-- By institution: two that share this database may be the two sides of one referral.
CREATE TABLE relais.known_referral (
  referral_id      uuid NOT NULL,
  institution      text NOT NULL,          -- which of ours
  role             text NOT NULL CHECK (role IN ('sender', 'recipient')),
  counterpart      text NOT NULL,
  case_id          uuid NOT NULL,
  purpose          text NOT NULL,
  priority         text NOT NULL,
  exercise         boolean NOT NULL,
  based_on         uuid,
  local_reference  text,
  status           text NOT NULL,          -- "submitting" until the broker has it, then as in the protocol
  reason           text,
  outcome          text,
  closed           boolean NOT NULL DEFAULT false,
  opened_at        timestamptz NOT NULL DEFAULT now(),
  changed_at       timestamptz NOT NULL DEFAULT now(),
  position         bigint NOT NULL DEFAULT 0,  -- of the message that said so
  PRIMARY KEY (referral_id, institution)
);
CREATE INDEX known_referral_reference ON relais.known_referral (institution, local_reference);

CREATE TABLE relais.known_appointment (
  appointment_id   uuid NOT NULL,
  referral_id      uuid NOT NULL,
  institution      text NOT NULL,
  local_reference  text,
  status           text NOT NULL,
  meeting_start    timestamptz,
  meeting_end      timestamptz,
  location_id      text,
  service_id       text,
  mode             text,
  changed_at       timestamptz NOT NULL DEFAULT now(),
  position         bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (appointment_id, institution),
  FOREIGN KEY (referral_id, institution) REFERENCES relais.known_referral ON DELETE CASCADE
);
CREATE INDEX known_appointment_referral ON relais.known_appointment (referral_id, institution);

-- The present state of every referral, with its latest appointment.
CREATE VIEW relais.referral AS
SELECT r.referral_id, r.institution, r.role, r.counterpart, r.local_reference, r.status, r.reason, r.outcome, r.closed,
       r.purpose, r.priority, r.exercise, r.case_id, r.based_on, r.opened_at, r.changed_at,
       a.appointment_id, a.status AS appointment_status, a.meeting_start, a.meeting_end,
       a.location_id AS meeting_location_id, a.service_id AS meeting_service_id, a.mode AS meeting_mode
FROM relais.known_referral r
LEFT JOIN LATERAL (
  SELECT * FROM relais.known_appointment k
  WHERE k.referral_id = r.referral_id AND k.institution = r.institution
  ORDER BY k.position DESC, k.changed_at DESC
  LIMIT 1
) a ON true;

-- ---- what goes out ----

-- The software inserts rows; the adapter sends them in the order of `id`, per referral, and writes back what became of them.
CREATE TABLE relais.outbox (
  id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind             text NOT NULL,
  institution      text,                   -- needed only where the adapter serves several
  referral_id      uuid,                   -- empty in a new request: the adapter fills it
  own_reference    text,                   -- the software's own number of the referral; names it as well as referral_id
  appointment_id   uuid,
  own_appointment  text,                   -- the software's own number of the appointment
  recipient        text,                   -- needed in a new request only, unless service_need or commune lead to one
  purpose          text,                   -- the same
  case_id          uuid,                   -- to open a second referral of the same person; else empty
  priority         text,                   -- routine unless it says otherwise
  exercise         boolean,
  expires_at       timestamptz,            -- of appointment_held: until when it is held
  service_need text, commune text, service_id text, based_on uuid,
  reason text, better_recipient text, outcome text, until timestamptz,
  forward_to text, in_reply_to uuid,
  meeting_start timestamptz, meeting_end timestamptz, meeting_location_id text, meeting_service_id text, meeting_mode text,
  cancelled_by text, member text,
  contents         jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(contents) = 'object'),
  columns          jsonb,                  -- for the adapter's mapping, where it has one: {"column": "text"}
  created_at       timestamptz NOT NULL DEFAULT now(),
  -- From here on only the adapter writes.
  state            text NOT NULL DEFAULT 'pending'
                   CHECK (state IN ('pending', 'taken', 'submitted', 'accepted', 'refused', 'dead')),
  message_id       uuid UNIQUE,            -- reserved before the first attempt: however often it is sent, it counts once
  taken_by         integer,
  position         bigint,
  code             text,                   -- of a refusal or a dead letter
  sentence_fr      text,
  sentence_en      text,
  settled_at       timestamptz
);
CREATE INDEX outbox_open ON relais.outbox (id) WHERE state IN ('pending', 'taken', 'submitted');
CREATE INDEX outbox_open_referral ON relais.outbox (referral_id, id) WHERE state IN ('pending', 'taken', 'submitted');
CREATE INDEX outbox_open_reference ON relais.outbox (own_reference, id) WHERE state IN ('pending', 'taken', 'submitted');

-- Rows of one referral must be seen to belong together, whichever of its names they use. A row that was refused may be
-- corrected and set to pending again: it is then a new message.
CREATE FUNCTION relais.before_outbox() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  known uuid[];
BEGIN
  IF NEW.state <> 'pending' THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.state IN ('taken', 'submitted') THEN
    RAISE EXCEPTION 'the adapter has this row: wait for its answer' USING ERRCODE = 'P0001';
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.state IN ('accepted', 'refused', 'dead') THEN
    NEW.message_id := NULL;
    NEW.taken_by := NULL;
    NEW.position := NULL;
    NEW.code := NULL;
    NEW.sentence_fr := NULL;
    NEW.sentence_en := NULL;
    NEW.settled_at := NULL;
  END IF;
  IF NEW.referral_id IS NULL AND NEW.own_reference IS NOT NULL AND NEW.kind <> 'referral_requested' THEN
    SELECT array_agg(k.referral_id) INTO known
    FROM relais.known_referral k
    WHERE k.local_reference = NEW.own_reference AND NOT k.closed
      AND (NEW.institution IS NULL OR k.institution = NEW.institution)
      AND (NEW.recipient IS NULL OR k.counterpart = NEW.recipient);
    IF cardinality(known) = 1 THEN
      NEW.referral_id := known[1];
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER before_outbox BEFORE INSERT OR UPDATE ON relais.outbox
FOR EACH ROW EXECUTE FUNCTION relais.before_outbox();

-- Once per statement: the payload says nothing, the adapter looks at the table.
CREATE FUNCTION relais.announce_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_catalog.pg_notify('relais_outbox', '');
  RETURN NULL;
END $$;
CREATE TRIGGER announce_outbox_insert AFTER INSERT ON relais.outbox
FOR EACH STATEMENT EXECUTE FUNCTION relais.announce_outbox();
CREATE TRIGGER announce_outbox_again AFTER UPDATE OF state ON relais.outbox
FOR EACH ROW WHEN (NEW.state = 'pending') EXECUTE FUNCTION relais.announce_outbox();

-- The software may say its own number of a referral where it reads it.
CREATE FUNCTION relais.after_inbox_reference() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE relais.known_referral SET local_reference = NEW.local_reference
  WHERE referral_id = NEW.referral_id AND institution = NEW.institution;
  RETURN NULL;
END $$;
CREATE TRIGGER after_inbox_reference AFTER UPDATE OF local_reference ON relais.inbox
FOR EACH ROW WHEN (NEW.local_reference IS NOT NULL) EXECUTE FUNCTION relais.after_inbox_reference();
