// Ten clients in a process of their own: they receive, acknowledge, and count the readings they were sent.
import WebSocket from 'ws';

const [url, token, count] = [process.argv[2], process.argv[3], Number(process.argv[4])];
let readings = 0;
let frames = 0;

/** Rows in a frame without parsing them: every row begins with a bracket after the bracket of the list. */
function rows(text) {
  let found = 0;
  const end = text.length;
  for (let at = text.indexOf('"r":[') + 5; at < end; at++) if (text.charCodeAt(at) === 91) found++;
  return found;
}

for (let i = 0; i < count; i++) {
  const socket = token === '-' ? new WebSocket(url) : new WebSocket(url, 'hyphae.v1.json');
  let last = 0;
  let acked = 0;
  const ack = (q) => {
    acked = last = q;
    socket.send(JSON.stringify({ t: 'ack', sub: 1, q }));
  };
  let unacked = 0;
  socket.on('message', (data) => {
    const text = data.toString('latin1');
    if (text.startsWith('{"t":"d"')) {
      frames++;
      readings += rows(text);
      if (token === '-') return;
      last = Number(/"to":(\d+)/.exec(text)[1]);
      if (++unacked >= 16) {
        unacked = 0;
        ack(last);
      }
      return;
    }
    if (token === '-') return;
    const message = JSON.parse(text);
    if (message.t === 'hello') socket.send(JSON.stringify({ t: 'auth', token, client: { name: 'bench', ver: '1' } }));
    else if (message.t === 'ready') {
      socket.send(
        JSON.stringify({ t: 'sub', id: 1, sel: ['#'], kinds: ['m'], mode: 'lossless', snap: false, from: 'now' }),
      );
    } else if (message.t === 'err' || message.t === 'end') console.error(text);
  });
  socket.on('close', (code) => console.error(`client ${i} closed with ${code}`));
  if (token !== '-') setInterval(() => last !== acked && ack(last), 500);
}
process.on('message', () => process.send({ readings, frames }));
