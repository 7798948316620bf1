-- What must survive a loss of power. One vehicle, one file.
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

-- Reports that the centre has not acknowledged. Never dropped.
CREATE TABLE IF NOT EXISTS reports (
  boot INTEGER NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL,
  PRIMARY KEY (boot, seq)
) STRICT;

-- Orders that have not left the screen: the message as it came, and what became of it.
CREATE TABLE IF NOT EXISTS orders (
  assignment TEXT PRIMARY KEY, received INTEGER NOT NULL, body BLOB NOT NULL, record TEXT NOT NULL
) STRICT;

-- Deliveries that were taken, so that a repeat changes nothing.
CREATE TABLE IF NOT EXISTS deliveries (
  number INTEGER PRIMARY KEY AUTOINCREMENT, effect TEXT NOT NULL UNIQUE, outcome INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS messages (
  number INTEGER PRIMARY KEY AUTOINCREMENT, effect TEXT NOT NULL UNIQUE, body TEXT NOT NULL
) STRICT;

-- Positions of a dead zone, oldest first. Bounded: the oldest are dropped.
CREATE TABLE IF NOT EXISTS positions (number INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL) STRICT;

-- What is known of patients: kept until the centre has answered, and on the screen as long as the order is.
CREATE TABLE IF NOT EXISTS patient_reports (
  boot INTEGER NOT NULL, seq INTEGER NOT NULL, assignment TEXT NOT NULL, body BLOB NOT NULL,
  answered INTEGER NOT NULL DEFAULT 0, refused TEXT,
  PRIMARY KEY (boot, seq)
) STRICT;

-- What is in files of patients: kept until the centre keeps it, and for the screen as long as the order is. `carded`: the centre has the
-- card; `kept`: it keeps the contents, too.
CREATE TABLE IF NOT EXISTS files (
  file TEXT PRIMARY KEY, boot INTEGER NOT NULL, seq INTEGER NOT NULL, assignment TEXT NOT NULL, ecg INTEGER NOT NULL,
  content BLOB NOT NULL, carded INTEGER NOT NULL DEFAULT 0, kept INTEGER NOT NULL DEFAULT 0
) STRICT;
