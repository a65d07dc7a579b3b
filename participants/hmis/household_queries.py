"""What is asked of the staged tables: the households of an export, beside those on file.

Tables: `hmis_pick` has the household by which a person is on the list, `hmis_stint` who was where
and when (staging.py, heads.py); `hmis_file` the ids on file, `hmis_seen` which of these households
were found (known.py).
"""

HOUSEHOLDS = """
    WITH person AS (
        SELECT DISTINCT ON (s.household, s.pid) s.household, s.pid, s.rel, s.entered,
               c.age AS years, c.is_veteran AS veteran, p.pid AS head, s.left_on
          FROM hmis_stint s
          JOIN hmis_pick p ON p.household = s.household
          JOIN hmis_client c ON c.pid = s.pid
         WHERE s.is_listed
           AND (s.left_on IS NULL OR s.left_on >= coalesce(p.open_since, p.entered))
         ORDER BY s.household, s.pid, (s.left_on IS NULL) DESC, s.left_on DESC, s.entered
    ), size AS (
        SELECT person.household,
               count(*) FILTER (WHERE years >= 18 OR years IS NULL AND person.rel <> '2') AS adults,
               count(*) FILTER (WHERE years < 18 OR years IS NULL AND person.rel = '2') AS children,
               CASE WHEN bool_or(years >= 25) THEN false
                    WHEN bool_or(years IS NULL) THEN NULL ELSE true END AS is_youth,
               CASE WHEN bool_or(veteran) FILTER (WHERE years >= 18 OR years IS NULL) THEN true
                    WHEN bool_and(veteran IS NOT NULL) FILTER (WHERE years >= 18 OR years IS NULL)
                    THEN false END AS is_veteran
          FROM person JOIN hmis_pick p ON p.household = person.household
         WHERE (person.left_on IS NULL) = (p.left_on IS NULL)
         GROUP BY person.household
    ), others AS (
        SELECT household, jsonb_agg(jsonb_build_array(pid, rel, years, entered, left_on)
                                    ORDER BY (rel = '1') DESC, pid) AS members
          FROM person WHERE pid <> head GROUP BY household
    ), homelessness AS (
        SELECT household, jsonb_agg(jsonb_build_array(disabled, since, times, months)) AS told
          FROM (SELECT person.household, person.pid,
                       (array_agg(s.disabled ORDER BY s.entered DESC, s.eid)
                         FILTER (WHERE s.disabled <> ''))[1] AS disabled,
                       (array_agg(s.since ORDER BY s.entered DESC, s.eid)
                         FILTER (WHERE s.since IS NOT NULL))[1] AS since,
                       (array_agg(s.times ORDER BY s.entered DESC, s.eid)
                         FILTER (WHERE s.times <> ''))[1] AS times,
                       (array_agg(s.months ORDER BY s.entered DESC, s.eid)
                         FILTER (WHERE s.months <> ''))[1] AS months
                  FROM person JOIN hmis_stint s USING (pid)
                 WHERE person.left_on IS NULL
                   AND (person.pid = person.head OR coalesce(years >= 18, person.rel <> '2'))
                 GROUP BY person.household, person.pid) newest
         GROUP BY household
    ), met AS (
        SELECT s.pid, k.at, k.source, k.living, k.county, s.kind
          FROM hmis_contact k JOIN hmis_stint s USING (eid)
         WHERE k.at <= %(as_of)s AND s.pid IN (SELECT pid FROM hmis_pick)
        UNION ALL
        SELECT s.pid, s.entered, 'entry', s.living, '', s.kind
          FROM hmis_stint s WHERE s.pid IN (SELECT pid FROM hmis_pick)
    ), contact AS (
        SELECT DISTINCT ON (pid) pid, at, source FROM met ORDER BY pid, at DESC, source
    ), assessed AS (
        SELECT pid, max(at) AS at FROM met WHERE source = 'assessed' GROUP BY pid
    ), stay AS (
        SELECT DISTINCT ON (pid) pid, at, source, living, kind FROM met
         WHERE source IN ('situation', 'service', 'entry')
         ORDER BY pid, at DESC, array_position('{situation,service,entry}'::text[], source)
    ), whereabouts AS (
        SELECT DISTINCT ON (pid) pid, county FROM met WHERE county <> '' ORDER BY pid, at DESC
    ), enrolled AS (
        SELECT pid, jsonb_agg(jsonb_build_array(eid, household, project, kind, entered, left_on,
                                                by_user) ORDER BY entered, eid) AS told
          FROM hmis_stint
         WHERE pid IN (SELECT pid FROM hmis_pick) AND (left_on IS NULL OR left_on > %(since)s)
         GROUP BY pid
    ), happened AS (
        SELECT s.pid, jsonb_agg(jsonb_build_array(v.id, v.eid, v.at, v.code, v.prevented,
                                    v.managed, v.place, v.result, v.result_on)
                                ORDER BY v.at, v.id, v.eid, v.code) AS told
          FROM hmis_event v JOIN hmis_stint s USING (eid)
         WHERE s.pid IN (SELECT pid FROM hmis_pick) AND v.at <= %(as_of)s
           AND (v.at > %(since)s OR v.id = ANY(%(own)s))
         GROUP BY s.pid
    ), own AS (
        SELECT s.pid, jsonb_agg(jsonb_build_array(o.kind, o.id, o.eid, o.at, o.told)
                                ORDER BY o.at, o.kind, o.id) AS told
          FROM hmis_own o JOIN hmis_stint s USING (eid) WHERE o.at <= %(as_of)s GROUP BY s.pid
    ), homeless AS (
        SELECT pid, max(at) AS at FROM met
         WHERE source = 'service' OR living = ANY(%(homeless)s)
            OR source = 'entry' AND kind = ANY(%(shelters)s) GROUP BY pid
    ), referral AS (
        SELECT s.pid, max(v.at) AS at FROM hmis_event v JOIN hmis_stint s USING (eid)
         WHERE v.waits AND v.at <= %(as_of)s AND s.left_on IS NULL GROUP BY s.pid
    ), priority AS (
        SELECT DISTINCT ON (s.pid) s.pid, a.status
          FROM hmis_assessment a JOIN hmis_stint s USING (eid)
         WHERE a.at <= %(as_of)s AND a.status IN ('1', '2') ORDER BY s.pid, a.at DESC
    ), graded AS (
        SELECT DISTINCT ON (s.pid) s.pid, a.level
          FROM hmis_assessment a JOIN hmis_stint s USING (eid)
         WHERE a.at <= %(as_of)s AND a.level IN ('1', '2') ORDER BY s.pid, a.at DESC, a.level DESC
    ), home AS (
        SELECT pid, max(moved_in) AS at FROM hmis_stint
         WHERE kind = ANY(%(permanent)s) AND moved_in <= %(as_of)s AND left_on IS NULL GROUP BY pid
    ), placed AS (
        SELECT s.pid, max(s.left_on) FILTER (WHERE s.left_on < p.open_since) AS before,
               max(s.left_on) FILTER (WHERE s.left_on >= p.open_since) AS meanwhile
          FROM hmis_stint s JOIN hmis_pick p USING (pid)
         WHERE s.destination = ANY(%(housed)s) GROUP BY s.pid
    )
    SELECT p.pid, p.project, p.rel, p.line, p.entered, p.open_since, p.first_entered,
           p.household_since, p.left_on,
           p.destination, size.adults, size.children, size.is_youth, size.is_veteran,
           contact.at, contact.source, assessed.at, stay.at, stay.source, stay.living, stay.kind,
           whereabouts.county, referral.at, priority.status, graded.level, home.at,
           placed.before, placed.meanwhile, homeless.at, others.members, homelessness.told,
           enrolled.told, happened.told, own.told, c.sealed
      FROM hmis_pick p
      JOIN size USING (household)
      JOIN hmis_client c ON c.pid = p.pid
      LEFT JOIN others ON others.household = p.household
      LEFT JOIN homelessness ON homelessness.household = p.household
      LEFT JOIN enrolled ON enrolled.pid = p.pid
      LEFT JOIN happened ON happened.pid = p.pid
      LEFT JOIN own ON own.pid = p.pid
      LEFT JOIN contact ON contact.pid = p.pid
      LEFT JOIN assessed ON assessed.pid = p.pid
      LEFT JOIN stay ON stay.pid = p.pid
      LEFT JOIN whereabouts ON whereabouts.pid = p.pid
      LEFT JOIN homeless ON homeless.pid = p.pid
      LEFT JOIN referral ON referral.pid = p.pid
      LEFT JOIN priority ON priority.pid = p.pid
      LEFT JOIN graded ON graded.pid = p.pid
      LEFT JOIN home ON home.pid = p.pid
      LEFT JOIN placed ON placed.pid = p.pid
     ORDER BY p.line
"""
# Households on file whose head heads none here any more, while another of theirs heads it. They
# were there together: an id that is given again, and a stranger with whom one of them lives now,
# make no household. Whoever was housed, or left the list, comes back by their own id alone.
HEADED_ANEW = """
    WITH standing AS (
        SELECT f.participant, f.pid FROM hmis_file f
          JOIN participants_listplace l ON l.participant_id = f.participant
         WHERE f.how = 'head' AND l.status IN ('active', 'inactive') AND f.pid <> ALL(%s)
           AND NOT EXISTS (SELECT 1 FROM hmis_pick p WHERE p.pid = f.pid AND p.left_on IS NULL)
    ), leads AS (
        SELECT * FROM hmis_pick p
         WHERE p.left_on IS NULL
           AND NOT EXISTS (SELECT 1 FROM hmis_file o
                            WHERE o.pid = p.pid AND o.how IN ('head', 'joined'))
    ), belongs AS (
        SELECT p.pid, f.participant FROM leads p JOIN hmis_file f USING (pid) WHERE f.how = 'member'
    ), claim AS (
        SELECT p.pid, h.participant, 1 AS rank, p.line
          FROM leads p
          JOIN hmis_stint s ON s.household = p.household AND s.is_listed AND s.pid <> p.pid
          JOIN standing h ON h.pid = s.pid
         WHERE (s.left_on IS NULL OR s.left_on > p.entered)
           AND (s.rel = '1' OR (p.pid, h.participant) IN (SELECT pid, participant FROM belongs))
        UNION ALL
        SELECT p.pid, h.participant, 2, p.line
          FROM leads p
          JOIN belongs b USING (pid)
          JOIN standing h ON h.participant = b.participant
         WHERE NOT EXISTS (SELECT 1 FROM hmis_stint s WHERE s.pid = h.pid AND s.is_listed
                              AND s.destination IS DISTINCT FROM %s)
    ), one AS (
        SELECT DISTINCT ON (participant) * FROM claim
         ORDER BY participant, (pid, participant) IN (SELECT pid, participant FROM belongs) DESC,
                  rank, line
    )
    SELECT DISTINCT ON (pid) pid, participant FROM one ORDER BY pid, rank, participant
"""
# Who heads a household of their own and was of one on the list until they did: it counts since that
# one is on the list.
LEFT_ANOTHER = """
    SELECT p.pid, min(l.listed_on) FROM hmis_pick p
      JOIN hmis_file f ON f.pid = p.pid AND f.how = 'member'
      JOIN participants_listplace l ON l.participant_id = f.participant
     WHERE p.left_on IS NULL AND l.status IN ('active', 'inactive')
       AND EXISTS (SELECT 1 FROM hmis_stint s
                    WHERE s.pid = p.pid AND s.is_listed AND s.household <> p.household
                      AND (s.left_on IS NULL OR s.left_on >= p.open_since))
     GROUP BY p.pid
"""
# Members on file who head a household here because the row of its head could not be read.
HEAD_UNREAD = """
    SELECT DISTINCT p.pid FROM hmis_pick p
      JOIN hmis_file f ON f.pid = p.pid AND f.how = 'member'
      JOIN hmis_file h ON h.participant = f.participant AND h.how = 'head'
     WHERE h.pid = ANY(%s) AND p.pid <> h.pid
       AND NOT EXISTS (SELECT 1 FROM hmis_file o WHERE o.pid = p.pid AND o.how = 'head')
"""
# Households on file whose other id, of a record that was joined into theirs, is in the export while
# their own heads nothing.
UNDER_JOINED_ID = """
    SELECT DISTINCT ON (f.participant) p.pid, f.participant
      FROM hmis_pick p JOIN hmis_file f USING (pid)
     WHERE f.how = 'joined' AND NOT EXISTS (
        SELECT 1 FROM hmis_file o JOIN hmis_pick q ON q.pid = o.pid AND q.left_on IS NULL
         WHERE o.how = 'head' AND o.participant = f.participant)
     ORDER BY f.participant, (p.left_on IS NULL) DESC, p.line
"""
# Heads on file who belong to a household that somebody else heads by now.
JOINED_ANOTHER = """
    SELECT DISTINCT ON (s.pid) s.line, s.pid, s.eid
      FROM hmis_file f
      JOIN hmis_stint s ON s.pid = f.pid AND s.is_listed AND s.left_on IS NULL
      JOIN hmis_pick p ON p.household = s.household AND p.pid <> s.pid
     WHERE f.how = 'head' AND f.participant <> ALL(%s::uuid[])
       AND NOT EXISTS (SELECT 1 FROM hmis_pick o WHERE o.pid = f.pid AND o.left_on IS NULL)
     ORDER BY s.pid, s.line
"""
# Heads on file who are in the export, and head nothing in it: with the day they left, if they did.
GONE = """
    SELECT DISTINCT ON (f.participant) f.participant, f.pid, s.left_on, s.destination
      FROM hmis_file f JOIN hmis_stint s USING (pid)
     WHERE f.how = 'head' AND s.is_listed
       AND NOT EXISTS (SELECT 1 FROM hmis_seen n WHERE n.participant = f.participant)
     ORDER BY f.participant, (s.left_on IS NULL) DESC, s.left_on DESC
"""
