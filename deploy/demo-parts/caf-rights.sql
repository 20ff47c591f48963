-- Two roles work with the schema "relais", as adapters/postgres/README.md says; neither owns it.
GRANT USAGE ON SCHEMA relais TO relais_adapter, software;
GRANT SELECT ON relais.meta TO relais_adapter;
GRANT SELECT, INSERT, UPDATE, DELETE ON relais.seen_message, relais.known_referral, relais.known_appointment TO relais_adapter;
GRANT INSERT ON relais.inbox TO relais_adapter;
GRANT SELECT, UPDATE ON relais.outbox TO relais_adapter;
GRANT SELECT, DELETE, UPDATE (read_at, local_reference) ON relais.inbox TO software;
GRANT SELECT, INSERT, UPDATE, DELETE ON relais.outbox TO software;
GRANT SELECT ON relais.referral TO software;
GRANT CREATE ON DATABASE caf TO software;
