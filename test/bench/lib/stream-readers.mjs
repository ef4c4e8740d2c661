// Clients of the stream bench in a process of their own: they count the updates they were sent, and acknowledge as the
// protocol page says, at half the window or after a second. They parse nothing they need not, so as to keep up with 200,000 updates a second.
import WebSocket from 'ws';

const [url, token, count] = [process.argv[2], process.argv[3], Number(process.argv[4])];
const OPEN = '['.charCodeAt(0);
let readings = 0;

/** Rows of a frame: each begins with a bracket, after the bracket of the list. */
function rows(data) {
  let found = -1;
  for (let at = data.indexOf('"r":['); at < data.length; at++) if (data[at] === OPEN) found++;
  return found;
}

for (let i = 0; i < count; i++) {
  const socket = token === '-' ? new WebSocket(url) : new WebSocket(url, 'hyphae.v1.json');
  const say = (message) => socket.send(JSON.stringify(message));
  let [to, frames, bytes] = [0, 0, 0];
  const ack = () => {
    if (frames > 0) say({ t: 'ack', sub: 1, q: to });
    [frames, bytes] = [0, 0];
  };
  socket.on('close', (code) => console.error(`client ${i} was closed with ${code}`));
  socket.on('message', (data) => {
    if (data.indexOf('"r":[') >= 0) readings += rows(data);
    if (token === '-') return;
    const head = data.toString('latin1', 0, 80);
    if (head.startsWith('{"t":"d"')) {
      to = Number(/"to":(\d+)/.exec(head)?.[1] ?? to);
      bytes += data.length;
      if (++frames >= 32 || bytes >= 128 * 1024) ack();
    } else if (head.startsWith('{"t":"hello"')) say({ t: 'auth', token });
    else if (head.startsWith('{"t":"ready"')) {
      say({ t: 'sub', id: 1, sel: ['#'], kinds: ['m'], from: 'now' });
      setInterval(ack, 1_000);
    } else if (!head.startsWith('{"t":"subok"')) console.error(`client ${i}: ${head}`);
  });
}
process.on('message', () => process.send({ readings }));
