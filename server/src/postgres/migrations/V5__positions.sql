-- Where the units were: every position that was believed, in a table for each day (UTC). A position whose commit was not answered may be
-- there twice.
CREATE TABLE positions (
    unit        text             NOT NULL,
    at          timestamptz      NOT NULL,
    longitude   double precision NOT NULL,
    latitude    double precision NOT NULL,
    speed_kmh   real             NOT NULL,
    heading_deg real,
    accuracy_m  real
) PARTITION BY RANGE (at);
CREATE INDEX positions_unit_at ON positions (unit, at);

-- Makes the table of a day where there is none. It is made apart and then put in its place, which disturbs no reader.
CREATE FUNCTION positions_make(day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text := 'positions_' || to_char(day, 'YYYYMMDD');
BEGIN
    IF to_regclass(name) IS NULL THEN
        EXECUTE format('CREATE TABLE %I (LIKE positions)', name);
        EXECUTE format('ALTER TABLE positions ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
            name, day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
    END IF;
END $$;

-- Drops the tables of the days before one, and says how many.
CREATE FUNCTION positions_drop(first_kept date) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    old     regclass;
    dropped integer := 0;
BEGIN
    FOR old IN
        SELECT inhrelid::regclass FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent = 'positions'::regclass AND relname ~ '^positions_[0-9]{8}$'
            AND relname < 'positions_' || to_char(first_kept, 'YYYYMMDD')
    LOOP
        EXECUTE format('DROP TABLE %s', old);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $$;
