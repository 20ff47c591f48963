-- The CAF's software, as far as the demo needs one: it knows its own tables and those of schema "relais", nothing else.
-- caf.work() is what its workers do in a moment; the demo calls it again and again.

CREATE SCHEMA caf;

CREATE TABLE caf.dossier (
  number       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  referral_id  uuid NOT NULL,      -- not unique on purpose: a message that came twice shall be seen as two dossiers
  sender       text NOT NULL,
  reference    text,               -- the number under which the sender knows the person, when it told
  family_name  text,
  given_names  text,
  birth_date   text,
  exercise     boolean NOT NULL,
  fate         integer NOT NULL,   -- 0 to 99, from the referral's id: decides what the workers will do
  step         text NOT NULL DEFAULT 'new',
  tries        integer NOT NULL DEFAULT 0,
  waits_for    bigint,             -- row of relais.outbox whose answer comes first
  changed_at   timestamptz NOT NULL DEFAULT now()
);

-- What the software does not understand stays unread here instead of stopping it.
CREATE FUNCTION caf.read_inbox() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  message relais.inbox;
BEGIN
  FOR message IN SELECT * FROM relais.inbox WHERE read_at IS NULL ORDER BY number LIMIT 200 FOR UPDATE SKIP LOCKED LOOP
    IF message.kind = 'referral_requested' THEN
      INSERT INTO caf.dossier (referral_id, sender, reference, family_name, given_names, birth_date, exercise, fate)
      VALUES (message.referral_id, message.sender, message.contents #>> '{identity,identifiers,0,value}',
              message.contents #>> '{identity,family_name}', message.contents #>> '{identity,given_names}',
              message.contents #>> '{identity,birth_date}', message.exercise,
              ('x' || left(replace(message.referral_id::text, '-', ''), 7))::bit(28)::integer % 100);
      UPDATE relais.inbox
      SET read_at = now(), local_reference = 'CAF-' || currval('caf.dossier_number_seq')
      WHERE message_id = message.message_id;
    ELSE
      IF message.kind IN ('referral_cancelled', 'referral_expired') THEN
        UPDATE caf.dossier SET step = 'withdrawn', waits_for = NULL, changed_at = now()
        WHERE referral_id = message.referral_id AND step NOT IN ('rejected', 'completed');
      END IF;
      UPDATE relais.inbox SET read_at = now() WHERE message_id = message.message_id;
    END IF;
  END LOOP;
END $$;

-- Says one thing about a dossier, and remembers to wait for the answer before saying the next.
CREATE FUNCTION caf.say(dossier caf.dossier, kind text, next_step text, reason text DEFAULT NULL, outcome text DEFAULT NULL,
                        starts timestamptz DEFAULT NULL, cancelled_by text DEFAULT NULL) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  said bigint;
BEGIN
  INSERT INTO relais.outbox (kind, referral_id, own_appointment, reason, outcome, meeting_start, meeting_end,
                             meeting_location_id, meeting_service_id, meeting_mode, cancelled_by)
  VALUES (say.kind, dossier.referral_id,
          CASE WHEN say.kind LIKE 'appointment%' THEN format('RDV-%s-%s', dossier.number, dossier.tries) END,
          say.reason, say.outcome, starts, starts + interval '45 minutes',
          CASE WHEN starts IS NOT NULL THEN 'caf-25-besancon' END, CASE WHEN starts IS NOT NULL THEN 'caf-25-rights' END,
          CASE WHEN starts IS NOT NULL THEN 'on_site' END, say.cancelled_by)
  RETURNING id INTO said;
  UPDATE caf.dossier d SET step = next_step, waits_for = said, changed_at = now() WHERE d.number = dossier.number;
END $$;

-- One step of one dossier. Of a hundred: 10 rejected; of the others most come, some do not, some need a second appointment.
CREATE FUNCTION caf.treat(d caf.dossier) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF d.step = 'new' AND d.fate < 10 THEN
    PERFORM caf.say(d, 'referral_rejected', 'rejected',
                    reason => (ARRAY['not_eligible', 'out_of_area', 'no_capacity', 'incomplete'])[1 + d.fate % 4]);
  ELSIF d.step = 'new' THEN
    PERFORM caf.say(d, 'referral_accepted', 'accepted');
  ELSIF d.step IN ('accepted', 'to_book_again') THEN
    PERFORM caf.say(d, 'appointment_booked', 'booked',
                    starts => date_trunc('day', now()) + (3 + d.fate % 15) * interval '1 day' + interval '9 hours'
                              + (d.fate % 8) * interval '45 minutes');
  ELSIF d.step = 'booked' AND d.fate >= 85 AND d.tries = 0 THEN
    PERFORM caf.say(d, 'appointment_cancelled', 'to_book_again', reason => 'person_unavailable', cancelled_by => 'person');
    UPDATE caf.dossier SET tries = 1 WHERE number = d.number;
  ELSIF d.step = 'booked' AND d.fate BETWEEN 70 AND 84 THEN
    PERFORM caf.say(d, 'appointment_no_show', 'missed');
  ELSIF d.step = 'booked' THEN
    PERFORM caf.say(d, 'appointment_arrived', 'arrived');
  ELSIF d.step = 'arrived' THEN
    PERFORM caf.say(d, 'appointment_fulfilled', 'seen');
  ELSIF d.step = 'seen' THEN
    PERFORM caf.say(d, 'referral_completed', 'completed', outcome => 'connected');
  ELSIF d.step = 'missed' THEN
    PERFORM caf.say(d, 'referral_completed', 'completed',
                    outcome => CASE WHEN d.fate % 2 = 0 THEN 'not_reachable' ELSE 'not_connected' END);
  END IF;
END $$;

-- Answers how many dossiers are still in somebody's hands.
CREATE FUNCTION caf.work() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  d caf.dossier;
BEGIN
  PERFORM caf.read_inbox();
  FOR d IN
    SELECT dossier.* FROM caf.dossier LEFT JOIN relais.outbox ON outbox.id = dossier.waits_for
    WHERE dossier.step NOT IN ('rejected', 'completed', 'withdrawn')
      AND (dossier.waits_for IS NULL OR outbox.state = 'accepted')
    ORDER BY dossier.number LIMIT 200
  LOOP
    PERFORM caf.treat(d);
  END LOOP;
  RETURN (SELECT count(*) FROM caf.dossier LEFT JOIN relais.outbox ON outbox.id = dossier.waits_for
          WHERE dossier.step NOT IN ('rejected', 'completed', 'withdrawn') OR outbox.state IS DISTINCT FROM 'accepted');
END $$;
