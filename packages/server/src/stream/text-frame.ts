const FIN_TEXT = 0x81;
const SHORT = 126;
const LONG = 127;
const NOTHING = new Uint8Array(0);

/**
 * A whole unmasked WebSocket text frame (RFC 6455 §5.2), header and payload in one buffer, so that it is made once and
 * written once, to however many clients. Its payload is `text`, then what is encoded already, then `end`.
 */
export function textFrame(text: string, encoded: Uint8Array = NOTHING, end = ''): Buffer {
  const textBytes = Buffer.byteLength(text, 'utf8');
  const payload = textBytes + encoded.length + end.length;
  const header = payload < SHORT ? 2 : payload < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(header + payload);
  frame[0] = FIN_TEXT;
  if (header === 2) frame[1] = payload;
  else if (header === 4) {
    frame[1] = SHORT;
    frame.writeUInt16BE(payload, 2);
  } else {
    frame[1] = LONG;
    frame.writeUInt32BE(0, 2); // far below 4 GiB
    frame.writeUInt32BE(payload, 6);
  }
  frame.write(text, header, 'utf8');
  frame.set(encoded, header + textBytes);
  frame.write(end, header + textBytes + encoded.length, 'latin1');
  return frame;
}
