// What one would write by hand for exactly this: sensors on a timer wheel, readings gathered for 50 ms, one row of encoded text a
// batch in SQLite, the same text to every socket. No retries, no limits, no resume, no control, no configuration.
import { createServer } from 'node:http';
import sqlite3 from 'sqlite3';
import { WebSocketServer } from 'ws';
import { TimerWheel } from './timer-wheel.mjs';

export async function handWrittenNode({ sensors, channels, file, batchMs }) {
  const db = await new Promise((resolve, reject) => {
    const opened = new sqlite3.Database(file, (error) => (error ? reject(error) : resolve(opened)));
  });
  const exec = (sql) => new Promise((resolve, reject) => db.exec(sql, (error) => (error ? reject(error) : resolve())));
  await exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE page (q INTEGER PRIMARY KEY, rows TEXT)',
  );
  const insert = db.prepare('INSERT INTO page VALUES (?, ?)');

  const http = createServer();
  const wss = new WebSocketServer({ server: http });
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));

  const wheel = new TimerWheel();
  const stats = { readings: 0 };
  let q = 0;
  let rows = [];
  const flush = () => {
    const batch = rows;
    rows = [];
    const from = q - batch.length;
    const text = `[${batch.join(',')}]`;
    const to = q;
    insert.run(to, text, (error) => {
      if (error) throw error;
      const frame = Buffer.from(`{"t":"d","from":${from},"to":${to},"r":${text}}`);
      for (const socket of wss.clients) socket.send(frame, { binary: false });
    });
  };
  const read = async (sensor) => {
    const sample = [];
    for (let channel = 0; channel < channels; channel++)
      sample.push(20 + ((sensor * 31 + channel * 7 + q) % 1000) / 100);
    return sample;
  };
  const run = async (sensor, due) => {
    wheel.add(due + 1000, () => run(sensor, due + 1000));
    const sample = await read(sensor);
    const at = Date.now();
    for (let channel = 0; channel < channels; channel++) {
      rows.push(`[${++q},${sensor * channels + channel + 1},${sample[channel]},${at},0]`);
    }
    stats.readings += channels;
    if (rows.length === channels) wheel.add(performance.now() + batchMs, flush);
  };
  const start = performance.now();
  for (let sensor = 0; sensor < sensors; sensor++) {
    const due = start + 100 + (sensor * 1000) / sensors;
    wheel.add(due, () => run(sensor, due));
  }
  return { stats, url: `ws://127.0.0.1:${http.address().port}`, token: undefined };
}
