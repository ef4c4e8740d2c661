const FIN_TEXT = 0x81;
const SHORT = 126;
const LONG = 127;

/**
 * A whole unmasked WebSocket text frame (RFC 6455 §5.2), header and payload in one buffer, so that it is made once and
 * written once, to however many clients. `latin1` has to be digits and punctuation; it follows `text`.
 */
export function textFrame(text: string, latin1 = ''): Buffer {
  const textBytes = Buffer.byteLength(text, 'utf8');
  const payload = textBytes + latin1.length;
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
  frame.write(latin1, header + textBytes, 'latin1');
  return frame;
}
