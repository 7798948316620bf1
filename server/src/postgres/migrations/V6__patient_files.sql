-- The contents of patients' files, in pieces that are sealed with the key of the file's card in the journal. A file is here whole or not at
-- all; it never changes.
CREATE TABLE patient_files (
    file     text        PRIMARY KEY,
    incident text        NOT NULL,
    kept_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX patient_files_incident ON patient_files (incident);
CREATE TABLE patient_file_parts (
    file   text    NOT NULL REFERENCES patient_files ON DELETE CASCADE,
    start  integer NOT NULL,
    sealed bytea   NOT NULL,
    PRIMARY KEY (file, start)
);
