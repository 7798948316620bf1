-- The keys of personal data, one for each call, incident and accident: whoever reads the events needs them, and an erasure deletes
-- them here as in the journal. In events.body a personal text is "*"; what it was is sealed in body::jsonb -> 'sealed'.
CREATE TABLE personal_keys (
    id      text  PRIMARY KEY,
    subject text  NOT NULL,
    key     bytea NOT NULL CHECK (octet_length(key) = 32)
);
CREATE INDEX personal_keys_subject ON personal_keys (subject);
