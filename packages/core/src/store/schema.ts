import type { Knex } from 'knex';
import { StoreError, StoreSchemaError } from '../errors/catalogue.js';
import type { SqliteConnection } from './sqlite-connection.js';

/** One step of the schema. It runs in a transaction of its own and is never changed once released. */
export interface Migration {
  /** The schema version it leads to. */
  readonly version: number;
  readonly up: (knex: Knex) => Promise<void>;
}

/** "HYPH": marks the file as one of ours (PRAGMA application_id). */
export const APPLICATION_ID = 0x48595048;

/**
 * `page`: the log in commit order, one row a commit. `rows` is the JSON array of what the stream sends,
 * `[[q,handle,value,at,quality],…]`. `at` is the newest time in it.
 *
 * `block`: up to 1,024 points of one channel in order of commit, with their statistics. `data` is a flat JSON array,
 * four numbers a point: q and at as differences to the point before, less `q_step` and `at_step`; value; quality. The
 * first point stands there in full. Where `quality` is set, all points share it, and there are three numbers a point. Where
 * `scale` is set, values are whole numbers to be divided by it, as differences too.
 *
 * `channel`: points up to `sealed_to` are in blocks, later ones only in pages.
 */
async function createTables(knex: Knex): Promise<void> {
  await knex.schema.createTable('store', (table) => {
    table.integer('id').primary();
    table.text('epoch').notNullable();
    table.integer('generation').notNullable();
    table.integer('sealed').notNullable();
    table.integer('clean').notNullable();
    table.text('durability').notNullable();
  });
  await knex.schema.createTable('channel', (table) => {
    table.integer('handle').primary();
    table.text('path').notNullable();
    table.text('unit').notNullable();
    table.text('kind').notNullable();
    table.integer('sealed_to').notNullable();
    table.integer('open_block');
    table.text('last');
    table.unique(['path', 'unit', 'kind']);
  });
  await knex.schema.createTable('page', (table) => {
    table.integer('q_from').notNullable();
    table.integer('q_to').primary();
    table.integer('at').notNullable();
    table.text('rows').notNullable();
  });
  // Whoever writes, the numbers stay without a gap and without a second meaning.
  await knex.schema.raw(`
    CREATE TRIGGER page_follows BEFORE INSERT ON page
    WHEN new.q_from <> coalesce((SELECT max(q_to) FROM page), new.q_from) OR new.q_to <= new.q_from
    BEGIN SELECT raise(ABORT, 'the page does not follow the last one'); END`);
  await knex.schema.createTable('block', (table) => {
    table.integer('id').primary();
    table.integer('channel').notNullable();
    table.integer('q_from').notNullable();
    table.integer('q_to').notNullable();
    table.integer('from_at').notNullable();
    table.integer('to_at').notNullable();
    table.integer('n').notNullable();
    table.integer('valid').notNullable();
    table.specificType('min', 'real');
    table.specificType('max', 'real');
    table.specificType('sum', 'real').notNullable();
    table.integer('q_step').notNullable();
    table.integer('at_step').notNullable();
    table.integer('scale');
    table.integer('quality');
    table.text('data').notNullable();
    table.index(['channel', 'to_at', 'from_at', 'q_from'], 'block_time');
  });
  await knex.schema.createTable('state', (table) => {
    table.text('owner').notNullable();
    table.text('key').notNullable();
    table.text('value').notNullable();
    table.primary(['owner', 'key']);
  });
}

/** What a user of the sqlite3 shell reads: `log` is all of the log, `measurement` the whole history, old and new. */
async function createViews(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    CREATE VIEW log AS
    SELECT json_extract(r.value, '$[0]') AS q, c.path, json_extract(r.value, '$[2]') AS value, c.unit,
           json_extract(r.value, '$[3]') AS at, json_extract(r.value, '$[4]') AS quality, c.kind
    FROM page p, json_each(p.rows) r JOIN channel c ON c.handle = json_extract(r.value, '$[1]')`);
  await knex.schema.raw(`
    CREATE VIEW history AS
    WITH flat AS (
      SELECT b.id, b.channel, b.q_step, b.at_step, b.scale, b.quality,
             e.key / iif(b.quality IS NULL, 4, 3) AS i,
             max(iif(e.key % iif(b.quality IS NULL, 4, 3) = 0, e.value, NULL)) AS dq,
             max(iif(e.key % iif(b.quality IS NULL, 4, 3) = 1, e.value, NULL)) AS dt,
             max(iif(e.key % iif(b.quality IS NULL, 4, 3) = 2, e.value, NULL)) AS v,
             max(iif(e.key % iif(b.quality IS NULL, 4, 3) = 3, e.value, NULL)) AS own
      FROM block b, json_each(b.data) e GROUP BY b.id, i
    )
    SELECT sum(dq) OVER w + i * q_step AS q, c.path,
           CASE WHEN v IS NULL THEN NULL WHEN scale IS NULL THEN v ELSE sum(v) OVER w * 1.0 / scale END AS value,
           c.unit, sum(dt) OVER w + i * at_step AS at, coalesce(quality, own) AS quality, c.kind
    FROM flat JOIN channel c ON c.handle = flat.channel
    WINDOW w AS (PARTITION BY flat.id ORDER BY i)`);
  await knex.schema.raw(`
    CREATE VIEW measurement AS
    SELECT q, path, value, unit, at, quality FROM history
    UNION ALL
    SELECT json_extract(r.value, '$[0]'), c.path, json_extract(r.value, '$[2]'), c.unit,
           json_extract(r.value, '$[3]'), json_extract(r.value, '$[4]')
    FROM page p, json_each(p.rows) r JOIN channel c ON c.handle = json_extract(r.value, '$[1]')
    WHERE p.q_to > (SELECT sealed FROM store) AND json_extract(r.value, '$[0]') > c.sealed_to`);
}

/** The schema, step by step. */
export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    async up(knex) {
      await createTables(knex);
      await createViews(knex);
    },
  },
];

async function pragma(connection: SqliteConnection, name: string): Promise<number> {
  const [row] = await connection.all<Record<string, number>>(`PRAGMA ${name}`);
  return row?.[name] ?? 0;
}

/**
 * Brings a database to the newest schema and says whether it was made just now.
 *
 * @throws HYP_STORE_SCHEMA when it is newer than this version; HYP_STORE when the file is somebody else's database
 */
export async function migrate(connection: SqliteConnection, migrations = MIGRATIONS): Promise<boolean> {
  const found = await pragma(connection, 'user_version');
  const supported = Math.max(...migrations.map(({ version }) => version));
  const ours = (await pragma(connection, 'application_id')) === APPLICATION_ID;
  const [{ tables } = { tables: 0 }] = await connection.all<{ tables: number }>(
    'SELECT count(*) AS tables FROM sqlite_master',
  );
  if (!ours && (tables > 0 || found > 0)) {
    throw new StoreError({ operation: 'open the database', why: 'the file is the database of another program' });
  }
  if (found > supported) throw new StoreSchemaError({ found, supported });
  for (const { version, up } of migrations) {
    if (version <= found) continue;
    await connection.transaction(async () => {
      await up(connection.knex);
      await connection.run(`PRAGMA user_version = ${version}`);
      if (!ours) await connection.run(`PRAGMA application_id = ${APPLICATION_ID}`);
    });
  }
  return !ours;
}
