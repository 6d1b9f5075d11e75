# ruff: noqa: S608 - nothing in it comes from outside
"""What a restore says to PostgreSQL around the dump itself: data, no verbs. All of it is one transaction."""

from sqlalchemy import text

FORM = '\'"001"YYYY-MM-DD"T"HH24:MI:SS"Z"\''  # of a floor

_MINE = "(SELECT oid FROM pg_namespace WHERE nspname = current_schema())"
_NO_EXTENSION = (
    "NOT EXISTS (SELECT FROM pg_depend WHERE classid = '{of}'::regclass AND objid = {of}.oid AND deptype = 'e')"
)

OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'keychain'"
    " AND pid <> pg_backend_pid()"
)
SCHEMA = text("SELECT current_schema()")
RELATIONS = text(
    f"SELECT relname FROM pg_class WHERE relnamespace = {_MINE} AND relkind IN ('r', 'p', 'v', 'm', 'f')"
    f" AND {_NO_EXTENSION.format(of='pg_class')}"
)
ROUTINES = text(
    f"SELECT proname FROM pg_proc WHERE pronamespace = {_MINE}"
    f" AND proname NOT LIKE 'audit\\_%' AND {_NO_EXTENSION.format(of='pg_proc')}"
)
# Whose rights at tables end with the tables: the statements that give them again.
GRANTS = text(
    "SELECT format('GRANT %s ON %s %I.%I TO %s%s;', privilege_type,"
    " CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, current_schema(), relname,"
    " CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END,"
    " CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END), relname"
    f" FROM pg_class, aclexplode(relacl) WHERE relnamespace = {_MINE} AND relkind IN ('r', 'p', 'S')"
    " AND grantee <> relowner"
)

# What a table shows of how late it has been, as the floor over it; as ``store.floor`` does for SQLite.
SHOWN = """
DO $$ DECLARE each record; found text; newest text COLLATE "C" := ''; BEGIN
  FOR each IN SELECT place, said FROM (VALUES
    ('nonce_floor', 'max(floor)'),
    ('spent_nonces',
      $q$to_char((substr(max(nonce), 4, 20)::timestamptz + interval '1 s') AT TIME ZONE 'UTC', {form})$q$),
    ('audit_events', $q$to_char((max(at) + interval '{ahead} s') AT TIME ZONE 'UTC', {form})$q$)
  ) AS shown (place, said) WHERE to_regclass(format('%I.%I', {schema}, place)) IS NOT NULL LOOP
    EXECUTE format('SELECT %s FROM %I.%I', each.said, {schema}, each.place) INTO found;
    newest := greatest(newest, found COLLATE "C");
  END LOOP;
  PERFORM set_config('keychain.{name}', newest, true);
END $$;
"""
# What is there goes, functions of triggers too: what was dumped may be from before them.
EMPTIED = """
DO $$ DECLARE each text; BEGIN
  FOR each IN SELECT format('DROP TABLE IF EXISTS %I.%I CASCADE', {schema}, relname) FROM pg_class
    JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname = {schema} AND relkind IN ('r', 'p')
    LOOP EXECUTE each; END LOOP;
  FOR each IN SELECT format('DROP ROUTINE IF EXISTS %I.%I(%s) CASCADE', {schema}, proname,
      pg_get_function_identity_arguments(pg_proc.oid)) FROM pg_proc
    JOIN pg_namespace ON pg_namespace.oid = pronamespace WHERE nspname = {schema} AND proname LIKE 'audit\\_%'
    LOOP EXECUTE each; END LOOP;
END $$;
"""
BEGUN = (
    "BEGIN;\nSET LOCAL client_min_messages = warning;\nSET LOCAL lock_timeout = '10s';\n"
    + SHOWN.replace("{name}", "former")
    + EMPTIED
)
# By both clocks, and by what the backup and the former database show.
FLOORED = (
    SHOWN.replace("{name}", "backup")
    + """
DO $$ DECLARE
  shown text COLLATE "C" := greatest(current_setting('keychain.backup') COLLATE "C", '{taken}');
  late text COLLATE "C" := greatest('{floor}' COLLATE "C",
    to_char((clock_timestamp() + interval '{ahead} s') AT TIME ZONE 'UTC', {form}));
BEGIN
  IF to_char((substr(late, 4)::timestamptz + interval '{slack} s') AT TIME ZONE 'UTC', {form}) COLLATE "C" < shown THEN
    RAISE EXCEPTION '%', {behind};
  END IF;
  DELETE FROM {table};
  INSERT INTO {table} VALUES (greatest(late, shown, current_setting('keychain.former') COLLATE "C"));
END $$;
"""
)
GRANTED = "DO $$ BEGIN IF to_regclass({name}) IS NOT NULL THEN {grant} END IF; END $$;\n"
NOTED = "INSERT INTO {table} (kind, subject, detail) VALUES ('restored', '', {detail});\n"
COMMITTED = "COMMIT;\n"
