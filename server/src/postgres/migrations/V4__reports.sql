-- The city's figures by SQL, from the events alone and equal to the program's own reports. They hold ids, times and codes: no name,
-- no number to ring, no address; those stay sealed. docs/operations.md says how to use them.

-- The fact that a stored event states, by name.
CREATE FUNCTION journal_fact(body text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT substring(body FROM '"fact":\{"fact":"([a-z0-9_]+)"')
$$;
CREATE INDEX events_fact ON events (journal_fact(body));

-- A stored event as jsonb, which knows no character of code 0: a person can type one all the same.
CREATE FUNCTION journal_json(body text) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN position('\u0000' IN body) = 0 THEN body
        ELSE regexp_replace(body, '(?<!\\)((?:\\\\)*)\\u0000', '\1\\ufffd', 'g') END::jsonb
$$;

CREATE OR REPLACE VIEW facts AS
    SELECT seq, at, journal_fact(body) AS fact, journal_json(body) -> 'by' AS by, journal_json(body) -> 'fact' AS what
    FROM events;

-- How far the city's clocks are ahead of UTC, by the rules in force.
CREATE VIEW report_clock AS
    SELECT coalesce((
        SELECT (what #>> '{rules,utc_offset_s}')::numeric FROM facts WHERE fact = 'rules_adopted' ORDER BY seq DESC LIMIT 1
    ), 28800) * interval '1 second' AS ahead;

-- The city's day of a moment.
CREATE FUNCTION report_day(moment timestamptz) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT ((moment AT TIME ZONE 'UTC') + (SELECT ahead FROM report_clock))::date
$$;

CREATE FUNCTION report_us(began timestamptz, ended timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (extract(epoch FROM ended - began) * 1000000)::bigint
$$;

-- Incidents that were merged into others, with what each has become; not those that were split again.
CREATE VIEW report_merged AS
    WITH RECURSIVE told AS MATERIALIZED (
        SELECT seq, incident, "into" AS into_incident FROM facts, jsonb_to_record(what) AS it (incident text, "into" text)
        WHERE fact IN ('incident_merged', 'incident_split')
    ), merges AS MATERIALIZED (
        SELECT DISTINCT ON (incident) incident, into_incident FROM told ORDER BY incident, seq DESC
    ), chain AS (
        SELECT incident, into_incident AS standing, 1 AS steps FROM merges WHERE into_incident IS NOT NULL
        UNION ALL
        SELECT chain.incident, merges.into_incident, chain.steps + 1
        FROM chain JOIN merges ON merges.incident = chain.standing
        WHERE merges.into_incident IS NOT NULL AND chain.steps < 100
    )
    SELECT DISTINCT ON (incident) incident, standing FROM chain ORDER BY incident, steps DESC;

-- Runs that were under way when their incident was merged into another: they are the other's for good.
CREATE VIEW report_moved AS
    WITH RECURSIVE told AS MATERIALIZED (
        SELECT seq, fact, incident, "into" AS into_incident, assignment
        FROM facts, jsonb_to_record(what) AS it (incident text, "into" text, assignment text)
        WHERE fact IN ('incident_merged', 'unit_assigned', 'assignment_ended')
    ), merges AS MATERIALIZED (
        SELECT seq, incident, into_incident FROM told WHERE fact = 'incident_merged'
    ), runs AS MATERIALIZED (
        SELECT assignment, min(seq) FILTER (WHERE fact = 'unit_assigned') AS sent,
            min(seq) FILTER (WHERE fact = 'assignment_ended') AS ended,
            min(incident) FILTER (WHERE fact = 'unit_assigned') AS incident
        FROM told WHERE assignment IS NOT NULL GROUP BY assignment
    ), follow AS (
        SELECT runs.assignment, went.into_incident AS incident, went.seq AS since, runs.ended
        FROM runs CROSS JOIN LATERAL (
            SELECT merges.seq, merges.into_incident FROM merges
            WHERE merges.incident = runs.incident AND merges.seq > runs.sent
                AND (runs.ended IS NULL OR merges.seq < runs.ended)
            ORDER BY merges.seq LIMIT 1
        ) went
        UNION ALL
        SELECT follow.assignment, went.into_incident, went.seq, follow.ended
        FROM follow CROSS JOIN LATERAL (
            SELECT merges.seq, merges.into_incident FROM merges
            WHERE merges.incident = follow.incident AND merges.seq > follow.since
                AND (follow.ended IS NULL OR merges.seq < follow.ended)
            ORDER BY merges.seq LIMIT 1
        ) went
    )
    SELECT DISTINCT ON (assignment) assignment, incident FROM follow ORDER BY assignment, since DESC;

-- Incidents as they were created, with what is known of them now.
CREATE VIEW report_created AS
    WITH told AS MATERIALIZED (
        SELECT seq, at, fact, coalesce(incident, about ->> 'incident') AS incident, number, sketch ->> 'kind' AS kind,
            coalesce(change #>> '{place,area}', sketch #>> '{place,area}') AS area,
            coalesce(change #>> '{triage,level}', sketch #>> '{triage,level}') AS level, (sketch ->> 'test')::boolean AS test,
            (paper ->> 'created_at')::timestamptz AS paper_at, paper ->> 'called_off' IS NOT NULL AS called_off
        FROM facts, jsonb_to_record(what) AS it (incident text, about jsonb, number text, sketch jsonb, change jsonb, paper jsonb)
        WHERE fact IN ('incident_created', 'incident_changed', 'incident_cancelled', 'incident_redirected', 'handoff_accepted',
            'incident_entered_from_paper')
    )
    SELECT incident, coalesce(min(paper_at), min(at) FILTER (WHERE fact = 'incident_created')) AS created_at, min(number) AS number, min(kind) AS kind,
        (array_agg(area ORDER BY seq DESC) FILTER (WHERE area IS NOT NULL))[1] AS area,
        (array_agg(level ORDER BY seq DESC) FILTER (WHERE level IS NOT NULL))[1] AS level,
        coalesce(bool_or(test), false) AS test,
        coalesce(bool_or(fact = 'incident_cancelled' OR called_off), false) AS cancelled,
        (array_agg(CASE fact WHEN 'handoff_accepted' THEN 'handed_off' ELSE 'redirected' END ORDER BY seq DESC)
            FILTER (WHERE fact IN ('incident_redirected', 'handoff_accepted')))[1] AS given_away
    FROM told WHERE incident IS NOT NULL GROUP BY incident;

-- Calls as they came in, with the incident that each joined last.
CREATE VIEW report_received AS
    WITH told AS MATERIALIZED (
        SELECT seq, at, fact, call, incident, coalesce(source, paper ->> 'source') AS source,
            coalesce(text_only, (paper ->> 'text_only')::boolean) AS text_only,
            (paper ->> 'received_at')::timestamptz AS paper_rang_at, (paper ->> 'answered_at')::timestamptz AS paper_answered_at
        FROM facts, jsonb_to_record(what) AS it (call text, incident text, source text, text_only boolean, paper jsonb)
        WHERE fact IN ('call_received', 'call_answered', 'call_joined', 'call_parted', 'incident_created',
            'call_entered_from_paper', 'incident_entered_from_paper')
    )
    SELECT call, min(source) AS source, coalesce(bool_or(text_only), false) OR min(source) = 'text' AS text,
        coalesce(min(paper_rang_at), min(at) FILTER (WHERE fact = 'call_received')) AS rang_at,
        coalesce(min(paper_answered_at), (array_agg(at ORDER BY seq) FILTER (WHERE fact = 'call_answered'))[1]) AS answered_at,
        (array_agg(incident ORDER BY seq DESC) FILTER (
            WHERE fact IN ('call_joined', 'call_parted', 'incident_created', 'incident_entered_from_paper')
        ))[1] AS joined,
        bool_or(fact = 'call_entered_from_paper') AS from_paper
    FROM told WHERE call IS NOT NULL GROUP BY call;

-- Calls, with the incident that each is about.
CREATE VIEW report_calls AS
    SELECT call, source, text, rang_at, answered_at, from_paper, now.incident, now.number,
        coalesce(now.test, false) OR coalesce(own.test, false) AS test
    FROM report_received LEFT JOIN report_merged merged ON merged.incident = joined
    LEFT JOIN report_created own ON own.incident = joined
    LEFT JOIN report_created now ON now.incident = coalesce(merged.standing, joined);

-- When the first call about each incident rang, and when that call was answered.
CREATE VIEW report_first_calls AS
    SELECT DISTINCT ON (incident) incident, rang_at, answered_at
    FROM (
        SELECT coalesce(merged.standing, joined) AS incident, call, rang_at, answered_at
        FROM report_received LEFT JOIN report_merged merged ON merged.incident = joined WHERE joined IS NOT NULL
    ) about ORDER BY incident, rang_at, call COLLATE "C";

-- Runs of the paper hours, as they were entered afterwards.
CREATE VIEW report_paper_runs AS
    SELECT seq, run ->> 'assignment' AS assignment, incident, run
    FROM facts, jsonb_to_record(what) AS it (incident text, paper jsonb), jsonb_array_elements(paper -> 'runs') AS runs (run)
    WHERE fact = 'incident_entered_from_paper';

-- The times recorded of each run, by step and source. The least rank counts, and of one rank the newest: a correction, else the crew's press
-- or the centre's own act, else the desk's entry or the paper's, else the motion.
CREATE VIEW report_times AS
    SELECT seq, assignment, stage, source, at,
        CASE source WHEN 'correction' THEN 0 WHEN 'desk' THEN 2 WHEN 'paper' THEN 2 WHEN 'motion' THEN 3 ELSE 1 END AS rank
    FROM (
        SELECT seq, assignment, coalesce(stage, 'ordered') AS stage,
            CASE fact WHEN 'unit_assigned' THEN 'centre' WHEN 'stage_corrected' THEN 'correction' ELSE source END AS source,
            coalesce(it.at, facts.at) AS at
        FROM facts, jsonb_to_record(what) AS it (assignment text, stage text, source text, at timestamptz)
        WHERE fact IN ('unit_assigned', 'stage_reported', 'stage_corrected')
        UNION ALL
        SELECT seq, assignment, 'ordered', 'paper', (run ->> 'ordered_at')::timestamptz FROM report_paper_runs
        UNION ALL
        SELECT seq, assignment, step.key, 'paper', step.value::timestamptz
        FROM report_paper_runs, jsonb_each_text(run -> 'times') AS step
    ) recorded;

-- Orders as they were given, and how each ended.
CREATE VIEW report_orders AS
    WITH told AS MATERIALIZED (
        SELECT seq, assignment, unit, incident, outcome, hospital
        FROM facts, jsonb_to_record(what) AS it (assignment text, unit text, incident text, outcome text, hospital text)
        WHERE fact IN ('unit_assigned', 'assignment_ended', 'destination_chosen')
        UNION ALL
        SELECT seq, assignment, run ->> 'unit', incident, run ->> 'outcome', run ->> 'hospital' FROM report_paper_runs
    )
    SELECT assignment, min(unit) AS unit, min(incident) AS sent_to,
        (array_agg(outcome ORDER BY seq DESC) FILTER (WHERE outcome IS NOT NULL))[1] AS outcome,
        (array_agg(hospital ORDER BY seq DESC) FILTER (WHERE hospital IS NOT NULL))[1] AS destination
    FROM told GROUP BY assignment;

-- Runs: a unit on an incident, with the times that count.
CREATE VIEW report_runs AS
    WITH recorded AS MATERIALIZED (
        SELECT seq, assignment, stage, source, at, rank FROM report_times
    ), times AS MATERIALIZED (
        SELECT assignment,
            (array_agg(at ORDER BY rank, seq DESC) FILTER (WHERE stage = 'ordered'))[1] AS ordered_at,
            (array_agg(at ORDER BY rank, seq DESC) FILTER (WHERE stage = 'acknowledged'))[1] AS acknowledged_at,
            (array_agg(at ORDER BY rank, seq DESC) FILTER (WHERE stage = 'rolling'))[1] AS rolling_at,
            (array_agg(at ORDER BY seq DESC) FILTER (WHERE stage = 'rolling' AND source = 'terminal'))[1] AS rolling_pressed_at,
            (array_agg(at ORDER BY seq DESC) FILTER (WHERE stage = 'rolling' AND source = 'motion'))[1] AS rolling_moved_at,
            (array_agg(at ORDER BY rank, seq DESC) FILTER (WHERE stage = 'on_scene'))[1] AS on_scene_at,
            (array_agg(source ORDER BY rank, seq DESC) FILTER (WHERE stage = 'on_scene'))[1] AS on_scene_source,
            (array_agg(at ORDER BY rank, seq DESC) FILTER (WHERE stage = 'left_scene'))[1] AS left_scene_at,
            (array_agg(at ORDER BY rank, seq DESC) FILTER (WHERE stage = 'at_hospital'))[1] AS at_hospital_at,
            (array_agg(at ORDER BY rank, seq DESC) FILTER (WHERE stage = 'handed_over'))[1] AS handed_over_at
        FROM recorded GROUP BY assignment
    ), created AS MATERIALIZED (
        SELECT * FROM report_created
    ), run AS MATERIALIZED (
        SELECT orders.*, coalesce(merged.standing, moved.incident, sent_to) AS incident, sent.test AS sent_for_test
        FROM report_orders orders LEFT JOIN report_moved moved USING (assignment)
        LEFT JOIN report_merged merged ON merged.incident = coalesce(moved.incident, sent_to)
        LEFT JOIN created sent ON sent.incident = sent_to
    )
    SELECT number, incident, assignment, unit, kind, area, level,
        created.test OR bool_or(coalesce(sent_for_test, false)) OVER (PARTITION BY incident) AS test,
        coalesce(first_call.rang_at, created_at) AS received_at,
        CASE WHEN first_call.incident IS NULL THEN created_at ELSE first_call.answered_at END AS answered_at,
        ordered_at, acknowledged_at, rolling_at, rolling_pressed_at, rolling_moved_at, on_scene_at, on_scene_source,
        left_scene_at, at_hospital_at, handed_over_at,
        row_number() OVER (PARTITION BY incident ORDER BY ordered_at, assignment COLLATE "C") = 1 AS first_ordered,
        on_scene_at IS NOT NULL
            AND row_number() OVER (PARTITION BY incident ORDER BY on_scene_at, assignment COLLATE "C") = 1 AS first_on_scene,
        outcome, destination
    FROM run JOIN created USING (incident) LEFT JOIN times USING (assignment)
    LEFT JOIN report_first_calls first_call USING (incident);

-- Incidents that were not merged into another.
CREATE VIEW report_incidents AS
    WITH runs AS MATERIALIZED (
        SELECT incident, bool_or(test) AS test, min(ordered_at) AS first_ordered_at, min(on_scene_at) AS first_on_scene_at
        FROM report_runs GROUP BY incident
    )
    SELECT number, incident, kind, area, level, created.test OR coalesce(runs.test, false) AS test,
        coalesce(first_call.rang_at, created_at) AS received_at, first_ordered_at, first_on_scene_at, cancelled, given_away
    FROM report_created created LEFT JOIN report_merged merged USING (incident)
    LEFT JOIN report_first_calls first_call USING (incident) LEFT JOIN runs USING (incident)
    WHERE merged.incident IS NULL;

-- What is measured, with its targets in seconds by area; the definitions are those of the program's report.
CREATE VIEW report_measures AS
    SELECT * FROM (VALUES
        (1, 'answer', '接听时间', 'answer time', false, 10, 10, 10),
        (2, 'answer_text', '文字呼救接听时间', 'answer time, text calls', false, 10, 10, 10),
        (3, 'dispatch', '派车时间', 'dispatch time', true, NULL, NULL, NULL),
        (4, 'departure', '出车时间', 'departure time', true, 180, 180, 180),
        (5, 'departure_pressed', '出车时间（按键）', 'departure time, pressed', true, 180, 180, 180),
        (6, 'departure_moved', '出车时间（车辆移动）', 'departure time, moved', true, 180, 180, 180),
        (7, 'departure_from_acknowledged', '出车时间（自接令）', 'departure time from acknowledgement', true, 180, 180, 180),
        (8, 'response', '急救反应时间', 'response time', true, 900, 600, NULL),
        (9, 'response_from_answer', '急救反应时间（自摘机）', 'response time from answer', true, 900, 600, NULL),
        (10, 'response_desk', '急救反应时间（席位代录）', 'response time, desk arrivals', true, 900, 600, NULL),
        (11, 'scene', '现场时间', 'scene time', true, NULL, NULL, NULL),
        (12, 'transport', '运送时间', 'transport time', true, NULL, NULL, NULL),
        (13, 'handover', '交接时间', 'handover time', true, NULL, NULL, NULL)
    ) AS known (place, measure, zh, en, by_area, city_core_s, county_core_s, rural_s);

-- Every value behind the figures: what each run and each call adds to which measure, in microseconds. Times in the wrong order add nothing.
CREATE VIEW report_values AS
    SELECT measure, area, received_at, value_us, number, unit, id,
        value_us <= 1000000 * CASE area WHEN 'county_core' THEN county_core_s WHEN 'rural' THEN rural_s ELSE city_core_s END
            AS in_target
    FROM (
        SELECT each.measure, run.area, run.received_at, report_us(each.began, each.ended) AS value_us, run.number, run.unit,
            run.assignment AS id
        FROM report_runs run CROSS JOIN LATERAL (
            SELECT outcome IS DISTINCT FROM 'cancelled_before_rolling' AND outcome IS DISTINCT FROM 'refused_order'
                AND rolling_at IS NOT NULL AS rolled,
                first_on_scene AND on_scene_source NOT IN ('desk', 'correction', 'paper') AS seen,
                first_on_scene AND on_scene_source IN ('desk', 'correction', 'paper') AS entered
        ) is_so CROSS JOIN LATERAL (VALUES
            ('dispatch', first_ordered, answered_at, ordered_at),
            ('departure', rolled, ordered_at, rolling_at),
            ('departure_pressed', rolled, ordered_at, rolling_pressed_at),
            ('departure_moved', rolled, ordered_at, rolling_moved_at),
            ('departure_from_acknowledged', rolled, acknowledged_at, rolling_at),
            ('response', seen, received_at, on_scene_at),
            ('response_from_answer', seen, answered_at, on_scene_at),
            ('response_desk', entered, received_at, on_scene_at),
            ('scene', true, on_scene_at, left_scene_at),
            ('transport', true, left_scene_at, at_hospital_at),
            ('handover', true, at_hospital_at, handed_over_at)
        ) each (measure, counts, began, ended)
        WHERE run.kind = 'emergency' AND NOT run.test AND each.counts AND each.ended >= each.began
        UNION ALL
        SELECT CASE WHEN text THEN 'answer_text' ELSE 'answer' END, NULL, rang_at, report_us(rang_at, answered_at), number, NULL, call
        FROM report_calls WHERE NOT test AND answered_at >= rang_at
    ) added JOIN report_measures USING (measure);

-- The percentile by nearest rank: the smallest value that at least so many per cent do not exceed.
CREATE FUNCTION report_percentile(sorted bigint[], percent integer) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT round(sorted[greatest((cardinality(sorted) * percent + 99) / 100, 1)] / 1000000.0, 6)
$$;

-- The figures of a period, the first moment included and the last not: the total of each measure (area is null), then area by area.
CREATE FUNCTION report_figures(from_at timestamptz, to_at timestamptz) RETURNS TABLE (
    measure text, zh text, en text, area text, n bigint, mean_s numeric, p50_s numeric, p90_s numeric, p95_s numeric,
    n_with_target bigint, in_target bigint, share_in_target numeric
) LANGUAGE sql STABLE AS $$
    SELECT known.measure, known.zh, known.en, known.area, coalesce(n, 0),
        round(div(total + n / 2, n) / 1000000, 6), report_percentile(sorted, 50), report_percentile(sorted, 90),
        report_percentile(sorted, 95), coalesce(judged, 0), coalesce(met, 0),
        round((met * 10000 + judged / 2) / nullif(judged, 0) / 10000.0, 4)
    FROM (
        SELECT place, measure, zh, en, area FROM report_measures
        CROSS JOIN (VALUES (1, NULL), (2, 'city_core'), (3, 'county_core'), (4, 'rural')) areas (area_place, area)
        WHERE by_area OR area IS NULL
    ) known LEFT JOIN (
        SELECT measure, area, grouping(area) AS all_areas, count(*) AS n, sum(value_us) AS total,
            array_agg(value_us ORDER BY value_us) AS sorted, count(in_target) AS judged,
            count(*) FILTER (WHERE in_target) AS met
        FROM report_values WHERE received_at >= from_at AND received_at < to_at
        GROUP BY GROUPING SETS ((measure), (measure, area))
    ) counted ON counted.measure = known.measure
        AND CASE WHEN known.area IS NULL THEN all_areas = 1 ELSE all_areas = 0 AND counted.area = known.area END
    ORDER BY place, known.area NULLS FIRST
$$;

-- The same day by day, by the city's clocks; measures without a value that day are left out.
CREATE VIEW report_days AS
    SELECT day, measure, zh, en, area, n, round(div(total + n / 2, n) / 1000000, 6) AS mean_s, report_percentile(sorted, 50) AS p50_s,
        report_percentile(sorted, 90) AS p90_s, report_percentile(sorted, 95) AS p95_s, judged AS n_with_target,
        met AS in_target, round((met * 10000 + judged / 2) / nullif(judged, 0) / 10000.0, 4) AS share_in_target
    FROM (
        SELECT day, measure, area, grouping(area) AS all_areas, count(*) AS n, sum(value_us) AS total,
            array_agg(value_us ORDER BY value_us) AS sorted, count(in_target) AS judged,
            count(*) FILTER (WHERE in_target) AS met
        FROM (SELECT *, report_day(received_at) AS day FROM report_values) each
        GROUP BY GROUPING SETS ((day, measure), (day, measure, area))
    ) counted JOIN report_measures USING (measure)
    WHERE all_areas = 1 OR by_area;

-- How many calls and emergencies, day by day: tests left out, merged ones counted once; what another took is apart.
CREATE VIEW report_day_counts AS
    SELECT day, coalesce(voice, 0) AS voice, coalesce(text, 0) AS text, coalesce(unanswered, 0) AS unanswered,
        coalesce(emergencies, 0) AS emergencies, coalesce(cancelled, 0) AS cancelled,
        coalesce(without_order, 0) AS without_order, coalesce(handed_off, 0) AS handed_off, coalesce(redirected, 0) AS redirected
    FROM (
        SELECT report_day(rang_at) AS day, count(*) FILTER (WHERE NOT text) AS voice, count(*) FILTER (WHERE text) AS text,
            count(*) FILTER (WHERE answered_at IS NULL AND NOT from_paper) AS unanswered
        FROM report_calls WHERE NOT test GROUP BY 1
    ) calls FULL JOIN (
        SELECT report_day(received_at) AS day, count(*) FILTER (WHERE given_away IS NULL) AS emergencies,
            count(*) FILTER (WHERE given_away IS NULL AND cancelled) AS cancelled,
            count(*) FILTER (WHERE given_away IS NULL AND first_ordered_at IS NULL) AS without_order,
            count(*) FILTER (WHERE given_away = 'handed_off') AS handed_off,
            count(*) FILTER (WHERE given_away = 'redirected') AS redirected
        FROM report_incidents WHERE kind = 'emergency' AND NOT test GROUP BY 1
    ) incidents USING (day);
